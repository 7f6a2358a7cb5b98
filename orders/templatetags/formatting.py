"""How are amounts, moments and states shown on the admin's pages?"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString, mark_safe

from orders import money as amounts
from orders import statuses
from orders.durations import format_duration
from orders.fulfilment import carriers
from orders.statuses import Detail, Status
from orders.timeline import wording

register = template.Library()

Head = tuple[str, bool]
"""What a column of a list is called, and whether it holds numbers."""

EACH = 5
"""So many SKUs of a parcel or a refund are shown before somebody asks for all."""
ENVELOPE = ("name", "company", "line1", "line2", "line3", "city", "region", "state", "postcode", "country")
TONES = {
    "new": "info",
    "processing": "info",
    "running": "info",
    "stopped": "info",
    "proposed": "warn",
    "pending": "info",
    "parked": "warn",
    "on_hold": "warn",
    "partially_shipped": "warn",
    "approved": "info",
    "executing": "info",
    "in_doubt": "bad",
    "failed": "bad",
    "abandoned": "bad",
    "declined": "bad",
    "unclear": "bad",
    "reversed": "bad",
    "shipped": "good",
    "shipped_short": "short",
    "delivered": "good",
    "executed": "good",
    "succeeded": "good",
    "applied": "good",
    "paid": "good",
    "unpaid": "warn",
    "part_paid": "warn",
    "partially_refunded": "warn",
    "refunded": "info",
    "waiting": "info",
    "writing": "info",
    "ready": "good",
}


@register.filter
def money(amount: int, currency: str) -> str:
    """Minor units with their currency: 1250, "GBP" is "12.50 GBP"."""
    return f"{amounts.shown(amount, currency)}\N{NO-BREAK SPACE}{currency}"


@register.filter
def bare(amount: int, currency: str) -> str:
    """Minor units without their currency, for columns that name it in their head."""
    return amounts.shown(amount, currency)


@register.filter
def decimals(currency: str) -> int:
    """How many decimals the currency has, for scripts."""
    return amounts.digits(currency)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A moment in the zone of whoever reads, with the exact instant on hover."""
    return _time(value, "{0.day} {0:%b %Y, %H:%M}")


def brief(value: datetime) -> SafeString | str:
    """The same for lists, where the newest stand: without its year in this one, without its time in others."""
    this_year = timezone.localtime(value).year == timezone.localtime().year
    return _time(value, "{0.day} {0:%b, %H:%M}" if this_year else "{0.day} {0:%b %Y}")


def _time(value: datetime | None, form: str) -> SafeString | str:
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        f"{local:%Y-%m-%d %H:%M:%S} {local:%z}",
        form.format(local),
    )


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago, in one unit: "3 h"."""
    if value is None:
        return "never"
    return format_duration(timezone.now() - value).replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def cells(line: Sequence[tuple[Head, Any]]) -> SafeString:
    """A row of a list, of heads with values: the first names the row.

    Not a template: a page has up to a thousand of them.
    """
    (_, name), *others = line
    shown = "".join(f"{_opening(*head)}{conditional_escape(value)}</td>" for head, value in others)
    return mark_safe(f'<th scope="row">{conditional_escape(name)}</th>{shown}')  # noqa: S308 - each part is escaped


@lru_cache(maxsize=1000)
def _opening(label: str, number: bool) -> SafeString:
    return format_html('<td class="d-num" data-label="{}">' if number else '<td data-label="{}">', label)


@register.simple_tag
def state(value: str, label: str, detail: str = "") -> SafeString:
    """A state as a word in its colour, with its detail beside it."""
    more = format_html(' <span class="d-quiet">{}</span>', detail) if detail else ""
    return format_html('<span class="d-state" data-tone="{}">{}</span>{}', TONES.get(value, ""), label, more)


@register.simple_tag
def status(row: Any) -> SafeString:
    """The derived status of an order or an item; an order's with its detail."""
    detail = statuses.detail(row.status, getattr(row, "status_detail", ""))
    known = Detail(detail).label if detail and detail in Detail.values else detail
    if row.shipped_short:
        return state(statuses.SHIPPED_SHORT, statuses.SHIPPED_SHORT_LABEL)
    return state(row.status, Status(row.status).label, known)


