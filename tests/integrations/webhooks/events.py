"""How does something happen to an order in a test, who wants to hear it, and how long is delivered?"""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from integrations.outbox.deliver import deliver_until
from integrations.webhooks import endpoints
from integrations.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from integrations.webhooks.outbox import WEBHOOKS
from orders.models import Order, OrderEvent
from orders.timeline.events import Event, record
from tests.integrations.webhooks.receiver import Receiver
from tests.waiting import WITHIN


def happen(order: Order, *kinds: str, **data: Any) -> list[int]:
    """Record facts of an order, committed as a test without a transaction of its own does; say their ids."""
    record([Event(order.pk, order.seller_id, kind, None, "system", data) for kind in kinds])
    ids = OrderEvent.objects.filter(order=order).order_by("-id").values_list("pk", flat=True)[: len(kinds)]
    return sorted(ids)


def listen(receiver: Receiver, path: str = "/ok", *kinds: str, name: str = "", **more: Any) -> WebhookEndpoint:
    """An endpoint at this receiver, which knows its secret."""
    wish = endpoints.EndpointSpec(name or path, receiver.url + path, kinds or ("*",), more.get("sellers"))
    row, secret = endpoints.create(wish)
    receiver.secrets.append(secret)
    return row


def deliver(*, once: Callable[[], bool] | None = None) -> int:
    """Deliver until nothing is due any more, or `once` holds."""
    holds, ends = once or nothing_due, time.monotonic() + WITHIN
    done = deliver_until(WEBHOOKS, lambda: time.monotonic() > ends or holds())
    assert time.monotonic() < ends, f"not within {WITHIN:g} seconds: all delivered"
    return done


def nothing_due() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM integrations_webhookdelivery d
            JOIN integrations_webhookendpoint p ON p.id = d.endpoint_id
            WHERE d.state = 'pending' AND d.next_attempt_at <= now() AND p.active
                AND (p.paused_until IS NULL OR p.paused_until <= now())
            """
        )
        return bool(cursor.fetchone()[0] == 0)


def wait_is_over(endpoint: WebhookEndpoint) -> None:
    """What would be so after a while: the endpoint has rested, and everything is due."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(paused_until=None)
    WebhookDelivery.objects.filter(endpoint=endpoint, state="pending").update(next_attempt_at="2020-01-01T00:00Z")


def tries(endpoint: WebhookEndpoint) -> list[tuple[int | None, str]]:
    found = WebhookAttempt.objects.filter(delivery__endpoint=endpoint).order_by("id")
    return [(row.status, row.error) for row in found]


def states(endpoint: WebhookEndpoint) -> list[tuple[str, int]]:
    return [(row.state, row.attempts) for row in endpoint.deliveries.order_by("id")]
