"""How do webhooks use the outbox? Its tables, which endpoint hears which event, and how a message is posted."""

import ssl
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from integrations.outbox.outbox import Claimed, Outbox
from integrations.outbox.retry import Ended
from integrations.secrets import Undecryptable
from integrations.webhooks import payload, post, signing
from integrations.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from orders.models import AttentionItem
from orders.timeline import attention

_WANTS = """
p.kinds::text[] && ARRAY['*', e.kind, split_part(e.kind, '.', 1) || '.*']::text[]
    AND (p.every_seller OR EXISTS (SELECT FROM integrations_webhookendpoint_sellers s
        WHERE s.webhookendpoint_id = p.id AND s.seller_id = e.seller_id))
"""


class EndpointChannel:
    """Signs messages and posts them to one endpoint."""

    def __init__(self, endpoint: WebhookEndpoint, tls: ssl.SSLContext) -> None:
        self._sender = post.Sender(endpoint.url, tls)

    def leads_to(self, target: WebhookEndpoint) -> bool:
        """Whether the endpoint is still at the same address."""
        return self._sender.url == target.url

    def send(self, claimed: Claimed[WebhookEndpoint]) -> Ended:
        """Post one message, signed with the endpoint's present secrets."""
        try:
            keys = claimed.target.signing_secrets(timezone.now())
        except Undecryptable as sealed:
            return Ended(0, error=str(sealed))
        body = payload.body(claimed.event)
        name = payload.name(claimed.delivery_id, claimed.event.event_id)
        signed = signing.headers(name, int(time.time()), body, keys)
        return self._sender.post({"Content-Type": "application/json", "User-Agent": "hemi-intake", **signed}, body)

    def cut_overdue(self) -> None:
        """Break off what is past its deadline."""
        self._sender.cut_overdue()

    def close(self) -> None:
        """Close the connections that were kept."""
        self._sender.close()


def _opener() -> Callable[[WebhookEndpoint], EndpointChannel]:
    tls = post.tls()
    return lambda endpoint: EndpointChannel(endpoint, tls)


def _switched_off(row: WebhookEndpoint, at: datetime) -> attention.AttentionRequest:
    text = f"The webhook endpoint {row.name} was disabled. {row.disabled_reason} Pending deliveries are kept."
    evidence = {"endpoint": row.name, "reason": row.disabled_reason, "switched_off_at": at.isoformat()}
    return attention.AttentionRequest(AttentionItem.Kind.WEBHOOK_OFF, row.subject, text, evidence=evidence)


WEBHOOKS = Outbox(
    name="webhooks",
    target=WebhookEndpoint,
    delivery=WebhookDelivery,
    attempt=WebhookAttempt,
    link="endpoint_id",
    wants=_WANTS,
    seconds=lambda: float(settings.WEBHOOK_TIMEOUT_SECONDS),
    opener=_opener,
    switched_off=_switched_off,
)
