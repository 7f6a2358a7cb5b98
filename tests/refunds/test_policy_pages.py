"""Can managers edit a policy, try it and lift a ceiling, can others only look, and is every change on record?"""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Seller
from orders.templatetags.formatting import money
from refunds.admin.changes import changes
from refunds.decisions.auto_approve import approve_by_rule
from refunds.models import CeilingLift, ReasonWords, Refund, RefundLimit, RefundPolicy
from tests.builders import make_channel, make_seller, make_staff
from tests.refunds.people import approved, make_refund
from tests.refunds.policies import make_limit, make_policy
from tests.refunds.raw_sql import rows as everything
from tests.refunds.test_reports import pay
from tests.stale import opened

pytestmark = pytest.mark.django_db


def login(role: str) -> Client:
    client = Client()
    client.force_login(make_staff(f"{role}-person", role))
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:refunds_refundpolicy_{name}", args=args)


def typed(*limits: dict[str, str], stored: int = 0, **fields: str) -> dict[str, str]:
    """What the form posts; a box that is not ticked is not posted."""
    data = {"propose_cancelled": "on", "propose_closed_short": "on", "refund_shipping": "on"} | fields
    for prefix, total, initial in (("limits", len(limits), stored), ("reason_words", 0, 0)):
        data |= {f"{prefix}-TOTAL_FORMS": str(total), f"{prefix}-INITIAL_FORMS": str(initial)}
    for number, limit in enumerate(limits):
        data |= {f"limits-{number}-{name}": value for name, value in limit.items()}
    return data


def test_a_manager_makes_a_policy_with_decimal_amounts_in_the_currencys_own_digits() -> None:
    seller = make_seller(limits=False)
    limits = [
        {"currency": "gbp", "second_approver_above": "100.00", "unattended_upto": "9.5", "daily_ceiling": ""},
        {"currency": "JPY", "second_approver_above": "", "unattended_upto": "", "daily_ceiling": "50000"},
    ]

    answer = login("Manager").post(page("add"), typed(*limits, seller=str(seller.pk), propose_overdue_after="14"))

    assert answer.status_code == 302
    policy = RefundPolicy.objects.get(seller=seller)
    assert (policy.propose_cancelled, policy.propose_overdue_after, policy.refund_shipping) == (True, 14, True)
    assert list(policy.limits.values_list("currency", "second_approver_above", "unattended_upto", "daily_ceiling")) == [
        ("GBP", 10000, 950, None),
        ("JPY", None, None, 50000),
    ]


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        ({"currency": "GBP", "unattended_upto": "1.005"}, "has more decimals than GBP has (2)"),
        ({"currency": "GBP", "daily_ceiling": "-1"}, "cannot be negative"),
        ({"currency": "GBP", "unattended_upto": "20", "second_approver_above": "10"}, "cannot be approved without a"),
        ({"currency": "G1", "daily_ceiling": "1"}, "G1 is not a currency"),
        ({"currency": "GPB", "second_approver_above": "100"}, "GPB is not a currency"),
    ],
)
@pytest.mark.parametrize("act", ["save", "dry run"])
def test_what_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing(
    act: str, limit: dict[str, str], sentence: str
) -> None:
    policy = make_policy(make_seller(limits=False))
    address = page("change", policy.pk) if act == "save" else page("dry_run", policy.pk)

    answer = login("Manager").post(address, typed(limit))

    assert (answer.status_code, RefundLimit.objects.count()) == (200, 0)
    assert sentence in answer.content.decode().replace("&#x27;", "'")


