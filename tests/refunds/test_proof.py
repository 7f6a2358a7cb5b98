"""Is a password asked for again above a limit, at each door, without losing what the person was doing?"""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.backoffice.proof import Proof, ProofRequired
from refunds import sending
from refunds.decisions import bulk, review
from refunds.models import PendingChange, Refund, RefundLimit
from tests.builders import PASSWORD, make_seller, make_staff
from tests.refunds.people import make_refund, manager, seen
from tests.refunds.policies import make_limit
from tests.refunds.test_two_people import ask, limited

pytestmark = pytest.mark.django_db


def above_the_limit(reference: str = "W-1") -> Refund:
    seller = make_seller()
    make_limit(seller, second_approver_above=0)
    return make_refund(seller=seller, reference=reference)


def login(username: str = "ann", role: str = "Approver") -> Client:
    """Somebody who has just logged in."""
    if not User.objects.filter(username=username).exists():
        make_staff(username, role)
    client = Client()
    client.post(reverse("admin:login"), {"username": username, "password": PASSWORD})
    return client


def age(client: Client, minutes: float) -> None:
    """The last proof of this session was so long ago."""
    session = client.session
    session["proved_at"] = (timezone.now() - timedelta(minutes=minutes)).timestamp()
    session.save()


def approve(client: Client, refund: Refund, **more: Any) -> Any:
    told = {"version": refund.version, "amount": refund.amount, **more}
    return client.post(reverse("admin:refunds_refund_do", args=[refund.pk, "approve"]), told)


def approved_by(refund: Refund) -> str:
    row = Refund.objects.select_related("approved_by").get(pk=refund.pk)
    return row.approved_by.get_username() if row.approved_by else ""


def test_within_ten_minutes_of_the_log_in_nothing_is_asked() -> None:
    client, refund = login(), above_the_limit()
    age(client, 9.9)

    assert approve(client, refund).status_code == 302
    assert approved_by(refund) == "ann"


def test_later_the_password_is_asked_for_and_then_it_is_done() -> None:
    client, refund = login(), above_the_limit()
    age(client, 10.1)

    page = approve(client, refund)

    assert page.status_code == 200
    assert f"Approve {refund.number}" in page.content.decode()
    assert f'name="amount" value="{refund.amount}"' in page.content.decode()
    assert approved_by(refund) == ""
    wrong = approve(client, refund, proof_password="wrong")
    assert "This is not your password." in wrong.content.decode()
    assert "wrong" not in wrong.content.decode().replace("proof-wrong", "")
    assert approved_by(refund) == ""

    done = approve(client, refund, proof_password=PASSWORD)

    assert done.status_code == 302
    assert approved_by(refund) == "ann"
    other = above_the_limit("W-2")
    assert approve(client, other).status_code == 302
    assert approved_by(other) == "ann"


def test_below_the_limit_nothing_is_asked() -> None:
    client, refund = login(), make_refund()
    age(client, 600)

    approve(client, refund)

    assert approved_by(refund) == "ann"


def test_wrong_passwords_lock_out_as_at_the_log_in_page(settings: Any) -> None:
    client, refund = login(), above_the_limit()
    age(client, 11)

    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = approve(client, refund, proof_password="wrong")

    assert last.status_code == 429
    assert approve(client, refund, proof_password=PASSWORD).status_code == 429
    assert approved_by(refund) == ""


def test_a_session_without_any_proof_is_asked() -> None:
    client, refund = Client(), above_the_limit()
    client.force_login(make_staff("ann", "Approver"))

    assert "Confirm that it is you" in approve(client, refund).content.decode()


@pytest.mark.parametrize(("minutes", "refused"), [(None, True), (10.1, True), (9.9, False)])
def test_the_operation_asks_under_its_lock(minutes: float | None, refused: bool) -> None:
    refund, anna = above_the_limit(), manager("anna")
    proof = Proof(None if minutes is None else timezone.now() - timedelta(minutes=minutes))

    if refused:
        with pytest.raises(ProofRequired) as error:
            review.approve(refund.pk, by=anna, seen=seen(refund), proof=proof)
        assert error.value.code == "proof_required"
    else:
        assert review.approve(refund.pk, by=anna, seen=seen(refund), proof=proof) == "first"


def test_nothing_above_a_limit_is_approved_in_bulk() -> None:
    refund, anna = above_the_limit(), manager("anna")

    batch = bulk.begin("approve", [(refund.pk, seen(refund))], by=anna)
    bulk.decide()

    assert batch.items.get().state == "refused"
    assert approved_by(refund) == ""


def test_confirming_what_loosens_a_limit_asks_too() -> None:
    limit = limited()
    change = ask(limit, make_staff("mia", "Manager"), second_approver_above=50_000)
    assert change is not None
    client, address = login(), reverse("admin:refunds_refundpolicy_do", args=[limit.policy_id, "confirm"])
    age(client, 11)

    assert "Confirm that it is you" in client.post(address, {"change": change.pk}).content.decode()
    assert RefundLimit.objects.get().second_approver_above == 20_000
    client.post(address, {"change": change.pk, "proof_password": PASSWORD})
    assert RefundLimit.objects.get().second_approver_above == 50_000


def test_confirming_what_goes_live_asks_too() -> None:
    sending.go_live()
    make_limit(make_seller(), second_approver_above=20_000)
    address = reverse("admin:going_live")
    login("mia", "Manager").post(address, {"ask": "1"})
    change, client = PendingChange.objects.get(), login()
    age(client, 11)
    told = {"confirm": "1", "change": change.pk}

    assert "Confirm that it is you" in client.post(address, told).content.decode()
    client.post(address, told | {"proof_password": PASSWORD})

    assert PendingChange.objects.get().state == "confirmed"
