"""Do the pages of deciding in bulk show what they bind, ask for the right, and name what was refused?"""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import OrmQ

from orders.models import Person
from refunds import transitions
from refunds.decisions import bulk
from refunds.models import Batch, Refund
from tests.builders import make_staff
from tests.refunds.people import make_refund
from tests.refunds.policies import make_limit
from tests.warehouse import despatched, tell

pytestmark = pytest.mark.django_db
RIGHTS = ("refunds.view_refund", "refunds.approve_refund", "refunds.reject_refund")
LIST = "/admin/refunds/refund/"


def login(*permissions: str, name: str = "anna") -> Client:
    client = Client()
    client.force_login(make_staff(name, permissions=permissions or RIGHTS))
    return client


def confirm(client: Client, act: str, *refunds: Refund, query: str = "", **said: Any) -> Any:
    return client.post(f"{LIST}bulk/{act}/{query}", {"row": [refund.pk for refund in refunds], **said})


def bound(page: Any) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    return found[1] if found else ""


def test_the_list_offers_boxes_and_buttons_to_who_may_decide_only() -> None:
    refund = make_refund()

    page = login().get(LIST).content.decode()
    viewer = login("refunds.view_refund", name="vera").get(LIST).content.decode()

    assert f'name="row" value="{refund.pk}"' in page
    assert ("bulk/approve/" in page, "bulk/reject/" in page) == (True, True)
    assert ("bulk/approve/" in viewer, "bulk/reject/" in viewer) == (False, False)


@pytest.mark.parametrize(
    "wrong", ["{pk}:{huge}:2999", "{pk}:1:{huge}", "{huge}:1:2999", "{pk}:\x00:2999", "{pk}:-1:2999"]
)
def test_numbers_that_no_page_shows_are_refused_in_a_sentence(wrong: str) -> None:
    refund = make_refund()

    response = login().post(f"{LIST}bulk/approve/", {"seen": wrong.format(pk=refund.pk, huge="9" * 30)})

    assert response.status_code in (200, 302)
    assert not Batch.objects.exists()


def test_what_is_confirmed_is_what_was_seen_and_is_decided_afterwards() -> None:
    first, second = make_refund(reference="W-1", lost=2), make_refund(reference="W-2")
    client = login()
    page = confirm(client, "approve", first, second)
    assert bound(page) == f"{first.pk}:1:5998,{second.pk}:1:2999"
    assert Batch.objects.count() == 0
    tell(first.order, despatched(at=1, order="W-1", TEE=1))

    response = client.post(f"{LIST}bulk/approve/", {"seen": bound(page)})

    batch = Batch.objects.get()
    assert response["Location"] == reverse("admin:refunds_batch_change", args=[batch.pk])
    assert [row.func() for row in OrmQ.objects.all()] == ["refunds.tasks.decide_batches"]
    running = client.get(response["Location"]).content.decode()
    assert ("2 of 2 still to decide" in running, "data-running" in running) == (True, True)
    bulk.decide()
    over = client.get(reverse("admin:refunds_batch_progress", args=[batch.pk])).content.decode()
    assert ("All 2 decided" in over, "data-running" in over) == (True, False)
    assert "W-1-R1 has changed since you opened it" in over
    assert reverse("admin:refunds_refund_change", args=[first.pk]) in over
    assert list(Refund.objects.order_by("id").values_list("status", flat=True)) == ["proposed", "approved"]


def test_what_may_not_be_included_is_named_with_its_reason() -> None:
    fine, big = make_refund(reference="W-1"), make_refund(reference="W-2")
    make_limit(big.seller, second_approver_above=0)

    page = confirm(login(), "approve", fine, big)

    assert bound(page) == f"{fine.pk}:1:2999"
    assert "Above the limit: two people must approve it, each on its own page." in page.content.decode()


def test_all_that_match_the_filter_are_chosen_without_a_box_each() -> None:
    first, second = make_refund(reference="W-1"), make_refund(reference="W-2")

    everything = confirm(login(), "reject", every="1")
    some = confirm(login(name="bert"), "reject", every="1", query=f"?seller={second.seller_id}")

    assert bound(everything) == f"{first.pk}:1:2999,{second.pk}:1:2999"
    assert bound(some) == f"{second.pk}:1:2999"


