"""How does an act get on record that is about no order? (settings, log-outs, downloads)"""

from collections.abc import Mapping
from typing import Any

from orders.models import AuditEntry

Kind = AuditEntry.Kind
SERVER = "server"
"""Whoever runs a command on the server."""


def record(actor: str, act: str, *, about: str = "", kind: str = Kind.SETTINGS) -> None:
    """Put an act on record, in the transaction of the act."""
    AuditEntry.objects.create(actor=actor, act=act, about=about[:200], kind=kind)


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What differs, with old and new values, as a record says it."""
    return "; ".join(
        f"{name} {_words(before.get(name))} → {_words(value)}"
        for name, value in now.items()
        if value != before.get(name)
    )


def _words(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)
    return text or "–"
