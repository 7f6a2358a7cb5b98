"""How does Stripe's own news get in? (POST /providers/stripe/events: signed, kept once, taken in by the clock)"""

import json
import logging
import zlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import stripe
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.gateways.models import ProviderEvent
from integrations.gateways.stripe.mapping import KINDS, describe

log = logging.getLogger(__name__)

LARGEST = 512 * 1024
"""No event about a refund is near it."""
WINDOW_SECONDS = 300


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Keep one event and answer 200; a second time too. The signature is checked over the bytes as they came."""
    if not settings.STRIPE_WEBHOOK_SECRET:
        return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "no secret")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return _refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    body = request.body
    try:
        # A body that is not UTF-8 was signed by nobody.
        stripe.WebhookSignature.verify_header(
            body.decode(), request.headers.get("Stripe-Signature"), settings.STRIPE_WEBHOOK_SECRET, WINDOW_SECONDS
        )
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return _refuse(HTTPStatus.BAD_REQUEST, "bad signature")
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return _refuse(HTTPStatus.BAD_REQUEST, "not JSON")
    match event:
        case {"id": str(event_id), "type": str(kind), "data": {"object": dict(what)}} if 0 < len(event_id) <= 120:
            if kind in KINDS:
                keep(event_id, kind, what, body)
            return HttpResponse(status=HTTPStatus.OK)
    return _refuse(HTTPStatus.BAD_REQUEST, "not an event")


def keep(event_id: str, kind: str, what: Mapping[str, Any], body: bytes) -> None:
    """Keep one event for the clock. A second call with the same id changes nothing."""
    told = describe(kind, what)
    row = ProviderEvent(
        provider="stripe",
        event_id=event_id,
        kind=kind,
        subject=told.subject,
        dead=told.dead,
        payments=told.payments,
        raw=zlib.compress(body),
    )
    ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)


def _refuse(status: HTTPStatus, why: str) -> HttpResponse:
    log.warning("provider news refused", extra={"provider": "stripe", "why": why})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_rejectedproviderevent (provider, day, reason, count)
            VALUES ('stripe', (now() AT TIME ZONE 'UTC')::date, %s, 1)
            ON CONFLICT (provider, day, reason) DO UPDATE SET count = integrations_rejectedproviderevent.count + 1
            """,
            [why],
        )
    return HttpResponse(status=status)
