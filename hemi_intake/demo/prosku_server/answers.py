"""How does the sandbox write an answer in ProSKU's XML and JSON, and how does it spoil one?"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from xml.sax.saxutils import escape

from hemi_intake.demo.prosku_server import plans
from hemi_intake.demo.prosku_server.state import Account, Entry

LISTS = {"despatches": "Despatch_notes", "orders": "orders"}
ELEMENTS = {
    "Despatch_notes": "Despatch_note",
    "orders": "order",
    "despatch_lines": "despatch_line",
    "order_lines": "line",
}
MODES = frozenset(
    {
        "status", "html", "cut_off", "short_body", "reset", "slow", "drip", "encoding", "duplicates", "shift", "dtd",
        "bomb", "deep", "huge", "interim", "rotate", "shuffle", "wrong_root", "wrong_shape", "empty", "empty_body",
        "same_page",
    }
)  # fmt: skip
LIST_STYLES = frozenset({"array", "named", "bare"})


@dataclass
class Fault:
    """One way to misbehave: for `times` requests (-1: until told otherwise) that match what is named."""

    mode: str
    times: int = 1
    resource: str = ""
    page: int = 0
    key: str = ""
    status: int = 503
    retry_after: str = ""
    seconds: float = 0.0
    size: int = 40_000_000

    def matches(self, resource: str, page: int, key: str) -> bool:
        wanted = (self.resource in ("", resource), self.page in (0, page), self.key in ("", key))
        return bool(self.times) and all(wanted)


@dataclass
class AtRandom:
    """Misbehaviour at each request for this key (every key when empty) with this probability, the same for a seed."""

    probability: float = 0.0
    key: str = ""
    seed: int = 1
    rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)  # noqa: S311 - no secret

    def choose(self, key: str) -> Fault | None:
        """What goes wrong with a request, if anything does."""
        if self.key in ("", key) and self.rng.random() < self.probability:
            return self.rng.choice(AT_RANDOM)
        return None


@dataclass(frozen=True)
class Asked:
    """What one request asks for."""

    resource: str
    page: int
    per_page: int
    json: bool


def write(asked: Asked, account: Account, changed: Sequence[Entry], *, list_style: str, twice: bool = False) -> bytes:
    """One page of what changed, with its head; `twice` repeats every record."""
    start = (asked.page - 1) * asked.per_page
    entries = changed[start : start + asked.per_page]
    newest = max((entry.modified for entry in entries), default=None)
    head: dict[str, object] = {
        "per_page": asked.per_page,
        "current_page": asked.page,
        "total_pages": max(1, math.ceil(len(changed) / asked.per_page)),
        f"total_{asked.resource}": len(changed),
        "last_change": plans.local(newest, account.zone) if newest else "",
    }
    if twice:
        entries = [entry for entry in entries for _ in range(2)]
    if asked.json:
        records = [_json(entry.record, list_style) for entry in entries]
        name = LISTS[asked.resource]
        return json.dumps(head | {name: _json_list(name, records, list_style)}, ensure_ascii=False).encode()
    return _xml_page(head, asked.resource, entries)


def disorder(entries: Sequence[Entry], mode: str, rng: Random) -> list[Entry]:
    """The entries as a list shows them that does not hold still: the first one last, or in any sequence."""
    return [*entries[1:], *entries[:1]] if mode == "rotate" else rng.sample(entries, len(entries))


def _xml_page(head: Mapping[str, object], resource: str, entries: Sequence[Entry]) -> bytes:
    name = LISTS[resource]
    for entry in entries:
        if entry.xml is None:
            entry.xml = _xml(ELEMENTS[name], entry.record)
    body = "".join(_xml(key, value) for key, value in head.items())
    records = "\n".join(entry.xml or "" for entry in entries)
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<APIResponse>{body}<{name}>\n{records}\n</{name}></APIResponse>'
    return text.encode()


def _xml(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_xml(str(key), content) for key, content in value.items())
    elif isinstance(value, list):
        inner = "".join(_xml(ELEMENTS.get(name, "item"), entry) for entry in value)
    else:
        inner = "" if value is None else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _json(value: object, list_style: str) -> object:
    if not isinstance(value, Mapping):
        return value
    return {
        key: _json_list(key, [_json(entry, list_style) for entry in content], list_style)
        if isinstance(content, list)
        else _json(content, list_style)
        for key, content in value.items()
    }


def _json_list(name: str, entries: list[object], list_style: str) -> object:
    """A list as the JSON API may write it: an array, under its element's name, or its only entry bare."""
    if list_style == "named":
        return {ELEMENTS.get(name, "item"): entries}
    return entries[0] if list_style == "bare" and len(entries) == 1 else entries


def spoil(body: bytes, fault: Fault, asked: Asked) -> bytes:
    """The body that a fault makes of a good one."""
    if fault.mode == "cut_off":
        return body[: len(body) // 2]
    if fault.mode == "encoding":
        return body.replace(b'": "', b'": "\xa3', 1) if asked.json else body.replace(b"</", b"\xa3</", 1)
    if fault.mode == "huge":
        return b"<APIResponse>" + b" " * fault.size + b"</APIResponse>"
    xml, as_json = INSTEAD.get(fault.mode, (body, body))
    return as_json if asked.json else xml


def _both(body: bytes) -> tuple[bytes, bytes]:
    return body, body


# What a server that misbehaves at random does, and how long it is as a bomb: small, so that many fit into a test.
AT_RANDOM = (
    Fault("duplicates"),
    Fault("rotate"),
    Fault("shuffle"),
    Fault("status", status=429, retry_after="0"),
    Fault("status", status=503),
    Fault("html"),
    Fault("cut_off"),
    Fault("reset"),
    Fault("bomb"),
)

# What comes instead of a page, in XML and in JSON.
INSTEAD: Mapping[str, tuple[bytes, bytes]] = {
    "html": _both(b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon</body></html>"),
    "dtd": _both(b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><APIResponse>&b;</APIResponse>'),
    "bomb": _both(b"<!---->" * 60 + b"<x/>"),
    "deep": (
        b"<APIResponse>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</APIResponse>",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ),
    "wrong_root": _both(b"<Error><message>Something else</message></Error>"),
    "wrong_shape": (b"<APIResponse><message>hello</message></APIResponse>", b'["no", "object"]'),
    "empty_body": _both(b""),
}
