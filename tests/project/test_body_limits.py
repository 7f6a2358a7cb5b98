"""Is a body that is too large refused before anything of it is read or stored?"""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from hemi_intake.body_limits import STRANGERS, limit
from integrations.warehouses.files.import_file import MOST_BYTES as SHIPPING_FILE
from orders.actions.attach import MOST_BYTES as ATTACHMENT
from tests.refunds.people import manager

pytestmark = pytest.mark.django_db
MULTIPART = "multipart/form-data; boundary=x"


class Unread:
    """A body that nobody may touch."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(client: Client, address: str, size: int, content_type: str = MULTIPART, **headers: Any) -> int:
    announced = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(size), "CONTENT_TYPE": content_type, **headers}
    return client.generic("POST", address, **announced).status_code


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/", "/admin/orders/order/1/do/attach/", "/nowhere", "/"])
@pytest.mark.parametrize("size", [STRANGERS + 1, 300_000_000, 10**19])
def test_strangers_send_no_more_than_a_log_in_takes(client: Client, address: str, size: int) -> None:
    assert send(client, address, size) == 413


@pytest.mark.parametrize(("address", "status"), [("/api/v1/orders/", 401), ("/providers/stripe/events", 503)])
def test_programs_without_a_key_are_refused_unread(client: Client, address: str, status: int) -> None:
    assert send(client, address, 300_000_000) == status


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/admin/orders/order/1/do/attach/", ATTACHMENT),
        ("/admin/integrations/account/1/file/", SHIPPING_FILE),
        ("/admin/orders/order/1/do/hold/", 10_000_000),
        ("/admin/login/", 10_000_000),
    ],
)
def test_people_send_files_only_where_files_are_asked_for(client: Client, address: str, most: int) -> None:
    person = manager("mara")
    client.force_login(person)
    request: HttpRequest = RequestFactory().post(address)
    request.META["CONTENT_LENGTH"], request.user = str(most), person

    assert most <= limit(request) <= most + 100_000
    assert send(client, address, most + 100_001) == 413
