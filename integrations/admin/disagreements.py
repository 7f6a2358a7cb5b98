"""Where do ProSKU and we disagree, order by order?"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from integrations.admin.accounts import accounts
from integrations.admin.archive import readable
from integrations.models import Disagreement
from integrations.prosku.compare import NotTaken, take_theirs
from orders.listing import Rows, by_field, by_row
from orders.page import Button, Page
from orders.templatetags import desk


class DisagreementPage(Page):
    """One disagreement, both sides beside each other."""

    list_display = ("order_shown", "about", "ours_shown", "theirs_shown", "state_shown", "source", "found")
    seller_path = "prosku_seller__seller_id"
    sort = ("-id",)
    page_template = "admin/integrations/disagreement/page.html"
    empty = "ProSKU and we agree about every open order. The comparison runs every night."
    buttons = (
        Button(
            "take_theirs",
            "Take ProSKU's side",
            "integrations.take_theirs",
            lambda row, user, _: take_theirs(row, by=user),
            when=lambda row, _: row.settled_at is None and row.kind != Disagreement.Kind.UNKNOWN_THERE,
        ),
    )
    refusals = (NotTaken,)
    filters = (
        by_field("kind", "About", Disagreement.Kind.choices),
        by_row("from", "ProSKU seller", accounts, "prosku_seller"),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows = super().get_queryset(request)
        return rows.select_related("order", "prosku_seller__seller", "prosku_seller__connector", "taken_by")

    def for_list(self, rows: Rows) -> Rows:
        return rows.defer("raw")

    def context(self, request: HttpRequest, row: Disagreement) -> dict[str, Any]:
        names = sorted({*row.ours, *row.theirs})
        sides = [(name, row.ours.get(name, "–"), row.theirs.get(name, "–")) for name in names]
        return {"sides": sides, "text": readable(bytes(row.raw)) if row.raw else ""}

    @admin.display(description="Order")
    def order_shown(self, row: Disagreement) -> str:
        return row.reference

    @admin.display(description="About")
    def about(self, row: Disagreement) -> str:
        return row.get_kind_display()

    @admin.display(description="Ours")
    def ours_shown(self, row: Disagreement) -> str:
        return _side(row.ours)

    @admin.display(description="ProSKU's")
    def theirs_shown(self, row: Disagreement) -> str:
        return _side(row.theirs)

    @admin.display(description="State")
    def state_shown(self, row: Disagreement) -> str:
        if row.settled_at is None:
            return desk.state("parked", "Open")
        return desk.state("applied", "ProSKU's side taken" if row.taken_by else "Settled")

    @admin.display(description="From")
    def source(self, row: Disagreement) -> str:
        return str(row.prosku_seller)

    @admin.display(description="Found")
    def found(self, row: Disagreement) -> str:
        return desk.moment(row.found_at)


def _side(side: dict[str, Any]) -> str:
    if not side:
        return "–"
    return ", ".join(str(value) if name == "status" else f"{value} × {name}" for name, value in sorted(side.items()))
