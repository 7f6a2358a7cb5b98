"""Which refund is decided next, by this person? (a stable order: who waits longest, then around from the front)"""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from orders.backoffice import seller_scope
from refunds.decisions import presence, second_person
from refunds.models import Refund, RefundStatus


def next_in_queue(row: Refund, person: User) -> Refund | None:
    """The proposal to decide on after this one; from the front again after the last.

    One that nobody else has open, as long as there is one.
    """
    later = Q(proposed_at__gt=row.proposed_at) | Q(proposed_at=row.proposed_at, id__gt=row.pk)
    queue = _queue(row, person).order_by("proposed_at", "id")
    free = queue.exclude(presence.by_another(person))
    for rows in (free, queue):
        if found := rows.filter(later, proposed_at__gte=row.proposed_at).first() or rows.first():
            return found
    return None


def previous_in_queue(row: Refund, person: User) -> Refund | None:
    """The proposal before this one, if there is one."""
    earlier = Q(proposed_at__lt=row.proposed_at) | Q(proposed_at=row.proposed_at, id__lt=row.pk)
    queue = _queue(row, person).order_by("-proposed_at", "-id")
    return queue.filter(earlier, proposed_at__lte=row.proposed_at).first()


def _queue(row: Refund, person: User) -> QuerySet[Refund]:
    """What waits besides this one and is for this person to approve: of their sellers, not their own or approved."""
    queue = seller_scope.narrow(Refund.objects.filter(status=RefundStatus.PROPOSED), person, "seller_id")
    return queue.exclude(pk=row.pk).exclude(second_person.not_theirs(person))
