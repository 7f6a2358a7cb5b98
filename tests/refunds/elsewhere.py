"""How does a test let somebody refund at the provider past us, of a payment that two orders share?"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from orders.models import Order
from refunds.execution import outside
from refunds.gateway import ProviderRefund
from refunds.models import Refund
from tests.builders import make_order
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.people import make_refund, manager

PAYMENT: dict[str, Any] = {"payment_provider": "sandbox", "payment_reference": "pi_X"}


PEOPLE = count(1)


def somebody() -> User:
    """Another person each time, who may do everything."""
    return manager(f"person-{next(PEOPLE)}")


def told(amount: int, reference: str = "re_1", *, dead: bool = False, key: str = "") -> ProviderRefund:
    made_at = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
    return ProviderRefund(reference, key, ("pi_X",), amount, "GBP", dead, "lost card", made_at)


def hear(amount: int, reference: str = "re_1", **fields: Any) -> str:
    return outside.hear("sandbox", told(amount, reference, **fields))[1]


def big_and_small(*, big_lost: int = 0) -> tuple[Order, Refund]:
    """BIG of 100.00 and SMALL of 40.00, paid by one payment; SMALL was cancelled and 40.00 are proposed."""
    big = make_order("BIG", items=[("TEE", 5, 10_000)], **PAYMENT)
    small = make_refund(2, 2, paid=4_000, reference="SMALL", seller=big.seller, **PAYMENT)
    if big_lost:
        make_refund(big_lost, 5, order=big)
    return big, small


def refunds(*orders: Order) -> list[tuple[str, str, int]]:
    found = Refund.objects.filter(order__in=orders) if orders else Refund.objects.all()
    return list(found.order_by("order__reference", "sequence").values_list("number", "status", "amount"))


def listed(sandbox: Sandbox) -> ProviderRefund:
    """The one refund of the payment, as the provider would tell of it."""
    [one] = sandbox.refunds()
    key = one["metadata"].get("hemi_key", "")
    made_at = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
    dead, pending = one["status"] == "failed", one["status"] == "pending"
    return ProviderRefund(one["id"], key, (sandbox.payment,), one["amount"], "GBP", dead, "lost card", made_at, pending)
