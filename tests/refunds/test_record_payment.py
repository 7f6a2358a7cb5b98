"""How is a payment recorded that a person made elsewhere: asked back, and never twice under one reference?"""

import csv
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Export
from refunds.errors import DecisionRefused
from refunds.execution import manual_payment, reconcile
from refunds.models import Refund
from tests.builders import make_seller, make_staff
from tests.integrations.gateways.provider import Sandbox
from tests.refunds.paying import in_doubt
from tests.refunds.people import approved, kinds, make_refund, manager
from tests.refunds.racing import race
from tests.refunds.raw_sql import rows
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def two(**fields: Any) -> tuple[Refund, Refund]:
    """Two approved refunds of one seller that people pay; the first was paid under BACS 77."""
    seller = make_seller("north")
    first, second = (approved(make_refund(reference=f"W-{n}", seller=seller, **fields)) for n in (1, 2))
    manual_payment.record_payment(first.pk, by=manager("anna"), reference="BACS 77")
    return first, second


def state(refund: Refund) -> tuple[str, str]:
    refund.refresh_from_db()
    return refund.status, refund.provider_reference


@pytest.mark.parametrize("reference", ["BACS 77", "bacs 77", " BACS  77 ", "BA\u200bCS\u00a077"], ids=ascii)
def test_a_reference_under_which_another_refund_was_paid_is_refused(reference: str) -> None:
    _, second = two()
    before = rows()

    with refused("reference_in_use"):
        manual_payment.record_payment(second.pk, by=manager("bert"), reference=reference)

    assert rows() == before


def test_one_transfer_may_pay_two_refunds_when_a_person_says_why() -> None:
    _, second = two()

    manual_payment.record_payment(second.pk, by=manager("bert"), reference="BACS 77", why="one transfer paid both")

    assert state(second) == ("executed", "BACS 77")
    assert second.attempts.get().detail == (
        "BACS 77 is already the payment reference of W-1-R1 (29.99 GBP). Recorded all the same: one transfer paid both"
    )
    assert second.order.events.latest("id").data["detail"] == second.attempts.get().detail


def test_another_seller_may_have_the_same_reference() -> None:
    two()
    other = approved(make_refund(reference="W-9"))

    manual_payment.record_payment(other.pk, by=manager("bert"), reference="BACS 77")

    assert state(other) == ("executed", "BACS 77")


@pytest.mark.django_db(transaction=True)
def test_two_people_who_record_one_reference_at_the_same_moment_are_one() -> None:
    seller = make_seller("north")
    refunds = [approved(make_refund(reference=f"W-{n}", seller=seller)) for n in (1, 2)]
    people = [manager("anna"), manager("bert")]

    race(
        *(
            partial(manual_payment.record_payment, refund.pk, by=by, reference="BACS 77")
            for refund, by in zip(refunds, people, strict=True)
        ),
        expect=(DecisionRefused,),
    )

    assert sorted(state(refund) for refund in refunds) == [("approved", ""), ("executed", "BACS 77")]


def test_a_refund_in_doubt_is_not_paid_under_the_reference_of_another(sandbox: Sandbox) -> None:
    doubtful = in_doubt(sandbox, "close_before_paying")
    other = approved(make_refund(reference="W-2", seller=doubtful.seller))
    manual_payment.record_payment(other.pk, by=manager("anna"), reference="re_9")
    before = rows()

    with refused("reference_in_use"):
        reconcile.settle_by_hand(doubtful.pk, by=manager("bert"), reference="re_9")

    assert rows() == before


@pytest.mark.parametrize("reference", ["B\x007", "\ud800", "\x07", "B" * 201, "4.50012E+11"], ids=ascii)
def test_what_is_no_reference_is_refused(reference: str) -> None:
    refund = approved(make_refund())
    before = rows()

    with refused("reference_unreadable"):
        manual_payment.record_payment(refund.pk, by=manager("anna"), reference=reference)

    assert rows() == before


def login(*permissions: str) -> Client:
    client = Client()
    granted = ["refunds.view_refund", "refunds.settle_refund", *permissions]
    client.force_login(make_staff("carla", permissions=granted))
    return client


def address(refund: Refund) -> str:
    return reverse("admin:refunds_refund_do", args=[refund.pk, "record-payment"])


def test_the_page_says_what_to_pay_and_to_whom() -> None:
    refund = approved(make_refund())
    client = login()

    page = client.get(address(refund)).content.decode()

    assert "Pay 29.99 GBP by bank transfer to Ada Lovelace, then record it." in page
    assert (
        manual_payment.instruction(refund)
        in client.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()
    )


def test_what_is_recorded_is_asked_back_first() -> None:
    refund, client = approved(make_refund()), login()

    page = client.post(address(refund), {"reference": " BACS  77 "}).content.decode()

    assert "Is this right?" in page
    assert state(refund) == ("approved", "")
    client.post(address(refund), {"reference": "BACS 78", "confirmed": "BACS 77"})
    assert state(refund) == ("approved", "")
    client.post(address(refund), {"reference": "BACS 77", "confirmed": "BACS 77"})
    assert state(refund) == ("executed", "BACS 77")
    assert kinds(refund.order)[-1] == "refund.executed"


def test_a_reference_that_was_used_is_confirmed_with_a_reason() -> None:
    _, second = two()
    client, again = login(), {"reference": "BACS 77", "confirmed": "BACS 77"}

    page = client.post(address(second), {"reference": "BACS 77"}).content.decode()
    assert "BACS 77 is already the payment reference of W-1-R1 (29.99 GBP)." in page
    client.post(address(second), again | {"why": " "})
    assert state(second) == ("approved", "")

    client.post(address(second), again | {"why": "one transfer paid both"})

    assert state(second) == ("executed", "BACS 77")


def test_what_people_have_to_pay_is_a_tab_and_a_file_that_is_on_record() -> None:
    hand, called = (
        approved(make_refund(reference=f"W-{provider}", payment_provider=provider))
        for provider in ("manual", "sandbox")
    )
    client = login("orders.export_order")
    asked = {"status": "approved", "needs": "hand", "view": "hand"}

    page = client.get(reverse("admin:refunds_refund_changelist"), asked).content.decode()
    assert (hand.number in page, called.number in page, "to-pay.csv?" in page) == (True, False, True)
    answer = client.get(reverse("admin:refunds_refund_to_pay"), asked)

    [line] = csv.DictReader(answer.content.decode("utf-8-sig").splitlines())
    assert (line["refund"], line["customer"], line["amount"]) == ("W-manual-R1", "Ada Lovelace", "29.99")
    assert line["what_to_do"] == "Pay 29.99 GBP by bank transfer to Ada Lovelace, then record it."
    made = Export.objects.get()
    assert (made.of, made.total, made.person.username) == ("refunds.refund", 1, "carla")


def test_without_the_right_to_export_there_is_no_file() -> None:
    approved(make_refund())
    client = login()

    assert client.get(reverse("admin:refunds_refund_to_pay")).status_code == 403
    assert (
        "to-pay.csv"
        not in client.get(
            reverse("admin:refunds_refund_changelist"), {"status": "approved", "needs": "hand"}
        ).content.decode()
    )
