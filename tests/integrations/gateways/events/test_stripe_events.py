"""Which of Stripe's news gets in?"""

import json
import zlib

import pytest
from django.test import Client
from pytest_django import Settings

from integrations.gateways import receive
from integrations.gateways.models import ProviderEvent, RejectedProviderEvent
from tests.integrations.gateways.events.stripe_post import SECRET, event, post, refund, signature

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = SECRET


def refusals() -> list[tuple[str, int]]:
    return list(RejectedProviderEvent.objects.order_by("reason").values_list("reason", "count"))


def test_a_signed_event_is_kept_as_it_came() -> None:
    body = event("refund.created", refund(1000), "evt_a")

    assert post(body).status_code == 200

    kept = ProviderEvent.objects.get()
    assert (kept.provider, kept.event_id, kept.kind, kept.state) == ("stripe", "evt_a", "refund.created", "pending")
    assert (kept.subject, kept.payments, kept.dead) == ("re_1", ["pi_1", "ch_1"], False)
    assert zlib.decompress(bytes(kept.raw)) == body


def test_the_same_event_again_is_thanked_for_and_kept_once() -> None:
    body = event("refund.created", refund(1000), "evt_a")

    assert [post(body).status_code for _ in range(3)] == [200, 200, 200]

    assert ProviderEvent.objects.count() == 1


def test_news_about_anything_else_is_thanked_for_and_forgotten() -> None:
    assert post(event("customer.created", {"id": "cus_1"})).status_code == 200

    assert not ProviderEvent.objects.exists()


BODY = event("refund.created", refund(1000), "evt_a")


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (BODY, ""),
        (BODY, "t=1,v1=0"),
        (BODY, signature(BODY, secret="whsec_other")),
        (BODY, signature(BODY, age=301)),
        (json.dumps(json.loads(BODY), indent=1).encode(), signature(BODY)),
        (BODY.replace(b"1000", b"9000"), signature(BODY)),
        (b"\xff\xfe", signature(b"\xff\xfe")),
    ],
    ids=["none", "nonsense", "another secret", "too old", "written anew", "another amount", "no text"],
)
def test_what_stripe_did_not_sign_just_now_is_refused_and_counted(body: bytes, header: str) -> None:
    assert [post(body, header).status_code for _ in range(2)] == [400, 400]

    assert refusals() == [("bad signature", 2)]
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"refund", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not an event"),
        (b'{"id": "evt_1", "type": "refund.created"}', "not an event"),
        (json.dumps({"id": "e" * 121, "type": "refund.created", "data": {"object": {}}}).encode(), "not an event"),
    ],
    ids=["no JSON", "deep", "a list", "no object", "long id"],
)
def test_what_is_signed_and_no_event_is_refused_and_counted(body: bytes, why: str) -> None:
    assert post(body).status_code == 400

    assert refusals() == [(why, 1)]


NAMES = ("a\x00b", "\ud800", "\x07")


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("field", ["event", "id", "payment_intent", "charge"])
def test_a_name_that_cannot_be_stored_is_refused_and_counted(field: str, name: str) -> None:
    body = event("refund.created", refund(1000) | ({field: name} if field != "event" else {}), "")
    if field == "event":
        body = event("refund.created", refund(1000), name)

    assert post(body).status_code == 400

    assert refusals() == [("unfit text", 1)]
    assert not ProviderEvent.objects.exists()


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_charge_whose_name_cannot_be_stored_is_refused(name: str) -> None:
    assert post(event("charge.refunded", {"id": name, "payment_intent": "pi_1"})).status_code == 400

    assert refusals() == [("unfit text", 1)]


@pytest.mark.parametrize("status", [[], {}, 10**30, None])
def test_a_status_of_another_shape_is_stored_for_people(status: object) -> None:
    assert post(event("refund.updated", refund(1000) | {"status": status})).status_code == 200

    assert ProviderEvent.objects.get().dead is False


def test_what_is_larger_than_any_event_is_refused_unread() -> None:
    body = event("refund.created", refund(1000, note="x" * receive.LARGEST))

    assert post(body).status_code == 413

    assert refusals() == [("too large", 1)]


def test_without_a_secret_nothing_gets_in(settings: Settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ""

    assert post(BODY).status_code == 503

    assert refusals() == [("no secret", 1)]
    assert not ProviderEvent.objects.exists()


def test_a_secret_that_is_being_replaced_is_one_of_two_signatures() -> None:
    header = signature(BODY, secret="whsec_new") + "," + signature(BODY).partition(",")[2]

    assert post(BODY, header).status_code == 200


def test_a_provider_that_sends_no_events_has_no_address() -> None:
    response = Client().post("/providers/nobody/events", BODY, content_type="application/json")

    assert response.status_code == 404
    assert not ProviderEvent.objects.exists()
