"""Do the same messages, in any sequence, any batches and any number of times, end in the same rows?"""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from orders.fulfilment.messages import WarehouseMessage
from orders.models import Order
from refunds.models import Refund
from tests.builders import make_channel, make_order, make_seller
from tests.warehouse import despatched, reported, tell

pytestmark = pytest.mark.django_db

ITEMS = (("TEE", 2, 5999, 1001), ("CAP", 3, 1000, 0), ("TEE", 1, 2000, 333), ("PIN", 1, 0, 0))
WORDS = ("Processing", "Picking", "On Hold", "Part Despatched", "Despatched", "Cancelled", "Lost in space")
UNITS = st.integers(0, 3)
FIGURE = st.tuples(st.none() | UNITS, st.none() | UNITS, st.none() | UNITS)
NAMED = st.sampled_from([("W-1", "S-9"), ("W-1", ""), ("", "S-9")])


@st.composite
def notes(draw: st.DrawFn) -> dict[str, Any]:
    at = draw(st.integers(0, 3))
    reference, number = draw(NAMED)
    return {
        "number": draw(st.sampled_from(["D-1", "D-2", "D-3"])),
        "at": at,
        "changed": at + draw(st.integers(0, 2)),
        "withdrawn": draw(st.sampled_from([False, False, False, True])),
        "tracking": draw(st.sampled_from(["", "T-1"])),
        "order": reference,
        "warehouse_number": number,
        **draw(st.dictionaries(st.sampled_from(["TEE", "CAP", "PIN", "UFO"]), UNITS)),
    }


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    reference, number = draw(NAMED)
    return {
        "word": draw(st.sampled_from(WORDS)),
        "at": draw(st.integers(0, 5)),
        "cancel_reason": draw(st.sampled_from(["", "out of stock"])),
        "order": reference,
        "warehouse_number": number,
        **draw(st.dictionaries(st.sampled_from(["TEE", "CAP", "PIN", "UFO"]), FIGURE)),
    }


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[WarehouseMessage], list[list[int]], list[list[int]]]:
    """Messages, and two ways in which they arrive: one by one, and in batches; some of them more than once."""
    told = draw(st.lists(notes() | reports(), min_size=1, max_size=7))
    messages = [
        reported(message=n, **one) if "word" in one else despatched(message=n, **one) for n, one in enumerate(told, 1)
    ]
    everything = list(range(len(messages)))
    again = st.lists(st.sampled_from(everything), max_size=3)
    first = draw(st.permutations(everything + draw(again)))
    second = draw(st.permutations(everything + draw(again)))
    cuts = sorted({0, len(second), *draw(st.lists(st.integers(0, len(second)), max_size=3))})
    batches = [second[start:end] for start, end in itertools.pairwise(cuts)]
    return messages, [[one] for one in first], batches


@given(streams())
def test_any_sequence_of_the_same_messages_ends_in_the_same_rows(
    stream: tuple[list[WarehouseMessage], list[list[int]], list[list[int]]],
) -> None:
    messages, one_by_one, in_batches = stream

    ends = [_end([[messages[n] for n in batch] for batch in batches]) for batches in (one_by_one, in_batches)]

    assert ends[0] == ends[1]


def _end(batches: Sequence[Sequence[WarehouseMessage]]) -> dict[str, Any]:
    with transaction.atomic():
        order = make_order(
            "W-1",
            items=ITEMS,
            shipping_charge=495,
            total_paid=9495,
            seller=make_seller("acme"),
            channel=make_channel("shop"),
        )
        waiting: list[WarehouseMessage] = []
        for batch in batches:
            applied = tell(order, *batch)
            waiting += [message for message in batch if message.message in applied.waiting]
        # The intake tries parked messages again.
        tell(order, *waiting)
        connection.check_constraints()
        end = _state(order)
        tell(order, *(message for batch in batches for message in batch))
        assert _state(order) == end
        transaction.set_rollback(True)
    return end


PARTS = (
    *("number", "started", "external_status", "external_status_at", "status", "detail", "cancel_reason"),
    *("reported_at", "report_version", "report_message", "closed_as", "closed_at", "closed_message", "listed"),
    *("listed_at", "listed_version", "figures", "state", "units"),
)


def _state(order: Order) -> dict[str, Any]:
    own = Order.objects.filter(pk=order.pk).values().get()
    left_out = {"id", "seller_id", "channel_id", "created_at", "updated_at"}
    items = order.items.order_by("position").values()
    shipments = order.shipments.order_by("number")
    return {
        "order": {name: value for name, value in own.items() if name not in left_out},
        "items": [{name: value for name, value in row.items() if name not in {"id", "order_id"}} for row in items],
        "parts": list(order.fulfilment_orders.values_list(*PARTS)),
        "shipments": [
            (
                s.number,
                s.despatched_at,
                s.changed_at,
                s.withdrawn,
                s.tracking_number,
                s.message,
                s.version,
                *s.items.order_by("sku").values_list("sku", "quantity"),
            )
            for s in shipments
        ],
        "refunds": [_refund(refund) for refund in order.refunds.exclude(status="withdrawn")],
        "attention": sorted(
            (item.kind, item.subject.replace(str(order.pk), ""), item.summary, str(item.evidence))
            for item in order.attention.filter(closed_at=None)
        ),
    }


def _refund(refund: Refund) -> tuple[Any, ...]:
    entries = refund.items.order_by("item__position")
    return (
        *(refund.status, refund.kind, refund.reason, refund.reason_note, refund.messages, refund.approvals_needed),
        *(refund.items_amount, refund.shipping_amount, refund.rounding_amount, refund.amount, refund.tax_amount),
        *entries.values_list("item__position", "quantity", "amount", "tax", "cancelled_upto"),
    )
