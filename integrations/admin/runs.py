"""How did each pass over a warehouse's changes go?"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from integrations.admin.accounts import accounts
from integrations.admin.states import kind_of, state_of
from integrations.warehouses.models import SyncRun
from integrations.warehouses.progress import progress, took
from orders.backoffice.lists import Filter, Rows, by_field, by_row
from orders.backoffice.pages import Page, View
from orders.durations import format_duration
from orders.templatetags import formatting

SHOWN = 50


def so_far(row: SyncRun) -> dict[str, Any]:
    """How the run stands, in words."""
    stands = progress(row, timezone.now())
    return {
        "stands": stands,
        "took": format_duration(stands.took),
        "rate": f"{stands.rate:.0f}" if stands.rate >= 10 else f"{stands.rate:.1f}",
        "left": "" if stands.left is None else format_duration(stands.left),
    }


def _with_changes(rows: Rows, value: str) -> Rows:
    fresh = Q(messages__gt=F("duplicates"))
    return rows.filter(fresh if value == "yes" else ~fresh)


class SyncRunPage(Page):
    """One run, with its counts and what it brought."""

    list_display = (
        *("run", "source", "state_shown", "began", "took"),
        *("messages", "applied", "parked", "rejected", "proposed"),
    )
    columns = ("file",)
    numbers = ("took", "messages", "applied", "parked", "rejected", "proposed")
    seller_path = "account__seller_id"
    sort = ("-id",)
    page_template = "admin/integrations/syncrun/page.html"
    empty = "No runs yet. Runs start automatically once an account is active."
    filters = (
        by_field("state", "State", SyncRun.State.choices),
        by_row("seller", "Account", accounts, "account"),
        Filter("changes", "Result", lambda _: (("yes", "With changes"), ("no", "No changes")), _with_changes),
    )
    views = (View("changes", "With changes", {"changes": "yes"}), View("failed", "Failed", {"state": "failed"}))

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows = super().get_queryset(request)
        return rows.select_related("account__seller", "account__connection")

    def context(self, request: HttpRequest, row: SyncRun) -> dict[str, Any]:
        brought: list[Any] = []
        if request.user.has_perm("integrations.view_archivedmessage"):
            # What needs somebody first, what is applied last: so the alphabet has it.
            rows = row.archive.defer("raw").order_by("-state", "-id")
            brought = [(one, state_of(one.state), kind_of(one.resource)) for one in rows[: SHOWN + 1]]
        return {**so_far(row), "brought": brought[:SHOWN], "more": len(brought) > SHOWN}

    def get_urls(self) -> list[URLPattern]:
        counts = self.admin_site.admin_view(self.counts_view)
        return [path("<int:row_id>/counts/", counts, name="integrations_syncrun_counts"), *super().get_urls()]

    def counts_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """The part of the page that changes while the run goes on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self._row(request, row_id)
        return render(request, "admin/integrations/syncrun/counts.html", {"row": row, **self.context(request, row)})

    @admin.display(description="Run")
    def run(self, row: SyncRun) -> str:
        return str(row).capitalize()

    @admin.display(description="Seller")
    def source(self, row: SyncRun) -> str:
        return str(row.account.seller)

    @admin.display(description="State")
    def state_shown(self, row: SyncRun) -> str:
        return formatting.state(row.state, row.get_state_display())

    @admin.display(description="Began")
    def began(self, row: SyncRun) -> str:
        return formatting.moment(row.started_at)

    @admin.display(description="Duration")
    def took(self, row: SyncRun) -> str:
        return took(row, timezone.now())


def link_to_run(run_id: int) -> str:
    """A link to the page of a run."""
    return format_html(
        '<a class="d-link" href="{}">{}</a>', reverse("admin:integrations_syncrun_change", args=[run_id]), run_id
    )
