"""How does a list of the admin work? Search, filters, one page by key, each row a link to its own page."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from orders import listing
from orders.listing import Filter, Rows
from orders.theme import ModelAdmin


class Table(ModelAdmin[Any]):
    """The list of a model's rows."""

    sort: ClassVar[tuple[str, ...]] = ("-id",)
    filters: ClassVar[tuple[Filter, ...]] = ()
    search_hint: ClassVar[str] = ""
    empty: ClassVar[str] = "Nothing here yet."
    size: ClassVar[int] = 50

    def search(self, rows: Rows, text: str) -> Rows:
        """The rows that a text typed into the search box means."""
        raise NotImplementedError

    def for_list(self, rows: Rows) -> Rows:
        """The rows with everything that the list shows, so that it costs the same however long it is."""
        return rows

    def order(self, chosen: Mapping[str, str]) -> tuple[str, ...]:
        """Which way the list runs, given what was chosen in its filters."""
        return self.sort

    def url_of(self, row: Any) -> str:
        """The address of a row's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.dict()
        text = " ".join(asked.get("q", "").replace("\x00", "").split())[:200]
        chosen = listing.choose(self.filters, asked)
        rows = listing.narrow(self.get_queryset(request), chosen)
        if text and self.search_hint:
            rows = self.search(rows, text)
        sort = self.order({one.filter.name: one.value for one in chosen})
        found = listing.cut(self.for_list(rows), sort, asked, self.size)
        total, more = listing.count(rows)
        kept = request.GET.copy()
        for name in ("after", "before"):
            kept.pop(name, None)
        shown = {
            **self.admin_site.each_context(request),
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "opts": self.opts,
            "page": self,
            "q": text,
            "chosen": chosen,
            "narrowed": bool(text) or any(one.value != one.filter.default for one in chosen),
            "labels": [label_for_field(name, self.model, self) for name in self.list_display],
            "lines": [self._line(row) for row in found.rows],
            "found": found,
            "total": total,
            "more": more,
            "kept": kept.urlencode(),
            "add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/desk/list.html", shown | (extra_context or {}))

    def _line(self, row: Any) -> list[tuple[Any, Any]]:
        cells = []
        for number, name in enumerate(self.list_display):
            column, _, value = lookup_field(name, row, self)
            if column is not None:
                value = display_for_field(value, column, "–")
            if number == 0:
                value = format_html('<a href="{}">{}</a>', self.url_of(row), value)
            cells.append((label_for_field(name, self.model, self), value))
        return cells
