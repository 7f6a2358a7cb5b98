"""Is what people cancel proposed as a refund, once, and refused in a sentence when it comes too late?"""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders.errors import ActionRefused
from orders.models import Order, OrderItem
from refunds.decisions import review
from refunds.models import Refund
from refunds.proposals.cancel import cancel
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest
from tests.builders import make_order, make_staff
from tests.refunds.people import kinds, seen
from tests.refunds.racing import assert_the_rules_hold, race
from tests.refusals import refused
from tests.warehouse import cancelled, despatched, tell

pytestmark = pytest.mark.django_db

RIGHTS = ["orders.view_order", "orders.cancel_order", "refunds.view_refund"]
ACTOR = "staff:anna"


def anna() -> User:
    return User.objects.filter(username="anna").first() or make_staff("anna", permissions=RIGHTS)


def login() -> Client:
    client = Client()
    client.force_login(anna())
    return client


def item(order: Order, sku: str) -> int:
    return OrderItem.objects.get(order=order, sku=sku).pk


def address(order: Order) -> str:
    return reverse("admin:orders_order_do", args=[order.pk, "cancel"])


def state(order: Order) -> Any:
    return Order.objects.values().get(pk=order.pk), list(order.events.values()), list(Refund.objects.values())


def two(reference: str = "W-1", **fields: Any) -> Order:
    items = [("TEE", 2, 5998), ("CAP", 1, 1500)]
    return make_order(reference, items=items, shipping_charge=499, **fields)


def test_chosen_units_are_proposed_as_a_refund_and_the_rest_goes_on() -> None:
    order = two()

    refund = cancel(order.pk, why="Ordered twice", actor=ACTOR, by=anna(), units={item(order, "TEE"): 1})

    assert refund is not None
    assert (refund.status, refund.amount, refund.shipping_amount, refund.proposed_by) == ("proposed", 2999, 0, anna())
    order.refresh_from_db()
    assert (order.held_because, order.status) == ("", "new")
    assert kinds(order) == ["refund.proposed", "order.cancellation_asked"]
    asked = order.events.get(kind="order.cancellation_asked")
    items = [{"sku": "TEE", "quantity": 1}]
    assert asked.data == {"why": "Ordered twice", "refund": "W-1-R1", "items": items}


def test_all_units_are_refunded_with_the_shipping_charge_and_the_order_is_held() -> None:
    order = two()

    units = {item(order, "TEE"): 2, item(order, "CAP"): 1}
    refund = cancel(order.pk, why="Changed mind", actor=ACTOR, by=anna(), units=units)

    assert refund is not None
    assert (refund.amount, refund.shipping_amount) == (7997, 499)
    order.refresh_from_db()
    assert (order.held_because, order.status) == ("Cancellation requested: Changed mind", "on_hold")


def test_what_was_a_present_is_cancelled_without_a_refund() -> None:
    order = make_order("W-1", items=[("GIFT", 1, 0)])

    assert cancel(order.pk, why="Changed mind", actor=ACTOR) is None

    order.refresh_from_db()
    assert order.held_because == "Cancellation requested: Changed mind"


def test_nobody_approves_what_they_cancelled() -> None:
    order = two()
    refund = cancel(order.pk, why="Twice", actor=ACTOR, by=anna(), units={item(order, "CAP"): 1})
    assert refund is not None
    anna().user_permissions.set(make_staff("x", permissions=["refunds.approve_refund"]).user_permissions.all())

    with refused("own_proposal"):
        review.approve(refund.pk, by=User.objects.get(username="anna"), seen=seen(refund))


@pytest.mark.parametrize(
    ("units", "code", "says"),
    [
        ({"TEE": 3}, "too_many_units", "TEE: 2 can still be cancelled, not 3. Check again, then request."),
        ({"TEE": -1}, "too_many_units", "TEE: 2 can still be cancelled, not -1. Check again, then request."),
        ({}, "nothing_chosen", ""),
        ({"other": 1}, "unknown_item", ""),
    ],
)
def test_what_cannot_be_cancelled_is_refused_and_nothing_changes(units: dict[str, int], code: str, says: str) -> None:
    order, other = two(), make_order("X-1", items=[("other", 1, 100)])
    chosen = {OrderItem.objects.get(sku=sku, order__in=(order, other)).pk: count for sku, count in units.items()}
    before = state(order)

    with refused(code, says=says):
        cancel(order.pk, why="Twice", actor=ACTOR, by=anna(), units=chosen)

    assert state(order) == before


def test_units_that_shipped_or_are_refunded_meanwhile_cannot_be_cancelled() -> None:
    order = two()
    tell(order, despatched("D-1", TEE=1))
    makers = make_staff("maker", permissions=["refunds.propose_refund"])
    propose_by_hand(order.pk, by=makers, wish=RefundRequest(units={item(order, "CAP"): 1}), reason="other", note="")
    before = state(order)

    for sku, units in (("TEE", 2), ("CAP", 1)):
        with refused("too_many_units", says=f"{sku}: {units - 1} can still be cancelled, not {units}"):
            cancel(order.pk, why="Twice", actor=ACTOR, by=anna(), units={item(order, sku): units})

    assert state(order) == before


