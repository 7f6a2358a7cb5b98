"""Does a person who is limited to some sellers see nothing of any other, anywhere in the admin?

Everything of the other seller says "zorro" or shows an amount that nothing else has.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from hemi_intake.admin_site import MACHINERY
from integrations.gateways.models import ProviderEvent
from integrations.models import (
    Account,
    ApiKey,
    ArchivedMessage,
    Connection,
    Discrepancy,
    SyncRun,
)
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from orders.backoffice.pages import SHARED, Page
from orders.models import AttentionItem, Order, OrderEvent, OrderFile, OrderTag, SavedView, Seller, Tag
from orders.timeline.attention import AttentionRequest, open_items
from orders.timeline.events import Event, record
from refunds.models import Batch, BatchItem, Refund
from tests.builders import PLACED_AT, limit, make_channel, make_seller, make_staff
from tests.refunds.people import make_refund
from tests.refunds.policies import make_limit

pytestmark = pytest.mark.django_db

TELLS = re.compile(rb"zorro|773\.77|386\.8|1934\.|70\.07", re.IGNORECASE)
FILLED = {"content_type_id": "1", "app_label": "orders", "url": "x", "verb": "x"}
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


def fill(name: str, paid: int) -> Seller:
    """Some of everything, of one seller."""
    seller = make_seller(name)
    refund = make_refund(
        reference=f"{name}-1",
        seller=seller,
        channel=make_channel(f"{name}-shop"),
        paid=paid,
        customer_name=f"Ada {name}",
        customer_email=f"ada@{name}.example",
    )
    make_limit(seller, daily_ceiling=paid // 3)
    connection = Connection.objects.create(name=f"{name}-warehouse", base_url=f"https://{name}.example")
    access = Account.objects.create(connection=connection, seller=seller, key="secret")
    run = SyncRun.objects.create(account=access, state="failed", lease_until=PLACED_AT, error=f"{name} is down")
    told = {"account": access, "order": refund.order, "raw": zlib.compress(f"<order>{name}</order>".encode())}
    ArchivedMessage.objects.create(
        **told, seller=seller, run=run, resource="orders", digest=name, state="rejected", reference=f"{name}-1"
    )
    Discrepancy.objects.create(**told, reference=f"{name}-1", kind="shipped", ours={name: 1}, theirs={name: 2})
    open_items(
        [AttentionRequest("unknown_sku", f"order:{refund.order_id}", f"What is {name}?", seller.pk, refund.order_id)]
    )
    ApiKey.objects.create(name=f"{name} key", prefix=name, digest=name)
    endpoint = WebhookEndpoint.objects.create(name=f"{name} hook", url=f"https://{name}", kinds=["*"], secret="s")
    WebhookDelivery.objects.create(endpoint=endpoint, kind="webhook.test")
    ProviderEvent.objects.create(provider="stripe", event_id=f"evt_{name}", kind="refund.failed", raw=b"")
    person = limit(make_staff(f"{name}-person", "Viewer"), seller)
    put_on(refund.order, person, name)
    return seller


def put_on(order: Order, person: User, name: str) -> None:
    """What people themselves keep about the seller's orders."""
    OrderTag.objects.create(order=order, tag=Tag.objects.create(seller_id=order.seller_id, name=f"{name}-tag"))
    told = {"name": f"{name}.txt", "kind": "text/plain", "size": 5, "digest": name, "content": name.encode()}
    OrderFile.objects.create(order=order, added_by=person, **told)
    record([Event(order.pk, order.seller_id, "order.noted", None, f"staff:{person}", {"text": f"Called {name}"})])
    asked = {"seller": str(order.seller_id)}
    SavedView.objects.create(of="orders.order", owner=person, name=f"{name} open", shared=True, asked=asked)
    batch = Batch.objects.create(act=Batch.Act.REJECT, why=f"{name} is closed", made_by=person)
    refund = order.refunds.get()
    BatchItem.objects.create(batch=batch, refund=refund, version=refund.version, amount=refund.amount, state="done")


@dataclass(frozen=True)
class World:
    """Two sellers with some of everything, and a manager who is limited to the first."""

    mine: Seller
    anna: User
    foreign: dict[Page, list[int]]


def make_world() -> World:
    mine = fill("mine", 5998)
    known = {page: set(rows_of(page)) for page in pages()}
    fill("zorro", 77377)
    foreign = {page: [pk for pk in rows_of(page) if pk not in known[page]] for page in pages()}
    return World(mine, limit(make_staff("anna", "Manager"), mine), foreign)


def pages() -> list[Page]:
    return [page for page in admin.site._registry.values() if isinstance(page, Page)]


def rows_of(page: Page) -> Any:
    return page.model._default_manager.values_list("pk", flat=True)


