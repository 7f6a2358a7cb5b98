"""What must a payment provider's own events be able to say, and what may be wrong with one? (the port; see stripe/)"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from refunds.gateway import ProviderRefund


class EventRejected(Exception):
    """What was received is no event of the provider; `reason` is one of few words, by which rejections are counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(Exception):
    """A refund inside an event is not one as the provider describes it; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    """An event as it is stored: its id at the provider, what kind it is, and what it is about as far as it says.

    `subject` is the provider's reference of the refund, `dead` whether that refund failed or was cancelled for good,
    `payments` the provider's names of the payment.
    """

    event_id: str
    kind: str
    subject: str = ""
    dead: bool = False
    payments: list[str] = field(default_factory=list)


class ProviderEvents(Protocol):
    """The events of one payment provider, received at `/providers/<provider>/events`."""

    def configured(self) -> bool:
        """Whether this installation has what it takes to verify an event."""

    def verify(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Check over the bytes as they came that the provider signed them just now. Raises EventRejected."""

    def parse(self, body: bytes) -> IncomingEvent | None:
        """Read a verified event; None for a kind that says nothing about refunds. Raises EventRejected."""

    def refunds(self, kind: str, raw: bytes, payments: Sequence[str]) -> list[ProviderRefund]:
        """The refunds that a stored event is about; the provider is asked where the event names none.

        An event without `raw` is our own note to ask for the refunds of its payments. Raises Unreadable, and Unclear
        when the provider cannot be asked. Never called inside a transaction.
        """

    def refunds_since(self, since: datetime) -> Iterable[ProviderRefund]:
        """All refunds made at the provider since then, whoever made them. Raises Declined, Unclear."""


def events_of(provider: str) -> ProviderEvents | None:
    """The events of a provider, None where PAYMENT_EVENTS names none."""
    path = settings.PAYMENT_EVENTS.get(provider)
    return _made(path) if path else None


@lru_cache
def _made(path: str) -> ProviderEvents:
    made: ProviderEvents = import_string(path)()
    return made
