"""Process stored events of payment providers, each in its own transaction, in whatever order they came."""

import logging
import zlib
from dataclasses import replace

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from integrations.gateways.events import Unreadable, events_of
from integrations.gateways.models import ProviderEvent
from refunds.execution import external, outside
from refunds.gateway import ProviderRefund, Unclear

log = logging.getLogger(__name__)
State = ProviderEvent.State
DECLINED = "declined"
"""Our own note that a provider refused a refund: others may have been made there, so it is asked for them."""


def process_events(*, at_most: int = 200) -> int:
    """Process what is pending, and say how much was looked at. A second call finds only what is due again."""
    providers = list(settings.PAYMENT_EVENTS)
    _note_declined(providers)
    _wake_parked(providers)
    due = ProviderEvent.objects.filter(provider__in=providers, state=State.PENDING, next_at__lte=Now())
    looked_at = 0
    for event_id in due.order_by("next_at", "id").values_list("pk", flat=True)[:at_most]:
        try:
            _process(event_id)
        except (external.NotYet, Unclear) as reason:
            _later(event_id, str(reason) or "a payment of ours is under way")
        except Exception:
            # It stays pending and is tried again; the others go on.
            log.exception("a provider event was not processed", extra={"event": event_id})
            _later(event_id, "it could not be processed; see the log")
        looked_at += 1
    return looked_at


def _process(event_id: int) -> None:
    refunds, fault = _refunds(ProviderEvent.objects.get(pk=event_id))
    with transaction.atomic():
        event = (
            ProviderEvent.objects.select_for_update(skip_locked=True).filter(pk=event_id, state=State.PENDING).first()
        )
        if event is None:
            return
        sentences, state = [fault] if fault else [], State.IGNORED
        try:
            for refund in refunds:
                changed, sentence = _apply(event.provider, refund)
                state = State.APPLIED if changed else state
                sentences.append(f"{refund.reference}: {sentence}")
        except outside.NoOrder:
            state, sentences = State.PARKED, ["no order was paid by this payment"]
        event.state, event.outcome, event.processed_at = state, "; ".join(sentences)[:300], Now()
        event.save(update_fields=["state", "outcome", "processed_at"])


def _refunds(event: ProviderEvent) -> tuple[list[ProviderRefund], str]:
    """The refunds that the event is about, or why they cannot be read; outside any transaction."""
    events = events_of(event.provider)
    raw = zlib.decompress(event.raw) if event.raw else b""
    try:
        return (events.refunds(event.kind, raw, event.payments) if events else []), ""
    except Unreadable as error:
        log.error("a provider event cannot be read", extra={"event": event.event_id, "why": str(error)})
        return [], str(error)


def _apply(provider: str, refund: ProviderRefund) -> tuple[bool, str]:
    """Bring one refund of the provider's in line with ours; whether something changed, and what to say of it."""
    dead = refund.dead or ProviderEvent.objects.filter(subject=refund.reference, provider=provider, dead=True).exists()
    return outside.hear(provider, replace(refund, dead=dead))


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


def _note_declined(providers: list[str]) -> None:
    """Note each refusal of the last day once: "already refunded" may be somebody else's refund."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_providerevent (provider, event_id, kind, subject, dead, payments, raw, state,
                outcome, tries)
            SELECT t.gateway, 'declined:' || t.key, %s, '', false, ARRAY[p.reference], '', 'pending', '', 0
            FROM refunds_refundattempt t JOIN refunds_refund r ON r.id = t.refund_id JOIN orders_payment p
                ON p.id = r.payment_id
            WHERE t.gateway = ANY(%s) AND t.outcome = 'declined' AND t.started_at > now() - interval '1 day'
            ON CONFLICT (provider, event_id) DO NOTHING
            """,
            [DECLINED, providers],
        )


def _wake_parked(providers: list[str]) -> None:
    """Look again at what waited for an order that has come meanwhile; after a month nobody waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE integrations_providerevent e SET state = 'pending', next_at = now()
            WHERE e.provider = ANY(%s) AND e.state = 'parked' AND e.received_at > now() - interval '30 days'
              AND EXISTS (SELECT FROM orders_payment p
                          WHERE p.reference = ANY(e.payments) AND p.reference <> '' AND p.provider = e.provider)
            """,
            [providers],
        )
