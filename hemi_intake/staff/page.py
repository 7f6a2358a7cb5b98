"""Who may log in, in which role, and for which sellers? (administrators say so: hemi_intake/staff/accounts.py)"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from hemi_intake.staff import accounts
from hemi_intake.staff.accounts import RIGHT, AccountRefused, may_manage
from hemi_intake.staff.forms import NewPersonForm, PasswordForm, PersonForm
from orders.backoffice.lists import Filter, Rows, by_field
from orders.backoffice.pages import Button, Page, form_values
from orders.errors import ActionRefused
from orders.models import Person
from orders.templatetags import formatting

SHOWN = 50


def _password(person: User, by: User, said: dict[str, Any]) -> str:
    accounts.set_password(person, said["password"], by=by)
    return f"Password of {person.get_username()} reset: pass it on securely."


def _on(person: User, by: User, said: dict[str, Any]) -> str:
    accounts.switch(person, on=True, by=by)
    return f"{person.get_username()} reactivated."


def _off(person: User, by: User, said: dict[str, Any]) -> str:
    accounts.switch(person, on=False, by=by)
    return f"{person.get_username()} deactivated."


def _unlock(person: User, by: User, said: dict[str, Any]) -> str:
    accounts.unlock(person, by=by)
    return f"{person.get_username()} unlocked."


def _says_off(person: User) -> str:
    return f"{person.get_username()} is signed out everywhere and cannot log in. Their activity stays on record."


def _roles(user: Any) -> list[tuple[str, str]]:
    return [(str(group.pk), group.name) for group in Group.objects.order_by("pk")]


class PeoplePage(Page):
    """A person: role, sellers, and what was changed about them."""

    editable = True
    # Not a plain lookup: whoever has a seller out of reach is out of sight altogether.
    seller_path = "person__sellers"
    list_display = ("user_name", "named", "mail", "role", "limited_to", "state", "last_seen")
    sort = ("id",)
    nouns = ("user", "users")
    page_template = "admin/staff/person.html"
    search_hint = "User name, name or e-mail"
    empty = "No users yet."
    filters = (
        Filter("role", "Role", _roles, lambda rows, value: rows.filter(groups=value)),
        by_field("is_active", "Active", (("1", "Yes"), ("0", "No"))),
    )
    buttons = (
        Button("unlock", "Unlock", RIGHT, _unlock, lambda row, by: may_manage(by, row) and is_locked(row), tone="good"),
        Button("password", "Reset password", RIGHT, _password, lambda row, by: may_manage(by, row), PasswordForm),
        Button("on", "Reactivate", RIGHT, _on, lambda row, by: may_manage(by, row) and not row.is_active, tone="good"),
        Button(
            "off",
            "Deactivate",
            RIGHT,
            _off,
            lambda row, by: may_manage(by, row) and row.is_active,
            tone="bad",
            confirm=_says_off,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        return accounts.visible(request.user).order_by("username")  # type: ignore[arg-type]

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("person").prefetch_related("groups", "person__sellers")

    def search(self, rows: Rows, text: str) -> Rows:
        name = Q(first_name__istartswith=text) | Q(last_name__istartswith=text)
        return rows.filter(name | Q(username__istartswith=text) | Q(email__istartswith=text))

    def get_urls(self) -> list[URLPattern]:
        edit = self.admin_site.admin_view(self.edit_view)
        return [path("<int:row_id>/edit/", edit, name="auth_user_edit"), *super().get_urls()]

    def context(self, request: HttpRequest, row: User) -> dict[str, Any]:
        by: Any = request.user
        changes = LogEntry.objects.filter(content_type__model="user", object_id=str(row.pk)).select_related("user")
        return {
            "role": accounts.role_of(row),
            "sellers": Person.objects.filter(user=row).prefetch_related("sellers").first(),
            "locked": is_locked(row),
            "may_edit": may_manage(by, row),
            "own": by.pk == row.pk,
            "changes": changes.order_by("-action_time", "-id")[:SHOWN],
        }

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing more: the verbs say on the record what was changed."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        by: Any = request.user
        form = NewPersonForm(request.POST or None, by=by)
        if request.method == "POST" and form.is_valid():
            told = form.cleaned_data
            try:
                row = accounts.add(told["username"], told["password"], form.wish(), by=by)
            except AccountRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"User {row.get_username()} added. Pass the password on securely.")
                return HttpResponseRedirect(self.url_of(row))
        return self._form(request, "New user", form, save="Add user")

    def edit_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Change a person's name, role, sellers and time zone."""
        by: Any = request.user
        row: User = self._row(request, row_id)
        if not may_manage(by, row):
            raise PermissionDenied
        form = PersonForm(request.POST or None, by=by, person=row, initial=PersonForm.about(row))
        if request.method == "POST" and form.is_valid():
            try:
                with transaction.atomic():
                    now = User.objects.select_for_update().get(pk=row.pk)
                    form_values.expect_fresh(request, PersonForm.stored(now, by), row)
                    told = accounts.change(row, form.wish(), by=by)
            except ActionRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, f"{row.get_username()}: {'; '.join(told)}" if told else "Nothing changed.")
                return HttpResponseRedirect(self.url_of(row))
        opened = form_values.opened_with(request, PersonForm.stored(row, by))
        around = {"original": row, "row_url": self.url_of(row), "opened_with": opened}
        return self._form(request, f"Change {row.get_username()}", form, **around)

    def _form(self, request: HttpRequest, title: str, form: forms.Form, **more: Any) -> HttpResponse:
        frame = self.admin_site.each_context(request)
        shown = {**frame, "title": title, "opts": self.opts, "page": self, "form": form, **more}
        return TemplateResponse(request, "admin/backoffice/form.html", shown)

    @admin.display(description="User name")
    def user_name(self, row: User) -> str:
        return row.get_username()

    @admin.display(description="E-mail")
    def mail(self, row: User) -> str:
        return row.email or "–"

    @admin.display(description="Name")
    def named(self, row: User) -> str:
        return row.get_full_name() or "–"

    @admin.display(description="Role")
    def role(self, row: User) -> str:
        role = accounts.role_of(row)
        return "Superuser" if row.is_superuser else role.name if role else "–"

    @admin.display(description="Sellers")
    def limited_to(self, row: Any) -> str:
        sellers = row.person.sellers.all() if hasattr(row, "person") else ()
        return ", ".join(str(seller) for seller in sellers) or "All"

    @admin.display(description="State")
    def state(self, row: User) -> str:
        return formatting.state("succeeded", "Active") if row.is_active else formatting.state("failed", "Deactivated")

    @admin.display(description="Last log-in")
    def last_seen(self, row: User) -> str:
        return formatting.moment(row.last_login) if row.last_login else "never"


def is_locked(person: User) -> bool:
    """Whether wrong passwords keep this person out for now."""
    return bool(accounts.locked([person.get_username()]))
