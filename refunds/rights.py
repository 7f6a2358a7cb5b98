"""May this person do this with a refund now? Asked in the transaction of the act, behind the lock of the order."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db import transaction

from orders.backoffice import seller_scope
from refunds.errors import DecisionRefused, NotYours
from refunds.models import Refund

DECISIONS = frozenset({"refunds.approve_refund", "refunds.confirm_change"})
"""What a person answers for: superusers have every right, and are for repairs."""
SUPERUSER = "Superusers are for repairs and do not approve: log in as an approver."


def expect_right(by: User, permission: str) -> User:
    """The person as they stand now; refused unless they may do this. Asked in the transaction of the act."""
    # Read afresh: the right may have been withdrawn since the page was loaded.
    person = User.objects.get(pk=by.pk)
    if not person.is_active or not person.has_perm(permission):
        raise NotYours("You do not have permission to do this.")
    if person.is_superuser and permission in DECISIONS:
        raise NotYours(SUPERUSER, code="superusers_decide_nothing")
    return person


@contextmanager
def locked(refund_id: int, by: User, permission: str) -> Iterator[Refund]:
    """The refund, locked behind its order, for a person whose right is read in the same transaction."""
    with transaction.atomic():
        sellers = seller_scope.of(expect_right(by, permission))
        try:
            refund = Refund.objects.locked(refund_id)
            if sellers is not None and refund.seller_id not in sellers:
                raise Refund.DoesNotExist
        except Refund.DoesNotExist:
            raise DecisionRefused("There is no such refund.", code="refund_not_found") from None
        yield refund
