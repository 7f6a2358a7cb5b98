"""Does what a person must look at come up once, and go away when its cause does?"""

import pytest

from orders.models import AttentionItem
from orders.timeline import attention
from orders.timeline.attention import AttentionRequest
from tests.builders import make_order, make_staff

pytestmark = pytest.mark.django_db

KIND = AttentionItem.Kind.SYNC_FAILING
OTHER = AttentionItem.Kind.KEY_REFUSED


def rows() -> list[tuple[str, str, bool]]:
    return [
        (i.subject, i.summary, i.closed_at is None) for i in AttentionItem.objects.order_by("kind", "subject", "id")
    ]


def test_a_concern_comes_up_once_and_is_brought_up_to_date() -> None:
    attention.open_items([AttentionRequest(KIND, "acme", "failed once", evidence={"times": 1})])
    attention.open_items([AttentionRequest(KIND, "acme", "failed twice", evidence={"times": 2})])

    assert rows() == [("acme", "failed twice", True)]


def test_the_last_word_of_one_call_counts() -> None:
    attention.open_items(
        [
            AttentionRequest(KIND, "acme", "one"),
            AttentionRequest(OTHER, "acme", "two"),
            AttentionRequest(KIND, "acme", "three"),
        ]
    )

    assert rows() == [("acme", "two", True), ("acme", "three", True)]


def test_a_cleared_concern_may_come_up_again() -> None:
    attention.open_items([AttentionRequest(KIND, "acme", "failed")])
    attention.resolve(KIND, ["acme"])
    attention.resolve(OTHER, ["acme"])

    attention.open_items([AttentionRequest(KIND, "acme", "failed")])

    assert rows() == [("acme", "failed", False), ("acme", "failed", True)]


def test_what_a_person_closed_stays_closed_while_its_evidence_is_the_same() -> None:
    anna = make_staff("anna")
    attention.open_items([AttentionRequest(KIND, "acme", "failed", evidence={"times": 1})])
    item = AttentionItem.objects.get()

    assert attention.close(item, by=anna) is True
    assert attention.close(item, by=anna) is False
    attention.open_items([AttentionRequest(KIND, "acme", "failed", evidence={"times": 1})])
    assert rows() == [("acme", "failed", False)]

    attention.open_items([AttentionRequest(KIND, "acme", "failed again", evidence={"times": 2})])
    assert rows() == [("acme", "failed", False), ("acme", "failed again", True)]


def test_settling_closes_what_is_no_longer_said_of_these_orders_and_kinds_alone() -> None:
    mine, other = make_order(), make_order()
    stays = AttentionRequest(KIND, "stays", "stays", order_id=mine.pk)
    attention.open_items(
        [
            stays,
            AttentionRequest(KIND, "goes", "goes", order_id=mine.pk),
            AttentionRequest(OTHER, "other kind", "other kind", order_id=mine.pk),
            AttentionRequest(KIND, "other order", "other order", order_id=other.pk),
        ]
    )

    attention.sync_items([mine.pk], [KIND], [stays])
    assert [subject for subject, _, is_open in rows() if is_open] == ["other kind", "other order", "stays"]

    attention.sync_items([mine.pk], [KIND], [])
    assert [subject for subject, _, is_open in rows() if is_open] == ["other kind", "other order"]


def test_a_long_sentence_is_cut() -> None:
    attention.open_items([AttentionRequest(KIND, "acme", "x" * 400)])

    assert AttentionItem.objects.get().summary == "x" * 300
