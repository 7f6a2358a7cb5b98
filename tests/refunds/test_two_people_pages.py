"""Do the pages ask a second person for what loosens a limit, and for going live?"""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from hemi_intake import going_live
from refunds import sending
from refunds.decisions import pending_changes
from refunds.models import PendingChange, RefundLimit, SendingSwitch
from tests.builders import PASSWORD, make_seller, make_staff
from tests.refunds.people import make_refund
from tests.refunds.policies import make_limit
from tests.refunds.test_two_people import ask, code, limited, now
from tests.stale import opened

pytestmark = pytest.mark.django_db


def login(name: str, role: str) -> Client:
    if not User.objects.filter(username=name).exists():
        make_staff(name, role)
    client = Client()
    client.post(reverse("admin:login"), {"username": name, "password": PASSWORD})
    return client


def policy_page(limit: RefundLimit, verb: str = "") -> str:
    if verb:
        return reverse("admin:refunds_refundpolicy_do", args=[limit.policy_id, verb])
    return reverse("admin:refunds_refundpolicy_change", args=[limit.policy_id])


def test_the_page_saves_asks_shows_and_confirms() -> None:
    limit = limited()
    manager, approver = login("mia", "Manager"), login("ann", "Approver")
    address = policy_page(limit)
    form = {
        "limits-TOTAL_FORMS": "1",
        "limits-INITIAL_FORMS": "1",
        "limits-0-id": str(limit.pk),
        "limits-0-policy": str(limit.policy_id),
        "limits-0-currency": "GBP",
        "limits-0-second_approver_above": "500.00",
        "limits-0-daily_ceiling": "1000.00",
        "reason_words-TOTAL_FORMS": "0",
        "reason_words-INITIAL_FORMS": "0",
        "propose_cancelled": "on",
    }

    answer = manager.post(address, form | opened(manager, address), follow=True).content.decode()

    assert "waits for a second person to confirm it" in answer
    assert now(limit)[0] == 20_000
    change = PendingChange.objects.get()
    shown = approver.get(address).content.decode()
    assert "GBP: second approval above" in shown
    assert "500.00 GBP" in shown
    assert "Change waits for a second person" in approver.get(reverse("admin:index")).content.decode()
    own = manager.get(address).content.decode()
    assert "You asked for this, so someone else must confirm it." in own
    assert manager.post(policy_page(limit, "confirm"), {"change": change.pk}).status_code == 302
    assert now(limit)[0] == 20_000

    approver.post(policy_page(limit, "confirm"), {"change": change.pk})

    assert now(limit)[0] == 50_000
    told = manager.get(reverse("admin:activity")).content.decode()
    assert "Requested: " in told
    assert "Confirmed the change of limits that mia asked for" in told


def test_the_page_says_what_confirming_would_approve_without_a_person() -> None:
    limit = limited()
    make_refund(seller=limit.policy.seller)
    change = ask(limit, make_staff("mia", "Manager"), unattended_upto=5_000)
    assert change is not None

    page = login("ann", "Approver").get(policy_page(limit)).content.decode().replace("\xa0", " ").replace("&nbsp;", " ")

    assert "Confirming approves 1 waiting refund without a person within a minute: 29.99 GBP." in page
    change.refresh_from_db()
    assert (change.state, now(limit)[1]) == ("waiting", None)


def test_whoever_asked_may_withdraw_it_on_the_page() -> None:
    limit, manager = limited(), login("mia", "Manager")
    change = ask(limit, User.objects.get(username="mia"), second_approver_above=50_000)
    assert change is not None

    manager.post(policy_page(limit, "refuse"), {"change": change.pk, "why": "A slip"})

    change.refresh_from_db()
    assert (change.state, change.refused_because) == ("refused", "A slip")


# Going live


def test_going_live_needs_two_people_who_saw_the_same_values() -> None:
    SendingSwitch.objects.all().delete()
    limit = make_limit(make_seller(name="North"), second_approver_above=20_000)
    manager, approver = login("mia", "Manager"), login("ann", "Approver")
    address = reverse("admin:going_live")
    with pytest.raises(CommandError, match="Two people confirm"):
        call_command("go_live", "--anyway")

    manager.post(address, {"ask": "1"})
    assert "second approval above 200.00" in approver.get(address).content.decode()
    change = PendingChange.objects.get()
    manager.post(address, {"confirm": "1", "change": change.pk})
    assert going_live.confirmed() is None
    approver.post(address, {"confirm": "1", "change": change.pk})
    assert going_live.confirmed() == change

    make_limit(limit.policy.seller, second_approver_above=30_000)
    with pytest.raises(CommandError, match="Two people confirm"):
        call_command("go_live", "--anyway")
    make_limit(limit.policy.seller, second_approver_above=20_000)
    call_command("go_live", "--anyway")

    assert sending.is_live()
    assert pending_changes.needed()


def test_values_that_changed_meanwhile_are_not_confirmed() -> None:
    limit = make_limit(make_seller(), second_approver_above=20_000)
    change = going_live.request_going_live(by=make_staff("mia", "Manager"))
    make_limit(limit.policy.seller, second_approver_above=30_000)

    assert code(lambda: pending_changes.confirm(change.pk, by=make_staff("ann", "Approver"))) == "changed"
    assert PendingChange.objects.get().state == "waiting"
