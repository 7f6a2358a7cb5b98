"""What does the warehouse say of a cohort's orders? One record per order, in ProSKU's XML or JSON.

Of ten orders seven ship in one despatch, two ship short by a unit that is cancelled, one is cancelled.
"""

import json
from collections.abc import Iterator
from xml.sax.saxutils import escape

from django.conf import settings

from integrations.warehouses.prosku import protocol

PAGE = settings.PROSKU_PAGE_SIZE


def lines_of(number: int) -> int:
    """How many items an order has: 1 to 4. (The same rule as the stage's.)"""
    return 1 + number // 10 % 4


def units_of(number: int, position: int) -> int:
    """How many units an item has: 1 to 3."""
    return 2 if position == 1 else 1 + (number + position) % 3


def record(token: str, number: int) -> dict[str, object]:
    """The whole word on one order: its figures per line, and its despatch note."""
    kind = number % 10
    minute, second = number // 60 % 60, number % 60
    at = f"03/03/2026 {8 + number // 3600 % 12:02d}:{minute:02d}:{second:02d}"
    lines: list[dict[str, str]] = []
    for position in range(1, lines_of(number) + 1):
        units = units_of(number, position)
        lost = units if kind == 9 else 1 if kind >= 7 and position == 1 else 0
        lines.append(
            {
                "product_code": f"SKU-{(number * 7 + position) % 5000}",
                "quantity": str(units),
                "despatched_quantity": str(units - lost),
                "cancelled_quantity": str(lost),
            }
        )
    note = {
        "despatch_number": f"{token}-D{number}",
        "confirmed_at": at,
        "updated_at": at,
        "carrier_data": f"Royal Mail|Tracked 24|{token}T{number:09d}GB|https://track.example/{token}T{number:09d}GB",
        "despatch_lines": [
            {"product_code": line["product_code"], "quantity": line["despatched_quantity"]}
            for line in lines
            if line["despatched_quantity"] != "0"
        ],
    }
    return {
        "order_number": f"{token}-N{number}",
        "order_reference": f"{token}-{number}",
        "status": "cancelled" if kind == 9 else "despatched",
        "updated_at": at,
        "cancel_reason": "out of stock" if kind >= 7 else "",
        "order_lines": lines,
        "despatch_notes": [] if kind == 9 else [note],
    }


def pages(token: str, size: int, form: str, per_page: int = PAGE, *, resource: str = "orders") -> Iterator[bytes]:
    """The answers that tell of the whole cohort; a single empty one when there is nothing to tell."""
    total = max(1, -(-size // per_page))
    for page in range(total):
        numbers = range(page * per_page, min(size, (page + 1) * per_page))
        head: dict[str, int | str] = {
            "per_page": per_page,
            "current_page": page + 1,
            "total_pages": total,
            f"total_{resource}": size,
            "last_change": "03/03/2026 20:00:00" if size else "",
        }
        records = [record(token, number) for number in numbers]
        yield json.dumps(head | {"orders": records}).encode() if form == "json" else _xml_page(head, records)


def decoded(token: str, size: int, form: str = "xml", per_page: int = PAGE) -> Iterator[protocol.Page]:
    """The same answers as the client decodes them."""
    for body in pages(token, size, form, per_page):
        yield protocol.decode(body, protocol.FORMATS[form], "orders")


_ENTRIES = {"order_lines": "line", "despatch_notes": "despatch_note", "despatch_lines": "despatch_line"}


def _xml_page(head: dict[str, int | str], records: list[dict[str, object]]) -> bytes:
    inner = "".join(_xml(key, value) for key, value in head.items())
    orders = "\n".join(_xml("order", record) for record in records)
    declared = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{declared}\n<APIResponse>{inner}<orders>{orders}</orders></APIResponse>".encode()


def _xml(name: str, value: object) -> str:
    if isinstance(value, dict):
        return f"<{name}>{''.join(_xml(key, inner) for key, inner in value.items())}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_xml(_ENTRIES[name], inner) for inner in value)}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
