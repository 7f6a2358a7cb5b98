"""Is an answer kept so that it can be given again, and never more of it than its limits say?"""

import json
from datetime import UTC, datetime
from random import Random

import pytest
from django.test import Client

from integrations.api import keys, responses
from integrations.models import IdempotentResponse, Scope
from tests.builders import make_order

pytestmark = pytest.mark.django_db


def test_an_ordinary_answer_is_given_again_to_the_letter() -> None:
    for body in ("", "{}", json.dumps({"id": 1, "name": "Zoë"}), json.dumps({"results": ["W-1"] * 5000})):
        assert responses.unpack(responses.pack(body)) == body.encode()
    assert responses.unpack(b'{"kept": "before"}') == b'{"kept": "before"}'


def test_of_one_that_is_too_large_its_id_and_version_are_kept() -> None:
    noise = Random(1).randbytes(100_000).hex()  # noqa: S311 - no secret
    body = json.dumps({"id": 7, "version": 12, "reference": "W-7", "notes": noise, "items": [noise]})

    kept = responses.pack(body)

    assert len(kept) <= responses.LARGEST
    assert json.loads(responses.unpack(kept)) == {"id": 7, "version": 12, "reference": "W-7", "shortened": True}


def test_a_note_on_an_order_of_two_thousand_lines_keeps_little_and_is_answered_alike(client: Client) -> None:
    order = make_order("W-1", items=[(f"SKU-{number}", 1, 100) for number in range(2000)])
    _, plain = keys.create("core", scopes=Scope.values)
    headers = {"Authorization": f"Bearer {plain}", "Idempotency-Key": "one"}
    address = f"/api/v1/orders/{order.pk}/notes/"

    first, again = (
        client.post(address, {"note": "hello there"}, content_type="application/json", headers=headers) for _ in "12"
    )

    assert len(first.content) > 300_000
    assert len(bytes(IdempotentResponse.objects.get().body)) <= responses.LARGEST
    assert (again.status_code, again["Idempotent-Replayed"]) == (first.status_code, "true")
    assert [again.json()[name] for name in ("id", "version")] == [first.json()[name] for name in ("id", "version")]


def test_a_refusal_keeps_a_small_problem(client: Client) -> None:
    _, plain = keys.create("core", scopes=Scope.values)
    headers = {"Authorization": f"Bearer {plain}", "Idempotency-Key": "one"}
    body = {f"field {number}": number for number in range(20_000)}

    refused = client.post("/api/v1/orders/", body, content_type="application/json", headers=headers)

    assert refused.status_code == 422
    assert len(bytes(IdempotentResponse.objects.get().body)) <= responses.LARGEST


def test_of_one_key_the_latest_answers_are_kept() -> None:
    (one, _), (other, _) = keys.create("one", scopes=[]), keys.create("other", scopes=[])
    for key in (one, other):
        for number in range(5):
            IdempotentResponse.objects.create(
                api_key=key, key=f"k{number}", digest="", status=200, body=b"", responded_at=datetime.now(UTC)
            )

    responses.prune(one.pk, 101, most=2)
    assert one.responses.count() == 5
    responses.prune(one.pk, 200, most=2)

    assert sorted(one.responses.values_list("key", flat=True)) == ["k3", "k4"]
    assert other.responses.count() == 5
