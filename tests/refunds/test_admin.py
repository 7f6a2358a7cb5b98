"""Do the buttons of a refund call their verbs: by POST, with the right, and with what the person saw?"""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from refunds.calculation import breakdown
from refunds.models import Refund
from tests.builders import make_staff
from tests.refunds.people import approved, make_refund

pytestmark = pytest.mark.django_db

APPROVE, REJECT, SETTLE = "refunds.approve_refund", "refunds.reject_refund", "refunds.settle_refund"
NEEDED = {
    "approve": APPROVE,
    "take-back": APPROVE,
    "reject": REJECT,
    "hold": REJECT,
    "release": REJECT,
    "record-payment": SETTLE,
    "retry": SETTLE,
    "was-paid": SETTLE,
    "was-not-paid": SETTLE,
}


def login(*permissions: str, name: str = "anna") -> Client:
    client = Client()
    client.force_login(make_staff(name, permissions=["refunds.view_refund", *permissions]))
    return client


def press(client: Client, refund: Refund, verb: str, **said: Any) -> Any:
    address = reverse("admin:refunds_refund_do", args=[refund.pk, verb])
    return client.post(address, {"version": refund.version, "amount": refund.amount, **said})


def sentences(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def row(refund: Refund) -> dict[str, Any]:
    return dict(Refund.objects.values().get(pk=refund.pk))


@pytest.mark.parametrize("verb", NEEDED)
def test_without_its_right_a_button_does_nothing(verb: str) -> None:
    refund = make_refund()
    before = row(refund)
    client = login(*(set(NEEDED.values()) - {NEEDED[verb]}))

    response = press(client, refund, verb, why="no", reference="R")

    assert (response.status_code, row(refund)) == (403, before)
    assert f"/do/{verb}/" not in client.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()


@pytest.mark.parametrize("verb", sorted(NEEDED.keys() - {"record-payment"}))
def test_opening_the_address_of_a_button_does_nothing(verb: str) -> None:
    refund = make_refund()
    before = row(refund)

    response = login(*NEEDED.values()).get(reverse("admin:refunds_refund_do", args=[refund.pk, verb]))

    assert (response.status_code, row(refund)) == (405, before)


def test_a_button_that_there_is_not_is_not_found() -> None:
    assert press(login(*NEEDED.values()), make_refund(), "delete").status_code == 404


def test_a_post_from_elsewhere_does_nothing() -> None:
    refund = make_refund()
    before = row(refund)
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_staff("anna", permissions=["refunds.view_refund", APPROVE]))

    assert (press(client, refund, "approve").status_code, row(refund)) == (403, before)


def test_approving_leads_to_the_next_in_the_queue() -> None:
    first, second = make_refund(reference="W-1"), make_refund(reference="W-2")

    response = press(login(APPROVE), first, "approve")

    assert response["Location"] == f"{reverse('admin:refunds_refund_change', args=[second.pk])}?undo={first.pk}"
    assert sentences(response) == ["W-1-R1: 29.99\N{NO-BREAK SPACE}GBP approved."]
    assert row(first)["status"] == "approved"


def test_after_the_last_refund_its_own_page_stays() -> None:
    refund = make_refund()

    response = press(login(APPROVE), refund, "approve")

    assert response["Location"] == f"{reverse('admin:refunds_refund_change', args=[refund.pk])}?undo={refund.pk}"
    assert sentences(response)[1] == "That was the last one: no other refund is waiting for your decision."


def test_undoing_is_offered_on_the_next_page_and_brings_the_refund_back(settings: Settings) -> None:
    settings.UNDO_SECONDS = 10
    first, second = make_refund(reference="W-1"), make_refund(reference="W-2")
    client = login(APPROVE)
    offer = f"/admin/refunds/refund/{first.pk}/do/undo/"

    page = client.get(press(client, first, "approve")["Location"]).content.decode()
    other = login(APPROVE, name="bert").get(f"/admin/refunds/refund/{second.pk}/change/?undo={first.pk}")
    assert (offer in page, offer in other.content.decode()) == (True, False)
    response = client.post(offer)

    assert response["Location"] == reverse("admin:refunds_refund_change", args=[first.pk])
    assert sentences(response)[-1] == "Your approval of W-1-R1 was undone: decide again."
    assert row(first)["status"] == "proposed"


