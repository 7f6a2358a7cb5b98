"""Bring what nobody has decided yet in line with a policy that has just changed."""

from django.db import connection, transaction
from django.db.models import F

from refunds.execution import ceiling
from refunds.models import RefundPolicy


def reconsider(seller_id: int) -> int:
    """Say anew how many people approve each open proposal of the seller; how many proposals changed.

    In the caller's transaction, together with the policy's change. A proposal that one person has approved keeps
    asking for the second. A second call changes no proposal.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("reconsider belongs inside the transaction that changed the policy")
    RefundPolicy.objects.filter(pk=seller_id).update(version=F("version") + 1)
    ceiling.reconsider(seller_id)
    with connection.cursor() as cursor:
        # What somebody is deciding just now asks the policy itself.
        cursor.execute(
            """
            WITH open AS (
                SELECT r.id, refunds_approvals_needed(r.seller_id, r.currency, r.amount) AS needed
                FROM refunds_refund r
                WHERE r.seller_id = %s AND r.status IN ('proposed', 'on_hold') AND r.approved_by_id IS NULL
                FOR NO KEY UPDATE OF r SKIP LOCKED)
            UPDATE refunds_refund r SET approvals_needed = open.needed, updated_at = now()
            FROM open WHERE open.id = r.id AND r.approvals_needed <> open.needed
            """,
            [seller_id],
        )
        return int(cursor.rowcount)
