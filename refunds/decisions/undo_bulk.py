"""Undo all that one person decided in bulk: stop what waits, and undo each decision as on the refund's own page."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from orders.errors import ActionRefused
from refunds import errors
from refunds.decisions import undo
from refunds.models import Batch, BatchItem

State = BatchItem.State
WHAT = {Batch.Act.APPROVE: "approval", Batch.Act.REJECT: "rejection"}


@dataclass(frozen=True, slots=True)
class Undone:
    """How many are undone now or were never decided on, and how many stay as they were decided."""

    undone: int
    stay: int


def offered(batch: Batch, *, to: User) -> bool:
    """Whether something of the batch waits, or was decided so lately that it can be undone; by who decided only."""
    fresh = Now() - timedelta(seconds=settings.UNDO_SECONDS)
    open_still = Q(state=State.WAITING) | Q(state=State.DONE, settled_at__gt=fresh)
    return batch.made_by_id == to.pk and batch.items.filter(open_still).exists()


def undo_all(batch_id: int, *, by: User) -> Undone:
    """Undo the batch as far as it can be undone; what stays says why. A second call finds what is left to undo.

    Each refund is undone on its own, or not at all: one that was sent meanwhile stays, and is named.
    """
    batch = Batch.objects.get(pk=batch_id)
    if batch.made_by_id != by.pk:
        raise errors.NotYours("Only the person who ran this bulk action can undo it.", code="not_your_decision")
    if not offered(batch, to=by):
        raise errors.DecisionRefused("Too late to undo this.", code="too_late_to_undo")
    # A worker that is deciding on one of them is waited for: that one is done, and undone below.
    stopped = batch.items.filter(state=State.WAITING).update(state=State.UNDONE, settled_at=Now())
    undone = stay = 0
    # Those whose time is up first, first.
    for item in batch.items.filter(state=State.DONE).order_by("id"):
        if _undo(item, batch, by):
            undone += 1
        else:
            stay += 1
    return Undone(stopped + undone, stay)


def _undo(item: BatchItem, batch: Batch, by: User) -> bool:
    try:
        with transaction.atomic():
            undo.undo(item.refund_id, by=by, only=WHAT[Batch.Act(batch.act)], until=item.settled_at)
            BatchItem.objects.filter(pk=item.pk).update(state=State.UNDONE, settled_at=Now())
    except ActionRefused as refused:
        BatchItem.objects.filter(pk=item.pk).update(said=str(refused)[:500])
        return False
    return True
