"""Does every page of the admin open for those who may see it, for nobody else, and at a constant cost?"""

import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import Schedule

from integrations.models import Account, ApiKey, ArchivedMessage, Connection, StatusMapping, SyncRun
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.models import AttentionItem, Order
from orders.timeline.attention import AttentionRequest, open_items
from refunds.models import Batch, BatchItem, Refund
from tests.builders import PLACED_AT, make_staff
from tests.refunds.people import make_refund
from tests.refunds.policies import make_limit

pytestmark = pytest.mark.django_db

ROLES = ("Viewer", "Reviewer", "Approver", "Manager", "Administrator")
MANAGERS = (ApiKey, WebhookEndpoint, WebhookDelivery)


def world(times: int = 1) -> None:
    """Some of everything that pages show."""
    connection = Connection.objects.get_or_create(name="main", base_url="https://prosku.example")[0]
    for n in range(times):
        refund = make_refund(reference=f"W-{Order.objects.count()}")
        make_limit(refund.seller, daily_ceiling=10_000)
        access = Account.objects.create(connection=connection, seller=refund.seller, key="secret")
        run = SyncRun.objects.create(account=access, state="succeeded", lease_until=PLACED_AT, finished_at=PLACED_AT)
        batch = Batch.objects.create(act="approve", made_by=User.objects.get_or_create(username="maya")[0])
        for state in ("waiting", "refused"):
            other = make_refund(reference=f"W-{Order.objects.count()}")
            BatchItem.objects.create(batch=batch, refund=other, version=1, amount=2999, state=state)
        ArchivedMessage.objects.create(
            account=access,
            seller=refund.seller,
            run=run,
            resource="orders",
            digest=f"{ArchivedMessage.objects.count()}",
            raw=zlib.compress(b"<order/>"),
            order=refund.order,
            state="applied",
        )
        ApiKey.objects.create(
            name=f"key {ApiKey.objects.count()}", prefix=f"p{ApiKey.objects.count()}", digest=f"d{n}{access.pk}"
        )
        StatusMapping.objects.create(external_status=f"word {StatusMapping.objects.count()}")
        endpoint = WebhookEndpoint.objects.create(name=f"hook {access.pk}", url="https://x", kinds=["*"], secret="s")
        WebhookDelivery.objects.create(endpoint=endpoint, kind="webhook.test").tries.create(status=200)
        open_items(
            [
                AttentionRequest(
                    "unknown_sku", f"order:{refund.order_id}", "What is this?", refund.seller_id, refund.order_id
                )
            ]
        )
    if not Schedule.objects.exists():
        Schedule.objects.create(func="math.floor")


def pages(models: Any) -> Iterator[str]:
    for model in models:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        row = model.objects.order_by("pk").first()
        if row is not None:
            yield reverse(f"{name}_change", args=[row.pk])


def registered(*, machinery: bool) -> list[Any]:
    return [model for model in admin.site._registry if (model._meta.app_label in ("django_q", "axes")) == machinery]


def statuses(user: User, models: Any) -> dict[str, int]:
    client = Client()
    client.force_login(user)
    return {page: client.get(page).status_code for page in pages(models)}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_it_may_see_and_nothing_else(role: str) -> None:
    world()
    user = make_staff("anna", role)

    seen = {page for page, status in statuses(user, registered(machinery=False)).items() if status == 200}

    hidden = {"Manager": (), "Administrator": MANAGERS}.get(role, (User, *MANAGERS))
    everything = set(pages(registered(machinery=False)))
    assert seen == everything - set(pages(hidden))
    assert set(statuses(user, hidden).values()) <= {403}
    assert set(statuses(user, registered(machinery=True)).values()) == {403}
    assert Client().get(reverse("admin:index")).status_code == 302


def test_a_superuser_opens_everything_and_somebody_without_a_role_nothing() -> None:
    world()
    superuser, nobody = make_staff("root", is_superuser=True), make_staff("nobody")

    assert set(statuses(superuser, admin.site._registry).values()) == {200}
    assert set(statuses(nobody, admin.site._registry).values()) == {403}
    client = Client()
    client.force_login(nobody)
    assert "no role yet" in client.get(reverse("admin:index")).content.decode()


def test_the_machinery_stands_in_the_menu_of_superusers_alone() -> None:
    for user, shown in ((make_staff("root", is_superuser=True), True), (make_staff("mia", "Manager"), False)):
        client = Client()
        client.force_login(user)
        menu = client.get(reverse("admin:index")).content.decode()
        assert (
            re.search(r">\s*System\s*<", menu) is not None,
            reverse("admin:django_q_schedule_changelist") in menu,
        ) == (shown, shown)


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_nobody_changes_what_the_verbs_keep(role: str) -> None:
    world()
    user = make_staff("anna", *filter(None, [role]), is_superuser=not role)
    client = Client()
    client.force_login(user)
    kept = [Order, Refund, AttentionItem, SyncRun, ArchivedMessage, *registered(machinery=True)]

    answers = set()
    for model in kept:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        answers.add(client.get(reverse(f"{name}_add")).status_code)
        row = model.objects.order_by("pk").first()
        if row is not None:
            answers.add(client.post(reverse(f"{name}_change", args=[row.pk]), {"status": "x"}).status_code)
            answers.add(client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code)

    assert answers <= {403, 405}


def test_no_page_costs_more_queries_however_much_it_shows() -> None:
    world(times=2)
    user = make_staff("anna", "Manager")
    client = Client()
    client.force_login(user)
    addresses = [reverse("admin:index"), *pages(registered(machinery=False))]
    few = {page: cost(client, page) for page in addresses}

    world(times=4)

    assert {page: cost(client, page) for page in addresses} == few
    lists = [page for page in few if not page.endswith("/change/") and page != reverse("admin:index")]
    assert {page: few[page] for page in lists if few[page] > 15} == {}
    assert {page: count for page, count in few.items() if count > 30} == {}


def cost(client: Client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)
