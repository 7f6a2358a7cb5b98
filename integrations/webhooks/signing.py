"""How a receiver verifies that a message is ours: the Standard Webhooks convention, 1.0.0. (pure)"""

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
SIZE = 32


def new_secret() -> str:
    """A fresh secret, as it is handed over."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode()


def headers(name: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The three headers of a message; `timestamp` is in Unix seconds. While keys rotate, each of them signs."""
    at, text = datetime.fromtimestamp(timestamp, UTC), body.decode()
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(Webhook(key).sign(name, at, text) for key in keys),
    }
