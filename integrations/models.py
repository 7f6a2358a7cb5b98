"""The models of every room: Django looks for them in this one module."""

from integrations.api.models import ApiKey, IdempotentResponse, Scope
from integrations.connections.models import Account, Connection, StatusMapping
from integrations.gateways.models import ProviderEvent, RejectedProviderEvent
from integrations.heartbeat import Heartbeat
from integrations.warehouses.models import ArchivedMessage, Discrepancy, MessageDigest, SyncRun
from integrations.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMark

__all__ = [
    "Account",
    "ApiKey",
    "ArchivedMessage",
    "Connection",
    "Discrepancy",
    "Heartbeat",
    "IdempotentResponse",
    "MessageDigest",
    "ProviderEvent",
    "RejectedProviderEvent",
    "Scope",
    "StatusMapping",
    "SyncRun",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMark",
]
