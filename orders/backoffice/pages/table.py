"""How does a list of the admin work? Search, filters, one page by key, each row a link to its own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.utils import display_for_field
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import capfirst

from orders.backoffice import lists
from orders.backoffice.lists import Chosen, Rows, Searched, Slice, Wanted
from orders.backoffice.pages.preferences import ALL, SIZES, ListPreferences, PreferencesMixin
from orders.backoffice.saved_views import SHARE
from orders.templatetags import formatting


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: whether it holds numbers, where it leads to be sorted by, and how it is sorted now."""

    label: str
    number: bool
    url: str = ""
    runs: str = ""


class Table(PreferencesMixin):
    """The list of a model's rows."""

    sort: ClassVar[tuple[str, ...]] = ("-id",)
    usual_sort: ClassVar[str] = "Newest first"
    empty: ClassVar[str] = "Nothing here yet."

    @property
    def nouns(self) -> tuple[str, str]:
        """What one row is called, and what many are."""
        return str(self.opts.verbose_name), str(self.opts.verbose_name_plural)

    @property
    def more_filters(self) -> bool:
        """Whether some filters stand behind "More filters"."""
        return any(one.more for one in self.filters)

    def search(self, rows: Rows, text: str) -> Rows:
        """The rows that a text typed into the search box means."""
        raise NotImplementedError

    def searched(self, request: HttpRequest, rows: Rows, text: str) -> Searched:
        """What a search leaves of the rows; those that the text names in full may be shown alone, before all others."""
        return Searched(self.search(rows, text))

    def tools(self, request: HttpRequest, querystring: str) -> list[tuple[str, str]]:
        """What else may be done with the rows that are asked for: labels and addresses."""
        return []

    def rows_asked(self, request: HttpRequest, asked: Mapping[str, str]) -> Rows:
        """The rows that the list shows for this, all pages together."""
        return self.wanted(request, asked).all_rows()

    def columns_asked(self, request: HttpRequest, asked: Mapping[str, str]) -> tuple[str, ...]:
        """The columns that the list shows for this."""
        chosen = lists.choose(self.filters, asked, request.user)
        return self.preferences(request, asked, chosen, asked.get("q", "")).columns

    def for_list(self, rows: Rows) -> Rows:
        """The rows with everything that the list shows, so that it costs the same however long it is."""
        return rows

    def for_columns(self, rows: Rows, columns: Sequence[str]) -> Rows:
        """The same, for the columns that this person wants to see."""
        return self.for_list(rows)

    def order(self, chosen: Mapping[str, str]) -> tuple[str, ...]:
        """Which way the list runs, given what was chosen in its filters."""
        return self.sort

    def url_of(self, row: Any) -> str:
        """The address of a row's page. A list has a hundred of them, so they are not looked up one by one."""
        return f"{self._place}{row.pk}/change/"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.dict()
        wanted = self.wanted(request, asked)
        preferences = self.preferences(request, asked, wanted.chosen, wanted.text)
        if not asked and (elsewhere := self.opening(preferences)):
            return HttpResponseRedirect(elsewhere)
        found = self._cut(wanted, asked, preferences)
        if wanted.begins is not None and not {"after", "before"} & asked.keys():
            if len(found.rows) == 1:
                return self._straight_to(request, found.rows[0], wanted.text)
            if not found.rows:
                wanted = wanted.loosely()
                found = self._cut(wanted, asked, preferences)
        total, more = lists.count(wanted.rows, self.sorted_by(asked, wanted.chosen))
        query = self.query(asked, wanted.chosen, wanted.text)
        heads = [(self.label(name), name in self.numbers) for name in preferences.columns]
        by = self.sorted_by(asked, wanted.chosen)
        view = {"view": preferences.key} if preferences.key not in ("", ALL.name) else {}
        querystring = urlencode(query | view | _only(asked, "begins"))
        shown = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.nouns[1]),
            "opts": self.opts,
            "page": self,
            "wanted": wanted,
            "preferences": preferences,
            "sizes": SIZES,
            "offered": self.offered_columns(preferences.columns),
            "may_share": request.user.has_perm(SHARE),
            "q": wanted.text,
            "chosen": wanted.chosen,
            "chips": self._chips(wanted.chosen, query, preferences.key),
            "sorted": query.get("sort", ""),
            "heads": [
                self._heading(name, head, by, query) for name, head in zip(preferences.columns, heads, strict=True)
            ],
            "lines": [self._line(row, preferences.columns, heads) for row in found.rows],
            "found": found,
            "total": total,
            "more": more,
            "querystring": querystring,
            **_wider(query, preferences.key, wanted.chosen),
            "tools": self.tools(request, querystring),
            "add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/backoffice/list.html", shown | (extra_context or {}))

    def _cut(self, wanted: Wanted, asked: Mapping[str, str], preferences: ListPreferences) -> Slice:
        rows = self.for_columns(wanted.rows, preferences.columns)
        return lists.cut(rows, self.sorted_by(asked, wanted.chosen), asked, preferences.size)

    def sorted_by(self, asked: Mapping[str, str], chosen: Sequence[Chosen]) -> tuple[str, ...]:
        """Which way the list runs: as it was asked for, or as suits what was chosen."""
        return self.sort_asked(asked) or self.order({one.filter.name: one.value for one in chosen})

    def wanted(self, request: HttpRequest, asked: Mapping[str, str]) -> Wanted:
        """The rows that this person asks for: of those that they may see, what filters and search leave."""
        search = partial(self.searched, request) if self.search_hint else None
        rows = self.get_queryset(request)
        if by := self.sort_asked(asked):
            # What has no value there stands nowhere in the sequence.
            name = by[0].removeprefix("-")
            rows = rows.filter(**{f"{name}__isnull": False}) if self.opts.get_field(name).null else rows
        return lists.select(rows, self.filters, asked, request.user, search)

    def _heading(self, column: str, head: formatting.Head, by: tuple[str, ...], query: dict[str, str]) -> Heading:
        """The head of a column; one that sorts says how the list runs by it, and turns it round."""
        fields = self.heading_sorts.get(column)
        if fields is None:
            return Heading(*head)
        runs = {fields: "ascending", tuple(f"-{name}" for name in fields): "descending"}.get(by, "")
        return Heading(*head, f"?{urlencode(query | {'sort': column if runs == 'descending' else f'-{column}'})}", runs)

    def _straight_to(self, request: HttpRequest, row: Any, text: str) -> HttpResponse:
        url = f"{self.href('changelist')}?{urlencode({**request.GET.dict(), 'begins': 'yes'})}"
        notice = 'Opened the only exact match for “{1}”. <a class="d-link" href="{2}">Show all results</a>'
        messages.info(request, format_html(notice, self.nouns[0], text, url))
        return HttpResponseRedirect(self.url_of(row))

    def _chips(self, chosen: Sequence[Chosen], query: dict[str, str], key: str) -> list[tuple[str, str, str]]:
        """What was chosen, with the address of the list without it."""
        chips = []
        for one in chosen:
            if one.value and one.value != one.filter.default:
                rest = {name: value for name, value in query.items() if name != one.filter.name}
                rest |= {one.filter.name: ""} if one.filter.default else {}
                rest |= {"view": key or ALL.name}
                chips.append((one.filter.label, one.words, f"?{urlencode(rest)}"))
        return chips

    @cached_property
    def _place(self) -> str:
        return self.href("changelist")

    @cached_property
    def _fields(self) -> dict[str, Any]:
        """The fields by their names; every other column of the list is a method of ours."""
        return {field.name: field for field in self.opts.get_fields() if field.concrete}

    def _line(
        self, row: Any, columns: Sequence[str], heads: Sequence[formatting.Head]
    ) -> list[tuple[formatting.Head, Any]]:
        cells = []
        for number, (name, head) in enumerate(zip(columns, heads, strict=True)):
            column = self._fields.get(name)
            value = display_for_field(getattr(row, name), column, "–") if column else getattr(self, name)(row)
            if number == 0:
                value = format_html('<a href="{}">{}</a>', self.url_of(row), value)
            cells.append((head, value))
        return cells


def _only(asked: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: asked[name] for name in names if name in asked}


def _wider(query: Mapping[str, str], view: str, chosen: Sequence[Chosen]) -> dict[str, str]:
    """The query strings of the list without its search, and without its filters."""
    filters = {one.filter.name: "" for one in chosen if one.filter.default}
    return {
        "unsearched": urlencode({name: value for name, value in query.items() if name != "q"} | {"view": view}),
        "unfiltered": urlencode(filters | _only(query, "q")),
    }
