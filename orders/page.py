"""What is a page of the admin? Pages show, buttons act: a list, a page per row, and verbs that answer POST only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import URLField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from orders import listing
from orders.listing import Filter, Rows
from orders.theme import ModelAdmin


@dataclass(frozen=True, slots=True)
class Button:
    """A verb that a person may call. `act` calls it and answers with the sentence that says what happened."""

    name: str
    label: str
    permission: str
    act: Callable[[Any, User, dict[str, Any]], str]
    when: Callable[[Any, User], bool] = lambda row, user: True
    form: type[forms.Form] = forms.Form
    seen: Callable[[Any], dict[str, Any]] = field(default=lambda row: {})
    tone: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A button that this person may press on this row, with its form."""

    button: Button
    form: forms.Form
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page that another app contributes: a template and what it shows."""

    title: str
    template: str
    data: Any


Contributor = Callable[[HttpRequest, Any], Section | None]


class Page(ModelAdmin[Any]):
    """Read-only but for its buttons. With `editable` the stock form adds and changes rows as permissions allow."""

    editable: ClassVar[bool] = False
    sort: ClassVar[tuple[str, ...]] = ("-id",)
    filters: ClassVar[tuple[Filter, ...]] = ()
    buttons: ClassVar[tuple[Button, ...]] = ()
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    sections: ClassVar[tuple[Contributor, ...]] = ()
    page_template: ClassVar[str] = ""
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

    def context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of one row shows besides the row itself."""
        return {}

    def after(self, request: HttpRequest, row: Any, button: Button) -> str:
        """Where to go after a button did its work."""
        return self.url_of(row)

    def url_of(self, row: Any) -> str:
        """The address of a row's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.editable and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs.setdefault("assume_scheme", "https")
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        # The links beside a choice hide in a menu that no key opens; each row has its own page anyway.
        for link in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if formfield is not None and hasattr(formfield.widget, link):
                setattr(formfield.widget, link, False)
        return formfield

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        act = self.admin_site.admin_view(self.act_view)
        return [path("<int:row_id>/do/<slug:verb>/", act, name=name), *super().get_urls()]

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

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.page_template:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self._row(request, object_id)
        shown = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "page": self,
            "row": row,
            "original": row,
            "offers": self.offers(request, row),
            "sections": [section for make in self.sections if (section := make(request, row))],
            **self.context(request, row),
        }
        return TemplateResponse(request, self.page_template, shown | (extra_context or {}))

    def _row(self, request: HttpRequest, row_id: Any) -> Any:
        if not str(row_id).isdecimal() or len(str(row_id)) > 18:
            raise Http404
        row = self.get_queryset(request).filter(pk=row_id).first()
        if row is None:
            raise Http404
        return row

    def offers(self, request: HttpRequest, row: Any) -> list[Offer]:
        """The buttons that this person may press on this row now."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_do"
        return [
            Offer(
                button,
                button.form(initial=button.seen(row), auto_id=f"{button.name}-%s"),
                reverse(name, args=[row.pk, button.name]),
            )
            for button in self.buttons
            if request.user.has_perm(button.permission) and button.when(row, request.user)  # type: ignore[arg-type]
        ]

    def act_view(self, request: HttpRequest, row_id: int, verb: str) -> HttpResponse:
        """Press a button: POST only, the permission asked again, and what could not be done said in a sentence."""
        button = next((button for button in self.buttons if button.name == verb), None)
        if button is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request) or not request.user.has_perm(button.permission):
            raise PermissionDenied
        row = self._row(request, row_id)
        form = button.form(request.POST)
        if not form.is_valid():
            for sentences in form.errors.values():
                messages.error(request, " ".join(str(sentence) for sentence in sentences))
            return HttpResponseRedirect(self.url_of(row))
        try:
            said = button.act(row, request.user, form.cleaned_data)  # type: ignore[arg-type]
        except self.refusals as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(self.url_of(row))
        messages.success(request, said)
        return HttpResponseRedirect(self.after(request, row, button))
