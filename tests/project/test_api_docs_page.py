"""Does the admin show the whole API in its own frame?"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from hemi_intake.api.schema_view import openapi
from tests.builders import make_staff

pytestmark = pytest.mark.django_db


def page_for(role: str) -> str:
    client = Client()
    client.force_login(make_staff("anna", role))
    answer = client.get(reverse("admin:api_docs"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_operation_stands_on_the_page_and_every_link_to_an_object_leads_somewhere() -> None:
    page = page_for("Manager")

    shown = re.findall(r'<b data-method="[A-Z]+">([A-Z]+)</b> <code>(\S+)</code>', page)
    declared = [(method.upper(), path) for path, methods in openapi()["paths"].items() for method in methods]
    assert sorted(shown) == sorted(declared)
    links = set(re.findall(r'class="d-link" href="#(\w+)"', page))
    assert {"Order", "OrderBody", "Refund", "Problem", "RefundStatus"} <= links
    assert links - set(re.findall(r'<div id="(\w+)"', page)) == set()
    assert "Scope: <code>refunds:propose</code>" in page


def test_managers_find_it_in_the_menu() -> None:
    assert f'href="{reverse("admin:api_docs")}"' in page_for("Manager")


def test_the_page_is_for_people_who_are_logged_in() -> None:
    assert Client().get(reverse("admin:api_docs")).status_code == 302
