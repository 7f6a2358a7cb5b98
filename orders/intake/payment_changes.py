"""What does a document change about the payments of an order? (pure)"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from orders import money
from orders.documents import Document, PaidBy


@dataclass(frozen=True, slots=True)
class Share:
    """What a payment pays of an order here."""

    id: int
    payment_id: int
    provider: str
    reference: str
    currency: str
    amount: int
    captured: int | None


@dataclass(slots=True)
class PaymentChanges:
    """What a document changes about the payments of an order."""

    before: Sequence[Share] = ()
    removed: list[Share] = field(default_factory=list)
    changed: list[tuple[Share, int]] = field(default_factory=list)
    added: list[PaidBy] = field(default_factory=list)
    grown: list[tuple[int, int]] = field(default_factory=list)
    """Payments by their ids, and what was captured of them by now."""

    def __bool__(self) -> bool:
        return bool(self.removed or self.changed or self.added or self.grown)

    @property
    def lose(self) -> bool:
        """Whether something that was paid is said to be otherwise, and not only more to have been paid."""
        return bool(self.removed or self.changed)

    def told(self, currency: str, document: Document) -> Iterator[dict[str, Any]]:
        """The changes as the timeline keeps them."""
        was, now = sum(share.amount for share in self.before), document.total_paid
        if was != now:
            yield {
                "field": "total_paid",
                "from": money.text(was, currency),
                "to": money.text(now, document.currency),
            }
        if self.removed or self.added or self.grown or len(self.before) > 1:
            yield {
                "field": "payments",
                "from": [_shown(share, currency) for share in self.before],
                "to": [_shown(paid, document.currency) for paid in document.payments],
            }


def compare(shares: Sequence[Share], document: Document) -> PaymentChanges:
    """What the document changes. A payment stays the same as long as provider, reference and currency do."""
    changes = PaymentChanges(shares)
    wanted = {(paid.provider, paid.reference): paid for paid in document.payments}
    for share in shares:
        paid = wanted.pop((share.provider, share.reference), None) if share.currency == document.currency else None
        if paid is None:
            changes.removed.append(share)
            continue
        if paid.amount != share.amount:
            changes.changed.append((share, paid.amount))
        if paid.captured is not None and paid.captured != share.captured:
            changes.grown.append((share.payment_id, paid.captured))
    changes.added = list(wanted.values())
    return changes


def _shown(paid: Share | PaidBy, currency: str) -> dict[str, str]:
    return {"provider": paid.provider, "reference": paid.reference, "amount": money.text(paid.amount, currency)}
