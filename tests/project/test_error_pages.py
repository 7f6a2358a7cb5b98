"""What do people see when there is nothing to show?"""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from hemi_intake.urls import handler400, handler403, handler404, handler500, urlpatterns
from tests.builders import make_staff

pytestmark = pytest.mark.django_db


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret")


def private(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("a secret")


class Addresses:
    """Ours, and two that fail."""

    handler400, handler403, handler404, handler500 = handler400, handler403, handler404, handler500
    urlpatterns = [path("broken", broken), path("private", private), *urlpatterns]


def login(*groups: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make_staff("anna", *groups))
    return client


@pytest.mark.parametrize("address", ["/admin/nowhere/", "/admin/orders/order/999/change/"])
def test_a_missing_page_of_the_admin_keeps_the_menu(address: str) -> None:
    response = login("Viewer").get(address)

    page = response.content.decode()
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Page not found" in page
    assert 'href="/admin/orders/order/"' in page


def test_a_page_beyond_the_role_keeps_the_menu() -> None:
    response = login("Viewer").get("/admin/integrations/apikey/")

    page = response.content.decode()
    assert (response.status_code, "You do not have permission" in page) == (403, True)
    assert 'href="/admin/orders/order/"' in page
    assert 'href="/admin/integrations/apikey/"' not in page


@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/nowhere", 404, "Page not found"),
        ("/private", 403, "You do not have permission"),
        ("/broken", 500, "Something went wrong"),
    ],
)
def test_elsewhere_a_failure_is_a_page_that_needs_nothing(address: str, status: int, title: str) -> None:
    with override_settings(ROOT_URLCONF=Addresses):
        response = login().get(address)

    page = response.content.decode()
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"<title>{title} | Hemi Intake</title>" in page
    assert "secret" not in page
    assert "<script" not in page
    assert "<style" not in page


def test_a_form_without_its_token_is_refused_in_words() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/admin/login/", {"username": "anna", "password": "x"})

    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("/admin/refunds/refund/bulk/approve/", "/admin/refunds/refund/"),
        ("/admin/orders/order/7/do/hold/", "/admin/orders/order/"),
        ("/admin/tour/over/", "/admin/"),
    ],
)
def test_an_address_that_only_a_button_uses_says_so_and_leads_back(address: str, way: str) -> None:
    response = login("Approver").get(address)

    page = response.content.decode()
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Nothing was changed" in page
    assert f'<a class="d-link" href="{way}">' in page
    assert Client().get(address).status_code == 302


def test_a_wrong_password_is_told_in_one_sentence() -> None:
    page = Client().post("/admin/login/", {"username": "anna", "password": "wrong"}).content.decode()

    assert "Incorrect user name or password." in page
    assert "error below" not in page
    assert 'value="anna"' in page


def test_who_guesses_passwords_is_told_to_wait() -> None:
    client = Client()
    guess = {"username": "anna", "password": "wrong"}

    answers = [client.post("/admin/login/", guess) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert "You are locked out for 15 minutes" in answers[-1].content.decode()


def test_a_request_for_a_foreign_host_gets_a_page() -> None:
    response = Client(headers={"Host": "evil.example"}).get("/admin/")

    assert response.status_code == 400
    assert "The server refused this request" in response.content.decode()


def test_pages_name_their_icon() -> None:
    assert 'href="/static/hemi_intake/icon.svg"' in login("Viewer").get("/admin/").content.decode()
