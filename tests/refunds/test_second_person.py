"""Can one person never stand behind two who decide? (passwords set for others, API keys; chains and both sides)"""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from hemi_intake.staff import accounts
from integrations.api import keys
from orders.models import Order
from refunds import errors, independence
from refunds.decisions import bulk, edit, queue, review
from refunds.models import CredentialReset, Refund
from refunds.proposals.manual import propose_by_hand
from refunds.proposals.refund_request import RefundRequest
from refunds.rules.second_person import Reset, could_be, independent
from tests.api import make_writer, send
from tests.builders import make_order, make_seller, make_staff
from tests.refunds.people import make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.raw_sql import refused, set_status, sql

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
MIA, ANN, BOB = 1, 2, 3


@pytest.mark.parametrize(
    ("one", "other", "resets", "answer"),
    [
        ({ANN}, {BOB}, [], True),
        ({ANN}, {ANN}, [], False),
        ({MIA}, {BOB}, [Reset(MIA, BOB, NOW - HOUR)], False),
        ({MIA}, {BOB}, [Reset(MIA, BOB, NOW - 24 * HOUR + HOUR / 60)], False),
        ({MIA}, {BOB}, [Reset(MIA, BOB, NOW - 24 * HOUR)], True),
        ({MIA}, {BOB}, [Reset(MIA, ANN, NOW - HOUR), Reset(ANN, BOB, NOW - HOUR)], False),
        ({ANN}, {BOB}, [Reset(MIA, ANN, NOW - HOUR), Reset(MIA, BOB, NOW - HOUR)], False),
        ({ANN}, {BOB}, [Reset(MIA, BOB, NOW - HOUR)], True),
    ],
)
def test_the_cases_of_the_specification(one: set[int], other: set[int], resets: list[Reset], answer: bool) -> None:
    assert independent(one, other, resets, NOW) is independent(other, one, resets, NOW) is answer


def reset(account: User, by: User, *, hours: float = 0) -> None:
    """Somebody set the password of an account so many hours ago."""
    sql(
        "INSERT INTO refunds_credentialreset (set_by_id, account_id, set_at)"
        " VALUES (%s, %s, now() - %s * interval '1 hour')",
        *(by.pk, account.pk, hours),
    )


people = st.integers(0, 3)


@given(resets=st.lists(st.tuples(people, people, st.sampled_from([0, 1, 23, 24, 30])), max_size=6))
def test_the_database_and_the_pure_rule_say_the_same(resets: list[tuple[int, int, int]]) -> None:
    staff = [make_staff() for _ in range(4)]
    made = [(by, of, hours) for by, of, hours in resets if by != of]
    for by, of, hours in made:
        reset(staff[of], staff[by], hours=hours)
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (at,) = cursor.fetchone()
    rule = [Reset(staff[by].pk, staff[of].pk, at - timedelta(hours=hours)) for by, of, hours in made]

    for one in staff:
        with connection.cursor() as cursor:
            cursor.execute("SELECT refunds_could_be(ARRAY[%s]::bigint[])", [one.pk])
            assert set(cursor.fetchone()[0]) == could_be({one.pk}, rule, at)
        same = {other.pk for other in staff if not independent({one.pk}, {other.pk}, rule, at)}
        assert independence.inseparable(one) == same


def above_the_limit(reference: str = "W-1") -> Refund:
    seller = make_seller()
    make_limit(seller, second_approver_above=0)
    return make_refund(seller=seller, reference=reference)


def code_of(refund: Refund, by: User) -> str:
    with pytest.raises(errors.NotYours) as refused_as:
        review.approve(refund.pk, by=by, seen=seen(refund))
    return str(refused_as.value.code)


def test_whoever_set_a_colleagues_password_does_not_approve_beside_them() -> None:
    refund, mia, bob = above_the_limit(), manager("mia"), manager("bob")
    reset(bob, mia, hours=1)
    assert review.approve(refund.pk, by=bob, seen=seen(refund)) == "first"

    assert code_of(refund, mia) == "not_independent"
    assert review.approve(refund.pk, by=manager("ann"), seen=seen(refund)) == "approved"


def test_the_sentence_says_what_to_do() -> None:
    refund, mia, bob = above_the_limit(), manager("mia"), manager("bob")
    reset(bob, mia)
    review.approve(refund.pk, by=bob, seen=seen(refund))

    with pytest.raises(errors.NotYours, match=r"as bob\. Ask somebody else to approve, or wait until the 24 hours"):
        review.approve(refund.pk, by=mia, seen=seen(refund))


def test_after_24_hours_they_are_two_people_again() -> None:
    refund, mia, bob = above_the_limit(), manager("mia"), manager("bob")
    reset(bob, mia, hours=24)
    review.approve(refund.pk, by=bob, seen=seen(refund))

    assert review.approve(refund.pk, by=mia, seen=seen(refund)) == "approved"


def test_a_persons_own_later_password_change_does_not_end_it() -> None:
    refund, mia, bob = above_the_limit(), manager("mia"), manager("bob")
    reset(bob, mia)
    accounts.change_own_password(bob, "another horse battery")
    review.approve(refund.pk, by=bob, seen=seen(refund))

    assert code_of(refund, mia) == "not_independent"


def test_chains_count_and_so_do_both_accounts() -> None:
    mia, ann, bob = manager("mia"), manager("ann"), manager("bob")
    reset(ann, mia)
    reset(bob, ann)
    refund = above_the_limit()
    review.approve(refund.pk, by=bob, seen=seen(refund))

    assert code_of(refund, mia) == "not_independent"
    assert code_of(refund, ann) == "not_independent"
    assert review.approve(refund.pk, by=manager("zoe"), seen=seen(refund)) == "approved"


