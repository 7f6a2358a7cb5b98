"""Where is every message stored as it came, with its outcome?"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Upper
from django.utils import timezone

from integrations.connections.models import Account, StatusMapping
from integrations.warehouses.models import ArchivedMessage, MessageDigest, SyncRun
from integrations.warehouses.port import Record
from integrations.warehouses.systems import system_that_reads
from orders.bulk_sql import unnest
from orders.models import FulfilmentOrder, Order

State = ArchivedMessage.State
LONGEST_FRAGMENT = 64 * 1024
"""How much is stored of an answer that could not be read at all, in bytes."""


class StoredMessage(NamedTuple):
    """A message of the archive, ready to be read."""

    id: int
    record: Record
    received_at: datetime
    actor: str = ""
    """Who brought it, where it was a person."""


Numbered = tuple[int, str]
"""The id of a message and its digest."""


class Disposition(NamedTuple):
    """The outcome of a message. `external_status` is the unmapped status that it waits for, if it does."""

    id: int
    state: str
    reason: str = ""
    reference: str = ""
    warehouse_number: str = ""
    external_status: str = ""
    order_id: int | None = None
    ambiguous: bool = False


def store(account: Account, run: SyncRun | None, resource: str, records: Sequence[Record]) -> list[StoredMessage]:
    """Archive a page and answer those of its messages that had never come before, in their sequence."""
    by_digest = {record.digest: record for record in records}
    packed = {digest: zlib.compress(record.raw.encode(), 1) for digest, record in by_digest.items()}
    now, actor = timezone.now(), run.actor if run else ""
    return [
        StoredMessage(message, by_digest[digest], now, actor)
        for message, digest in _store(account, run, resource, packed)
    ]


def _store(account: Account, run: SyncRun | None, resource: str, packed: Mapping[str, bytes]) -> list[Numbered]:
    if not packed:
        return []
    source, parameters = unnest(
        [
            ("n", "int", range(len(packed))),
            ("digest", "text", list(packed)),
            ("raw", "text", [raw.hex() for raw in packed.values()]),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH come AS (SELECT n, digest, decode(digest, 'hex') AS short, raw FROM {source}),
            new AS (
                INSERT INTO integrations_messagedigest (message_id, account_id, resource, digest)
                SELECT nextval(pg_get_serial_sequence('integrations_archivedmessage', 'id')), %s, %s, short
                FROM come ORDER BY n
                ON CONFLICT (account_id, resource, digest) DO NOTHING RETURNING message_id, digest)
            INSERT INTO integrations_archivedmessage (id, account_id, seller_id, run_id, resource, digest, raw,
                state, reason, reference, warehouse_number, external_status)
            SELECT message_id, %s, %s, %s, %s, come.digest, decode(raw, 'hex'), 'pending', '', '', '', ''
            FROM new JOIN come ON short = new.digest ORDER BY n
            RETURNING id, digest
            """,
            [
                *parameters,
                *(account.pk, resource),
                *(account.pk, account.seller_id, run.pk if run else None, resource),
            ],
        )
        return sorted(cursor.fetchall())


def find(account: Account, resource: str, digests: Collection[str]) -> QuerySet[ArchivedMessage]:
    """The messages of the account that have one of these digests."""
    known = MessageDigest.objects.filter(
        account=account, resource=resource, digest__in=[bytes.fromhex(digest) for digest in digests]
    )
    return account.archive.filter(pk__in=known.values("message"))


def holds(account: Account, resource: str, records: Sequence[Record]) -> bool:
    """Whether all of these came before."""
    digests = {record.digest for record in records}
    return not digests or find(account, resource, digests).count() == len(digests)


def store_unreadable(account: Account, run: SyncRun, resource: str, body: bytes, reason: str) -> None:
    """Archive an answer that could not be read, as a rejected message; the same one again is not stored twice."""
    packed = {sha256(body).hexdigest(): zlib.compress(body[:LONGEST_FRAGMENT])}
    with transaction.atomic():
        record_dispositions(
            [Disposition(message, State.REJECTED, reason) for message, _ in _store(account, run, resource, packed)]
        )


def text_of(raw: bytes) -> str:
    """The raw text of an archived message, whatever bytes it holds."""
    return zlib.decompress(raw).decode(errors="replace")


