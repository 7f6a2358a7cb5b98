"""Can a person propose and edit refunds on the pages, and what do the pages refuse?"""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Order, OrderItem
from refunds.models import Refund
from tests.builders import make_order, make_staff
from tests.refunds.people import approved, make_refund, manager
from tests.refunds.raw_sql import rows

pytestmark = pytest.mark.django_db

PART = {"scope": "part", "kind": "pre_shipment", "reason": "goodwill", "note": "on the phone"}


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(make_staff("anna", "Reviewer"))
    return client


def new(order: Order) -> str:
    return reverse("admin:refunds_refund_by_hand", args=[order.pk])


def order_page(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def hidden(answer: Any) -> dict[str, str]:
    """What the preview posts when its button is pressed."""
    fields = [*answer.context["form"], *answer.context.get("seen", [])]
    return {field.html_name: str(field.value()) for field in fields if field.value() is not None}


def item(order: Order) -> int:
    return OrderItem.objects.values_list("pk", flat=True).get(order=order, sku="TEE")


def test_choose_look_and_propose(desk: Client) -> None:
    order = make_order("W-1", items=[("TEE", 3, 1000)], shipping_charge=495)
    assert desk.get(new(order)).status_code == 200

    looked = desk.post(new(order), PART | {f"units_{item(order)}": "2", "shipping": "on"})
    page = looked.content.decode()
    assert "Propose 11.62" in page
    assert "Still refundable after this: 3.33" in page
    assert not Refund.objects.exists()
    done = desk.post(new(order), hidden(looked), follow=True)

    refund = Refund.objects.get()
    assert (refund.amount, refund.shipping_amount, refund.reason_note) == (1162, 495, "on the phone")
    assert refund.proposed_by is not None
    assert "W-1-R1: 11.62" in done.content.decode()
    assert done.redirect_chain == [(reverse("admin:refunds_refund_change", args=[refund.pk]), 302)]


@pytest.mark.parametrize(("scope", "amount"), [("order", 1495), ("items", 1000), ("shipping", 495)])
def test_whole_scopes_need_no_table(desk: Client, scope: str, amount: int) -> None:
    order = make_order("W-1", items=[("TEE", 3, 1000)], shipping_charge=495)

    desk.post(new(order), hidden(desk.post(new(order), PART | {"scope": scope})))

    assert Refund.objects.get().amount == amount


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("amount", "1,250", "is not an amount. Enter the amount like 99.50."),
        ("units", "one", "Enter a whole number, such as 2."),
        ("units", "-1", "Enter 0 or more."),
    ],
)
def test_an_error_stands_at_its_field_in_words_for_people(desk: Client, field: str, typed: str, says: str) -> None:
    order = make_order("W-1", items=[("TEE", 3, 1000)])
    OrderItem.objects.update(name="Long tee, green")
    name = f"{field}_{item(order)}"

    page = desk.post(new(order), PART | {name: typed}).content.decode()

    at_field = re.search(rf'name="{name}".*?<ul class="errorlist" id="id_{name}_error">(.*?)</ul>', page, re.DOTALL)
    assert at_field is not None
    assert says in at_field[1]
    assert f'href="#id_{name}"' in page
    assert "<bdi>Long tee, green</bdi>" in page


def test_an_amount_is_typed_as_a_decimal(desk: Client) -> None:
    order = make_order("W-1")
    typed = PART | {"kind": "post_shipment", f"amount_{item(order)}": "5.50"}

    desk.post(new(order), hidden(desk.post(new(order), typed)))

    assert Refund.objects.get().items.values_list("quantity", "amount").get() == (0, 550)


