"""Where do ProSKU and Hemi Intake differ, order by order?"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst

from integrations.admin.accounts import accounts
from integrations.admin.archive import readable
from integrations.warehouses.accept_discrepancy import accept_discrepancy
from integrations.warehouses.models import Discrepancy
from orders.backoffice.lists import Filter, Rows, by_field, by_row
from orders.backoffice.pages import Button, Page
from orders.templatetags import formatting

MOST = 4
"""So many SKUs are named in the list; all of them stand on the page."""


def _settled(rows: Rows, value: str) -> Rows:
    return rows.filter(resolved_at__isnull=value == "open")


# What to do about each kind, besides taking ProSKU's side.
_ADVICE = {
    Discrepancy.Kind.UNKNOWN_HERE: "ProSKU has an order that Hemi Intake does not have. Import it: its "
    "messages are then applied.",
    Discrepancy.Kind.UNKNOWN_THERE: "ProSKU does not have this order, so nobody is packing it: send it to the "
    "warehouse again, or cancel it.",
}


class DiscrepancyPage(Page):
    """One discrepancy, both sides beside each other."""

    list_display = ("order_shown", "about", "ours_shown", "theirs_shown", "state_shown", "source", "found")
    seller_path = "account__seller_id"
    sort = ("-id",)
    page_template = "admin/integrations/discrepancy/page.html"
    empty = "No discrepancies. Open orders are compared with ProSKU every night."
    buttons = (
        Button(
            "accept_discrepancy",
            "Accept ProSKU's values",
            "integrations.accept_discrepancy",
            lambda row, user, _: accept_discrepancy(row, by=user),
            confirm=lambda row: f"{row.reference} is updated to ProSKU's values; refunds follow as usual.",
            when=lambda row, _: row.resolved_at is None and row.kind != Discrepancy.Kind.UNKNOWN_THERE,
        ),
    )
    filters = (
        Filter("state", "State", lambda _: (("open", "Open"), ("settled", "Resolved")), _settled, default="open"),
        by_field("kind", "About", [(kind, capfirst(label)) for kind, label in Discrepancy.Kind.choices]),
        by_row("from", "Account", accounts, "account"),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows = super().get_queryset(request)
        return rows.select_related("order", "account__seller", "account__connection", "accepted_by")

    def for_list(self, rows: Rows) -> Rows:
        return rows.defer("raw")

    def is_on_timeline(self, row: Discrepancy) -> bool:
        return row.order_id is not None

    def context(self, request: HttpRequest, row: Discrepancy) -> dict[str, Any]:
        names = sorted({*row.ours, *row.theirs})
        sides = [(name, row.ours.get(name, "–"), row.theirs.get(name, "–")) for name in names]
        text = readable(bytes(row.raw)) if row.raw else ""
        advice = "" if row.resolved_at else _ADVICE.get(Discrepancy.Kind(row.kind), "")
        return {"sides": sides, "text": text, "advice": advice}

    @admin.display(description="Order")
    def order_shown(self, row: Discrepancy) -> str:
        return row.reference

    @admin.display(description="About")
    def about(self, row: Discrepancy) -> str:
        return str(capfirst(row.get_kind_display()))

    @admin.display(description="Hemi Intake")
    def ours_shown(self, row: Discrepancy) -> str:
        return _side(row.ours)

    @admin.display(description="ProSKU")
    def theirs_shown(self, row: Discrepancy) -> str:
        return _side(row.theirs)

    @admin.display(description="State")
    def state_shown(self, row: Discrepancy) -> str:
        if row.resolved_at is None:
            return formatting.state("parked", "Open")
        return formatting.state("applied", "ProSKU's values accepted" if row.accepted_by else "Resolved")

    @admin.display(description="Seller")
    def source(self, row: Discrepancy) -> str:
        return str(row.account.seller)

    @admin.display(description="Found")
    def found(self, row: Discrepancy) -> str:
        return formatting.moment(row.found_at)


def _side(side: dict[str, Any]) -> str:
    parts = [str(value) if name == "status" else f"{value} × {name}" for name, value in sorted(side.items())]
    more = f" and {len(parts) - MOST} more" if len(parts) > MOST else ""
    return format_html("<bdi>{}</bdi>", ", ".join(parts[:MOST]) + more) if parts else "–"