def test_every_change_says_who_when_from_what_to_what() -> None:
    seller, shop = make_seller(), make_channel("shop", name="Shop")
    limit = make_limit(seller, second_approver_above=10000)
    ReasonWords.objects.create(policy=limit.policy, channel=shop, reason="closed_short", words="Sold out")
    manager = login("Manager")
    before = len(changes(seller.pk))
    one = {"id": str(limit.pk), "policy": str(seller.pk), "currency": "GBP", "second_approver_above": "200.00"}

    data = typed(one, stored=1, propose_cancelled="") | {"propose_overdue_after": "9"}
    data |= opened(manager, page("change", seller.pk))
    answer = manager.post(page("change", seller.pk), {key: value for key, value in data.items() if value})

    assert answer.status_code == 302
    found = changes(seller.pk)
    assert len(found) - before == 3
    assert {(change.who, change.what, change.was, change.now) for change in found[:3]} == {
        ("Manager-person", "Propose when the warehouse cancels", "yes", "no"),
        ("Manager-person", "Refund unshipped units after (days)", "–", "9"),
        ("Manager-person", "Limits in GBP: second approval above", money(10000, "GBP"), money(20000, "GBP")),
    }
    assert all(datetime.now(UTC) - change.at < timedelta(minutes=5) for change in found[:3])
    shown = manager.get(page("change", seller.pk)).content.decode()
    assert "Text for “Short-shipped” on Shop: words" in shown


def test_a_saved_limit_counts_at_once_for_what_is_open() -> None:
    refund = make_refund()
    limit = make_limit(refund.seller)
    stored = {"id": str(limit.pk), "policy": str(limit.policy_id)}
    two = {"currency": "GBP", "second_approver_above": "20"}

    manager, address = login("Manager"), page("change", limit.policy_id)
    manager.post(address, typed(stored | two, stored=1) | opened(manager, address))

    assert Refund.objects.get().approvals_needed == 2
    assert RefundPolicy.objects.get().version == 2


def test_saving_says_first_what_it_would_approve_now_and_asks() -> None:
    refund = make_refund()
    limit = make_limit(refund.seller)
    manager, address = login("Manager"), page("change", limit.policy_id)
    stored = {"id": str(limit.pk), "policy": str(limit.policy_id), "currency": "GBP"}
    form = typed(stored | {"unattended_upto": "40"}, stored=1) | opened(manager, address)

    asked = manager.post(address, form)

    assert asked.status_code == 200
    assert "Saving this approves 1 waiting refund without a person within a minute" in asked.content.decode()
    assert list(get_messages(asked.wsgi_request)) == []
    assert (RefundLimit.objects.get().unattended_upto, approve_by_rule()) == (None, 0)
    # Another number than the one that was read is asked about again.
    assert manager.post(address, form | {"sure": "2: 80.00 GBP"}).status_code == 200
    assert manager.post(address, form | {"sure": asked.context["sure"]}).status_code == 302
    assert (RefundLimit.objects.get().unattended_upto, approve_by_rule()) == (4000, 1)
    assert manager.post(address, form | opened(manager, address) | {"propose_overdue_after": "9"}).status_code == 302


@pytest.mark.parametrize("role", ["Viewer", "Reviewer", "Approver"])
def test_others_read_the_policy_and_change_nothing(role: str) -> None:
    seller = make_seller()
    make_limit(seller, second_approver_above=123456, daily_ceiling=100)
    client, before = login(role), list(RefundPolicy.history.values())
    data = typed({"currency": "EUR", "second_approver_above": "1"})

    shown = client.get(page("change", seller.pk)).content.decode()
    refusals = [
        client.post(page("change", seller.pk), data).status_code,
        client.post(page("dry_run", seller.pk), data).status_code,
        client.post(page("do", seller.pk, "lift"), {"currency": "GBP", "why": "so"}).status_code,
        client.get(page("add")).status_code,
    ]

    assert "1,234.56" in shown
    assert "123456" not in shown
    assert refusals == [403, 403, 403, 403]
    assert client.get(page("dry_run", seller.pk)).status_code == 200
    assert (RefundLimit.objects.count(), CeilingLift.objects.count()) == (1, 0)
    assert list(RefundPolicy.history.values()) == before


