"""How does a payment provider's event get in? (POST /providers/<provider>/events: verified, stored once)"""

import logging
import zlib
from http import HTTPStatus

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.gateways.events import EventRejected, IncomingEvent, events_of
from integrations.gateways.models import ProviderEvent

log = logging.getLogger(__name__)

LARGEST = 512 * 1024
"""No event about a refund is near it."""


@csrf_exempt
@require_POST
def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """Store one event for the queue and answer 200; a second time too. The signature is checked over the bytes."""
    events = events_of(provider)
    if events is None:
        raise Http404
    if not events.configured():
        return _reject(provider, HTTPStatus.SERVICE_UNAVAILABLE, "no secret")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return _reject(provider, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    try:
        events.verify(request.body, request.headers)
        event = events.parse(request.body)
    except EventRejected as rejected:
        return _reject(provider, HTTPStatus.BAD_REQUEST, rejected.reason)
    if event is not None:
        store(provider, event, request.body)
    return HttpResponse(status=HTTPStatus.OK)


def store(provider: str, event: IncomingEvent, body: bytes) -> None:
    """Store one event. A second call with the same id changes nothing."""
    row = ProviderEvent(
        provider=provider,
        event_id=event.event_id,
        kind=event.kind,
        subject=event.subject,
        dead=event.dead,
        payments=event.payments,
        raw=zlib.compress(body),
    )
    ProviderEvent.objects.bulk_create([row], ignore_conflicts=True)


def _reject(provider: str, status: HTTPStatus, reason: str) -> HttpResponse:
    log.warning("provider event rejected", extra={"provider": provider, "why": reason})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_rejectedproviderevent (provider, day, reason, count)
            VALUES (%s, (now() AT TIME ZONE 'UTC')::date, %s, 1)
            ON CONFLICT (provider, day, reason) DO UPDATE SET count = integrations_rejectedproviderevent.count + 1
            """,
            [provider, reason],
        )
    return HttpResponse(status=status)
