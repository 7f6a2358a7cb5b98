"""Is a payment provider that nobody could pay back at refused where its order comes in?"""

from typing import Any

import pytest
from pytest_django import Settings

from orders.documents import check
from orders.intake.upsert import IntakeResult, upsert_orders
from orders.models import Order
from tests.orders.documents import small_order

pytestmark = pytest.mark.django_db


def take(raw: dict[str, Any]) -> IntakeResult:
    return upsert_orders([check(raw)], create_sellers=True, actor="test")[0]


@pytest.mark.parametrize("name", ["klarna", "Stripe", "stripe2"])
def test_a_payment_provider_that_nobody_knows_is_refused_by_name(settings: Settings, name: str) -> None:
    document = small_order() | {"payment": {"provider": name, "reference": "P-1"}}

    refused = take(document)

    assert (refused.outcome.value, Order.objects.count()) == ("refused", 0)
    assert [(fault.field, fault.message) for fault in refused.faults] == [
        ("payment.provider", f"payment provider {name!r} is not known here; known are manual, stripe, paypal, sandbox")
    ]
    settings.PAID_BY_HAND = [name]
    assert take(document).outcome.value == "created"
