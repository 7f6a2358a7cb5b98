"""What do a provider's answers mean for the refund that we asked for? (errors sorted once, for all gateways)"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from orders import money
from refunds.gateway import Declined, NotSetUp, OtherCurrency, ProviderAnswer, Receipt, RefundRequest, Unclear


class Meaning(Enum):
    """What follows from an error."""

    RETRY = "nothing was done, and the same may be done later"
    LOOK_UP = "money may have moved: the provider is asked by key before anything is sent again"
    REFUSED = "no money moved, and none will for this refund"
    NOT_SET_UP = "no money moved, and none will before our key or its rights are mended"


MEANINGS = {
    400: Meaning.REFUSED,
    401: Meaning.NOT_SET_UP,
    402: Meaning.REFUSED,
    403: Meaning.NOT_SET_UP,
    404: Meaning.REFUSED,
    409: Meaning.LOOK_UP,
    422: Meaning.REFUSED,
    429: Meaning.RETRY,
}
"""By HTTP status; every other status, and none at all, is looked up."""


def failure(provider: str, status: int | None, *, right: str = "do this", words: str = "") -> ProviderAnswer:
    """What to raise for an error: `right` is what the key must be allowed to do, `words` are the provider's own."""
    match MEANINGS.get(status or 0, Meaning.LOOK_UP):
        case Meaning.REFUSED:
            return Declined(f"{provider} refused: {words or 'no reason given'}")
        case Meaning.NOT_SET_UP if status == 401:
            return NotSetUp(
                f"{provider} does not accept our key (HTTP 401). Nothing was sent: set the right key, then retry."
            )
        case Meaning.NOT_SET_UP:
            return NotSetUp(
                f"{provider} does not let our key {right} (HTTP {status}). Nothing was sent: give the key that right, "
                "then retry."
            )
        case Meaning.RETRY:
            return Unclear(f"{provider} is busy (HTTP {status}) and did nothing: it is asked and sent again later.")
    return Unclear(f"{provider} gave no clear answer (HTTP {status or 'none'}).")


@dataclass(frozen=True, slots=True)
class Found:
    """A refund as its provider tells it, in our units. `alive` is false when it failed or was cancelled for good.

    `pending` says that it is accepted and not paid yet.
    """

    reference: str
    key: str
    amount: int
    currency: str
    alive: bool
    pending: bool = False


def verdict(found: Iterable[Found], request: RefundRequest) -> Receipt | None:
    """The receipt of our refund, or None when none of those found carries our key.

    Raises Declined when ours failed for good, Unclear when what was paid is not what we asked for.
    """
    ours = [refund for refund in found if refund.key == request.key]
    alive = [refund for refund in ours if refund.alive]
    if len(alive) > 1:
        references = ", ".join(refund.reference for refund in alive)
        raise Unclear(f"{request.number} was paid more than once: {references}. A person must look at it.")
    if alive:
        return _receipt(alive[0], request)
    if ours:
        raise Declined(f"The provider could not pay {request.number} ({ours[-1].reference}): it failed there.")
    return None


def _receipt(refund: Found, request: RefundRequest) -> Receipt:
    if (refund.amount, refund.currency) != (request.amount, request.currency):
        raise Unclear(
            f"{refund.reference} carries the key of {request.number}, but is {refund.amount} {refund.currency} "
            f"instead of {request.amount} {request.currency} (minor units). A person must look at it."
        )
    return Receipt(refund.reference, refund.amount, refund.currency, pending=refund.pending)


def strangers(found: Iterable[Found], request: RefundRequest) -> list[Found]:
    """Those that stand, and are not on record here: somebody else made them, or we did and believe that we did not."""
    known = request.on_record | {request.key}
    return [one for one in found if one.alive and one.key not in known and one.reference not in known]


def expect_left(paid: Found, request: RefundRequest, refunds: Iterable[Found]) -> None:
    """Refuse another currency than was paid, and more than is left of it; what is not alive was never captured."""
    if paid.currency != request.currency:
        raise OtherCurrency(
            f"{request.payment} was paid in {paid.currency}; {request.number} is in {request.currency}."
        )
    left = (paid.amount if paid.alive else 0) - sum(refund.amount for refund in refunds if refund.alive)
    if request.amount > left:
        raise Declined(
            f"Only {money.text(left, paid.currency)} {paid.currency} of {request.payment} is left to refund."
        )
