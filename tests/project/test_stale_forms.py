"""Is a settings form refused that was opened before somebody else saved, with what changed since?"""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from integrations.connections.models import Account, Connection, StatusMapping
from integrations.webhooks.models import WebhookEndpoint
from orders.models import SellerWarehouse, Warehouse
from refunds.models import RefundLimit
from tests.builders import make_channel, make_seller, make_staff
from tests.refunds.policies import make_limit
from tests.stale import opened

pytestmark = pytest.mark.django_db


def manager(name: str) -> Client:
    client = Client()
    client.force_login(make_staff(name, "Manager", "Administrator"))
    return client


def policy_form(limit: RefundLimit, **amounts: str) -> dict[str, str]:
    fields = {"propose_cancelled": "on", "propose_closed_short": "on", "refund_shipping": "on"}
    rows = {"limits-TOTAL_FORMS": "1", "limits-INITIAL_FORMS": "1", "reason_words-TOTAL_FORMS": "0"}
    row = {"id": str(limit.pk), "policy": str(limit.policy_id), "currency": "GBP"} | amounts
    return fields | rows | {"reason_words-INITIAL_FORMS": "0"} | {f"limits-0-{name}": row[name] for name in row}


def test_the_second_of_two_managers_loses_nothing_of_the_first_and_reads_what_changed() -> None:
    limit = make_limit(make_seller(), second_approver_above=10000)
    address = reverse("admin:refunds_refundpolicy_change", args=[limit.policy_id])
    ann, bob = manager("ann"), manager("bob")
    forms = {who: opened(client, address) for who, client in (("ann", ann), ("bob", bob))}

    first = ann.post(address, policy_form(limit, second_approver_above="100.00", daily_ceiling="500") | forms["ann"])
    second = bob.post(address, policy_form(limit, second_approver_above="90.00") | forms["bob"])

    assert (first.status_code, second.status_code) == (302, 200)
    assert list(RefundLimit.objects.values_list("second_approver_above", "daily_ceiling")) == [(10000, 50000)]
    assert (
        "ann changed this after you opened the form, so nothing was saved: Limits in GBP: Daily cap – → 500.00."
    ) in second.content.decode()
    assert (
        bob.post(address, policy_form(limit, second_approver_above="90.00") | opened(bob, address)).status_code == 302
    )
    acts = LogEntry.objects.order_by("pk").values_list("user__username", "change_message")
    assert list(acts) == [
        ("ann", "Changed. Limits in GBP: Daily cap – → 500.00"),
        ("bob", "Changed. Limits in GBP: Second approval above 100.00 → 90.00; Limits in GBP: Daily cap 500.00 → –"),
    ]


@pytest.mark.parametrize("stale", [True, False], ids=["stale", "two rows in one form"])
def test_a_currency_that_has_limits_already_is_refused_in_a_sentence(stale: bool) -> None:
    limit = make_limit(make_seller())
    address = reverse("admin:refunds_refundpolicy_change", args=[limit.policy_id])
    client = manager("ann")
    form = policy_form(limit) | opened(client, address) | {"limits-TOTAL_FORMS": "2", "limits-1-currency": "EUR"}
    if stale:
        make_limit(limit.policy.seller, "EUR", second_approver_above=5)
    else:
        form |= {"limits-TOTAL_FORMS": "3", "limits-2-currency": "EUR"}

    page = client.post(address, form)

    assert (page.status_code, RefundLimit.objects.filter(currency="EUR").count()) == (200, int(stale))
    assert ("EUR: Currency EUR" if stale else "correct the duplicate") in page.content.decode()


def rows() -> dict[str, tuple[Any, dict[str, Any], dict[str, Any]]]:
    """Each kind of setting: a row, what the form posts, and what somebody else stores meanwhile."""
    seller, warehouse = make_seller("lumen"), Warehouse.objects.create(code="north", name="North")
    connection = Connection.objects.create(name="main", base_url="https://prosku.example", warehouse=warehouse)
    account = Account.objects.create(connection=connection, seller=seller, key="k")
    zone = {"time_zone": "Europe/London"}
    named = {"name": "x", "code": "x"}
    patterns = {"non_shipping_skus-TOTAL_FORMS": "0", "non_shipping_skus-INITIAL_FORMS": "0"}
    pace = {"report_scope": "part", "poll_seconds": 90, "key": ""}
    uses = SellerWarehouse.objects.get(seller=seller)
    mapping = StatusMapping.objects.create(external_status="quarantined")
    site = {
        "name": "main",
        "kind": "prosku",
        "base_url": connection.base_url,
        "format": "xml",
        "warehouse": warehouse.pk,
    }
    hook = WebhookEndpoint.objects.create(name="hook", url="https://93.184.215.14/", kinds=["*"], every_seller=True)
    person = make_staff("ben")
    return {
        "seller": (seller, named | zone | patterns | {"currency": "EUR"}, {"promise_days": 9}),
        "channel": (make_channel("shop"), named | {"kind": "web"}, {"active": False}),
        "warehouse": (warehouse, named | zone | {"state": "open"}, {"state": "down"}),
        "warehouse of a seller": (
            uses,
            {"seller": seller.pk, "warehouse": warehouse.pk, "position": 5},
            {"position": 7},
        ),
        "connection": (connection, site | zone, {"format": "json"}),
        "account": (account, pace | {"connection": connection.pk, "seller": seller.pk}, {"get_refunds": False}),
        "mapping": (mapping, {"kind": "prosku", "external_status": "quarantined"}, {"detail": "packed"}),
        "endpoint": (hook, {"name": "x", "url": hook.url, "kinds": ["*"]}, {"kinds": ["refund.*"]}),
        "person": (person, {"first_name": "Ben"}, {"email": "ben@example.com"}),
    }


@pytest.mark.parametrize(
    "what",
    [
        *("seller", "channel", "warehouse", "warehouse of a seller", "connection"),
        *("account", "mapping", "endpoint", "person"),
    ],
)
def test_every_settings_form_is_refused_when_it_is_stale_and_saved_when_it_is_not(what: str) -> None:
    row, typed, meanwhile = rows()[what]
    client = manager("mia")
    own_form = what in ("connection", "account", "endpoint", "person")
    address = reverse(
        f"admin:{row._meta.label_lower.replace('.', '_')}_{'edit' if own_form else 'change'}", args=[row.pk]
    )
    form = opened(client, address)
    type(row).objects.filter(pk=row.pk).update(**meanwhile)

    stale, bare = client.post(address, typed | form), client.post(address, typed)

    assert "after you opened the form, so nothing was saved" in stale.content.decode()
    assert "This form is incomplete" in bare.content.decode()
    stored = type(row).objects.filter(pk=row.pk)
    assert stored.values(*meanwhile).get() == meanwhile
    assert client.post(address, typed | opened(client, address)).status_code == 302
