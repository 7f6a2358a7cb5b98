"""How does a list of the admin work? Search, filters, one page by key, each row a link to its own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from orders import listing
from orders.listing import Chosen, Filter, Rows
from orders.page.sight import Sight


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows that were asked for. `only` is the one row that the text names in full."""

    rows: Rows
    text: str
    chosen: Sequence[Chosen]
    said: str = ""
    exact: bool = False
    only: Any = None

    @property
    def narrowed(self) -> bool:
        """Whether anything was asked for that a plain list does not ask."""
        return bool(self.text) or any(one.value != one.filter.default for one in self.chosen)


class Table(Sight):
    """The list of a model's rows."""

    sort: ClassVar[tuple[str, ...]] = ("-id",)
    filters: ClassVar[tuple[Filter, ...]] = ()
    search_hint: ClassVar[str] = ""
    empty: ClassVar[str] = "Nothing here yet."
    size: ClassVar[int] = 50

    def search(self, rows: Rows, text: str) -> Rows:
        """The rows that a text typed into the search box means."""
        raise NotImplementedError

    def searched(self, request: HttpRequest, rows: Rows, text: str) -> tuple[Rows, str]:
        """What a search leaves of the rows, and what has to be said of it."""
        return self.search(rows, text), ""

    def exactly(self, request: HttpRequest, rows: Rows, text: str) -> Rows | None:
        """Those of the rows that a text names in full; they are shown alone, before all that begin so."""
        return None

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
        wanted = self.wanted(request, asked)
        if wanted.only is not None and not {"after", "before"} & asked.keys():
            return self._straight_to(request, wanted.only, wanted.text)
        sort = self.order({one.filter.name: one.value for one in wanted.chosen})
        found = listing.cut(self.for_list(wanted.rows), sort, asked, self.size)
        total, more = listing.count(wanted.rows)
        kept = request.GET.copy()
        for name in ("after", "before"):
            kept.pop(name, None)
        shown = {
            **self.admin_site.each_context(request),
            "title": capfirst(str(self.opts.verbose_name_plural)),
            "opts": self.opts,
            "page": self,
            "wanted": wanted,
            "q": wanted.text,
            "chosen": wanted.chosen,
            "labels": [label_for_field(name, self.model, self) for name in self.list_display],
            "lines": [self._line(row) for row in found.rows],
            "found": found,
            "total": total,
            "more": more,
            "kept": kept.urlencode(),
            "add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/desk/list.html", shown | (extra_context or {}))

    def wanted(self, request: HttpRequest, asked: Mapping[str, str]) -> Wanted:
        """The rows that this person asks for: of those that they may see, what filters and search leave."""
        text = " ".join(asked.get("q", "").replace("\x00", "").split())[:200] if self.search_hint else ""
        chosen = listing.choose(self.filters, asked, request.user)
        rows = listing.narrow(self.get_queryset(request), chosen)
        if not text:
            return Wanted(rows, "", chosen)
        if asked.get("begins") != "yes" and (exact := self.exactly(request, rows, text)) is not None:
            first = list(exact.order_by()[:2])
            if first:
                return Wanted(exact, text, chosen, exact=True, only=first[0] if len(first) == 1 else None)
        rows, said = self.searched(request, rows, text)
        return Wanted(rows, text, chosen, said)

    def _straight_to(self, request: HttpRequest, row: Any, text: str) -> HttpResponse:
        kept = request.GET.copy()
        kept["begins"] = "yes"
        said = 'Only this {} is exactly “{}”. <a class="d-link" href="{}?{}">Show all that begin so</a>'
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        messages.info(request, format_html(said, self.opts.verbose_name, text, address, kept.urlencode()))
        return HttpResponseRedirect(self.url_of(row))

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
