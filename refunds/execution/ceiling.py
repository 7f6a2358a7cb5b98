"""Stop paying back when a seller has paid back enough for one day: the breaker against cancelling by mistake.

A day is one of the seller's time zone. What counts is every attempt that began on it and has paid, may have paid, or
is under way. A payment that a person made elsewhere counts too, but is never refused: it has happened.
"""

from collections.abc import Collection
from datetime import date

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Sum

from orders.errors import require_reason
from orders.models import AttentionItem, Seller
from orders.money import shown
from orders.timeline import attention
from refunds import errors, rights
from refunds.models import CeilingLift, Refund, RefundLimit, RefundStatus

KIND = AttentionItem.Kind.CEILING_REACHED

_TODAY = """
SELECT d.day, coalesce(sum(t.amount), 0), coalesce((
    SELECT NOT l.restores FROM refunds_ceilinglift l
    WHERE (l.seller_id, l.currency, l.day) = (%(seller)s, %(currency)s, d.day) ORDER BY l.id DESC LIMIT 1), false)
FROM (SELECT s.time_zone, (now() AT TIME ZONE s.time_zone)::date AS day FROM orders_seller s WHERE s.id = %(seller)s) d
LEFT JOIN (refunds_refundattempt t JOIN refunds_refund r ON r.id = t.refund_id AND r.seller_id = %(seller)s)
    ON t.currency = %(currency)s AND t.outcome IN ('', 'paid', 'pending', 'unclear')
    AND t.started_at >= d.day::timestamp AT TIME ZONE d.time_zone
GROUP BY d.day
"""


def has_room(refund: Refund) -> bool:
    """Whether this refund may be paid today; asked by a claim in its transaction, one at a time per ceiling.

    Answers no with an attention item, which closes when the ceiling is lifted or the day is over.
    """
    # The row stays locked until the claim has committed its attempt: two workers never see the same room.
    left = room(_locked(refund.seller_id, refund.currency))
    if left is None or refund.amount <= left:
        return True
    report_reached(refund)
    return False


def report_reached(refund: Refund) -> None:
    """Say that this refund waits for room under its ceiling, in an attention item of the day; it need not be locked."""
    limit = RefundLimit.objects.get(policy=refund.seller_id, currency=refund.currency)
    day, spent, _ = today(refund.seller_id, refund.currency)
    ceiling = shown(limit.daily_ceiling or 0, refund.currency)
    summary = (
        f"{refund.number} waits: {shown(spent, refund.currency)} of the daily cap of {ceiling} {refund.currency} was "
        f"refunded on {day}, and {shown(refund.amount, refund.currency)} more would exceed it. "
        "A manager can lift the cap for the day."
    )
    evidence = {"day": day.isoformat(), "currency": refund.currency, "ceiling": ceiling}
    subject = _subject(refund.seller_id, refund.currency, day)
    attention.open_items([attention.AttentionRequest(KIND, subject, summary, refund.seller_id, None, evidence)])


def stopped(refund: Refund) -> bool:
    """Whether this refund would exceed its ceiling now, as far as can be seen without a lock."""
    left = room(RefundLimit.objects.filter(policy=refund.seller_id, currency=refund.currency).first())
    return left is not None and refund.amount > left


def room(limit: RefundLimit | None) -> int | None:
    """What may still be paid back today in minor units; None where no ceiling holds now."""
    if limit is None or limit.daily_ceiling is None:
        return None
    _, spent, lifted = today(limit.policy_id, limit.currency)
    return None if lifted else limit.daily_ceiling - spent


def rooms_for_policies(seller_ids: Collection[int]) -> dict[int, dict[str, int | None]]:
    """By seller and currency, what their policies may approve today beside what waits to be paid. Locks the limits."""
    approved = Refund.objects.filter(seller__in=seller_ids, status=RefundStatus.APPROVED).order_by()
    limits = RefundLimit.objects.select_for_update(no_key=True, of=("self",)).filter(policy__in=seller_ids)
    rooms: dict[int, dict[str, int | None]] = {seller_id: {} for seller_id in seller_ids}
    for limit in limits.order_by("id"):
        left = room(limit)
        if left is not None:
            waiting = approved.filter(seller=limit.policy_id, currency=limit.currency).aggregate(sum=Sum("amount"))
            left -= int(waiting["sum"] or 0)
        rooms[limit.policy_id][limit.currency] = left
    return rooms