@pytest.mark.parametrize("nonsense", ["x", "", "99999999999999999999", "0", "²"])
def test_an_address_that_offers_nothing_to_undo_is_a_page_like_any_other(nonsense: str) -> None:
    address = reverse("admin:refunds_refund_change", args=[make_refund().pk])

    page = login(APPROVE).get(address, {"undo": nonsense})

    assert (page.status_code, "do/undo/" in page.content.decode()) == (200, False)


def test_an_approval_has_the_executor_come_when_it_can_no_longer_be_undone(settings: Settings) -> None:
    settings.UNDO_SECONDS = 10
    began = timezone.now()

    press(login(APPROVE), make_refund(), "approve")

    queued = OrmQ.objects.get()
    assert queued.func() == "refunds.tasks.execute_approved"
    assert 10 < (queued.lock - began).total_seconds() < 20


@pytest.mark.parametrize("changed", [{"version": 7}, {"amount": 1}])
def test_what_changed_meanwhile_is_not_approved(changed: dict[str, int]) -> None:
    refund = make_refund()
    before = row(refund)

    response = press(login(APPROVE), refund, "approve", **changed)

    assert sentences(response)[0].startswith("W-1-R1 has changed since you opened it")
    assert response["Location"] == reverse("admin:refunds_refund_change", args=[refund.pk])
    assert row(refund) == before


def test_an_approval_that_does_not_say_what_was_seen_is_refused() -> None:
    refund = make_refund()
    before = row(refund)

    response = login(APPROVE).post(reverse("admin:refunds_refund_do", args=[refund.pk, "approve"]))

    assert "The page is out of date: open it again, then decide." in sentences(response)
    assert row(refund) == before


def test_a_rejection_needs_a_reason() -> None:
    refund = make_refund()
    before = row(refund)
    client = login(REJECT)

    response = press(client, refund, "reject", why="  ")
    assert sentences(response) == ["Please give a reason: it stays on record."]
    assert row(refund) == before

    press(client, refund, "reject", why="Sent again")
    assert (row(refund)["status"], row(refund)["why"]) == ("rejected", "Sent again")


def test_hold_and_release() -> None:
    refund = make_refund()
    client = login(REJECT)

    press(client, refund, "hold", why="Ask the warehouse")
    assert row(refund)["status"] == "on_hold"
    press(client, refund, "release")
    assert row(refund)["status"] == "proposed"


def test_a_payment_made_elsewhere_is_entered() -> None:
    refund = approved(make_refund())

    response = press(login(SETTLE), refund, "record-payment", reference="BACS 77", confirmed="BACS 77")

    assert sentences(response) == ["W-1-R1 recorded as paid under BACS 77."]
    assert (row(refund)["status"], row(refund)["provider_reference"]) == ("executed", "BACS 77")


@pytest.mark.parametrize(
    ("lost", "paid", "says"),
    [(2, 9190, "2 × 45.95"), (1, 9190, "1 × 45.95"), (2, 9191, "2 of 2 units · line total 91.91")],
)
def test_the_amount_is_explained_as_arithmetic_that_is_right(lost: int, paid: int, says: str) -> None:
    refund = make_refund(lost=lost, units=2, paid=paid)

    assert [line.how for line in breakdown.lines(refund)] == [says]


def test_the_page_says_how_the_amount_came_about() -> None:
    refund = make_refund(lost=1, units=3, paid=10000)

    page = login().get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()

    assert "1 of 3 units · line total 100.00" in page
    assert "33.33\N{NO-BREAK SPACE}GBP" in page


def test_the_queue_shows_what_waits_the_oldest_first() -> None:
    first, second = make_refund(reference="W-2"), make_refund(reference="W-1")
    approved(make_refund(reference="W-3"))

    page = login().get(reverse("admin:refunds_refund_changelist")).content.decode()

    assert 0 < page.index(first.number) < page.index(second.number)
    assert "W-3-R1" not in page