def addresses(world: World) -> Iterator[str]:
    """Every address of the admin, with the ids of the other seller's rows where it takes one."""
    ids = {str(pk) for pks in world.foreign.values() for pk in pks}
    for route in _routes(get_resolver().url_patterns):
        if not route.startswith("admin/") or any(word in route for word in ("logout", *MACHINERY)):
            continue
        names = [name for _, name in PARAMETER.findall(route)]
        for pk in sorted(ids) if names else ("",):
            yield "/" + PARAMETER.sub("%s", route) % tuple(FILLED.get(name, pk) for name in names)


def _routes(patterns: Any, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, before + route)
        elif isinstance(pattern, URLPattern) and "(?P" not in route:
            yield before + route


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_every_page_has_decided_what_limited_people_see() -> None:
    undecided = [
        type(page).__name__
        for page in pages()
        if not any("seller_path" in vars(kind) for kind in type(page).__mro__ if kind is not Page)
    ]

    assert undecided == []


def test_no_page_says_anything_of_another_seller() -> None:
    world = make_world()
    client = login(world.anna)
    asked = list(addresses(world))

    before, told = state(), {}
    row = str(Refund.objects.get(seller__code="zorro").pk)
    said = {"why": "x", "reference": "x", "version": "1", "amount": "38689", "row": row, "seen": f"{row}:1:38689"}
    for address in asked:
        answers = (client.get(address), client.post(address, said))
        if found := [tell for answer in answers for tell in TELLS.findall(body(answer))]:
            told[address] = found

    assert told == {}
    assert state() == before
    assert len(asked) > 100
    everything = login(make_staff("bob", "Manager"))
    for name in ("orders_order", "refunds_refund", "orders_seller", "auth_user", "refunds_refundpolicy"):
        assert TELLS.search(body(everything.get(reverse(f"admin:{name}_changelist")))), name


def test_no_page_of_another_sellers_row_opens() -> None:
    world = make_world()
    client = login(world.anna)

    opened = {}
    for page, pks in world.foreign.items():
        for pk in pks if page.seller_path != SHARED else ():
            address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_change", args=[pk])
            opened[address] = client.get(address).status_code

    assert len(opened) >= 12
    assert set(opened.values()) <= {302, 403, 404}, opened


def test_no_button_works_on_another_sellers_row() -> None:
    world = make_world()
    client = login(world.anna)
    before = state()
    said = {"why": "x", "reference": "x", "currency": "GBP", "version": 1, "amount": 38689}

    answers = {}
    for page, pks in world.foreign.items():
        for button, pk in product(page.buttons, pks):
            name = f"admin:{page.opts.app_label}_{page.opts.model_name}_do"
            address = reverse(name, args=[pk, button.name])
            answers[address] = client.post(address, said).status_code
    refund = Refund.objects.get(seller__code="zorro")
    for view, row_id in (("by_hand", refund.order_id), ("edit", refund.pk)):
        address = reverse(f"admin:refunds_refund_{view}", args=[row_id])
        answers[address] = client.post(address, {}).status_code

    assert set(answers.values()) <= {403, 404}, answers
    assert len(answers) >= 15
    assert state() == before


def state() -> list[Any]:
    """How the other seller's rows stand."""
    theirs = {"seller__code": "zorro"}
    return [
        list(Refund.objects.filter(**theirs).values_list("pk", "status", "version")),
        list(AttentionItem.objects.filter(**theirs).values_list("pk", "closed_at")),
        list(Account.objects.filter(**theirs).values_list("pk", "next_poll_at")),
        list(ArchivedMessage.objects.filter(**theirs).values_list("pk", "state")),
        list(User.objects.filter(username="zorro-person").values_list("password", "is_active")),
        list(SavedView.objects.filter(owner__username="zorro-person").values_list("name", "asked")),
        OrderEvent.objects.filter(**theirs).count(),
        BatchItem.objects.filter(refund__seller__code="zorro").count(),
    ]


def test_the_numbers_of_a_limited_person_count_their_sellers_alone() -> None:
    world = make_world()
    client = login(world.anna)

    landing = client.get(reverse("admin:index")).content.decode()

    assert re.findall(r"<b>(\d+)</b> <span>Unknown SKU", landing) == ["1"]
    other = Seller.objects.get(code="zorro")
    for address in ("admin:refunds_reports", "admin:refunds_payments"):
        chosen = {"first": "2026-11-01", "last": "2026-11-30", "seller": str(other.pk)}
        assert not TELLS.search(body(client.get(reverse(address), chosen)))


def test_shared_rows_are_seen_and_not_changed_by_limited_people() -> None:
    client = login(make_world().anna)

    assert client.get(reverse("admin:orders_saleschannel_changelist")).status_code == 200
    assert client.get(reverse("admin:orders_saleschannel_add")).status_code == 403
    assert client.get(reverse("admin:orders_seller_add")).status_code == 403
    assert client.get(reverse("admin:integrations_apikey_changelist")).status_code == 403
    menu = client.get(reverse("admin:index")).content.decode()
    assert reverse("admin:orders_order_changelist") in menu
    assert reverse("admin:integrations_apikey_changelist") not in menu
