"""What did the warehouse send, word for word, and what became of it?"""

import json
import zlib
from dataclasses import dataclass
from typing import Any

from defusedxml import minidom
from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from integrations import schedules
from integrations.admin import error_location
from integrations.admin.accounts import accounts
from integrations.admin.runs import link_to_run
from integrations.admin.states import kind_of, state_of
from integrations.admin.summary import MessageSummary, summarise
from integrations.connections.models import StatusMapping
from integrations.warehouses.choose_order import candidates, choose_order
from integrations.warehouses.models import ArchivedMessage
from integrations.warehouses.reprocess import WHOLE_ANSWER, again
from orders import texts
from orders.backoffice import seller_scope
from orders.backoffice.lists import Filter, Rows, Searched, by_field, by_row
from orders.backoffice.pages import Button, Page, RowForm, Section, View
from orders.backoffice.search import find
from orders.models import Order
from orders.templatetags import formatting
from refunds.models import Refund

LONGEST = 200_000
"""So many characters of a message a page shows at most."""
MOST_CANDIDATES = 20
"""So many orders are offered where several carry one reference."""
BESIDE = 6
"""So many messages stand beside a refund; the others are a link away."""
_ACCOUNT = ("account__seller", "account__connection")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message with what it says in a few lines, and its text, made readable."""

    message: ArchivedMessage
    lines: list[MessageSummary]
    text: str
    url: str


class OrderForm(RowForm):
    """Which of the orders that carry the same reference or number is meant."""

    order = forms.ChoiceField(label="Which order is it?")

    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        found = candidates(row).select_related("channel").prefetch_related("items")[:MOST_CANDIDATES]
        self.fields["order"].choices = [(str(order.pk), _described(order)) for order in found]  # type: ignore[attr-defined]


def _described(order: Order) -> str:
    items = list(order.items.all())
    contents = ", ".join(f"{item.quantity} × {item.sku}" for item in items[:3]) + (", …" if len(items) > 3 else "")
    placed = f"{order.placed_at:%-d %b %Y}"
    return " · ".join(
        part for part in (order.reference, str(order.channel), placed, order.customer_name, contents) if part
    )


def _choose(row: ArchivedMessage, user: User, data: dict[str, Any]) -> str:
    order = choose_order(row, int(data["order"]), by=user)
    schedules.trigger_soon("apply waiting messages")
    return f"{str(row).capitalize()} is about {order}, placed at {order.channel}."


class MessagePage(Page):
    """One archived message."""

    list_display = ("message", "state_shown", "kind", "reference", "source", "received", "why")
    columns = ("warehouse_number",)
    seller_path = "seller_id"
    sort = ("-id",)
    page_template = "admin/integrations/archivedmessage/page.html"
    search_hint = "Order, customer, SKU, despatch number, warehouse status"
    buttons = (
        Button(
            "again",
            "Reprocess",
            "orders.close_attention",
            lambda row, _user, _: _apply_again(row),
            when=lambda row, _: (
                not row.ambiguous and row.resource != WHOLE_ANSWER and row.state != ArchivedMessage.State.APPLIED
            ),
        ),
        Button(
            "order",
            "This is order",
            "orders.close_attention",
            _choose,
            when=lambda row, _: row.ambiguous,
            form=OrderForm,
            tone="good",
            confirm=lambda row: (
                f"Everything under number {row.warehouse_number} then follows."
                if row.warehouse_number
                else "This holds for this message alone: the warehouse gave it no number of its own."
            ),
        ),
    )
    empty = "No messages. Everything a warehouse sends is kept here, word for word."
    filters = (
        by_field("state", "State", ArchivedMessage.State.choices),
        by_row("from", "Account", accounts, "account"),
        Filter("run", "Run", lambda _: (), lambda rows, value: rows.filter(run=value), typed="[0-9]{1,18}", hint="44"),
    )
    views = (View("parked", "Parked", {"state": "parked"}), View("rejected", "Rejected", {"state": "rejected"}))

    def searched(self, request: HttpRequest, rows: Rows, text: str) -> Searched:
        parked = Q(state=ArchivedMessage.State.PARKED) & (Q(reference=text) | Q(external_status=text))
        return Searched(rows.filter(Q(order_id__in=find(text, sellers=seller_scope.of(request.user))) | parked))

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("order", *_ACCOUNT)

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related(None).select_related(*_ACCOUNT).defer("raw")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # A timeline unfolds the message in place: it asks the same address for the text alone.
        if request.method == "GET" and request.headers.get("Accept") == "text/plain":
            if not self.has_view_permission(request):
                raise PermissionDenied
            text = readable(bytes(self._row(request, object_id).raw))
            answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
        else:
            answer = super().change_view(request, object_id, form_url, extra_context)
        patch_vary_headers(answer, ["Accept"])
        return answer

    def context(self, request: HttpRequest, row: ArchivedMessage) -> dict[str, Any]:
        before, fault, after = error_location.split(readable(bytes(row.raw)), row.reason)
        return {
            "before": before,
            "fault": fault,
            "after": after,
            "run": link_to_run(row.run_id) if row.run_id else "–",
            "shown": state_of(row.state),
            "kind": kind_of(row.resource),
            "whole": row.resource == WHOLE_ANSWER,
            "mapping": StatusMapping.objects.filter(
                kind=row.account.connection.kind, external_status=row.external_status
            ).first(),
        }

    @admin.display(description="Message")
    def message(self, row: ArchivedMessage) -> str:
        return str(row).capitalize()

    @admin.display(description="State")
    def state_shown(self, row: ArchivedMessage) -> str:
        return state_of(row.state)

    @admin.display(description="Kind")
    def kind(self, row: ArchivedMessage) -> str:
        return kind_of(row.resource)

    @admin.display(description="Seller")
    def source(self, row: ArchivedMessage) -> str:
        return str(row.account.seller)

    @admin.display(description="Received")
    def received(self, row: ArchivedMessage) -> str:
        return formatting.moment(row.received_at)

    @admin.display(description="Reason")
    def why(self, row: ArchivedMessage) -> str:
        return row.reason or "–"


def _apply_again(row: ArchivedMessage) -> str:
    again([row.pk])
    row.refresh_from_db()
    reason = f": {row.reason}" if row.reason else ""
    return f"{str(row).capitalize()} was reprocessed and is now {row.get_state_display().lower()}{reason}."


def evidence_url(message_id: int) -> str:
    """The page of an archived message."""
    return reverse("admin:integrations_archivedmessage_change", args=[message_id])


def evidence_of_refund(request: HttpRequest, refund: Refund) -> Section | None:
    """The messages that a proposal rests on, for those who may read the archive."""
    if not refund.messages or not request.user.has_perm("integrations.view_archivedmessage"):
        return None
    newest = sorted(refund.messages, reverse=True)[:BESIDE]
    rows = ArchivedMessage.objects.filter(pk__in=newest).select_related("account__connection").order_by("-id")
    shown = [
        Evidence(
            row,
            summarise(row.account, _text(bytes(row.raw)), row.resource),
            readable(bytes(row.raw)),
            evidence_url(row.pk),
        )
        for row in rows
    ]
    others = len(refund.messages) - len(shown)
    return Section("Warehouse messages", "admin/integrations/archivedmessage/evidence.html", (shown, others))


def _evidence(row: ArchivedMessage) -> Evidence:
    lines = summarise(row.account, _text(bytes(row.raw)), row.resource)
    return Evidence(row, lines, readable(bytes(row.raw)), evidence_url(row.pk))


def readable(raw: bytes) -> str:
    """A message's text, indented when it is well-formed JSON or XML; as it came otherwise. Never raises."""
    text = _text(raw)
    if len(text) > LONGEST:
        return f"{text[:LONGEST]}\n… and {len(text) - LONGEST} more characters"
    return _indented(text.strip())


def _text(raw: bytes) -> str:
    try:
        return zlib.decompress(raw).decode("utf-8", "replace")
    except zlib.error:
        return "(this message cannot be unpacked)"


def _indented(text: str) -> str:
    try:
        if text.startswith(("{", "[")):
            # Escapes may name halves of surrogate pairs, which no page can hold.
            return texts.cleaned(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
        if text.startswith("<"):
            lines = minidom.parseString(text, forbid_dtd=True).toprettyxml(indent="  ").splitlines()
            return "\n".join(line for line in lines if line.strip())
    # A message that cannot be read is shown as it came: here every error of the parsers means just that.
    except Exception:  # noqa: BLE001
        return text
    return text
