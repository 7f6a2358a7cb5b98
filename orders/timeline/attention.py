"""How does something that a person must look at come up, and how does it go away again?"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.db.models.functions import Now

from orders.bulk_sql import array, unnest
from orders.models import AttentionItem


@dataclass(frozen=True, slots=True)
class AttentionRequest:
    """What a person should know: one open item per kind and subject, with a sentence and its evidence."""

    kind: str
    subject: str
    summary: str
    seller_id: int | None = None
    order_id: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


def open_items(concerns: Sequence[AttentionRequest]) -> None:
    """Open these, or bring open ones up to date. What a person closed stays closed while its evidence is the same."""
    if not concerns:
        return
    latest = list({(concern.kind, concern.subject): concern for concern in concerns}.values())
    columns: list[list[Any]] = [
        [concern.kind for concern in latest],
        [concern.subject for concern in latest],
        [concern.summary[:300] for concern in latest],
        [concern.seller_id for concern in latest],
        [concern.order_id for concern in latest],
        [json.dumps(concern.evidence) for concern in latest],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO orders_attentionitem (kind, subject, summary, seller_id, order_id, evidence)
            SELECT kind, subject, summary, seller_id, order_id, evidence::jsonb
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[])
                 AS c(kind, subject, summary, seller_id, order_id, evidence)
            WHERE NOT EXISTS (
                SELECT FROM orders_attentionitem a
                WHERE a.kind = c.kind AND a.subject = c.subject
                  AND a.closed_by_id IS NOT NULL AND a.evidence = c.evidence::jsonb)
            -- Always in one sequence, so that two transactions never wait for each other.
            ORDER BY c.kind, c.subject
            ON CONFLICT (kind, subject) WHERE closed_at IS NULL
            DO UPDATE SET summary = excluded.summary, evidence = excluded.evidence
            WHERE (orders_attentionitem.summary, orders_attentionitem.evidence)
                IS DISTINCT FROM (excluded.summary, excluded.evidence)
            """,
            columns,
        )


def sync_items(order_ids: Collection[int], kinds: Collection[str], concerns: Sequence[AttentionRequest]) -> None:
    """Make the open items of these kinds on these orders exactly `concerns`: raise them, close all others."""
    open_items(concerns)
    wanted = [f"{concern.kind} {concern.subject}" for concern in concerns]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE orders_attentionitem SET closed_at = now()
            WHERE closed_at IS NULL AND order_id = ANY(%s::bigint[]) AND kind = ANY(%s)
                AND kind || ' ' || subject <> ALL(%s)
            """,
            [array("bigint", list(order_ids)), list(kinds), wanted],
        )


def resolve(kind: str, subjects: Collection[str]) -> None:
    """Close the open items of this kind about these subjects: their cause has gone. A second call does nothing."""
    clear_all([(kind, subject) for subject in subjects])


def clear_all(causes: Sequence[tuple[str, str]]) -> None:
    """Close the open items of these kinds and subjects, in one statement: their causes have gone."""
    if not causes:
        return
    source, parameters = unnest(
        [("kind", "text", [kind for kind, _ in causes]), ("subject", "text", [subject for _, subject in causes])]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_attentionitem a SET closed_at = now() FROM {source}
            WHERE a.closed_at IS NULL AND a.kind = t.kind AND a.subject = t.subject""",
            parameters,
        )


def close(item: AttentionItem, *, by: AbstractBaseUser) -> bool:
    """A person has dealt with it. Says whether it was open; a second call says False."""
    return AttentionItem.objects.filter(pk=item.pk, closed_at__isnull=True).update(closed_at=Now(), closed_by=by) == 1
