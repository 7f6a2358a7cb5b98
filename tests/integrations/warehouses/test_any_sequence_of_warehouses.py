"""The same messages of one to three warehouses end in the same rows, however they are shuffled, repeated and split."""

import json
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.models import Account, Connection
from integrations.warehouses import archive, replay
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.port import Record
from integrations.warehouses.prosku.protocol import decode_record
from orders.models import Seller
from tests.builders import make_channel, make_order, make_seller
from tests.integrations.warehouses.test_any_sequence import EXAMPLES, end_of
from tests.integrations.warehouses.world import know_words, note, report, wipe

pytestmark = pytest.mark.django_db
ORDERS = ("W-1", "W-2")
STATUSES = ("picking", "on_hold", "part_despatched", "despatched", "cancelled")
moments = st.integers(0, 9).map(lambda minute: f"03/03/2026 10:0{minute}:00")
units = st.integers(0, 2)
sites = st.integers(0, 2)


class Sent(NamedTuple):
    """A record of one of the warehouses."""

    site: int
    record: Record


@st.composite
def reports(draw: st.DrawFn) -> Sent:
    figures = {sku: (draw(units), draw(units), draw(units)) for sku in draw(st.sets(st.sampled_from(["TEE", "CAP"])))}
    content = report(draw(st.sampled_from(ORDERS)), draw(st.sampled_from(STATUSES)), draw(moments), **figures)
    return Sent(draw(sites), decode_record(json.dumps(content), "orders"))


@st.composite
def notes(draw: st.DrawFn) -> Sent:
    number, order = draw(st.sampled_from(["777", "778"])), draw(st.sampled_from(ORDERS))
    content = note(number, order, draw(moments), TEE=draw(units), CAP=draw(units))
    content |= {"withdrawn": str(draw(st.booleans())).lower(), "updated_at": draw(moments)}
    return Sent(draw(sites), decode_record(json.dumps(content), "despatches"))


def connect(code: str, count: int) -> list[Account]:
    """A seller with two orders, and its access to so many warehouses."""
    know_words()
    seller, channel = make_seller(code), make_channel(code)
    for reference in ORDERS:
        items = [("TEE", 2, 5998), ("CAP", 1, 1500)]
        make_order(reference, seller=seller, channel=channel, items=items, shipping_charge=495)
    names = [f"{code}-{n}" for n in range(count)]
    connections = [Connection.objects.create(name=name, base_url="https://prosku.example") for name in names]
    return [Account.objects.create(connection=one, seller=seller, key="k") for one in connections]


def send(accounts: Sequence[Account], sent: Sequence[Sent], *, at_once: int) -> None:
    for start in range(0, len(sent), at_once):
        batch = sent[start : start + at_once]
        for place, account in enumerate(accounts):
            mine = [one.record for one in batch if one.site % len(accounts) == place]
            for resource in ("despatches", "orders"):
                records = [record for record in mine if record.resource == resource]
                apply_messages(account, archive.store(account, None, resource, records))


def ends(seller: Seller) -> dict[str, object]:
    """How the seller's orders stand; the sellers' own codes left out."""
    account = seller.warehouse_accounts.select_related("connection", "seller").order_by("id")[0]
    picture = {name: str(rows).replace(f"{seller.code}-", "") for name, rows in end_of(account).items()}
    # Which form of a message came first decides its state in the archive, and nothing else.
    return {name: rows for name, rows in picture.items() if name != "archive"}


@given(
    sent=st.lists(st.one_of(reports(), notes()), min_size=1, max_size=8),
    count=st.integers(1, 3),
    seed=st.integers(0, 2**16),
    at_once=st.integers(1, 5),
)
@settings(max_examples=EXAMPLES)
def test_any_sequence_ends_the_same_and_replay_rebuilds_it(
    sent: list[Sent], *, count: int, seed: int, at_once: int
) -> None:
    with transaction.atomic():
        plain, shuffled = connect("plain", count), connect("shuffled", count)
        send(plain, sent, at_once=len(sent))
        again = sent + Random(seed).choices(sent, k=3)  # noqa: S311 - a test
        Random(seed).shuffle(again)  # noqa: S311

        send(shuffled, again, at_once=at_once)

        end = ends(plain[0].seller)
        assert ends(shuffled[0].seller) == end
        wipe()
        replay.replay([plain[0].seller])
        assert ends(plain[0].seller) == end
        transaction.set_rollback(True)
