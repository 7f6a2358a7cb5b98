"""What do the refunds that a provider shows us say about the one we asked for?"""

from collections.abc import Iterable
from dataclasses import dataclass

from refunds.gateway import Declined, Receipt, RefundRequest, Unclear


@dataclass(frozen=True, slots=True)
class Found:
    """A refund as its provider tells it, in our units. `alive` is false when it failed or was cancelled for good."""

    reference: str
    key: str
    amount: int
    currency: str
    alive: bool


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
    return Receipt(reference=refund.reference, amount=refund.amount, currency=refund.currency)
