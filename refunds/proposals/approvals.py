"""How many people approve what is open, and what of its order counts with it? (limits count per order and day)"""

from collections.abc import Collection
from typing import Any

from django.db import connection

from refunds.models import Refund


def given_today(refunds: Collection[Refund]) -> dict[int, int]:
    """What was approved of each one's order on the seller's day besides it, or paid past us; by the refund's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, refunds_given_today(order_id, id) FROM refunds_refund WHERE id = ANY(%s)",
            [[refund.pk for refund in refunds]],
        )
        return dict(cursor.fetchall())


def reconsider_orders(order_ids: Collection[int]) -> int:
    """Say anew how many people approve what is open of these orders, which are locked; how many proposals changed."""
    return _ask_anew("r.order_id = ANY(%s)", list(order_ids))


def reconsider_seller(seller_id: int) -> int:
    """The same of all open proposals of a seller; what somebody is deciding just now asks the policy itself."""
    return _ask_anew("r.seller_id = %s", seller_id)


def _ask_anew(which: str, value: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH open AS (
                SELECT r.id, refunds_approvals_needed(
                    r.seller_id, r.currency, r.amount + refunds_given_today(r.order_id, r.id)) AS needed
                FROM refunds_refund r
                WHERE {which} AND r.status IN ('proposed', 'on_hold') AND r.approved_by_id IS NULL
                FOR NO KEY UPDATE OF r SKIP LOCKED)
            UPDATE refunds_refund r SET approvals_needed = open.needed, updated_at = now()
            FROM open WHERE open.id = r.id AND r.approvals_needed <> open.needed
            """,
            [value],
        )
        return int(cursor.rowcount)