@register.filter
def says(event: Any, currency: str) -> str:
    """What an event of an order in this currency says, as a sentence."""
    return wording.sentence(event.kind, event.data, currency)


@register.filter
def who(actor: str) -> str:
    """Who or what caused an event: "staff:anna" is "anna", "prosku:main" is "ProSKU main"."""
    return wording.name_of(actor)


@register.filter
def pretty(data: Any) -> str:
    """Evidence as indented text."""
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True)


@register.simple_tag
def tracking(shipment: Any) -> SafeString | str:
    """The tracking number of a shipment, as a link to its carrier's page where there is one."""
    page = carriers.tracking_page(shipment.carrier, shipment.tracking_number, shipment.tracking_url)
    number = shipment.tracking_number
    if not page:
        return format_html("<bdi>{}</bdi>", number or shipment.tracking_url or "–")
    link = '<a class="d-link" href="{}" target="_blank" rel="noopener noreferrer"><bdi>{}</bdi></a>'
    return format_html(link, page, number or "Track")


@register.inclusion_tag("admin/backoffice/help.html")
def help(word: str) -> dict[str, str]:  # noqa: A001 - what it is called in templates
    """What a word or a status means, behind a question mark beside it; nothing where it is plain."""
    known = word.replace("_", " ")
    return {"word": known, "means": wording.GLOSSARY.get(known, "")}


@register.inclusion_tag("admin/backoffice/units.html")
def units(
    ordered: int, shipped: int, cancelled: int, outstanding: int, *, refunded: int = 0, unshipped: int = 0
) -> dict[str, Any]:
    """Fulfilment ordered: a bar, and the same in words. Of those in refunds, so many never shipped."""
    known = shipped + cancelled + outstanding
    over = max(known - ordered, 0)
    text = _units_in_words(ordered, shipped, over=over, cancelled=cancelled, outstanding=outstanding, refunded=refunded)
    return {
        "text": text,
        "label": strip_tags(text),
        "shipped": shipped,
        "cancelled": cancelled,
        "outstanding": outstanding,
        "width": max(ordered, known, 1),
        "over": over,
        "from_over": max(shipped - over, 0),
        "from_cancelled": shipped,
        "from_outstanding": shipped + cancelled,
        "refunded": refunded,
        # Those that came back are the last of what shipped, those that never shipped stand right after them.
        "from_refunded": max(shipped - (refunded - unshipped), 0),
    }


@register.filter
def refund_pending(item: Any) -> bool:
    """Whether refunds hold units of an item that never shipped and that no warehouse has cancelled yet."""
    return bool(item.committed_unshipped > item.cancelled_quantity)


@register.inclusion_tag("admin/backoffice/units.html")
def units_of(item: Any, *, refunded: int = 0, unshipped: int = 0) -> dict[str, Any]:
    """The same of one item."""
    quantities = item.shipped_quantity, item.cancelled_quantity, item.outstanding_quantity
    return units(item.quantity, *quantities, refunded=refunded, unshipped=unshipped)


def _units_in_words(ordered: int, shipped: int, **rest: int) -> SafeString:
    forms = {
        "over": '<b class="d-bad">{} too many</b>',
        "cancelled": '<b class="d-bad">{} cancelled</b>',
        "outstanding": "{} outstanding",
        "refunded": "{} refunded/pending",
    }
    others = [format_html(form, rest[name]) for name, form in forms.items() if rest[name]]
    return format_html_join(", ", "{}", [(part,) for part in (f"{shipped} of {ordered} shipped", *others)])


@register.inclusion_tag("admin/backoffice/contents.html")
def contents(rows: Sequence[Any], currency: str = "") -> dict[str, Any]:
    """Which units of which SKUs are in a parcel or a refund: of many the first few, and the others unfold."""
    units = sum(row.quantity for row in rows)
    return {"rows": rows[:EACH], "others": rows[EACH:], "units": units, "currency": currency}


@register.filter
def address(parts: dict[str, Any]) -> list[str]:
    """The lines of an address that are not empty, as on an envelope: PostgreSQL does not keep the order of keys."""
    known = [name for name in ENVELOPE if name in parts]
    return [str(parts[name]) for name in (*known, *(parts.keys() - set(ENVELOPE))) if parts[name]]