def waits(account: Account) -> bool:
    """Whether there is any message that may yet be applied."""
    return account.archive.filter(state__in=(State.PENDING, State.PARKED)).exists()


def pending(account: Account, *, at_most: int) -> list[StoredMessage]:
    """Messages that were archived and never looked at, because a worker died in between."""
    return read(account, account.archive.filter(state=State.PENDING).order_by("id")[:at_most])


def ready(account: Account, *, at_most: int) -> list[StoredMessage]:
    """Parked messages whose order has come, or whose status is mapped now."""
    parked = account.archive.filter(state=State.PARKED)
    # Each case asks along its own index.
    same_seller = Order.objects.filter(seller=OuterRef("seller"))
    mapped = StatusMapping.objects.filter(
        kind=account.connection.kind, external_status=OuterRef("external_status")
    ).exclude(status="")
    parts = FulfilmentOrder.objects.filter(warehouse=account.connection.warehouse_id, order__seller=account.seller_id)
    numbered = parts.exclude(number="").alias(upper=Upper("number"))
    cases = (
        parked.filter(external_status="", ambiguous=False)
        .exclude(reference="")
        .filter(Exists(same_seller.filter(reference=OuterRef("reference")))),
        parked.filter(external_status="", ambiguous=False)
        .exclude(warehouse_number="")
        .filter(
            Exists(numbered.filter(number=OuterRef("warehouse_number"), upper=Upper(OuterRef("warehouse_number"))))
            | Exists(same_seller.filter(reference=OuterRef("warehouse_number")))
        ),
        parked.filter(~Q(external_status=""), Exists(mapped)),
    )
    found: dict[int, ArchivedMessage] = {}
    for case in cases:
        found |= {message.pk: message for message in case.order_by("id")[:at_most]}
    return read(account, (found[key] for key in sorted(found)[:at_most]))


def by_account(messages: Iterable[ArchivedMessage]) -> list[tuple[Account, list[StoredMessage]]]:
    """These messages in their sequence, for each account that they came from (two queries)."""
    found: dict[int, list[ArchivedMessage]] = {}
    for message in messages:
        found.setdefault(message.account_id, []).append(message)
    accounts = Account.objects.filter(pk__in=found).select_related("connection", "seller")
    return [(account, read(account, found[account.pk])) for account in accounts]


def read(account: Account, messages: Iterable[ArchivedMessage]) -> list[StoredMessage]:
    """These messages of one account, decoded again."""
    rows = list(messages)
    brought = SyncRun.objects.filter(pk__in={row.run_id for row in rows}).exclude(actor="")
    actors = dict(brought.values_list("pk", "actor")) if rows else {}
    return [
        StoredMessage(
            row.pk,
            decoded(account, text_of(bytes(row.raw)), row.resource),
            row.received_at,
            actors.get(row.run_id or 0, ""),
        )
        for row in rows
    ]


def decoded(account: Account, raw: str, resource: str) -> Record:
    """The record that a stored text holds."""
    return system_that_reads(resource, account).decode(raw, resource)


def record_dispositions(dispositions: Sequence[Disposition]) -> None:
    """Record the outcome of these messages, in one statement."""
    if not dispositions:
        return
    source, parameters = unnest(
        [
            ("id", "bigint", [one.id for one in dispositions]),
            ("state", "text", [one.state for one in dispositions]),
            ("reason", "text", [one.reason[:500] for one in dispositions]),
            ("reference", "text", [one.reference for one in dispositions]),
            ("warehouse_number", "text", [one.warehouse_number for one in dispositions]),
            ("external_status", "text", [one.external_status for one in dispositions]),
            ("order_id", "bigint", [one.order_id for one in dispositions]),
            ("ambiguous", "bool", [one.ambiguous for one in dispositions]),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE integrations_archivedmessage m SET state = t.state, reason = t.reason, reference = t.reference,
                warehouse_number = t.warehouse_number, external_status = t.external_status,
                order_id = t.order_id, ambiguous = t.ambiguous, processed_at = now()
            FROM {source} WHERE m.id = t.id
            """,
            parameters,
        )


def remark(message: int, text: str) -> None:
    """Write beside a message what a reader should know of it. What it waits for or was rejected for stays."""
    ArchivedMessage.objects.filter(pk=message, reason="").update(reason=text[:500])
