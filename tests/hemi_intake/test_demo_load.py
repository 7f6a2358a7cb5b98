"""What does the demo write into the database, and what does it leave alone?"""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection

from hemi_intake.demo import catalogue, data, load
from hemi_intake.demo.paths import Secrets
from integrations.api import keys as api_keys
from integrations.models import Account, ApiKey
from orders.models import Order, Seller
from tests.builders import make_seller

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEYS = {brand.code: f"key of {brand.code}" for brand in catalogue.BRANDS}


def test_the_demo_is_loaded_whole_and_known_again() -> None:
    assert not load.loaded()

    load.load(data.orders(NOW, seed=7, count=30), KEYS, "http://127.0.0.1:1")

    assert load.loaded()
    assert Order.objects.count() == 30
    assert {account.seller.code: account.key.reveal() for account in Account.objects.all()} == KEYS


def test_a_database_with_other_sellers_is_neither_filled_nor_emptied() -> None:
    make_seller("somebody")

    with pytest.raises(load.NotOurs):
        load.loaded()
    with pytest.raises(load.NotOurs):
        load.clear()

    assert [seller.code for seller in Seller.objects.all()] == ["somebody"]


def test_one_person_per_role_gets_in_and_a_second_start_changes_nobody() -> None:
    first = load.admit(Secrets())
    token = first.api_token
    hashes = dict(User.objects.values_list("username", "password"))

    again = load.admit(first)

    assert {user.username: [g.name for g in user.groups.all()] for user in User.objects.all()} == {
        "viewer": ["Viewer"],
        "reviewer": ["Reviewer"],
        "approver": ["Approver"],
        "manager": ["Manager"],
        "administrator": ["Administrator"],
    }
    assert all(User.objects.get(username=role).check_password(word) for role, word in first.passwords.items())
    assert dict(User.objects.values_list("username", "password")) == hashes
    assert again.api_token == token
    assert ApiKey.objects.count() == 1


def test_lost_secrets_are_replaced_by_new_ones_that_work() -> None:
    lost = load.admit(Secrets()).api_token

    kept = load.admit(Secrets())

    assert User.objects.get(username="viewer").check_password(kept.passwords["viewer"])
    assert api_keys.authenticate(kept.api_token)
    assert api_keys.authenticate(lost) is None


def test_forgetting_the_demo_leaves_an_empty_database() -> None:
    load.load(data.orders(NOW, seed=7, count=3), KEYS, "http://127.0.0.1:1")
    connection.check_constraints()  # what a commit does

    load.clear()

    assert connection.introspection.table_names() == []


def test_a_table_of_somebody_else_keeps_the_demo_from_being_forgotten() -> None:
    load.load(data.orders(NOW, seed=7, count=3), KEYS, "http://127.0.0.1:1")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger (id int)")

    with pytest.raises(load.NotOurs, match="also holds ledger"):
        load.clear()

    assert Order.objects.count() == 3
