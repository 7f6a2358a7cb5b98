"""Does nothing leave while the switch is off, whoever approved it, and is it off until somebody went live?"""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from hemi_intake import going_live
from orders.models import OrderEvent, Seller
from refunds import sending
from refunds.decisions import pending_changes
from refunds.decisions.auto_approve import approve_by_rule
from refunds.execution import ceiling, execute
from refunds.models import CeilingLift, Refund, RefundLimit, RefundStatus, SendingSwitch
from tests.builders import limit, make_seller, make_staff
from tests.refunds.people import approved, make_refund
from tests.refunds.policies import make_limit
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def manager(name: str) -> User:
    return User.objects.filter(username=name).first() or make_staff(name, "Manager")


def moved_elsewhere() -> None:
    """What a restored copy is: the same rows in another database."""
    SendingSwitch.objects.filter(seller=None).update(live_database="7000/16384/elsewhere")


def never_went_live() -> None:
    SendingSwitch.objects.all().delete()


def stopped_for_everyone() -> None:
    sending.stop(None, by=manager("mia"), why="The warehouse cancels everything")


def stopped_for_the_seller() -> None:
    sending.stop(Seller.objects.get(), by=manager("mia"), why="The warehouse cancels everything")


@pytest.mark.parametrize("how", [moved_elsewhere, never_went_live, stopped_for_everyone, stopped_for_the_seller])
def test_an_approved_refund_is_not_sent(how: Callable[[], None]) -> None:
    refund = approved(make_refund(payment_provider="sandbox", payment_reference="pay-1"))
    how()

    assert execute.claim_next() is None
    assert execute.claim_refund(refund.pk, old=RefundStatus.APPROVED) is None
    assert (Refund.objects.get().status, refund.attempts.count()) == (RefundStatus.APPROVED, 0)

    SendingSwitch.objects.all().delete()
    sending.go_live()
    assert execute.claim_refund(refund.pk, old=RefundStatus.APPROVED) is not None


def test_a_policy_approves_nothing_while_sending_is_stopped() -> None:
    refund = make_refund()
    make_limit(refund.seller, unattended_upto=10**6)
    stopped_for_the_seller()

    assert approve_by_rule() == 0
    sending.resume(refund.seller, by=manager("mia"), why="It was a mistake")
    assert approve_by_rule() == 1


def test_a_stop_is_on_the_timeline_and_in_activity_and_ends_the_same_way() -> None:
    refund, mia = approved(make_refund()), manager("mia")

    sending.stop(refund.seller, by=mia, why="Wrong prices")
    with refused("sending_already_stopped"):
        sending.stop(refund.seller, by=mia, why="Wrong prices")
    sending.resume(refund.seller, by=mia, why="Prices are right")
    with refused("sending_not_stopped"):
        sending.resume(refund.seller, by=mia, why="Prices are right")

    found = OrderEvent.objects.filter(kind__startswith="refund.sending").order_by("id")
    facts = [("refund.sending_stopped", "Wrong prices"), ("refund.sending_resumed", "Prices are right")]
    assert [(event.kind, event.data["why"]) for event in found] == facts
    assert {event.actor for event in found} == {"staff:mia"}
    acts = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message")
    name = f"Sending for {refund.seller}"
    assert list(acts) == [(name, "Stopped: Wrong prices"), (name, "Resumed: Prices are right")]


def test_only_who_may_stops_and_resumes() -> None:
    north, south = make_seller("north"), make_seller("south")
    approver, bound = make_staff("ada", "Approver"), limit(make_staff("max", "Manager"), north)

    with refused("not_permitted"):
        sending.stop(None, by=make_staff("rita", "Reviewer"), why="so")
    for seller in (None, south):
        with refused("not_permitted"):
            sending.stop(seller, by=bound, why="so")
    sending.stop(None, by=approver, why="so")
    with refused("not_permitted"):
        sending.resume(None, by=approver, why="so")
    sending.resume(None, by=make_staff("mia", "Manager"), why="so")

    assert sending.stopped_sellers() == set()


def test_a_stop_of_everything_survives_going_live_again() -> None:
    stopped_for_everyone()
    moved_elsewhere()

    assert sending.go_live()
    assert sending.stopped_sellers() is None


def test_go_live_says_what_is_missing_and_goes_live_only_when_it_is_told_to() -> None:
    never_went_live()

    with pytest.raises(CommandError, match="Not live: "):
        call_command("go_live")
    assert not sending.is_live()
    change = going_live.request_going_live(by=manager("mia"))
    pending_changes.confirm(change.pk, by=manager("max"))
    with pytest.raises(CommandError, match="Not live: "):
        call_command("go_live")
    call_command("go_live", "--anyway")
    assert sending.is_live()


def test_a_ceiling_that_was_lifted_is_restored_and_one_that_is_set_anew_holds() -> None:
    seller, mia = make_seller(), manager("mia")
    cap = make_limit(seller, daily_ceiling=0)
    ceiling.lift(seller, "GBP", by=mia, why="A recall")
    assert ceiling.room(cap) is None

    ceiling.restore(seller, "GBP", by=mia, why="The recall is over")
    with refused("ceiling_not_lifted"):
        ceiling.restore(seller, "GBP", by=mia, why="The recall is over")
    assert ceiling.room(cap) == 0

    ceiling.lift(seller, "GBP", by=mia, why="Another one")
    ceiling.replace_lift(cap, by=mia)
    assert ceiling.room(cap) == 0
    assert list(CeilingLift.objects.order_by("id").values_list("restores", flat=True)) == [False, True, False, True]


@pytest.mark.parametrize(("currency", "limits"), [("EUR", [(10000, 100000)]), ("KWD", [(33000, 330000)]), ("XOF", [])])
def test_a_new_seller_begins_with_limits_in_its_currency(currency: str, limits: list[tuple[int, int]]) -> None:
    with connection.cursor() as cursor:
        # As any door writes it, also one that knows nothing of refunds.
        cursor.execute(
            "INSERT INTO orders_seller (code, name, currency, time_zone, active) VALUES ('n', 'N', %s, 'UTC', true)",
            [currency],
        )

    found = RefundLimit.objects.filter(policy__seller__code="n")
    assert list(found.values_list("second_approver_above", "daily_ceiling")) == limits
    assert RefundLimit.history.count() == len(limits)


def test_readiness_the_overview_and_its_page_say_so() -> None:
    seller = make_seller("north", name="North")
    client = Client()
    client.force_login(manager("mia"))
    assert client.post("/admin/going-live/", {"seller": seller.pk, "why": "Wrong prices"}).status_code == 302
    moved_elsewhere()

    notes = client.get("/readyz").json()["notes"]
    overview, page = (client.get(address).content.decode() for address in ("/admin/", "/admin/going-live/"))

    assert notes == [sending.NOT_LIVE, "Sending for North is stopped by mia: Wrong prices"]
    for text in (overview, page):
        assert "Sending for North" in text
        assert "not live" in text
    assert "Set HEMI_ENV=production." in page
    assert client.post("/admin/going-live/", {"seller": seller.pk, "why": "Right", "resume": "1"}).status_code == 302
    assert sending.stops() == []
