"""Which refunds has a person to pay, and to whom? (a CSV for the bank's page, one line per refund)"""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from orders.backoffice.spreadsheets import Value
from orders.money import text
from refunds.execution.manual_payment import instruction
from refunds.models import Refund

COLUMNS = (
    "refund",
    "order",
    "seller",
    "channel",
    "customer",
    "email",
    "amount",
    "currency",
    "approved_at",
    "paid_through",
    "payment_reference",
    "what_to_do",
)
MOST = 5_000


def rows(refunds: QuerySet[Refund]) -> Iterator[Sequence[Value]]:
    """The names of the columns, then a line for each refund; at most `MOST`, moments are UTC."""
    yield COLUMNS
    for refund in refunds.select_related("order__channel", "seller", "payment")[:MOST]:
        order = refund.order
        yield (
            refund.number,
            order.reference,
            refund.seller.code,
            order.channel.code,
            order.customer_name,
            order.customer_email,
            text(refund.amount, refund.currency),
            refund.currency,
            f"{refund.decided_at:%Y-%m-%dT%H:%M:%SZ}" if refund.decided_at else "",
            refund.provider,
            refund.payment.reference if refund.payment else "",
            instruction(refund),
        )
