"""Do the same messages end in the same orders, however they are shuffled, repeated, and split into batches?"""

import json
from collections.abc import Sequence
from random import Random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.models import Account, ArchivedMessage, Connection, StatusMapping
from integrations.warehouses import archive, poll
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.port import Record
from integrations.warehouses.prosku.protocol import decode_record
from orders.models import AttentionItem
from refunds.models import Refund
from tests.builders import make_channel, make_order, make_seller
from tests.integrations.warehouses.world import know_words, note, picture, report

pytestmark = pytest.mark.django_db
WORDS = ("picking", "packed", "on_hold", "part_despatched", "despatched", "cancelled", "vanished")
ORDERS = ("W-1", "W-2")
# By night as many as the profile says: 40 take as long as a few hundred of a rule.
EXAMPLES = settings().max_examples if settings().max_examples > 100 else 40
moments = st.integers(0, 9).map(lambda minute: f"03/03/2026 10:0{minute}:00")
units = st.integers(0, 3)


@st.composite
def reports(draw: st.DrawFn) -> Record:
    figures = (2, draw(units), draw(units))
    told = report(draw(st.sampled_from(ORDERS)), draw(st.sampled_from(WORDS)), draw(moments), TEE=figures)
    return decode_record(json.dumps(told), "orders")


@st.composite
def notes(draw: st.DrawFn) -> Record:
    # A number belongs to one order: the same number under two is refused, and which one stays depends on who came.
    number = draw(st.integers(0, 3))
    told = note(str(number), ORDERS[number % 2], draw(moments), TEE=draw(units), XXX=draw(st.integers(0, 1)))
    told |= {"withdrawn": str(draw(st.booleans())).lower(), "updated_at": draw(moments)}
    return decode_record(json.dumps(told), "despatches")


def connect(code: str) -> Account:
    know_words()
    connection = Connection.objects.create(name=code, base_url="https://prosku.example")
    return Account.objects.create(connection=connection, seller=make_seller(code), key="k")


def place_orders(account: Account) -> None:
    channel = make_channel(account.seller.code)
    for reference in ORDERS:
        make_order(reference, seller=account.seller, channel=channel, items=[("TEE", 2, 5998)], shipping_charge=495)


def tell(account: Account, records: Sequence[Record], *, at_once: int) -> None:
    for start in range(0, len(records), at_once):
        batch = records[start : start + at_once]
        for resource in ("despatches", "orders"):
            apply_messages(
                account, archive.store(account, None, resource, [r for r in batch if r.resource == resource])
            )


def end_of(account: Account) -> dict[str, list[object]]:
    """The picture, with the attention that hangs on no order; of refunds those that stand, whatever came before."""
    standing = Refund.objects.filter(seller=account.seller).exclude(status="withdrawn").order_by("order__reference")
    refunds: list[object] = list(
        standing.values_list("order__reference", "status", "reason", "amount", "shipping_amount")
    )
    mine = AttentionItem.objects.filter(seller=account.seller, order=None, closed_at__isnull=True)
    return {**picture(account.seller), "refunds": refunds, "waiting": list(mine.values_list("kind", flat=True))}


@given(
    told=st.lists(st.one_of(reports(), notes()), min_size=1, max_size=9),
    seed=st.integers(0, 2**16),
    at_once=st.integers(1, 5),
    orders_come=st.floats(0, 1),
    word_mapped=st.booleans(),
)
@settings(max_examples=EXAMPLES)
def test_any_sequence_and_repetition_ends_the_same(
    told: list[Record], seed: int, *, at_once: int, orders_come: float, word_mapped: bool
) -> None:
    with transaction.atomic():
        plain, shuffled = connect("plain"), connect("shuffled")
        place_orders(plain)
        tell(plain, told, at_once=len(told))
        again = told + Random(seed).choices(told, k=3)  # noqa: S311 - a test
        Random(seed).shuffle(again)  # noqa: S311
        cut = round(len(again) * orders_come)

        tell(shuffled, again[:cut], at_once=at_once)
        place_orders(shuffled)
        tell(shuffled, again[cut:], at_once=at_once)
        if word_mapped:
            StatusMapping.objects.filter(external_status="vanished").update(status="cancelled")
        poll.apply_everywhere()

        assert end_of(shuffled) == end_of(plain)
        assert not ArchivedMessage.objects.filter(seller=shuffled.seller, state="pending").exists()
        transaction.set_rollback(True)
