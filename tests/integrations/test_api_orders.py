"""What may other systems do with orders, and how often is it done?"""

from typing import Any

import pytest

from integrations.models import IdempotentResponse
from orders.models import Order, OrderEvent
from refunds.models import Refund
from tests.api import make_reader, make_writer, send
from tests.builders import make_channel, make_order, make_seller

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/"


def document(reference: str = "W-1", **fields: Any) -> dict[str, Any]:
    return {
        "reference": reference,
        "seller": "acme",
        "channel": "shop",
        "placed_at": "2026-03-02T09:30:00Z",
        "currency": "GBP",
        "items": [{"sku": "TEE", "quantity": 2, "unit_price": "29.99"}],
        "total_paid": "59.98",
    } | fields


@pytest.fixture(autouse=True)
def places(db: None) -> None:
    make_seller("acme")
    make_seller("brand")
    make_channel("shop")


def kinds(order_id: int) -> list[tuple[str, str]]:
    return list(OrderEvent.objects.filter(order=order_id).order_by("id").values_list("kind", "actor"))


def test_an_order_is_taken_in_once_however_often_it_is_sent() -> None:
    writer = make_writer()

    first = send(writer, "post", ORDERS, document(), "k-1")
    again = send(writer, "post", ORDERS, document(), "k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    order = Order.objects.get()
    assert first.json() == writer.get(f"{ORDERS}{order.pk}/").json()
    assert kinds(order.pk) == [("order.placed", "key:core")]


def test_another_body_under_the_same_key_is_refused() -> None:
    writer = make_writer()
    send(writer, "post", ORDERS, document(), "k-1")

    other = send(writer, "post", ORDERS, document("W-2"), "k-1")

    assert other.status_code == 422
    assert [error["field"] for error in other.json()["errors"]] == ["Idempotency-Key"]
    assert Order.objects.count() == IdempotentResponse.objects.count() == 1


def test_keys_of_two_callers_never_meet() -> None:
    first = send(make_writer("one"), "post", ORDERS, document("W-1"), "k-1")
    second = send(make_writer("two"), "post", ORDERS, document("W-2"), "k-1")

    assert (first.json()["reference"], second.json()["reference"]) == ("W-1", "W-2")


@pytest.mark.parametrize("key", ["", "two words", "é", "x" * 256])
def test_a_write_needs_a_usable_key(key: str) -> None:
    headers = {"Idempotency-Key": key} if key else {}
    response = make_writer().post(ORDERS, document(), content_type="application/json", headers=headers)

    assert (response.status_code, Order.objects.count()) == (400, 0)
    assert [error["field"] for error in response.json()["errors"]] == ["Idempotency-Key"]


def test_a_refused_order_names_every_field_and_writes_nothing() -> None:
    sent = document(total="1", items=[{"sku": "TEE", "quantity": 0, "unit_price": "29.9999999"}])

    response = send(make_writer(), "post", ORDERS, sent)

    assert (response.status_code, response["Content-Type"]) == (422, "application/problem+json")
    assert sorted(error["field"] for error in response.json()["errors"]) == [
        "items[0].quantity",
        "items[0].unit_price",
        "total",
    ]
    assert Order.objects.count() == 0


def test_a_batch_answers_for_each_order() -> None:
    sent = {"orders": [document("W-1"), document("W-2", seller="nobody"), document("W-3"), document("W-1"), 7]}

    results = send(make_writer(), "post", f"{ORDERS}batch/", sent).json()["results"]

    assert [(result["reference"], result["outcome"]) for result in results] == [
        ("W-1", "created"),
        ("W-2", "refused"),
        ("W-3", "created"),
        ("W-1", "unchanged"),
        (None, "refused"),
    ]
    assert results[1]["errors"] == [{"field": "seller", "detail": "seller nobody is not known here"}]
    assert sorted(Order.objects.values_list("reference", flat=True)) == ["W-1", "W-3"]


def test_what_was_never_sent_is_never_changed() -> None:
    writer = make_writer()
    customer = {"name": "Ada", "email": "ada@example.com", "phone": "1"}
    before = send(writer, "post", ORDERS, document(customer=customer, notes="ring twice")).json()

    after = send(writer, "patch", f"{ORDERS}{before['id']}/", {"customer": {"email": "a@example.com", "phone": None}})

    assert after.status_code == 200
    changed = {name: value for name, value in after.json().items() if value != before[name]}
    assert changed.keys() == {"customer", "updated_at", "version"}
    assert changed["customer"] == {"name": "Ada", "email": "a@example.com", "phone": None}
    assert kinds(before["id"])[1:] == [("order.changed", "key:core")]


@pytest.mark.parametrize("name", ["reference", "seller", "channel", "status", "totl"])
def test_a_change_names_what_it_cannot_change(name: str) -> None:
    order = make_order("W-9")
    before = Order.objects.values().get()

    response = send(make_writer(), "patch", f"{ORDERS}{order.pk}/", {name: "other"})

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [name]
    assert Order.objects.values().get() == before


def test_an_order_is_held_and_released() -> None:
    order = make_order("W-9")
    writer = make_writer()

    held = send(writer, "post", f"{ORDERS}{order.pk}/hold/", {"why": "fraud check"}).json()
    assert (held["status"], held["held_because"], held["items"][0]["status"]) == ("on_hold", "fraud check", "on_hold")

    free = send(writer, "post", f"{ORDERS}{order.pk}/release/", {}).json()
    assert (free["status"], free["held_because"], free["items"][0]["status"]) == ("new", None, "new")
    assert [kind for kind, _ in kinds(order.pk)] == [
        "order.hold_placed",
        "order.held",
        "order.hold_released",
        "order.reopened",
    ]
    refused = send(writer, "post", f"{ORDERS}{order.pk}/release/", {})
    assert (refused.status_code, refused.json()["detail"]) == (422, "W-9 is not on hold.")


def test_cancelling_holds_the_order_and_proposes_the_refund() -> None:
    order = make_order("W-9", items=(("TEE", 2, 5998), ("CAP", 1, 1000)), shipping_charge=395)
    writer = make_writer()

    first = send(writer, "post", f"{ORDERS}{order.pk}/cancel/", {"why": "changed my mind"})
    second = send(writer, "post", f"{ORDERS}{order.pk}/cancel/", {"why": "changed my mind"})

    assert (first.status_code, first.json()["refund"], first.json()["order"]["status"]) == (200, "W-9-R1", "on_hold")
    assert (second.status_code, second.json()["refund"]) == (200, None)
    refund = Refund.objects.get()
    assert (refund.amount, refund.shipping_amount, refund.status) == (7393, 395, "proposed")
    assert (refund.reason, refund.proposed_by) == ("cancelled_by_customer", None)


def test_a_note_stays_on_the_timeline() -> None:
    order = make_order("W-9")

    response = send(make_writer(), "post", f"{ORDERS}{order.pk}/notes/", {"note": "called: wants it by Friday"})

    assert response.status_code == 201
    event = OrderEvent.objects.get()
    assert (event.kind, event.actor, event.data) == (
        "order.noted",
        "key:core",
        {"note": "called: wants it by Friday"},
    )


def test_a_refund_is_proposed_and_never_decided() -> None:
    order = make_order("W-9", items=(("TEE", 2, 5998),))
    body = {"order_id": order.pk, "reason": "goodwill", "items": [{"sku": "TEE", "quantity": 1}], "note": "sorry"}

    response = send(make_writer(), "post", "/api/v1/refunds/", body)

    assert response.status_code == 201, response.content
    assert (response.json()["number"], response.json()["amount"], response.json()["status"]) == (
        "W-9-R1",
        "29.99",
        "proposed",
    )
    assert kinds(order.pk) == [("refund.proposed", "key:core")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": [{"sku": "NO", "quantity": 1}]}, "items[0].sku"),
        ({"items": [{"sku": "TEE", "quantity": 1, "amount": "1"}]}, "items[0]"),
        ({"items": [{"sku": "TEE", "amount": "1.001"}]}, "items[0].amount"),
        ({"items": [{"sku": "TEE", "quantity": 1, "qty": 1}]}, "items[0].qty"),
        ({"reason": "closed_short"}, "reason"),
        ({"approve": True}, "approve"),
        ({"order_id": 999_999_999}, "order_id"),
    ],
)
def test_a_wrong_refund_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    order = make_order("W-9", items=(("TEE", 2, 5998),))
    body = {"order_id": order.pk, "reason": "goodwill", "items": [{"sku": "TEE", "quantity": 1}]} | change

    response = send(make_writer(), "post", "/api/v1/refunds/", body)

    assert (response.status_code, Refund.objects.count()) == (422, 0)
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_a_key_of_another_seller_writes_and_sees_nothing() -> None:
    order = make_order("W-9", seller=make_seller("theirs"))
    writer = make_writer(sellers=[make_seller("mine")])

    answers = [
        send(writer, method, f"{ORDERS}{order.pk}/{end}", body).status_code
        for method, end, body in [
            ("patch", "", {"notes": "x"}),
            ("post", "cancel/", {"why": "x"}),
            ("post", "hold/", {"why": "x"}),
            ("post", "release/", {}),
            ("post", "notes/", {"note": "x"}),
        ]
    ]
    taken = send(writer, "post", ORDERS, document())

    assert answers == [404] * 5
    assert (taken.status_code, taken.json()["errors"]) == (
        422,
        [{"field": "seller", "detail": "seller acme is not known here"}],
    )
    assert OrderEvent.objects.count() == 0
    assert writer.get(ORDERS).json()["results"] == []


def test_what_you_have_already_is_not_sent_again() -> None:
    make_order("W-9")
    reader = make_reader()

    first = reader.get(ORDERS)
    second = reader.get(ORDERS, headers={"If-None-Match": first["ETag"]})
    Order.objects.update(notes="new")
    third = reader.get(ORDERS, headers={"If-None-Match": first["ETag"]})

    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])
    assert (third.status_code, third.json()["results"][0]["notes"]) == (200, "new")


def test_only_the_fields_that_were_asked_for_are_sent() -> None:
    make_order("W-9")
    reader = make_reader()

    assert reader.get(f"{ORDERS}?fields=status,reference").json()["results"] == [{"reference": "W-9", "status": "new"}]
    wrong = reader.get(f"{ORDERS}?fields=statuss")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "fields")
