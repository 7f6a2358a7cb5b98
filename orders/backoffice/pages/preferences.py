"""How does a person like to see a list? (views above it, columns, rows on a page, and what keeps them)"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.utils import label_for_field
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_POST

from orders.backoffice import lists, saved_views
from orders.backoffice.lists import Chosen, Filter, Sort
from orders.backoffice.pages.scoped import ScopedAdmin
from orders.errors import ActionRefused
from orders.models import SavedView

SIZES = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class View:
    """A view of a list that everybody has: its name in the address, its label, and what it asks for."""

    name: str
    label: str
    asked: Mapping[str, str]
    counted: bool = False
    # What it shows to whoever has not chosen columns; nothing means those of the list.
    columns: tuple[str, ...] = ()


ALL = View("all", "All", {})
MOST = 99
"""Up to here the rows of a view are counted."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A view above a list; `on` is the one that is shown, `count` says how many rows it has, "" for none or unknown."""

    key: str
    label: str
    url: str
    on: bool
    shared: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class ListPreferences:
    """What this person sees of a list. `view` is the saved one that is shown; `changed`, when more is asked by now.

    With `usual` it is just one of the views that everybody has.
    """

    tabs: Sequence[Tab]
    key: str
    usual: bool
    view: SavedView | None
    changed: bool
    may_change: bool
    columns: tuple[str, ...]
    size: int
    opens_with: str


