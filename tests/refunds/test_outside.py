"""What is a refund for that somebody made at the provider, and what waits until that is known?"""

from typing import Any

import pytest
from django.test import Client

from refunds.decisions import auto_approve, review
from refunds.execution import execute, explain
from refunds.execution.explain import Explanation, Rest
from refunds.models import OutsidePayment, Refund
from tests.builders import make_staff
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.elsewhere import big_and_small, hear, refunds, somebody
from tests.refunds.people import approved, kinds, make_refund, open_attention, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import refused as refused_by_the_database
from tests.refunds.raw_sql import rows, set_status
from tests.refunds.rules_hold import check_rules
from tests.refusals import refused

pytestmark = pytest.mark.django_db
# Found by itself


def test_a_dashboard_refund_is_the_waiting_one_of_another_order_and_never_paid_again() -> None:
    big, small = big_and_small()

    assert hear(4_000) == "booked as SMALL-R2"

    assert refunds() == [("SMALL-R1", "withdrawn", 4_000), ("SMALL-R2", "executed", 4_000)]
    assert hear(4_000) == "it is SMALL-R2"
    assert open_attention(big) == open_attention(small.order) == []
    check_rules()


def test_what_was_found_and_failed_later_is_owed_again() -> None:
    _, small = big_and_small()
    hear(4_000)

    assert hear(4_000, dead=True) == "SMALL-R2 failed later"

    assert open_attention(small.order) == ["refund_failed"]
    assert OutsidePayment.objects.get().state == "failed"


# Asked


@pytest.mark.parametrize("amount", [4_000, 1_500])
def test_with_several_candidates_or_none_nothing_is_counted_and_every_order_is_blocked(amount: int) -> None:
    big, small = big_and_small(big_lost=2)
    other = Refund.objects.get(order=big)

    assert hear(amount) == "a person has to say what it was for"

    assert refunds() == [("BIG-R1", "proposed", 4_000), ("SMALL-R1", "proposed", 4_000)]
    assert big.attention.get(closed_at=None).kind == "unexplained_refund"
    for refund in (other, small):
        with refused("unexplained_refund"):
            review.approve(refund.pk, by=somebody(), seen=seen(refund))
        with refused_by_the_database("nobody has said what for"):
            set_status(refund, "approved", f", approved_by_id = {somebody().pk}")
    make_limit(big.seller, unattended_upto=5_000, second_approver_above=5_000)
    assert auto_approve.approve_by_rule() == 0


def test_what_was_approved_before_waits_too(sandbox: Sandbox) -> None:
    big, small = big_and_small(big_lost=2)
    approved(small)
    approved(Refund.objects.get(order=big))
    hear(4_000)

    assert execute.execute_approved() == 0

    with refused_by_the_database("nobody has said what for"):
        set_status(small, "executing", ", lease_until = now()")
    assert sandbox.paid_back() == []


def test_an_order_of_another_payment_goes_on() -> None:
    big_and_small(big_lost=2)
    hear(4_000)
    other = make_refund(reference="OTHER", payment_provider="sandbox", payment_reference="pi_Y")

    assert review.approve(other.pk, by=somebody(), seen=seen(other)) == "approved"


def test_the_one_that_a_person_names_is_paid_and_the_other_goes_on() -> None:
    big, small = big_and_small(big_lost=2)
    hear(4_000)
    payment = OutsidePayment.objects.get()

    explain.explain(payment.pk, Explanation([small.pk]), by=somebody(), why="asked Mia, who did it")

    assert refunds() == [
        ("BIG-R1", "proposed", 4_000),
        ("SMALL-R1", "withdrawn", 4_000),
        ("SMALL-R2", "executed", 4_000),
    ]
    assert open_attention(big) == []
    approved(Refund.objects.get(order=big))
    assert "refund.explained" in kinds(big)
    check_rules()
    with refused("already_explained"):
        explain.explain(payment.pk, Explanation([small.pk]), by=somebody(), why="again")


def test_two_refunds_paid_at_once_are_both_counted() -> None:
    big, small = big_and_small(big_lost=1)
    other = Refund.objects.get(order=big)
    hear(6_000)

    explain.explain(OutsidePayment.objects.get().pk, Explanation([small.pk, other.pk]), by=somebody(), why="both")

    assert [row for row in refunds() if row[1] == "executed"] == [
        ("BIG-R2", "executed", 2_000),
        ("SMALL-R2", "executed", 4_000),
    ]
    assert hear(6_000, dead=True) == "SMALL-R2, BIG-R2 failed later"
    check_rules()


