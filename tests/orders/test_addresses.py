"""What becomes of an order's address once its parcels have left?"""

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import FormerAddress, Order
from tests.api import make_writer, send
from tests.builders import make_order, make_staff
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db
LONDON, LEEDS = {"line1": "1 High Street", "city": "London"}, {"line1": "2 Low Road", "city": "Leeds"}


def bought(units: int = 2) -> Order:
    return make_order("W-1", items=[("TEE", units, units * 1000)], shipping_address=LONDON, shipping_method="Standard")


def patched(writer: Client, order: Order, **fields: object) -> tuple[int, list[str]]:
    answer = send(writer, "patch", f"/api/v1/orders/{order.pk}/", fields)
    return answer.status_code, [one["field"] for one in answer.json().get("errors", [])]


def cities(order: Order) -> list[str | None]:
    found = order.shipments.order_by("number").values_list("sent_to__city", flat=True)
    return list(found)


@pytest.mark.parametrize(("field", "value"), [("shipping_address", LEEDS), ("shipping_method", "Express")])
def test_where_and_how_a_shipped_order_goes_can_no_longer_change(field: str, value: object) -> None:
    writer, order = make_writer(), bought()
    tell(order, despatched(TEE=2))
    order.refresh_from_db()
    before = Order.objects.values().get(pk=order.pk)

    assert patched(writer, order, **{field: value}) == (422, [field])

    assert Order.objects.values().get(pk=order.pk) == before
    assert patched(writer, order, notes="leave it with the neighbour")[0] == 200


def test_a_shipped_short_order_is_as_gone_and_one_that_waits_is_not() -> None:
    writer, order = make_writer(), bought()
    tell(order, despatched(TEE=1))
    assert patched(writer, order, shipping_address=LEEDS)[0] == 200
    tell(order, reported("Despatched", at=9))

    assert patched(writer, order, shipping_address=LONDON) == (422, ["shipping_address"])


def test_each_shipment_keeps_the_address_it_went_to_and_the_old_one_stays_readable() -> None:
    writer, order = make_writer(), bought()
    tell(order, despatched("D-1", TEE=1))
    assert patched(writer, order, shipping_address=LEEDS)[0] == 200
    tell(order, despatched("D-2", at=5, TEE=1))
    tell(order, despatched("D-1", changed=6, tracking="RM1", TEE=1))

    assert cities(order) == ["London", "Leeds"]
    assert [former.address["city"] for former in FormerAddress.objects.all()] == ["London"]
    answer = writer.get(f"/api/v1/orders/{order.pk}/").json()
    assert [one["sent_to"]["city"] for one in answer["shipments"]] == ["London", "Leeds"]
    asked = f"/api/v1/orders/{order.pk}/?fields=reference&expand=former_addresses"
    assert [former["address"]["city"] for former in writer.get(asked).json()["former_addresses"]] == ["London"]
    client = Client()
    client.force_login(make_staff("root", is_superuser=True))
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "Earlier address" in page
    assert "Sent to <bdi>1 High Street, London</bdi>" in page.replace("\n", " ")
