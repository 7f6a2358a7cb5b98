"""How does a receiver know that news are ours? By the Standard Webhooks convention, 1.0.0. (pure)"""

import base64
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SIZE = 32


def new_secret() -> str:
    """A fresh secret, as it is handed over."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode()


def headers(name: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The three headers of a message; `timestamp` is in Unix seconds. While keys rotate, each of them signs."""
    text = f"{name}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(_key(one), text, "sha256")).decode() for one in keys)
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
