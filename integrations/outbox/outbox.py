"""What must be known of an outbox? Its tables, who gets which event, and how a message is handed over. (the port)"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from integrations.outbox.models import OutboxAttempt, OutboxDelivery, OutboxTarget
from integrations.outbox.retry import Ended
from orders.timeline.attention import AttentionRequest

Target = TypeVar("Target", bound=OutboxTarget)


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event of the timeline, with the number of its refund or despatch where it has one. A test has no event."""

    kind: str
    occurred_at: datetime
    event_id: int | None = None
    order_id: int | None = None
    order: str = ""
    seller: str = ""
    refund: str = ""
    shipment: str = ""


@dataclass(frozen=True, slots=True)
class Claimed(Generic[Target]):
    """A delivery that is ours until `lease_until`, which no other claim has: whoever records its end shows it."""

    delivery_id: int
    target: Target
    attempt_id: int
    attempts: int
    lease_until: datetime
    event: PublishedEvent


class Channel(Protocol[Target]):
    """The way to one target, used from many threads."""

    def leads_to(self, target: Target) -> bool:
        """Whether it still leads to where the target is now."""

    def send(self, claimed: Claimed[Target]) -> Ended:
        """Hand one message over and say how that ended."""

    def cut_overdue(self) -> None:
        """Break off what is past its deadline."""

    def close(self) -> None:
        """Give back what was kept open."""


@dataclass(frozen=True, slots=True)
class Outbox(Generic[Target]):
    """One outbox.

    `link` is the column in which a delivery names its target, `wants` the SQL that says whether target `p` gets event
    `e`. `seconds` is how long one attempt may take. `opener` is asked once a run for what opens channels.
    """

    name: str
    target: type[Target]
    delivery: type[OutboxDelivery]
    attempt: type[OutboxAttempt]
    link: str
    wants: str
    seconds: Callable[[], float]
    opener: Callable[[], Callable[[Target], Channel[Target]]]
    switched_off: Callable[[Target, datetime], AttentionRequest]

    def sql(self, text: str, **more: str) -> str:
        """A statement with this outbox's tables filled in."""
        tables = {name: getattr(self, name)._meta.db_table for name in ("target", "delivery", "attempt")}  # noqa: SLF001
        return text.format(**tables, link=self.link, wants=self.wants, **more)