@pytest.mark.parametrize("nonsense", ["", "1", "1:2", "x:1:1", "1:1:1,", "1:1:1:1"])
def test_a_post_that_does_not_say_what_was_seen_begins_nothing(nonsense: str) -> None:
    make_refund()

    login().post(f"{LIST}bulk/approve/", {"seen": nonsense})

    assert Batch.objects.count() == 0


def test_nothing_chosen_and_a_rejection_without_a_reason_are_said() -> None:
    refund, client = make_refund(), login()

    nothing = confirm(client, "approve")
    no_reason = client.post(f"{LIST}bulk/reject/", {"seen": f"{refund.pk}:1:2999", "why": ""})

    assert next(str(message) for message in get_messages(nothing.wsgi_request)).startswith("Nothing was selected")
    assert "Please give a reason: it stays on record." in no_reason.content.decode()
    # What was chosen is not lost.
    assert bound(no_reason) == f"{refund.pk}:1:2999"
    assert Batch.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"usual": "Amount is wrong"}, "Amount is wrong"),
        ({"usual": "Amount is wrong", "why": "twice"}, "Amount is wrong: twice"),
        ({"usual": "other", "why": "asked by phone"}, "asked by phone"),
        ({"usual": "other"}, None),
        ({"usual": "nonsense"}, None),
        ({}, None),
    ],
)
def test_a_reason_is_chosen_first_and_then_confirmed(said: dict[str, str], why: str | None) -> None:
    refund, client = make_refund(), login()

    page = client.post(f"{LIST}bulk/reject/", {"seen": f"{refund.pk}:1:2999", **said})

    assert list(Batch.objects.values_list("why", flat=True)) == ([] if why is None else [why])
    assert (page.status_code, bound(page)) == ((302, "") if why else (200, f"{refund.pk}:1:2999"))


@pytest.mark.parametrize(("act", "status"), [("approve", 403), ("reject", 403), ("delete", 404)])
def test_without_the_right_nothing_is_begun(act: str, status: int) -> None:
    refund = make_refund()

    response = login("refunds.view_refund").post(f"{LIST}bulk/{act}/", {"seen": f"{refund.pk}:1:2999", "why": "no"})

    assert (response.status_code, Batch.objects.count()) == (status, 0)
    assert login(name="bert").get(f"{LIST}bulk/approve/").status_code == 405


def test_who_is_limited_to_a_seller_includes_no_other_and_sees_no_other_batch() -> None:
    mine, other = make_refund(reference="W-1"), make_refund(reference="W-2")
    theirs = bulk.begin("approve", [(other.pk, transitions.ExpectedVersion(1, 2999))], by=make_staff("zoe", "Approver"))
    client = login()
    Person.objects.create(user_id=int(client.session["_auth_user_id"])).sellers.add(mine.seller)

    page = confirm(client, "approve", mine, other)
    client.post(f"{LIST}bulk/approve/", {"seen": f"{mine.pk}:1:2999,{other.pk}:1:2999"})

    assert bound(page) == f"{mine.pk}:1:2999"
    batch = Batch.objects.latest("id")
    assert list(batch.items.values_list("refund_id", flat=True)) == [mine.pk]
    assert client.get(reverse("admin:refunds_batch_change", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("admin:refunds_batch_change", args=[batch.pk])).status_code == 200


def test_the_confirmation_costs_the_same_however_many_are_chosen() -> None:
    client = login()

    def cost() -> int:
        make_refund(reference=f"W-{Refund.objects.count()}")
        with CaptureQueriesContext(connection) as queries:
            assert confirm(client, "approve", every="1").status_code == 200
        return len(queries)

    cost()
    # One asks which SKUs no warehouse has listed, one which channels the list may be narrowed to.
    # Two of them: what was approved of the orders today, and whose passwords were set lately. One: their payments.
    assert [cost(), cost()] == [14, 14]
