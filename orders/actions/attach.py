"""Put a file on an order, and delete it again."""

import hashlib

from django.contrib.auth.models import User
from django.db import transaction

from orders.actions import file_types
from orders.errors import ActionRefused
from orders.models import Order, OrderFile
from orders.timeline import events

MOST_BYTES = 5_000_000
MOST_FILES = 20


def attach(order_id: int, name: str, content: bytes, *, by: User) -> OrderFile:
    """Keep a file with an order. The same content a second time is refused, and so is what is none of our kinds."""
    if not content:
        raise ActionRefused("The file is empty.")
    if len(content) > MOST_BYTES:
        raise ActionRefused(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    kind = file_types.kind_of(content)
    if kind is None:
        raise ActionRefused(f"This kind of file is not kept here. These are: {file_types.ALLOWED}.")
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        kept = list(order.files.values_list("digest", "name"))
        if (same := dict(kept).get(digest)) is not None:
            raise ActionRefused(f"{order.reference} has this file already, as {same}.")
        if len(kept) >= MOST_FILES:
            raise ActionRefused(f"{order.reference} has {MOST_FILES} files already.")
        facts = {"name": file_types.clean_name(name, kind), "kind": kind.media, "size": len(content), "digest": digest}
        file = OrderFile.objects.create(order=order, content=content, added_by=by, **facts)
        _record(order, "order.file_added", file, events.staff(by))
    return file


def discard(order_id: int, file_id: int, *, actor: str) -> str:
    """Delete a file for good; answer with its name. The timeline keeps that it was there. A second call is refused."""
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        file = order.files.defer("content").filter(pk=file_id).first()
        if file is None:
            raise ActionRefused(f"{order.reference} does not have this file any more.")
        file.delete()
        _record(order, "order.file_deleted", file, actor)
    return file.name


def _record(order: Order, kind: str, file: OrderFile, actor: str) -> None:
    facts = {"file": file.name, "size": file.size, "digest": file.digest}
    events.record([events.Event(order.pk, order.seller_id, kind, None, actor, facts)])
