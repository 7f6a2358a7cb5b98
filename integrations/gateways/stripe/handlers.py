"""What becomes of Stripe's own news? Taken in by the clock, each in its own transaction, in whatever order it came."""

import json
import logging
import uuid
import zlib
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from integrations.gateways.models import ProviderEvent
from integrations.gateways.stripe import mapping
from integrations.gateways.stripe.amounts import NotInStripe
from integrations.gateways.stripe.gateway import refunds_of
from integrations.gateways.stripe.mapping import ProviderRefund, Unreadable
from orders.models import Order
from refunds.execution import external
from refunds.gateway import Declined, Unclear

log = logging.getLogger(__name__)
State = ProviderEvent.State
PROVIDER = "stripe"
DECLINED = "declined"
"""Our own note that Stripe refused a refund: others may have been made there, so it is asked for them."""


class Parked(Exception):
    """No order of ours was paid by this payment (yet)."""


def process_events(*, at_most: int = 200) -> int:
    """Take in what is pending, and say how much was looked at. A second call finds only what is due again."""
    _note_declined()
    _wake_parked()
    due = ProviderEvent.objects.filter(provider=PROVIDER, state=State.PENDING, next_at__lte=Now())
    looked_at = 0
    for event_id in due.order_by("next_at", "id").values_list("pk", flat=True)[:at_most]:
        try:
            _take_in(event_id)
        except (external.NotYet, Unclear) as reason:
            _later(event_id, str(reason) or "a payment of ours is under way")
        except Exception:
            # It stays pending and is tried again; the others go on.
            log.exception("provider news was not taken in", extra={"event": event_id})
            _later(event_id, "it could not be taken in; see the log")
        looked_at += 1
    return looked_at


def _take_in(event_id: int) -> None:
    told = _refunds(ProviderEvent.objects.get(pk=event_id))
    with transaction.atomic():
        event = (
            ProviderEvent.objects.select_for_update(skip_locked=True).filter(pk=event_id, state=State.PENDING).first()
        )
        if event is None:
            return
        outcome, state = [], State.IGNORED
        try:
            for refund in [mapping.refund(one) for one in told]:
                done, words = _apply(refund)
                state = State.APPLIED if done else state
                outcome.append(f"{refund.reference}: {words}")
        except Parked:
            state, outcome = State.PARKED, ["no order was paid by this payment"]
        except (Unreadable, NotInStripe) as error:
            outcome = [str(error)]
            log.error("provider news cannot be read", extra={"event": event.event_id, "why": str(error)})
        event.state, event.outcome, event.processed_at = state, "; ".join(outcome)[:300], Now()
        event.save(update_fields=["state", "outcome", "processed_at"])


def _refunds(event: ProviderEvent) -> list[dict[str, Any]]:
    """The refunds that the event is about; Stripe is asked, outside any transaction, where the event names none."""
    if event.kind in mapping.REFUND_KINDS:
        return [json.loads(zlib.decompress(event.raw))["data"]["object"]]
    if event.kind != DECLINED:
        inside = mapping.refunds_inside(json.loads(zlib.decompress(event.raw))["data"]["object"])
        if inside is not None:
            return inside
    try:
        return refunds_of(event.payments[0]) if event.payments else []
    except Declined:
        # What is no payment of Stripe has no refunds there.
        return []


def _apply(told: ProviderRefund) -> tuple[bool, str]:
    """Bring one refund of Stripe's in line with ours; whether something changed, and what to say of it."""
    dead = told.dead or ProviderEvent.objects.filter(subject=told.reference, provider=PROVIDER, dead=True).exists()
    known = external.known(PROVIDER, key=_uuid(told.key), reference=told.reference)
    if known is not None:
        if not dead:
            return False, f"it is {known.number}"
        failed = external.reverse_failed_payment(known.pk, reference=told.reference, detail=told.why)
        return failed, f"{known.number} failed later" if failed else f"{known.number} counts on it no more"
    if dead:
        return False, "it failed before it was known here"
    orders = Order.objects.filter(payment_provider=PROVIDER, payment_reference__in=told.payments)
    # One payment may have paid several orders: the one with most left is refunded.
    order = max(orders, key=lambda order: (order.total_paid - order.committed_amount, -order.pk), default=None)
    if order is None:
        raise Parked
    outside = external.Outside(PROVIDER, told.reference, told.amount, told.currency, told.made_at)
    booked = external.book(order.pk, outside)
    return booked is not None, f"booked as {booked.number}" if booked else "it is in another currency than its order"


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _later(event_id: int, why: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE integrations_providerevent
            SET tries = tries + 1, outcome = %s,
                next_at = now() + least(60 * 2 ^ least(tries, 10), 3600) * interval '1 s'
            WHERE id = %s AND state = 'pending'
            """,
            [why[:300], event_id],
        )


def _note_declined() -> None:
    """Note each refusal of the last day once: "already refunded" may be somebody else's refund."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_providerevent (provider, event_id, kind, subject, dead, payments, raw, state,
                outcome, tries)
            SELECT t.gateway, 'declined:' || t.key, %s, '', false, ARRAY[o.payment_reference], '', 'pending', '', 0
            FROM refunds_refundattempt t JOIN refunds_refund r ON r.id = t.refund_id JOIN orders_order o
                ON o.id = r.order_id
            WHERE t.gateway = %s AND t.outcome = 'declined' AND t.started_at > now() - interval '1 day'
            ON CONFLICT (provider, event_id) DO NOTHING
            """,
            [DECLINED, PROVIDER],
        )


def _wake_parked() -> None:
    """Look again at what waited for an order that has come meanwhile; after a month nobody waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE integrations_providerevent e SET state = 'pending', next_at = now()
            WHERE e.provider = %s AND e.state = 'parked' AND e.received_at > now() - interval '30 days'
              AND EXISTS (SELECT FROM orders_order o
                          WHERE o.payment_reference = ANY(e.payments) AND o.payment_reference <> ''
                            AND o.payment_provider = %s)
            """,
            [PROVIDER, PROVIDER],
        )
