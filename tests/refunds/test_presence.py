"""Is it known who has a refund open, forgotten in time, and does "next" go where nobody else is?"""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Person
from refunds.decisions import presence, queue
from refunds.models import Presence, Refund
from tests.builders import make_staff
from tests.refunds.people import make_refund, manager, seen
from tests.refunds.raw_sql import sql

pytestmark = pytest.mark.django_db


def login(name: str = "anna", **fields: Any) -> Client:
    client = Client()
    rights = ["refunds.view_refund", "refunds.approve_refund"]
    client.force_login(make_staff(name, permissions=rights, **fields))
    return client


def address(refund: Refund) -> str:
    return reverse("admin:refunds_refund_change", args=[refund.pk])


def beat(client: Client, refund: Refund, **said: Any) -> Any:
    known = {"version": seen(refund).version, "status": "proposed"}
    return client.post(reverse("admin:refunds_refund_open", args=[refund.pk]), known | said)


def pass_seconds(count: int) -> None:
    sql(f"UPDATE refunds_presence SET seen_at = seen_at - interval '{count} seconds'")


def test_who_opens_a_refund_is_named_to_the_others_and_on_the_list() -> None:
    refund = make_refund()
    login("maya", first_name="Maya").get(address(refund))
    login("tom").get(address(refund))

    page = login().get(address(refund)).content.decode()

    assert "Maya and tom are reviewing this." in page
    assert (
        "Being reviewed by Maya, tom, anna"
        in login("zoe").get(reverse("admin:refunds_refund_changelist")).content.decode()
    )


def test_nobody_is_told_of_themselves() -> None:
    refund, client = make_refund(), login()
    client.get(address(refund))

    assert "reviewing this." not in client.get(address(refund)).content.decode()
    assert Presence.objects.count() == 1


def test_who_says_nothing_for_45_seconds_is_forgotten_and_who_beats_is_not() -> None:
    refund, maya, tom = make_refund(), login("maya"), login("tom")
    maya.get(address(refund))
    tom.get(address(refund))
    pass_seconds(40)
    beat(maya, refund)
    pass_seconds(10)

    assert beat(login(), refund).json() == {"others": "maya is reviewing this.", "changed": ""}
    assert Presence.objects.filter(user__username="tom").count() == 0


def test_who_closes_the_page_or_decides_is_gone_at_once() -> None:
    first, second = make_refund(reference="W-1"), make_refund(reference="W-2")
    maya = login("maya")
    maya.get(address(first))
    maya.get(address(second))

    assert beat(maya, first, close="1").status_code == 204
    assert list(Presence.objects.values_list("refund", flat=True)) == [second.pk]
    do = reverse("admin:refunds_refund_do", args=[second.pk, "approve"])
    maya.post(do, {"version": second.version, "amount": second.amount})
    assert Presence.objects.count() == 0


def test_who_logs_out_has_nothing_open_and_does_not_meet_themselves_under_another_name() -> None:
    refund, client = make_refund(), login("maya")
    client.get(address(refund))

    client.post(reverse("admin:logout"))

    assert "reviewing this." not in login("tom").get(address(refund)).content.decode()


@pytest.mark.parametrize("known", [{"version": 9}, {"status": "approved"}, {"version": ""}])
def test_a_page_is_told_that_what_it_shows_has_changed(known: dict[str, Any]) -> None:
    said = beat(login(), make_refund(), **known).json()

    assert said["changed"] == "This refund has changed since you opened it: reload the page before you decide."


def test_a_beat_asks_for_the_right_and_the_seller_and_is_a_post() -> None:
    refund, client = make_refund(), login()
    Person.objects.create(user_id=int(client.session["_auth_user_id"])).sellers.add(make_refund(reference="W-2").seller)
    nobody = Client()
    nobody.force_login(make_staff("nobody"))

    assert beat(client, refund).status_code == 404
    assert beat(nobody, refund).status_code == 403
    assert client.get(reverse("admin:refunds_refund_open", args=[refund.pk])).status_code == 405
    assert Presence.objects.count() == 0


def test_next_is_what_nobody_else_has_open_as_long_as_there_is_one() -> None:
    anna, bert = manager("anna"), manager("bert")
    first, second, third = (make_refund(reference=f"W-{n}") for n in range(3))
    presence.heartbeat(second.pk, bert)
    presence.heartbeat(third.pk, anna)

    assert queue.next_in_queue(first, anna) == third
    presence.heartbeat(third.pk, bert)
    assert queue.next_in_queue(first, anna) == second
    pass_seconds(50)
    assert queue.next_in_queue(third, anna) == first
