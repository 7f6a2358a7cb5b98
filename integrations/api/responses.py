"""What is stored of a response, so that the same request gets it again, and how much of it at most?"""

import json
import zlib
from typing import Any

from django.db import connection

LARGEST = 32 * 1024
"""So many bytes of one answer are kept, compressed: orders of some hundred lines and whole batches are well below."""
MOST = 20_000
"""So many answers are kept of one API key; the oldest go first."""
_EVERY = 100
_NAMES = ("id", "version", "reference", "number", "status", "type", "title", "detail", "code", "request_id")
_OLDEST = """
DELETE FROM integrations_idempotentresponse WHERE api_key_id = %(key)s AND id <= (
    SELECT id FROM integrations_idempotentresponse WHERE api_key_id = %(key)s ORDER BY id DESC OFFSET %(most)s LIMIT 1)
"""


def pack(body: str) -> bytes:
    """What is stored of a response: all of it, or of one that is too large what names it: its id and version."""
    packed = zlib.compress(body.encode())
    return packed if len(packed) <= LARGEST else zlib.compress(_short(json.loads(body)).encode())


def unpack(stored: bytes) -> bytes:
    """The response that was stored; those of earlier releases were not compressed."""
    return zlib.decompress(stored) if stored[:1] == b"\x78" else stored


def prune(key_id: int, latest: int, *, most: int = MOST) -> None:
    """At every hundredth answer, remove those of this key that are older than the `most` latest."""
    if latest % _EVERY == 0:
        with connection.cursor() as cursor:
            cursor.execute(_OLDEST, {"key": key_id, "most": most})


def _short(answer: Any) -> str:
    row = answer if isinstance(answer, dict) else {}
    return json.dumps({name: _cut(row[name]) for name in _NAMES if name in row} | {"shortened": True})


def _cut(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else str(value)[:500]
