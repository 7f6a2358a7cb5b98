"""How does a test get a refund that a provider is to pay, and let time pass?"""

from typing import Any

from refunds.execution import execute
from refunds.models import Refund
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.people import approved, make_refund, open_attention
from tests.refunds.raw_sql import sql


def payable(sandbox: Sandbox, **fields: Any) -> Refund:
    """An approved refund of 29.99 for an order of 59.98 that was paid at the provider."""
    sandbox.pay(5998, "GBP")
    return approved(make_refund(payment_provider="sandbox", payment_reference=sandbox.payment, **fields))


def in_doubt(sandbox: Sandbox, do: str) -> Refund:
    """A refund that the provider has answered with this misbehaviour."""
    refund = payable(sandbox)
    sandbox.misbehave(do)
    assert execute.execute_approved() == 1
    refund.refresh_from_db()
    assert (refund.status, open_attention(refund.order)) == ("in_doubt", ["refund_in_doubt"])
    return refund


def pass_time() -> None:
    """All leases and quiet times come to their end."""
    sql("UPDATE refunds_refund SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL")


def attempts(refund: Refund) -> list[tuple[int, str]]:
    return list(refund.attempts.order_by("number").values_list("number", "outcome"))
