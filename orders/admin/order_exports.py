"""How does somebody take the orders of a list along, as a file? (one's own files alone, and its own permission)"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from orders.backoffice import export, seller_scope
from orders.backoffice.export.columns import PER_ITEM
from orders.backoffice.export.write import AT_ONCE, MOST_IN_XLSX, RIGHT
from orders.backoffice.pages import Page
from orders.models import Export, ExportChunk

SHOWN = 10
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class ExportForm(forms.Form):
    """What is to stand in the file."""

    lines = forms.ChoiceField(
        label="What it holds",
        choices=[
            ("columns", "One line per order, with the columns of the list"),
            ("items", "One line per item, with all columns"),
        ],
        initial="columns",
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(label="Format", choices=Export.Kind.choices, initial="csv", widget=forms.RadioSelect)


class Exporting(Page):
    """A list whose rows may be taken along."""

    def get_urls(self) -> list[URLPattern]:
        name, wrap = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("export/", wrap(self.export_view), name=f"{name}_export"),
            path("exports/<int:export_id>/", wrap(self.exported_view), name=f"{name}_exported"),
            path("exports/<int:export_id>/state/", wrap(self.export_state_view), name=f"{name}_export_state"),
            path("exports/<int:export_id>/file/", wrap(self.export_file_view), name=f"{name}_export_file"),
            path("exports/<int:export_id>/stop/", wrap(require_POST(self.stop_view)), name=f"{name}_export_stop"),
            *super().get_urls(),
        ]

    def nudge_exports(self) -> None:
        """Have waiting exports written soon; whoever knows the clock says how."""

    def tools(self, request: HttpRequest, querystring: str) -> list[tuple[str, str]]:
        return [("Export", f"{self.href('export')}?{querystring}")] if request.user.has_perm(RIGHT) else []

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Ask what the file shall hold, and begin it."""
        self._may_export(request)
        asked = (QueryDict(request.POST.get("asked", "")) if request.method == "POST" else request.GET).dict()
        rows = self.rows_asked(request, asked)
        counted = rows.order_by().values("pk")[: AT_ONCE + 1].count()
        form = ExportForm(
            request.POST if request.method == "POST" else None, initial={"lines": "columns", "kind": "csv"}
        )
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            columns = [PER_ITEM] if chosen["lines"] == "items" else list(self.columns_asked(request, asked))
            if counted <= AT_ONCE:
                person = self.person(request)
                row = export.record(person, self._query(asked), columns, chosen["kind"], counted)
                return _file(export.stream(rows, columns, row.kind), str(row), row.kind)
            if (
                chosen["kind"] == Export.Kind.XLSX
                and rows.order_by().values("pk")[: MOST_IN_XLSX + 1].count() > MOST_IN_XLSX
            ):
                form.add_error(
                    "kind", f"A workbook takes at most {MOST_IN_XLSX:,} orders. Take CSV, or narrow the list down."
                )
            else:
                row = export.ask(self.person(request), self._query(asked), columns, chosen["kind"])
                self.nudge_exports()
                return HttpResponseRedirect(self.href("exported", row.pk))
        mine = Export.objects.filter(person=request.user.pk, of=self.list_name)[:SHOWN]
        shown = {"form": form, "counted": counted, "most": AT_ONCE, "asked": urlencode(asked), "mine": mine}
        return self._page(request, "Export orders", "admin/orders/order/export.html", shown)

    def exported_view(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """How far an export is, and the way to its file."""
        row = self._mine(request, export_id)
        return self._page(request, f"Export {row}", "admin/orders/order/exported.html", {"row": row})

    def export_state_view(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """The part of that page that changes."""
        row = self._mine(request, export_id)
        return render(request, "admin/orders/order/export_state.html", {"row": row})

    def export_file_view(self, request: HttpRequest, export_id: int) -> HttpResponse | StreamingHttpResponse:
        """The file, to whoever asked for it, as long as they may still see everything in it."""
        row = self._mine(request, export_id)
        now = seller_scope.of(request.user)
        if now is not None and (row.sellers is None or not now.issuperset(row.sellers)):
            messages.error(request, "This file holds orders of sellers that you may not see any more. Export again.")
            return HttpResponseRedirect(self.href("exported", row.pk))
        if row.state != Export.State.READY:
            raise Http404
        return _file(_pieces(row), str(row), row.kind)

    def stop_view(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """Stop writing it."""
        row = self._mine(request, export_id)
        messages.success(request, "Stopped." if export.give_up(row) else "It is over already.")
        return HttpResponseRedirect(self.href("export"))

    def _query(self, asked: dict[str, str]) -> dict[str, str]:
        names = {one.name for one in self.filters} | {
            f"{one.name}_{end}" for one in self.filters for end in ("from", "to")
        }
        return {name: value for name, value in asked.items() if name in names | {"q", "begins"} and value}

    def _may_export(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request) or not request.user.has_perm(RIGHT):
            raise PermissionDenied

    def _mine(self, request: HttpRequest, export_id: int) -> Export:
        self._may_export(request)
        row = Export.objects.filter(pk=export_id, person=request.user.pk).first()
        if row is None:
            raise Http404
        return row

    def _page(self, request: HttpRequest, title: str, template: str, shown: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "page": self, **shown},
        )


def _file(pieces: Iterator[bytes], name: str, kind: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=_TYPES[kind], headers=headers)


def _pieces(row: Export) -> Iterator[bytes]:
    for number in range(ExportChunk.objects.filter(export=row).count()):
        yield bytes(ExportChunk.objects.get(export=row, number=number).data)
