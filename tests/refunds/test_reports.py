"""Are the numbers for the people responsible exact, and does finance get every payment once?"""

import csv
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from orders.models import Order, OrderEvent
from refunds.decisions import review
from refunds.decisions.auto_approve import approve_by_rule
from refunds.execution import execute
from refunds.gateway import Receipt
from refunds.models import Refund, RefundAttempt
from refunds.reports.payments_csv import COLUMNS, lines
from refunds.reports.statistics import Refunded, Shares, Step, refunded, shares, times
from tests.builders import make_channel, make_order, make_seller
from tests.refunds.people import approved, make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.warehouse import cancelled, tell

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 1)


def pay(refund: Refund, at: datetime, reference: str = "") -> Refund:
    """Approve the refund and pay it at that moment."""
    if refund.status == "proposed":
        approved(refund)
    claim = execute.claim_refund(refund.pk, old="approved")
    assert claim is not None
    assert execute.record_paid(claim, Receipt(reference or f"re_{refund.number}", refund.amount, refund.currency))
    Refund.objects.filter(pk=refund.pk).update(executed_at=at)
    RefundAttempt.objects.filter(pk=claim.attempt_id).update(finished_at=at)
    return Refund.objects.get(pk=refund.pk)


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 7, day, hour, minute, tzinfo=UTC)


def said_at(order: Order, moment: datetime) -> None:
    """Let the warehouse have said then that units will not ship."""
    OrderEvent.objects.create(
        order=order, seller_id=order.seller_id, kind="order.units_cancelled", occurred_at=moment, recorded_at=moment
    )


def report(**asked: Any) -> list[dict[str, str]]:
    text = "".join(lines(asked.pop("first", DAY), asked.pop("last", DAY), **asked))
    return list(csv.DictReader(StringIO(text)))


def test_what_was_refunded_is_summed_per_day_seller_reason_channel_and_currency() -> None:
    north, south = make_seller("north", time_zone="Europe/London"), make_seller("south", time_zone="Asia/Tokyo")
    shop, amazon = make_channel("shop"), make_channel("amazon")
    pay(make_refund(seller=north, channel=shop, reference="W-1"), at(8))
    pay(make_refund(seller=north, channel=shop, reference="W-2", paid=4000), at(9))
    pay(make_refund(seller=north, channel=shop, reference="W-3", currency="EUR"), at(9))
    pay(make_refund(seller=north, channel=amazon, reference="W-4"), at(9))
    pay(make_refund(seller=south, channel=shop, reference="W-5"), at(16))
    make_refund(seller=north, channel=shop, reference="W-6")

    cause = "cancelled_by_warehouse"
    assert refunded(DAY, date(2026, 7, 2)) == [
        # 16:00 UTC is the next day in Tokyo.
        Refunded(date(2026, 7, 2), "South", cause, "Shop", "GBP", 1, 2999),
        Refunded(DAY, "North", cause, "Shop", "EUR", 1, 2999),
        Refunded(DAY, "North", cause, "Amazon", "GBP", 1, 2999),
        Refunded(DAY, "North", cause, "Shop", "GBP", 2, 4999),
    ]
    assert [row.seller for row in refunded(DAY, DAY)] == ["North"] * 3
    assert refunded(DAY, DAY, sellers=[south.pk]) == []


def test_times_run_from_the_warehouses_word_to_the_proposal_the_approval_and_the_money() -> None:
    seller = make_seller()
    for number, minutes in enumerate((10, 20, 30, 40, 100)):
        refund = pay(make_refund(seller=seller, reference=f"W-{number}"), at(12))
        said_at(refund.order, at(8))
        proposed, decided = at(8) + timedelta(minutes=minutes), at(8) + timedelta(minutes=3 * minutes)
        Refund.objects.filter(pk=refund.pk).update(
            proposed_at=proposed, decided_at=decided, executed_at=decided + timedelta(seconds=minutes)
        )
    late = make_refund(seller=seller, reference="W-9")
    Refund.objects.filter(pk=late.pk).update(proposed_at=at(8, day=3))

    found = times(DAY, DAY)

    assert found.to_proposal == Step(5, timedelta(minutes=30), timedelta(minutes=76))
    assert found.to_approval == Step(5, timedelta(minutes=60), timedelta(minutes=152))
    assert found.to_money == Step(5, timedelta(seconds=30), timedelta(seconds=76))
    nothing = Step(0, None, None)
    assert times(date(2026, 1, 1), date(2026, 1, 2)).to_money == nothing