def test_an_order_of_which_nothing_is_left_says_so_in_place_of_the_form(desk: Client) -> None:
    order = make_order("W-1", items=[("TEE", 3, 1000)])
    made = {"scope": "order", "kind": "pre_shipment", "reason": "goodwill", "note": ""}
    looked = desk.post(new(order), made)
    assert desk.post(new(order), hidden(looked)).status_code == 302

    page = desk.get(new(order)).content.decode()

    assert "This order has no refundable balance." in page
    assert "Review refund" not in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Choose at least one unit"),
        ({"units": "3"}, "TEE: 2 can be refunded as pre-shipment, not 3"),
        ({"units": "-1"}, "Enter 0 or more."),
        ({"amount": "1.234"}, "more decimals than GBP has"),
        ({"amount": "60"}, "TEE: 59.98 GBP is left to refund, not 60.00"),
        ({"units": "1", "reason": ""}, "Choose one of the reasons"),
        ({"units": "1", "kind": "post_shipment"}, "TEE: 0 can be refunded as post-shipment"),
        ({"units": "1", "scope": "everything"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_on_the_page(desk: Client, typed: dict[str, str], sentence: str) -> None:
    order = make_order("W-1")
    fields = {f"{name}_{item(order)}" if name in ("units", "amount") else name: text for name, text in typed.items()}

    answer = desk.post(new(order), PART | fields)

    assert sentence in answer.content.decode()
    assert answer.context["total"] is None
    assert not Refund.objects.exists()


def test_the_button_of_a_preview_that_is_out_of_date_is_refused(desk: Client) -> None:
    order = make_order("W-1")
    looked = hidden(desk.post(new(order), PART | {f"units_{item(order)}": "1"}))
    desk.post(new(order), looked)
    before = rows()

    again = desk.post(new(order), looked)

    assert "has changed since you looked" in again.content.decode()
    assert rows() == before


def test_back_from_the_preview_everything_is_still_there(desk: Client) -> None:
    order = make_order("W-1")
    looked = hidden(desk.post(new(order), PART | {f"units_{item(order)}": "1"}))

    answer = desk.post(new(order), looked | {"change": "1"})

    assert answer.context["total"] is None
    assert f'name="units_{item(order)}" value="1"' in answer.content.decode()
    assert not Refund.objects.exists()


def test_edit_fewer_units_and_see_what_it_was(desk: Client) -> None:
    refund = make_refund(lost=2, shipping_charge=495)
    address = reverse("admin:refunds_refund_edit", args=[refund.pk])
    assert desk.get(address).status_code == 200
    typed = {"version": "1", "amount": str(refund.amount), f"units_{item(refund.order)}": "1", "why": "found one"}

    looked = desk.post(address, typed)
    assert "Save 29.99" in looked.content.decode()
    desk.post(address, hidden(looked) | {"sure": "1"})

    refund.refresh_from_db()
    assert (refund.amount, refund.version) == (2999, 2)
    page = desk.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()
    assert "Edit history" in page
    assert "found one" in page


def left_to_refund(page: str) -> list[str]:
    """Every figure that the page calls what is left to refund."""
    words = " ".join(re.sub(r"<[^>]*>", " ", page).replace("\xa0", " ").split())
    return re.findall(r"(?:Refundable balance|Still refundable(?: after this)?:?) ([\d.,]+) GBP", words)


def test_what_is_left_to_refund_is_one_number_on_every_page(desk: Client) -> None:
    order = make_order("W-1", items=[("TEE", 2, 5390), ("LAMP", 1, 30025)])
    refund = make_refund(lost=1, units=2, order=order)
    amount = {f"amount_{OrderItem.objects.get(sku='LAMP').pk}": "36.95"}

    pages = [order_page(order), reverse("admin:refunds_refund_change", args=[refund.pk]), new(order)]
    assert [left_to_refund(desk.get(page).content.decode()) for page in pages] == [["327.20"]] * 3
    looked = desk.post(new(order), PART | amount)
    assert left_to_refund(looked.content.decode()) == ["290.25"]
    desk.post(new(order), hidden(looked))

    assert left_to_refund(desk.get(order_page(order)).content.decode()) == ["290.25"]


def test_a_preview_knows_that_the_automatic_proposal_gives_way(desk: Client) -> None:
    order = make_order("W-1", items=[("TEE", 2, 5390), ("LAMP", 1, 30025)])
    make_refund(lost=1, units=2, order=order)

    looked = desk.post(new(order), PART | {f"units_{item(order)}": "2"})
    desk.post(new(order), hidden(looked))

    assert left_to_refund(looked.content.decode()) == ["300.25"]
    assert left_to_refund(desk.get(order_page(order)).content.decode()) == ["300.25"]


def test_what_is_decided_has_no_edit_page(desk: Client) -> None:
    refund = approved(make_refund())

    answer = desk.get(reverse("admin:refunds_refund_edit", args=[refund.pk]), follow=True)

    assert "cannot be edited: it is approved" in answer.content.decode()


def test_only_those_who_may_propose_see_the_pages() -> None:
    refund = make_refund()
    addresses = [new(refund.order), reverse("admin:refunds_refund_edit", args=[refund.pk])]
    viewer = Client()
    viewer.force_login(make_staff("viewer", "Viewer"))

    assert {viewer.get(address).status_code for address in addresses} == {403}
    assert {viewer.post(address, PART).status_code for address in addresses} == {403}
    assert {Client().get(address).status_code for address in addresses} == {302}
    order_page = reverse("admin:orders_order_change", args=[refund.order_id])
    assert addresses[0] not in viewer.get(order_page).content.decode()
    anna = Client()
    anna.force_login(manager("anna"))
    assert anna.get(reverse("admin:refunds_refund_by_hand", args=[10**9])).status_code in (403, 404)


def test_the_order_and_the_proposal_lead_to_the_pages(desk: Client) -> None:
    refund = make_refund()

    assert new(refund.order) in desk.get(reverse("admin:orders_order_change", args=[refund.order_id])).content.decode()
    page = desk.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()
    assert reverse("admin:refunds_refund_edit", args=[refund.pk]) in page


def test_the_pages_cost_the_same_however_long_the_order_is(desk: Client) -> None:
    def costs(items: int, reference: str) -> list[int]:
        lines = [("TEE", 2, 5998), *((f"SKU-{n}", 1, 100) for n in range(items))]
        order = make_order(reference, items=lines)
        refund = make_refund(order=order)
        found = []
        for address in (new(order), reverse("admin:refunds_refund_edit", args=[refund.pk])):
            desk.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(address).status_code == 200
            found.append(len(queries))
        return found

    few = costs(1, "W-1")

    assert costs(40, "W-2") == few
    assert max(few) <= 16