def test_a_dry_run_shows_the_form_as_it_stands_and_saves_nothing() -> None:
    refund = make_refund()
    make_limit(refund.seller, second_approver_above=100)
    before = everything(), list(RefundPolicy.history.values()), list(RefundLimit.objects.values())
    manager = login("Manager")

    new = {"currency": "GBP", "unattended_upto": "30.00", "daily_ceiling": "10.00"}
    removed = {"id": str(RefundLimit.objects.get().pk), "policy": str(refund.seller_id), "currency": "GBP"}
    answer = manager.post(
        page("dry_run", refund.seller_id),
        typed(removed | {"DELETE": "on"}, new, stored=1, days="7") | opened(manager, page("change", refund.seller_id)),
    )

    assert answer.status_code == 200
    [row] = answer.context["result"].rows
    assert (row.was.approvals, row.would.approvals, row.would.stopped, answer.context["result"].days) == (1, 1, True, 7)
    assert money(2999, "GBP") in answer.content.decode()
    assert before == (everything(), list(RefundPolicy.history.values()), list(RefundLimit.objects.values()))


def test_a_dry_run_of_a_policy_that_is_not_there_yet() -> None:
    refund = make_refund(seller=make_seller(limits=False))

    answer = login("Manager").post(page("dry_run_new"), typed(seller=str(refund.seller_id), propose_closed_short=""))

    assert (answer.status_code, answer.context["result"].orders) == (200, 1)
    assert RefundPolicy.objects.count() == 0


def test_a_manager_lifts_a_ceiling_and_the_page_says_so() -> None:
    seller: Seller = make_seller(name="North")
    make_limit(seller, daily_ceiling=100)
    approved(make_refund(seller=seller))
    manager = login("Manager")

    answer = manager.post(page("do", seller.pk, "lift"), {"currency": "GBP", "why": "recall"})

    lift = CeilingLift.objects.get()
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert said == [f"Daily cap of North in GBP lifted for {lift.day}."]
    shown = manager.get(page("change", seller.pk)).content.decode()
    assert "Lifted for today" in shown
    assert "recall" in shown


def test_the_pages_cost_the_same_however_much_they_show() -> None:
    seller, manager = make_seller(), login("Manager")
    counts = []
    for many in (2, 9):
        for number in range(many):
            pay(make_refund(seller=seller, reference=f"W-{many}-{number}"), datetime.now(UTC))
            make_limit(make_seller(), daily_ceiling=number)
            limit = make_limit(seller, second_approver_above=100_000 + number)
            limit.save()
        addresses = [
            page("changelist"),
            page("change", seller.pk),
            page("dry_run", seller.pk),
            reverse("admin:refunds_reports"),
        ]
        costs = []
        for address in addresses:
            manager.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert manager.get(address).status_code == 200
            costs.append(len(queries))
        counts.append(costs)

    assert counts[0] == counts[1]
    assert max(counts[0]) <= 30


def test_finance_downloads_what_was_paid_as_csv() -> None:
    pay(make_refund(), datetime(2026, 7, 1, 8, tzinfo=UTC), "=re_1")
    client = login("Viewer")

    answer = client.get(reverse("admin:refunds_payments"), {"first": "2026-07-01", "last": "2026-07-01"})

    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="refunds-2026-07-01-2026-07-01.csv"'
    assert [(row["amount"], row["provider_reference"]) for row in csv.DictReader(StringIO(text))] == [
        ("29.99", "'=re_1")
    ]


@pytest.mark.parametrize("asked", [{"first": "x", "last": "2026-07-01"}, {"first": "2026-07-02", "last": "2026-07-01"}])
def test_a_period_that_is_none_is_refused_in_words(asked: dict[str, str]) -> None:
    client = login("Viewer")

    assert client.get(reverse("admin:refunds_reports"), asked).status_code == 200
    assert client.get(reverse("admin:refunds_payments"), asked).status_code == 400


@pytest.mark.parametrize("name", ["refunds_reports", "refunds_payments"])
def test_who_may_not_see_refunds_sees_no_numbers(name: str) -> None:
    client = Client()
    client.force_login(make_staff("nobody"))

    assert client.get(reverse(f"admin:{name}")).status_code == 403
