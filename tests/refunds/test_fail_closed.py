"""Does a currency in which a seller has set no limits fail closed? Two people, and nothing without a person."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from refunds.decisions import bulk, review
from refunds.decisions.auto_approve import approve_by_rule
from refunds.models import Refund, RefundLimit
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest
from refunds.rules.policy import CLOSED, Limit
from tests.builders import make_order, make_seller, make_staff
from tests.refunds.people import make_refund, manager, seen
from tests.refunds.policies import make_limit, make_policy
from tests.refunds.raw_sql import propose_in_sql, refused

pytestmark = pytest.mark.django_db


def test_without_limits_two_people_approve_what_the_warehouse_caused() -> None:
    refund = make_refund(seller=make_seller(limits=False))

    first = review.approve(refund.pk, by=manager("anna"), seen=seen(refund))
    assert (refund.approvals_needed, first) == (2, "first")
    assert review.approve(refund.pk, by=manager("bert"), seen=seen(refund)) == "approved"


def test_limits_in_another_currency_say_nothing_about_this_one() -> None:
    seller = make_seller(limits=False)
    make_limit(seller, "EUR", unattended_upto=10_000)
    order = make_order("W-1", seller=seller, currency="GBP")
    RefundLimit.objects.filter(currency="GBP").delete()
    items = {order.items.get().pk: 1}

    make_refund(order=order)
    by_hand = propose_by_hand(order.pk, by=manager("anna"), wish=RefundRequest(units=items), reason="goodwill", note="")

    assert by_hand.approvals_needed == 2
    assert approve_by_rule() == 0
    plan = bulk.plan(list(Refund.objects.filter(status="proposed")), "approve", by=manager("bert"))
    assert plan.included == []


def test_the_database_refuses_one_approval_where_there_are_no_limits() -> None:
    order = make_order("W-1", seller=make_seller(limits=False))

    with refused("two people approve it"):
        propose_in_sql(order, amount=100, rounding_amount=100, approvals_needed=1)


def test_the_pages_say_that_a_currency_without_limits_fails_closed() -> None:
    seller = make_seller(limits=False)
    refund = make_refund(seller=seller)
    make_policy(seller)
    client = Client()
    client.force_login(make_staff("mary", "Manager"))

    policy = client.get(reverse("admin:refunds_refundpolicy_change", args=[seller.pk])).content.decode()
    page = client.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()

    assert "No limits in GBP." in policy
    assert "every refund above zero needs two approvals, and none is auto-approved" in policy
    assert "has no limits in GBP: 2 above" in page
    make_limit(seller)
    policy = client.get(reverse("admin:refunds_refundpolicy_change", args=[seller.pk])).content.decode()
    assert "No limits in" not in policy


small = st.none() | st.integers(0, 5)


@given(above=small, upto=small, amount=st.integers(0, 6), stored=st.booleans())
def test_the_database_and_the_pure_rule_say_the_same_of_every_amount(
    above: int | None, upto: int | None, amount: int, stored: bool
) -> None:
    seller = make_seller(limits=False)
    if above is not None and upto is not None:
        upto = min(upto, above)
    limit = Limit(above, upto) if stored else CLOSED
    if stored:
        make_limit(seller, second_approver_above=above, unattended_upto=upto)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT refunds_approvals_needed(%(s)s, 'GBP', %(a)s), refunds_approved_by_policy(%(s)s, 'GBP', %(a)s)",
            {"s": seller.pk, "a": amount},
        )
        found = cursor.fetchone()

    assert found == (limit.approvals(amount), limit.unattended(amount))
    assert RefundLimit.objects.limit_of(seller.pk, "GBP").approvals(amount) == limit.approvals(amount)
