"""How does a test open the page of an order and press its buttons?"""

from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders.models import Order
from tests.builders import make_staff

VIEW = "orders.view_order"


def login(*permissions: str) -> Client:
    client = Client()
    client.force_login(make_staff("anna", permissions=[VIEW, *permissions]))
    return client


def page(client: Client, order: Order) -> str:
    answer = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, order: Order, verb: str, **said: Any) -> list[str]:
    """Press a button; answer with what the person is told."""
    answer = client.post(reverse("admin:orders_order_do", args=[order.pk, verb]), said)
    assert answer.status_code == 302
    # What was said before is kept until a page has shown it.
    return [str(message) for message in get_messages(answer.wsgi_request)][-1:]
