"""The models of every room: Django looks for them in this one module."""

from integrations.api.models import ApiKey, IdempotentResponse, Scope
from integrations.connections.models import Account, Connection, StatusMapping
from integrations.gateways.models import ProviderEvent, RejectedProviderEvent
from integrations.heartbeat import Heartbeat
from integrations.outbox.models import OutboxMark
from integrations.warehouses.models import ArchivedMessage, Discrepancy, MessageDigest, SyncRun
from integrations.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "Account",
    "ApiKey",
    "ArchivedMessage",
    "Connection",
    "Discrepancy",
    "Heartbeat",
    "IdempotentResponse",
    "MessageDigest",
    "OutboxMark",
    "ProviderEvent",
    "RejectedProviderEvent",
    "Scope",
    "StatusMapping",
    "SyncRun",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
