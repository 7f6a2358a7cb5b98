"""Put a file on an order, and delete it again."""

import hashlib

from django.contrib.auth.models import User
from django.db import transaction

from orders.actions import file_types, verb
from orders.errors import ActionRefused
from orders.models import Order, OrderFile
from orders.timeline import events
from orders.timeline.kinds import EventKind

MOST_BYTES = 5_000_000
MOST_FILES = 20


def attach(order_id: int, name: str, content: bytes, *, by: User) -> OrderFile:
    """Keep a file with an order. The same content a second time is refused, and so is what is none of our kinds."""
    if not content:
        raise ActionRefused("The file is empty.", code="file_empty")
    if len(content) > MOST_BYTES:
        raise ActionRefused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.", code="file_too_large")
    kind = file_types.kind_of(content)
    if kind is None:
        raise ActionRefused(f"File type not allowed. Allowed: {file_types.ALLOWED}.", code="file_kind_not_allowed")
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        files = list(order.files.values_list("digest", "name"))
        if (same := dict(files).get(digest)) is not None:
            raise ActionRefused(f"{order.reference} has this file already, as {same}.", code="file_already_attached")
        if len(files) >= MOST_FILES:
            raise ActionRefused(f"{order.reference} has {MOST_FILES} files already.", code="too_many_files")
        facts = {"name": file_types.clean_name(name, kind), "kind": kind.media, "size": len(content), "digest": digest}
        file = OrderFile.objects.create(order=order, content=content, added_by=by, **facts)
        _record(order, ATTACH.event.code, file, events.staff(by))
    return file


def delete(order_id: int, file_id: int, *, actor: str) -> str:
    """Delete a file for good; answer with its name. The timeline keeps that it was there. A second call is refused."""
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        file = order.files.defer("content").filter(pk=file_id).first()
        if file is None:
            raise ActionRefused(f"{order.reference} does not have this file any more.", code="file_not_found")
        file.delete()
        _record(order, DELETE.event.code, file, actor)
    return file.name


def _record(order: Order, kind: str, file: OrderFile, actor: str) -> None:
    facts = {"file": file.name, "size": file.size, "digest": file.digest}
    events.record([events.Event(order.pk, order.seller_id, kind, None, actor, facts)])


def _attach(call: verb.Call) -> str:
    if call.by is None:
        raise ActionRefused("Files are added by people.", code="people_only")
    file = attach(call.order.pk, call.values["file"].name, call.values["file"].read(), by=call.by)
    return f"File {file.name} added."


def _delete(call: verb.Call) -> str:
    return f"File {delete(call.order.pk, call.values['which'], actor=call.actor)} deleted."


ATTACH = verb.Verb(
    "attach",
    "Add file",
    verb.ANNOTATE,
    EventKind("order.file_added", "File added", "File added[: {file}]"),
    _attach,
    (verb.Param("file", "File", "Choose a file first.", MOST_BYTES, "file"),),
    in_place=True,
)
DELETE = verb.Verb(
    "discard",
    "Delete file",
    "orders.delete_orderfile",
    EventKind("order.file_deleted", "File deleted", "File deleted[: {file}]"),
    _delete,
    (verb.Param("which", "File", kind="id"),),
    confirm=lambda _: "The file is deleted for good. The timeline still shows that it was added.",
    tone="bad",
    in_place=True,
)