def today(seller_id: int, currency: str) -> tuple[date, int, bool]:
    """The seller's day, what was paid back on it so far (minor units), and whether its ceiling is lifted."""
    with connection.cursor() as cursor:
        cursor.execute(_TODAY, {"seller": seller_id, "currency": currency})
        day, spent, lifted = cursor.fetchone()
    return day, int(spent), lifted


def lift(seller: Seller, currency: str, *, by: User, why: str) -> CeilingLift:
    """Let more be paid back than the ceiling until the seller's day is over. Refused when it is lifted already."""
    with transaction.atomic():
        person = rights.expect_right(by, "refunds.lift_ceiling")
        reason = require_reason(why)
        day = expect_cap(seller, currency)
        attention.resolve(KIND, [_subject(seller.pk, currency, day)])
        return CeilingLift.objects.create(seller=seller, currency=currency, day=day, why=reason, lifted_by=person)


def expect_cap(seller: Seller, currency: str) -> date:
    """The seller's day, with the cap locked; refused unless a cap holds that could be lifted."""
    limit = _locked(seller.pk, currency)
    if limit is None or limit.daily_ceiling is None:
        raise errors.DecisionRefused(f"{seller} has no daily cap in {currency}.", code="no_ceiling")
    day, _, lifted = today(seller.pk, currency)
    if lifted:
        raise errors.AlreadyDecided(
            f"The daily cap of {seller} in {currency} is already lifted for {day}.", code="ceiling_already_lifted"
        )
    return day


def restore(seller: Seller, currency: str, *, by: User, why: str) -> CeilingLift:
    """Let the ceiling hold again before the day is over. Refused when it is not lifted."""
    with transaction.atomic():
        person = rights.expect_right(by, "refunds.lift_ceiling")
        reason = require_reason(why)
        _locked(seller.pk, currency)
        day, _, lifted = today(seller.pk, currency)
        if not lifted:
            raise errors.AlreadyDecided(
                f"The daily cap of {seller} in {currency} is not lifted.", code="ceiling_not_lifted"
            )
        return CeilingLift.objects.create(
            seller=seller, currency=currency, day=day, restores=True, why=reason, lifted_by=person
        )


def replace_lift(limit: RefundLimit, *, by: User) -> None:
    """End today's lift of a ceiling that was set anew: the newer decision counts."""
    day, _, lifted = today(limit.policy_id, limit.currency)
    if lifted:
        CeilingLift.objects.create(
            seller_id=limit.policy_id,
            currency=limit.currency,
            day=day,
            restores=True,
            why="The daily cap was changed.",
            lifted_by=by,
        )


def forget_past_days() -> int:
    """Close what was said about days that are over; say how much. A second call finds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE orders_attentionitem a SET closed_at = now() FROM orders_seller s
            WHERE a.kind = %s AND a.closed_at IS NULL AND s.id = a.seller_id
              AND (a.evidence ->> 'day')::date < (now() AT TIME ZONE s.time_zone)::date
            """,
            [KIND.value],
        )
        return int(cursor.rowcount)


def reconsider(seller_id: int) -> None:
    """Close what was said about the seller's ceilings: they changed, and the next claim says it again if need be."""
    said = AttentionItem.objects.filter(kind=KIND, seller=seller_id, closed_at__isnull=True)
    attention.resolve(KIND, list(said.values_list("subject", flat=True)))


def _locked(seller_id: int, currency: str) -> RefundLimit | None:
    # Without an order of its own the query would join, and lock, the policy and the seller too.
    limits = RefundLimit.objects.select_for_update(no_key=True, of=("self",)).order_by("id")
    return limits.filter(policy=seller_id, currency=currency).first()


def _subject(seller_id: int, currency: str, day: date) -> str:
    return f"ceiling:{seller_id}:{currency}:{day}"
