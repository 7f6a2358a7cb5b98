"""How does somebody take the refunds of a list along, as a file? (its own permission; who took what is on record)"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from orders.backoffice import export
from orders.backoffice.export.write import MARK
from orders.backoffice.export.write import RIGHT as EXPORT
from orders.backoffice.lists import Rows
from orders.backoffice.spreadsheets import Value, csv_lines
from orders.money import text
from refunds.models import Refund

COLUMNS = (
    *(
        "refund",
        "order",
        "seller",
        "channel",
        "customer_name",
        "customer_email",
        "status",
        "reason",
        "units",
        "currency",
    ),
    *("amount", "shipping", "tax", "proposed_at", "proposed_by", "approved_by", "second_approved_by", "decided_at"),
    *("decision_reason", "provider", "executed_at", "payment_reference"),
)
MOST = 20_000
"""So many are taken at once, those that the list shows first."""


class ExportRefunds:
    """Taking the list along, as a part of the refunds' page in the admin."""

    def urls_export(self: Any) -> list[URLPattern]:
        """Its address."""
        return [path("export/", self.admin_site.admin_view(self.export_view), name="refunds_refund_export")]

    def tools(self: Any, request: HttpRequest, querystring: str) -> list[tuple[str, str]]:
        """The button above the list, for those who may take it along."""
        others: list[tuple[str, str]] = super().tools(request, querystring)  # type: ignore[misc]
        if others or not request.user.has_perm(EXPORT):
            # What people have to pay is taken as a file of its own.
            return others
        return [("Export", f"{self.href('export')}?{querystring}")]

    def export_view(self: Any, request: HttpRequest) -> HttpResponse:
        """Say how many refunds the file will hold; a POST answers with it."""
        if not self.has_view_permission(request) or not request.user.has_perm(EXPORT):
            raise PermissionDenied
        asked = (QueryDict(request.POST.get("asked", "")) if request.method == "POST" else request.GET).dict()
        wanted = self.wanted(request, asked)
        rows = wanted.all_rows().order_by(*self.sorted_by(asked, wanted.chosen))
        counted = rows.order_by().values("pk")[: MOST + 1].count()
        if request.method != "POST":
            shown = {"counted": min(counted, MOST), "more": counted > MOST, "asked": urlencode(asked), "page": self}
            context = {**self.admin_site.each_context(request), "title": "Export refunds", "opts": self.opts, **shown}
            return TemplateResponse(request, "admin/refunds/refund/export.html", context)
        lines = [COLUMNS, *_lines(rows[:MOST])]
        query = self.query(asked, wanted.chosen, wanted.text)
        made = export.record(self.person(request), query, COLUMNS, "csv", len(lines) - 1, of="refunds.refund")
        headers = {"Content-Disposition": f'attachment; filename="{made}"', "Cache-Control": "no-store"}
        return HttpResponse(MARK + csv_lines(lines), content_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: Rows) -> Iterator[Sequence[Value]]:
    people = ("proposed_by", "approved_by", "second_approved_by")
    rows = rows.select_related(None).select_related("seller", "order__channel", *people)
    for refund in rows.prefetch_related("items").iterator(chunk_size=2_000):
        yield _line(refund)


def _line(refund: Refund) -> Sequence[Value]:
    order = refund.order
    return (
        *(refund.number, order.reference, refund.seller.code, order.channel.code),
        *(order.customer_name, order.customer_email, refund.status, refund.reason),
        *(sum(item.quantity for item in refund.items.all()), refund.currency, _amount(refund, refund.amount)),
        *(_amount(refund, refund.shipping_amount), _amount(refund, refund.tax_amount), _iso(refund.proposed_at)),
        *(str(refund.proposed_by or ""), str(refund.approved_by or refund.approved_by_rule)),
        *(str(refund.second_approved_by or ""), _iso(refund.decided_at), refund.why),
        *(refund.provider, _iso(refund.executed_at), refund.provider_reference),
    )


def _amount(refund: Refund, amount: int) -> Decimal:
    return Decimal(text(amount, refund.currency))


def _iso(moment: Any) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""