def test_the_warehouse_that_cancels_the_same_units_adds_nothing() -> None:
    order = make_order("W-1", items=[("TEE", 2, 5998)])
    cancel(order.pk, why="Twice", actor=ACTOR, by=anna(), units={item(order, "TEE"): 1})

    tell(order, cancelled(of={"TEE": (1, 2)}))

    assert list(Refund.objects.values_list("status", "amount")) == [("proposed", 2999)]


def test_the_page_says_what_will_happen_and_leads_to_the_refund() -> None:
    order, client = two(), login()

    shown = " ".join(client.get(address(order)).content.decode().replace("\N{NO-BREAK SPACE}", " ").split())
    assert "All 3 units: a refund of <b>79.97 GBP</b> is proposed, incl. 4.99 GBP shipping" in shown
    assert "The warehouse is NOT told by Hemi Intake." in shown
    answer = client.post(address(order), {f"units_{item(order, 'TEE')}": 1, "why": "Twice"}, follow=True)

    refund = Refund.objects.get()
    page = answer.content.decode()
    link = f'<a class="d-link" href="/admin/refunds/refund/{refund.pk}/change/">W-1-R1</a>'
    assert link in page
    assert 'class="d-state" data-tone="warn">Proposed' in page


def test_the_form_starts_at_zero_and_names_the_products() -> None:
    order, client = two(), login()
    OrderItem.objects.filter(order=order, sku="CAP").update(name="Sun cap, blue")

    page = client.get(address(order)).content.decode()

    fields = re.findall(r'<input type="number" name="units_\d+" value="(\d+)"', page)
    assert (fields, "<bdi>Sun cap, blue</bdi>" in page) == (["0", "0"], True)


def test_nothing_is_called_cancelled_before_the_warehouse_confirms() -> None:
    order, client = two(), login()
    says = "Cancellation requested, the warehouse has not confirmed"

    done = client.post(address(order), {f"units_{item(order, 'TEE')}": 1, "why": "Twice"}, follow=True)
    assert done.content.decode().count(says) == 1
    assert "The warehouse has not confirmed, and has NOT been told." in done.content.decode()

    tell(order, cancelled(of={"TEE": (2, 2)}))
    assert says not in client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


def test_a_refused_page_keeps_what_was_typed_and_changes_nothing() -> None:
    order, client = two(), login()
    before = state(order)

    answer = client.post(address(order), {f"units_{item(order, 'TEE')}": 9, "why": "Twice as many"})

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "TEE: 2 can still be cancelled, not 9. Check again, then request." in page
    assert 'value="Twice as many"' in page
    assert state(order) == before


def test_an_order_that_has_shipped_leads_back_with_a_sentence() -> None:
    order, client = make_order("W-1", items=[("TEE", 1, 100)]), login()
    tell(order, despatched("D-1", TEE=1))

    answer = client.get(address(order))

    assert answer.status_code == 302
    assert [str(one) for one in get_messages(answer.wsgi_request)] == [
        "W-1: “Request cancellation” is no longer possible. The page shows the current state."
    ]
    assert "do/cancel/" not in client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()


def test_without_the_right_the_page_is_closed() -> None:
    order = two()
    client = Client()
    client.force_login(make_staff("bob", permissions=["orders.view_order"]))
    before = state(order)

    assert client.get(address(order)).status_code == 403
    assert client.post(address(order), {f"units_{item(order, 'TEE')}": 1, "why": "x"}).status_code == 403
    assert state(order) == before


@pytest.mark.django_db(transaction=True)
def test_two_people_who_cancel_the_same_unit_at_once_propose_it_once() -> None:
    order = make_order("W-1", items=[("TEE", 1, 2999), ("CAP", 1, 1500)])
    people = [make_staff(f"p{n}", permissions=RIGHTS) for n in range(2)]
    units = {item(order, "TEE"): 1}

    ends = race(
        *[lambda by=by: cancel(order.pk, why="Twice", actor=ACTOR, by=by, units=units) for by in people],
        expect=(ActionRefused,),
    )

    assert sorted(type(end).__name__ for end in ends) == ["ActionRefused", "Refund"]
    assert list(Refund.objects.values_list("status", "amount")) == [("proposed", 2999)]
    assert_the_rules_hold()


@pytest.mark.django_db(transaction=True)
def test_a_cancellation_against_the_despatch_of_the_same_unit_leaves_no_unit_shipped_and_refunded() -> None:
    for n in range(6):
        order = make_order(f"W-{n}", items=[("TEE", 1, 2999), ("CAP", 1, 1500)])
        units = {item(order, "TEE"): 1}

        def ask(order: Order = order, units: dict[int, int] = units) -> Any:
            return cancel(order.pk, why="Twice", actor=ACTOR, units=units)

        def ship(order: Order = order, n: int = n) -> Any:
            return tell(order, despatched(f"D-{n}", TEE=1, order=order.reference))

        race(ask, ship, expect=(ActionRefused,))
        assert set(Refund.objects.filter(order=order).values_list("status", flat=True)) <= {"withdrawn"}
        assert_the_rules_hold()