@pytest.mark.parametrize(
    ("rest", "left", "counted"),
    [(Rest.OWED, 1_000, 3_000), (Rest.GOODWILL, 4_000, 3_000), (Rest.OVERPAID, 4_000, 0)],
)
def test_what_pays_for_no_refund_counts_as_the_person_says(rest: Rest, left: int, counted: int) -> None:
    big, small = big_and_small(big_lost=2)
    hear(3_000)

    explain.explain(OutsidePayment.objects.get().pk, Explanation((), rest, big.pk), by=somebody(), why="asked")

    assert Refund.objects.get(number="BIG-R1").amount == left
    assert sum(amount for _, status, amount in refunds() if status == "executed") == counted
    assert Refund.objects.get(pk=small.pk).status == "proposed"
    assert OutsidePayment.objects.get().overpaid_amount == (3_000 if rest == Rest.OVERPAID else 0)
    check_rules()


@pytest.mark.parametrize(
    ("explanation", "code"),
    [
        (lambda big, small: Explanation([small]), "rest_unexplained"),
        (lambda big, small: Explanation([small, -1]), "changed"),
        (lambda big, small: Explanation((), Rest.GOODWILL, -1), "changed"),
        (lambda big, small: Explanation((), Rest.GOODWILL, big), "more_than_is_left"),
    ],
)
def test_less_or_more_than_all_of_it_is_refused(explanation: Any, code: str) -> None:
    big, small = big_and_small(big_lost=2)
    hear(8_000)
    before = rows()

    with refused(code):
        explain.explain(OutsidePayment.objects.get().pk, explanation(big.pk, small.pk), by=somebody(), why="asked")

    assert rows() == before


def test_it_is_explained_by_whom_it_may_and_with_a_reason() -> None:
    big_and_small(big_lost=2)
    hear(4_000)
    payment, said = OutsidePayment.objects.get(), Explanation((), Rest.OVERPAID)

    with refused("reason_required"):
        explain.explain(payment.pk, said, by=somebody(), why=" ")
    with refused("not_permitted"):
        explain.explain(payment.pk, said, by=make_staff("zoe"), why="asked")


def test_what_was_overpaid_is_asked_again_when_something_else_fails_later() -> None:
    big, small = big_and_small(big_lost=2)
    hear(4_000)
    explain.explain(OutsidePayment.objects.get().pk, Explanation((), Rest.OVERPAID), by=somebody(), why="a mistake")
    hear(1_500, "re_2")
    explain.explain(
        OutsidePayment.objects.get(reference="re_2").pk,
        Explanation((), Rest.GOODWILL, big.pk),
        by=somebody(),
        why="goodwill",
    )

    hear(1_500, "re_2", dead=True)

    overpaid = OutsidePayment.objects.get(reference="re_1")
    assert (overpaid.unexplained_amount, overpaid.overpaid_amount) == (4_000, 0)
    with refused("unexplained_refund"):
        review.approve(small.pk, by=somebody(), seen=seen(small))


# Its page


def test_the_page_offers_what_waits_and_counts_what_the_person_says(client: Client) -> None:
    big, small = big_and_small(big_lost=2)
    hear(4_000)
    payment = OutsidePayment.objects.get()
    rights = ["refunds.view_outsidepayment", "refunds.view_refund", "refunds.settle_refund"]
    client.force_login(make_staff("zoe", permissions=rights))
    address = f"/admin/refunds/outsidepayment/{payment.pk}"

    page = client.get(f"{address}/change/").content.decode()
    assert all(name in page for name in ("BIG-R1", "SMALL-R1", "Say what it was for"))
    asked = client.get(f"{address}/do/explain/").content.decode()
    assert "Goodwill on BIG" in asked
    refusal = client.post(f"{address}/do/explain/", {"refunds": [], "rest": "", "why": "asked"})
    assert "Say what the other 40.00 GBP was for." in refusal.content.decode()
    client.post(f"{address}/do/explain/", {"refunds": [small.pk], "rest": "", "why": "asked Mia"})

    assert ("SMALL-R2", "executed", 4_000) in refunds(big, small.order)
    assert "asked Mia" in client.get(f"{address}/change/").content.decode()


def test_the_refund_page_says_what_blocks_it(client: Client) -> None:
    _, small = big_and_small(big_lost=2)
    hear(4_000)
    client.force_login(make_staff("zoe", permissions=["refunds.view_refund"]))

    page = client.get(f"/admin/refunds/refund/{small.pk}/change/").content.decode()

    assert "nobody has said yet what it was for" in page