def test_shares_count_what_was_changed_rejected_withdrawn_and_approved_by_rule() -> None:
    seller, anna = make_seller(), manager("anna")
    grown = make_refund(seller=seller, reference="W-1", units=3)
    tell(grown.order, cancelled(at=5, of={"TEE": (2, 3)}))
    rejected = make_refund(seller=seller, reference="W-2")
    review.reject(rejected.pk, by=anna, why="no", seen=seen(rejected))
    withdrawn = make_refund(seller=seller, reference="W-3")
    tell(withdrawn.order, cancelled(at=5, of={"TEE": (0, 2)}, order="W-3"))
    make_refund(seller=seller, reference="W-4", paid=200)
    make_limit(seller, unattended_upto=100)
    assert approve_by_rule() == 1
    Refund.objects.update(proposed_at=at(8))
    make_refund(reference="W-5")

    found = shares(DAY, DAY)

    assert found == Shares(proposed=4, changed=1, rejected=1, withdrawn=1, by_rule=1)
    assert found.share(found.rejected) == "25.0 %"
    assert shares(date(2026, 1, 1), date(2026, 1, 2)).share(0) == "–"


def test_the_report_has_one_line_per_payment_with_the_providers_reference_and_our_key() -> None:
    seller, shop = make_seller("north"), make_channel("shop")
    yen = make_seller("yen", currency="JPY")
    first = pay(make_refund(seller=seller, channel=shop, reference="W-1", payment_provider="stripe"), at(8, 30), "re_1")
    pay(make_refund(seller=yen, channel=shop, reference="W-2", payment_provider="stripe"), at(23, 59), "re_2")
    pay(make_refund(seller=seller, channel=shop, reference="W-3"), at(0, day=2))
    make_refund(seller=seller, reference="W-4")

    found = report()

    assert found[0] == {
        "refund": "W-1-R1",
        "order": "W-1",
        "seller": "north",
        "channel": "shop",
        "provider": "stripe",
        "provider_reference": "re_1",
        "idempotency_key": str(first.attempts.get().key),
        "amount": "29.99",
        "currency": "GBP",
        "executed_at": "2026-07-01T08:30:00Z",
        "outcome": "paid",
    }
    assert [(row["refund"], row["amount"], row["currency"]) for row in found] == [
        ("W-1-R1", "29.99", "GBP"),
        ("W-2-R1", "2999", "JPY"),
    ]
    assert [row["refund"] for row in report(sellers=[yen.pk])] == ["W-2-R1"]
    assert [row["refund"] for row in report(last=date(2026, 7, 2))] == ["W-1-R1", "W-2-R1", "W-3-R1"]


def test_declined_and_doubtful_attempts_are_no_payments() -> None:
    for number, settle in enumerate((execute.record_declined, execute.record_unclear)):
        refund = approved(make_refund(reference=f"W-{number}"))
        claim = execute.claim_refund(refund.pk, old="approved")
        assert claim is not None
        settle(claim, "no")
    RefundAttempt.objects.update(finished_at=at(8))

    assert report() == []


@pytest.mark.parametrize("dangerous", ["=1+1", "+44", "-2", "@SUM(A1)", " =1", "\t=1", "＝1"])
def test_a_reference_that_would_be_a_formula_is_text(dangerous: str) -> None:
    pay(make_refund(), at(8), dangerous)

    assert report()[0]["provider_reference"] == f"'{dangerous}"


def test_texts_with_separators_and_quotes_come_back_as_they_were() -> None:
    pay(make_refund(), at(8), 'a "b", c\nd')

    assert report()[0]["provider_reference"] == 'a "b", c\nd'


def test_the_command_writes_the_report() -> None:
    seller = make_seller("north")
    pay(make_refund(seller=seller), at(8))
    out = StringIO()

    call_command("refund_report", "--from=2026-07-01", "--to=2026-07-01", "--seller=north", stdout=out)

    assert out.getvalue() == "".join(lines(DAY, DAY))
    assert out.getvalue().splitlines()[0] == ",".join(COLUMNS)
    assert len(out.getvalue().splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from=yesterday", "--to=2026-07-01"], "yesterday is not a day such as 2026-11-21"),
        (["--from=2026-07-02", "--to=2026-07-01"], "2026-07-02 is after 2026-07-01"),
        (["--from=2026-07-01", "--to=2026-07-01", "--seller=nobody"], "There is no seller nobody."),
    ],
)
def test_the_command_refuses_in_a_sentence(arguments: list[str], sentence: str) -> None:
    out = StringIO()

    with pytest.raises(CommandError, match=sentence):
        call_command("refund_report", *arguments, stdout=out)

    assert out.getvalue() == ""


def test_a_report_is_read_in_pages(django_assert_max_num_queries: Any) -> None:
    make_order("W-0")
    with django_assert_max_num_queries(1):
        assert report() == []
