"""What must a payment provider be able to do for us, and what may go wrong? (the port; see integrations/gateways)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from orders import texts


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What is asked of a provider. `amount` is in minor units of `currency` (ISO 4217, upper case).

    `key` is our idempotency key: the provider gets it as such where it knows them, and always in the refund's
    metadata as `hemi_key`, so that it can be found again. `payment` is the provider's own reference of the
    customer's payment, `number` the refund number that people use. `on_record` are the keys and the provider's
    references of all refunds of the payment that count here: any other that the provider has stops the call.
    """

    key: str
    number: str
    payment: str
    amount: int
    currency: str
    reason: str
    on_record: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as its provider reports it. `amount` is in our minor units, `key` is ours when the refund is."""

    reference: str
    key: str
    payments: tuple[str, ...]
    amount: int
    currency: str
    dead: bool
    why: str
    made_at: datetime
    pending: bool = False


class ProviderAnswer(Exception):
    """Anything but a plain yes; the message is a sentence for people, cleaned of what cannot be stored."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(texts.cleaned(sentence))


class Declined(ProviderAnswer):
    """The provider refused: no money moved, and none will move for this key."""


class OtherCurrency(Declined):
    """The provider refused because the customer paid in another currency than ours has on record."""


class NotSetUp(Declined):
    """The provider did not let us: our key is wrong or lacks a right. Nothing was sent; a person mends it."""


class Unclear(ProviderAnswer):
    """We do not know whether money moved: never send again before the provider has been asked."""


class MadeElsewhere(ProviderAnswer):
    """The provider has refunds of this payment that are not on record here: nothing was sent, they come first."""

    def __init__(self, refunds: Sequence[ProviderRefund]) -> None:
        self.refunds = tuple(refunds)
        references = ", ".join(one.reference for one in self.refunds)
        super().__init__(f"Nothing was sent: the payment has refunds that were made elsewhere ({references}).")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money is on its way: the provider's own reference of the refund, and the amount it paid, in minor units.

    `pending` says that the provider has accepted it and has not paid it yet: it may still fail.
    Raises Unclear for a reference by which nobody could find the refund again.
    """

    reference: str
    amount: int
    currency: str
    pending: bool = False

    def __post_init__(self) -> None:
        if not self.reference or not texts.fit(self.reference):
            raise Unclear("The provider paid under a reference that cannot be stored. A person must look at it there.")


class Gateway(Protocol):
    """One payment provider.

    `by_hand` says that a person pays elsewhere and enters the reference: neither method is called then.
    """

    by_hand: bool

    def missing(self) -> str:
        """What this installation lacks to speak to it, as a sentence; empty when it is set up.

        As long as something is missing no refund of it is attempted, so that none can be in doubt.
        """

    def smallest_amount(self, currency: str) -> int:
        """In minor units of the currency; only multiples of it can be paid. 1 unless the provider counts otherwise."""

    def refund(self, request: RefundRequest) -> Receipt:
        """Pay back once. A second call with the same key never pays twice where the provider honours keys.

        All refunds of the payment are listed first. Raises MadeElsewhere when one of them is not on record, Declined
        when the provider said no, NotSetUp when it does not let us ask, Unclear for anything else that is not a plain
        yes.
        """

    def find(self, request: RefundRequest) -> Receipt | None:
        """Ask the provider for the refund that carries `request.key` in its metadata; None when it has none.

        Raises Declined when it has one that failed or was cancelled for good, Unclear when it cannot be asked.
        """


def gateway_for(provider: str) -> Gateway:
    """The gateway of a payment provider; one that we do not know is paid by hand."""
    paths: dict[str, str] = settings.REFUND_GATEWAYS
    gateway: Gateway = import_string(paths.get(provider, paths["manual"]))()
    return gateway
