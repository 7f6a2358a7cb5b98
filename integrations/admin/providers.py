"""Which events did payment providers send, and which were rejected?"""

import json
import zlib
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from integrations.gateways.models import ProviderEvent, RejectedProviderEvent
from orders import texts
from orders.backoffice.lists import Rows, by_field
from orders.backoffice.pages import Page
from orders.templatetags import formatting

LONGEST = 200_000


class ProviderEventPage(Page):
    """One event, as received."""

    nouns = ("payment event", "payment events")
    list_display = ("event_id", "state_shown", "kind", "subject", "received", "outcome")
    seller_path = None
    sort = ("-id",)
    page_template = "admin/integrations/providerevent/page.html"
    empty = "No payment events yet. Events from payment providers are kept here, word for word."
    filters = (by_field("state", "State", ProviderEvent.State.choices),)

    def for_list(self, rows: Rows) -> Rows:
        return rows.defer("raw")

    def tools(self, request: HttpRequest, querystring: str) -> list[tuple[str, str]]:
        refused = self.admin_site.get_model_admin(RejectedProviderEvent)
        shown = refused.has_view_permission(request)
        return [("Rejected events", reverse("admin:integrations_rejectedproviderevent_changelist"))] if shown else []

    def context(self, request: HttpRequest, row: ProviderEvent) -> dict[str, Any]:
        text = zlib.decompress(bytes(row.raw)).decode(errors="replace") if row.raw else ""
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
        return {"text": texts.cleaned(text[:LONGEST])}

    @admin.display(description="State")
    def state_shown(self, row: ProviderEvent) -> str:
        return formatting.state(row.state, row.get_state_display())

    @admin.display(description="Received")
    def received(self, row: ProviderEvent) -> str:
        return formatting.moment(row.received_at)


class RejectedEventPage(Page):
    """How much was refused on a day."""

    list_display = ("day", "provider", "reason", "count")
    numbers = ("count",)
    seller_path = None
    sort = ("-day", "id")
    empty = "No rejected events: everything received was signed by its provider."