class PreferencesMixin(ScopedAdmin):
    """A list that each person sees as they like it."""

    filters: ClassVar[tuple[Filter, ...]] = ()
    sorts: ClassVar[tuple[Sort, ...]] = ()
    # Columns by whose head the list is sorted, with the fields that it runs by; the first may be empty.
    heading_sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    first_view: ClassVar[View] = ALL
    views: ClassVar[tuple[View, ...]] = ()
    columns: ClassVar[tuple[str, ...]] = ()
    # Columns of numbers, whose digits stand below each other.
    numbers: ClassVar[tuple[str, ...]] = ()
    search_hint: ClassVar[str] = ""
    size: ClassVar[int] = 50

    @property
    def all_views(self) -> tuple[View, ...]:
        """The views that everybody has."""
        return (self.first_view, *self.views)

    @property
    def list_name(self) -> str:
        """What the list is called where something is saved about it."""
        return self.opts.label_lower

    def href(self, name: str, *args: Any) -> str:
        """The address of the list (`changelist`), or of something done with it."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("views/keep/", wrap(require_POST(self.keep_view)), name=f"{name}_keep"),
            path("views/<int:view_id>/forget/", wrap(require_POST(self.forget_view)), name=f"{name}_forget"),
            path("columns/", wrap(require_POST(self.choose_columns)), name=f"{name}_columns"),
            *super().get_urls(),
        ]

    def query(self, asked: Mapping[str, str], chosen: Sequence[Chosen], text: str) -> dict[str, str]:
        """What is asked of the list, in the fewest words: the same rows always have the same ones."""
        query = {one.filter.name: one.value for one in chosen if one.value != one.filter.default}
        query |= {"q": text} if text else {}
        return query | ({"sort": asked["sort"]} if self.sort_asked(asked) else {})

    def sort_asked(self, asked: Mapping[str, str]) -> tuple[str, ...]:
        """By which fields the list was asked to run: one of its ways, or a column, "-" for the last first."""
        wanted = asked.get("sort", "")
        by = next((sort.by for sort in self.sorts if sort.name == wanted), None)
        if by is None:
            by = self.heading_sorts.get(wanted.removeprefix("-"), ())
            by = tuple(f"-{name}" for name in by) if wanted.startswith("-") else by
        return by

    def preferences(
        self, request: HttpRequest, asked: Mapping[str, str], chosen: Sequence[Chosen], text: str
    ) -> ListPreferences:
        """Views, columns and size, as this person set them (one query)."""
        now, rows = self.query(asked, chosen, text), list(saved_views.views(self.list_name, self.person(request)))
        plain = next((row for row in rows if not row.name), None)
        saved = [row for row in rows if row.name and _means(row, chosen)]
        key = asked.get("view", "")
        exact = next((view.name for view in self.all_views if view.asked == now), "")
        key = key if key.isdecimal() else exact or key
        counts = self._counts(request)
        # Another value than the usual one is another view, not this one narrowed down.
        turned = {one.name for one in self.filters if one.default and one.name in now}
        tabs = [
            *(
                self._tab(
                    *(view.name, view.label, view.asked, key),
                    fits=view.asked.items() <= now.items() and turned <= view.asked.keys(),
                    count=counts[view.name],
                )
                for view in self.all_views
            ),
            *(self._tab(str(one.pk), one.name, one.asked, key, shared=one.shared) for one in saved),
        ]
        on = next((tab.key for tab in tabs if tab.on), "")
        view = next((one for one in saved if str(one.pk) == on), None)
        return ListPreferences(
            tabs=tabs,
            key=on,
            usual=on == exact != "",
            view=view,
            changed=view is not None and view.asked != now,
            may_change=view is not None and saved_views.may_change(view, self.person(request)),
            columns=self._columns(on, view, plain),
            size=plain.size if plain and plain.size in SIZES else self.size,
            opens_with=plain.opens_with if plain and plain.opens_with in {tab.key for tab in tabs} else ALL.name,
        )

    def opening(self, preferences: ListPreferences) -> str:
        """Where the list opens when nothing was asked of it, "" where it is there already."""
        return next((tab.url for tab in preferences.tabs if tab.key == preferences.opens_with != ALL.name), "")

    def offered_columns(self, shown: Sequence[str]) -> list[tuple[str, str, bool]]:
        """All columns that may be chosen, those that are shown first, in their sequence."""
        hidden = [name for name in self._all_columns() if name not in shown]
        return [(name, self.label(name), name in shown) for name in (*shown, *hidden)]

    def label(self, column: str) -> str:
        """What stands above a column."""
        return capfirst(str(label_for_field(column, self.model, self)))

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Keep what is asked of the list as a view: a new one, or in place of the one that is shown."""
        self._may_see(request)
        asked = QueryDict(request.POST.get("asked", "")).dict()
        chosen = lists.choose(self.filters, asked, request.user)
        text = asked.get("q", "") if self.search_hint else ""
        preferences = self.preferences(request, asked, chosen, text)
        try:
            view = saved_views.keep(
                self.list_name,
                by=self.person(request),
                name=request.POST.get("name", ""),
                asked=self.query(asked, chosen, text),
                columns=preferences.columns,
                shared=request.POST.get("shared") == "yes",
                view=preferences.view if request.POST.get("instead") == "yes" else None,
            )
        except ActionRefused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(self._url(asked.get("view", ""), self.query(asked, chosen, text)))
        messages.success(request, f"View “{view.name}” saved{' and shared with everyone' if view.shared else ''}.")
        return HttpResponseRedirect(self._url(str(view.pk), view.asked))

    def forget_view(self, request: HttpRequest, view_id: int) -> HttpResponse:
        """Delete a view."""
        self._may_see(request)
        view = saved_views.views(self.list_name, self.person(request)).filter(pk=view_id).first()
        if view is None or not _means(view, lists.choose(self.filters, {}, request.user)):
            raise Http404
        try:
            saved_views.delete(view, by=self.person(request))
        except ActionRefused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(self._url(str(view.pk), view.asked))
        messages.success(request, f"View “{view.name}” deleted.")
        return HttpResponseRedirect(self._url(ALL.name, {}))

    def choose_columns(self, request: HttpRequest) -> HttpResponse:
        """Remember which columns this person wants to see here, how many rows, and with which view the list opens."""
        self._may_see(request)
        asked = QueryDict(request.POST.get("asked", "")).dict()
        preferences = self.preferences(
            request, asked, lists.choose(self.filters, asked, request.user), asked.get("q", "")
        )
        wanted = [] if "standard" in request.POST else self._known(request.POST.getlist("column"))
        size, opens_with = request.POST.get("size", ""), request.POST.get("opens_with", "")
        query: dict[str, Any] = {} if preferences.view else {"columns": wanted}
        query |= {"size": int(size)} if size in map(str, SIZES) else {}
        query |= {"opens_with": opens_with} if opens_with in {tab.key for tab in preferences.tabs} else {}
        saved_views.choose(self.list_name, by=self.person(request), **query)
        if preferences.view and tuple(wanted) != preferences.columns:
            try:
                saved_views.set_columns(preferences.view, wanted, by=self.person(request))
            except ActionRefused as refused:
                messages.error(request, str(refused))
        return HttpResponseRedirect(f"{self.href('changelist')}?{urlencode(asked)}" if asked else self._url("all", {}))

    def person(self, request: HttpRequest) -> User:
        """Whoever asks: nobody else comes this far."""
        return cast("User", request.user)

    def _may_see(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _tab(
        self,
        key: str,
        label: str,
        asked: Mapping[str, str],
        asked_key: str,
        *,
        fits: bool = True,
        shared: bool = False,
        count: int = 0,
    ) -> Tab:
        many = f"{MOST}+" if count > MOST else str(count or "")
        return Tab(key, label, self._url(key, asked), key == asked_key and fits, shared, many)

    def _counts(self, request: HttpRequest) -> Counter[str]:
        """How many rows the views have that are counted, in one query however many views there are."""
        parts = []
        for view in self.all_views:
            if not view.counted:
                continue
            rows = self.get_queryset(request).order_by()
            for one in self.filters:
                value = view.asked.get(one.name, one.default)
                rows = one.narrow(rows, value) if value else rows
            parts.append(rows.values_list(Value(view.name))[: MOST + 1])
        return Counter(name for (name,) in parts[0].union(*parts[1:], all=True)) if parts else Counter()

    def _url(self, key: str, asked: Mapping[str, str]) -> str:
        return f"{self.href('changelist')}?{urlencode({'view': key, **asked} if key else asked)}"

    def _all_columns(self) -> tuple[str, ...]:
        shown = tuple(str(name) for name in self.list_display)
        return (*shown, *(name for name in self.columns if name not in shown))

    def _known(self, columns: Sequence[str]) -> list[str]:
        # The first leads to the row's page: without it there would be no way there.
        first, *others = self._all_columns()
        return [first, *(name for name in dict.fromkeys(columns) if name in others)] if columns else []

    def _columns(self, shown: str, *saved: SavedView | None) -> tuple[str, ...]:
        for one in saved:
            if one is not None and (known := self._known(one.columns)):
                return tuple(known)
        usual = next((view.columns for view in self.all_views if view.name == shown), ())
        return usual or tuple(str(name) for name in self.list_display)


def _means(view: SavedView, chosen: Sequence[Chosen]) -> bool:
    """Whether all that a view asks for is among what this person may choose: a limited one knows no other sellers."""
    by_name = {one.filter.name: one for one in chosen}
    return all(
        name in ("q", "sort") or (name in by_name and lists.known(by_name[name], value))
        for name, value in view.asked.items()
    )
