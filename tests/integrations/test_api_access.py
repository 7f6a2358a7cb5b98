"""Which key may do what, from where, how often, and for how long?"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from integrations.api import keys as api_keys
from integrations.models import ApiKey
from tests.api import make_reader
from tests.refusals import refused

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/"


def status(plain: str, **extra: str) -> int:
    return int(Client(headers={"Authorization": f"Bearer {plain}"}).get(ORDERS, **extra).status_code)  # type: ignore[arg-type]


def test_a_key_without_the_scope_is_told_which_one_it_lacks() -> None:
    reader = make_reader(scopes=["refunds:read"])

    response = reader.get(ORDERS)

    assert (response.status_code, response.json()["detail"]) == (
        403,
        "This needs the scope orders:read, which this key lacks.",
    )


def test_an_expired_key_opens_nothing() -> None:
    old, over = api_keys.create("old", expires_at=timezone.now() + timedelta(hours=1))
    ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    _, valid = api_keys.create("new", expires_at=timezone.now() + timedelta(hours=1))

    assert (status(over), status(valid)) == (401, 200)


@pytest.mark.parametrize(
    ("networks", "address", "answer"),
    [
        (["10.1.0.0/16"], "10.1.2.3", 200),
        (["10.1.0.0/16"], "::ffff:10.1.2.3", 200),
        (["10.1.0.0/16"], "10.2.2.3", 403),
        (["10.1.0.0/16", "2001:db8::/32"], "2001:db8::1", 200),
        (["10.1.0.0/16"], "", 403),
    ],
)
def test_a_key_is_used_from_its_networks_alone(networks: list[str], address: str, answer: int) -> None:
    _, plain = api_keys.create("core", networks=networks)

    assert status(plain, REMOTE_ADDR=address) == answer


def test_a_rotated_key_and_its_successor_are_valid_side_by_side_for_a_while() -> None:
    key, first = api_keys.create("core")
    second = api_keys.rotate(key, overlap=timedelta(hours=1))
    assert (status(first), status(second)) == (200, 200)

    ApiKey.objects.update(old_until=timezone.now() - timedelta(seconds=1))
    assert (status(first), status(second)) == (401, 200)

    third = api_keys.rotate(key, overlap=timedelta(0))
    assert [status(plain) for plain in (first, second, third)] == [401, 401, 200]


def test_a_revoked_key_gets_no_successor_and_takes_the_one_before_with_it() -> None:
    key, first = api_keys.create("core")
    second = api_keys.rotate(key, overlap=timedelta(hours=1))
    api_keys.revoke(key)

    with refused("key_not_usable"):
        api_keys.rotate(key, overlap=timedelta(hours=1))
    assert (status(first), status(second)) == (401, 401)


def test_more_requests_than_a_key_has_are_refused_until_the_minute_is_over() -> None:
    _, plain = api_keys.create("core", per_minute=2)
    client = Client(headers={"Authorization": f"Bearer {plain}"})

    answers = [client.get(ORDERS) for _ in range(5)]

    # The minute may have turned once in between.
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) in (1, 2, 3)
    assert refused[0].json()["type"] == "urn:hemi-intake:problem:too-many-requests"
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert (refused[0]["RateLimit-Limit"], refused[0]["RateLimit-Remaining"]) == ("2", "0")
    assert (answers[0]["RateLimit-Limit"], answers[0]["RateLimit-Remaining"]) == ("2", "1")