def test_setting_a_password_and_adding_a_person_are_both_on_record() -> None:
    admin = make_staff("admin", permissions=["auth.add_user", "auth.change_user"])
    nothing = accounts.AccountSpec("", "", "", None, (), "")

    added = accounts.add("bob", "correct horse battery", nothing, by=admin)
    accounts.set_password(added, "another horse battery", by=admin)
    accounts.change_own_password(added, "my own horse battery")

    assert list(CredentialReset.objects.values_list("account__username", "set_by__username")) == [("bob", "admin")] * 2


def test_what_was_reset_stays_on_record() -> None:
    reset(manager("bob"), manager("mia"))

    for statement in ("DELETE FROM refunds_credentialreset", "UPDATE refunds_credentialreset SET set_at = now()"):
        with refused("append-only"):
            sql(statement)


def test_the_database_refuses_one_person_behind_two() -> None:
    refund, mia, bob = above_the_limit(), manager("mia"), manager("bob")
    reset(bob, mia)
    sql("UPDATE refunds_refund SET approved_by_id = %s", bob.pk)

    with refused("one person could stand behind two"):
        set_status(refund, "approved", f", second_approved_by_id = {mia.pk}")


def test_whoever_edited_and_whoever_set_their_password_are_one() -> None:
    refund, mia, bob = make_refund(2, 2), manager("mia"), manager("bob")
    reset(bob, mia)
    fewer = RefundRequest(units={refund.items.get().item_id: 1})
    edit.edit(refund.pk, by=bob, wish=fewer, why="one came", seen=seen(refund))

    assert code_of(refund, mia) == "not_independent"


def proposed_by_key(maker: User | None, **fields: object) -> tuple[Order, Refund]:
    """A refund that a key proposed which this person created."""
    order = make_order("W-1")
    body = {"order_id": order.pk, "reason": "goodwill", "items": [{"sku": "TEE", "quantity": 1}], **fields}
    answer = send(make_writer(by=maker), "post", "/api/v1/refunds/", body)
    assert answer.status_code == 201, answer.content
    return order, Refund.objects.get(order=order)


def test_whoever_made_a_key_does_not_approve_what_it_proposes() -> None:
    mia, bob = manager("mia"), manager("bob")
    _, refund = proposed_by_key(mia)
    reset(bob, mia)

    assert refund.proposed_behind == [mia.pk]
    assert code_of(refund, mia) == "own_key"
    assert code_of(refund, bob) == "not_independent"
    with refused("one person could stand behind two"):
        set_status(refund, "approved", f", approved_by_id = {mia.pk}")
    assert review.approve(refund.pk, by=manager("ann"), seen=seen(refund)) == "approved"


def test_whoever_gave_a_key_a_new_secret_knows_it_too() -> None:
    mia, bob = manager("mia"), manager("bob")
    key, _ = keys.create("shop", scopes=["refunds:propose"], by=mia)

    keys.rotate(key, overlap=HOUR, by=bob)

    assert keys.makers(key) == sorted([mia.pk, bob.pk])


def test_a_cancellation_by_a_key_is_proposed_by_whoever_made_it() -> None:
    mia = manager("mia")
    order = make_order("W-1")

    answer = send(make_writer(by=mia), "post", f"/api/v1/orders/{order.pk}/cancel/", {"why": "asked"})

    assert answer.status_code == 200, answer.content
    assert Refund.objects.get(order=order).proposed_behind == [mia.pk]


def test_the_list_the_bulk_action_and_the_next_one_leave_it_out() -> None:
    mia, bob = manager("mia"), manager("bob")
    reset(bob, mia)
    order = make_order("W-1")
    wish = RefundRequest(units={order.items.get().pk: 1})
    refund = propose_by_hand(order.pk, by=bob, wish=wish, reason="goodwill", note="")
    other = make_refund(reference="W-2")

    rows = list(Refund.objects.select_related("seller", "order").order_by("pk"))
    plan = bulk.plan(rows, "approve", by=mia)

    assert [one.pk for one in plan.included] == [other.pk]
    assert "Ask somebody else to approve" in plan.left_out[0][1]
    assert queue.next_in_queue(other, mia) is None
    assert queue.next_in_queue(other, manager("ann")) == refund


def test_the_page_offers_no_approval_and_says_why() -> None:
    mia, bob = make_staff("mia", "Approver"), manager("bob")
    reset(bob, mia)
    order = make_order("W-1")
    wish = RefundRequest(units={order.items.get().pk: 1})
    refund = propose_by_hand(order.pk, by=bob, wish=wish, reason="goodwill", note="")
    client = Client()
    client.force_login(mia)

    page = client.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()

    assert "one person could act both as you and as bob" in page
    assert reverse("admin:refunds_refund_do", args=[refund.pk, "approve"]) not in page


def test_superusers_approve_nothing_at_any_door() -> None:
    root, refund = make_staff("root", is_superuser=True), make_refund()
    client = Client()
    client.force_login(root)

    assert code_of(refund, root) == "superusers_decide_nothing"
    with pytest.raises(errors.NotYours, match="log in as an approver"):
        bulk.begin("approve", [(refund.pk, seen(refund))], by=root)
    with refused("superusers do not decide"):
        set_status(refund, "approved", f", approved_by_id = {root.pk}")
    page = client.get(reverse("admin:refunds_refund_change", args=[refund.pk])).content.decode()
    assert "Superusers are for repairs" in page
    assert reverse("admin:refunds_refund_do", args=[refund.pk, "approve"]) not in page
