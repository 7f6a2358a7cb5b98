"""Which refunds wait for whom, why was each proposed, and what comes after a decision?"""

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path

from orders.admin import entries_of
from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows, Searched
from orders.backoffice.pages import Button, Page, View
from orders.backoffice.search import EACH, REFUND_NUMBER, search
from orders.models import OrderEvent
from orders.templatetags import formatting
from refunds.admin.bulk import Bulk, box
from refunds.admin.buttons import BUTTONS
from refunds.admin.columns import EXECUTED, OFFERED, SORTED, RefundColumns
from refunds.admin.export import ExportRefunds
from refunds.admin.filters import FILTERS
from refunds.admin.manual import PROPOSE, ByHand
from refunds.admin.record_payment import ToPayByHand
from refunds.calculation import breakdown
from refunds.decisions import presence, queue, related_orders, review, second_person, undo
from refunds.decisions.blocked import blocks
from refunds.execution import another_way, execute, manual_payment
from refunds.gateway import gateway_for
from refunds.models import RELEASED, UNDECIDED, Refund, RefundStatus
from refunds.rules.price_choices import price_choices

DECISIONS = ("approve", "reject", "hold")
WAITING = frozenset(RefundStatus) - {RefundStatus.EXECUTED, RefundStatus.REJECTED, RefundStatus.WITHDRAWN}
"""What somebody or something has still to do with."""
LOOK_FIRST_MS = 700
"""For so long no key decides on the refund that has just come into view: nobody can have read it yet."""


def _being_reviewed(names: Collection[str]) -> str:
    return f"Being reviewed by {', '.join(names)}" if names else ""


class RefundPage(RefundColumns, Bulk, ByHand, ExportRefunds, ToPayByHand, Page):
    """A refund: the proposal, why it was made, the decision on it, and what the provider did."""

    list_display = ("number", "seller", "state", "amount_shown", "units", "reason", "proposed", "approvals")
    columns = OFFERED
    numbers = ("amount_shown", "units", "approvals")
    seller_path = "seller_id"
    page_template = "admin/refunds/refund/page.html"
    search_hint = "Refund number, order, customer, phone, product, payment reference, tracking"
    empty = "No refunds here. Refunds are proposed automatically when the warehouse will not ship units."
    filters = FILTERS
    heading_sorts = SORTED
    first_view = View("all", "To decide", {}, counted=True)
    views = (
        View("second", "Second approval", {"needs": "second"}, counted=True),
        View("held", "On hold", {"status": RefundStatus.ON_HOLD.value}, counted=True),
        View("hand", "To pay by hand", {"status": RefundStatus.APPROVED.value, "needs": "hand"}, counted=True),
        View("approved", "Approved", {"status": RefundStatus.APPROVED.value, "needs": "provider"}, counted=True),
        View("doubt", "In doubt", {"status": RefundStatus.IN_DOUBT.value}, counted=True),
        View("pending", "Pending at provider", {"status": RefundStatus.PENDING.value}, counted=True),
        View("failed", "Failed", {"status": RefundStatus.FAILED.value}, counted=True),
        View("executed", "Refunded", {"status": RefundStatus.EXECUTED.value}, columns=EXECUTED),
        View("every", "All", {"status": ""}),
    )
    buttons = BUTTONS

    def is_on_timeline(self, row: Any) -> bool:
        return True

    def evidence_url(self, message_id: int) -> str:
        """The page of an archived message, "" where there is none; whoever knows the archive says so."""
        return ""

    def nudge(self, name: str, *, after: int = 0) -> None:
        """Have a scheduled task run soon; whoever knows the clock does it."""

    def get_urls(self) -> list[URLPattern]:
        beat = path("<int:row_id>/open/", self.admin_site.admin_view(self.open_view), name="refunds_refund_open")
        return [
            beat,
            *self.urls_bulk(),
            *self.urls_by_hand(),
            *self.urls_to_pay(),
            *self.urls_export(),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """A page says that it is still open, or that it closes; the answer is what its reader should know."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        row, user = self._row(request, row_id), request.user
        if "close" in request.POST:
            presence.leave(row.pk, user)  # type: ignore[arg-type]
            return HttpResponse(status=204)
        presence.heartbeat(row.pk, user)  # type: ignore[arg-type]
        stale = (str(row.version), row.status) != (request.POST.get("version"), request.POST.get("status"))
        changed = "This refund has changed since you opened it: reload the page before you decide." if stale else ""
        return JsonResponse({"others": presence.others(row.pk, user), "changed": changed})  # type: ignore[arg-type]

    def order(self, chosen: Mapping[str, str]) -> tuple[str, ...]:
        # Who waits longest comes first; what is over is read from its end.
        if chosen["status"] == RefundStatus.EXECUTED:
            return ("-executed_at", "-id")
        waits = chosen["status"] in WAITING
        return ("proposed_at", "id") if waits else ("-proposed_at", "-id")

    def searched(self, request: HttpRequest, rows: Rows, text: str) -> Searched:
        found = search(text, sellers=seller_scope.of(request.user))
        paid = rows.exclude(provider_reference="").alias(paid_as=Upper("provider_reference"))
        paid_as = list(paid.filter(paid_as=text.upper()).values_list("pk", flat=True)[:EACH])
        if paid_as:
            return Searched(rows.filter(pk__in=paid_as), rows.filter(pk__in=paid_as))
        rows_found = rows.filter(order_id__in=found.beginning)
        number = REFUND_NUMBER.search(text)
        exactly = rows.filter(order_id__in=found.exactly, sequence=number[1]) if number and found.exactly else None
        return Searched(rows_found, exactly)

    def get_queryset(self, request: HttpRequest) -> Rows:
        people = ("proposed_by", "approved_by", "second_approved_by", "rejected_by")
        rows = super().get_queryset(request).select_related("seller", "payment", "order", "order__channel", *people)
        read: Rows = rows.annotate(reader=Value(request.user.pk))
        return read

    def for_list(self, rows: Rows) -> Rows:
        # Of the order and of people the list reads only what its columns show.
        shown: Rows = rows.select_related(None).select_related("seller").annotate(open_by=presence.open_by())
        return shown

    def _line(self, row: Refund, *more: Any) -> list[tuple[Any, Any]]:
        (label, number), *cells = super()._line(row, *more)
        return [(label, box(row) + number), *cells]

    def context(self, request: HttpRequest, row: Refund) -> dict[str, Any]:
        events = list(OrderEvent.objects.filter(order=row.order_id).order_by("-id")[:100])
        user: Any = request.user
        decided = request.GET.get("undo", "")
        presence.heartbeat(row.pk, user)
        attempts = list(row.attempts.all())
        return {
            "lines": breakdown.lines(row),
            "attempts": attempts,
            "last_attempt": attempts[-1] if attempts else None,
            "events": entries_of(events, self.evidence_url),
            "allowance": related_orders.allowance(row),
            "of_order": related_orders.of_order(row),
            "of_customer": related_orders.of_customer(row, row.order.customer_email),
            "holds": row.status not in RELEASED,
            "blocks": blocks(row) if row.status in UNDECIDED else [],
            "price_choices": price_choices((item, item.cancelled_quantity) for item in row.order.items.all())
            if row.status in UNDECIDED
            else [],
            "not_theirs": second_person.refusal(row, user) if row.status == RefundStatus.PROPOSED else None,
            "by_hand": gateway_for(row.provider).by_hand,
            "instruction": manual_payment.instruction(row),
            "held_back": execute.held_back(row),
            "revisions": list(row.revisions.select_related("edited_by")),
            "may_edit": row.status in UNDECIDED and user.has_perm(PROPOSE),
            "another_way": another_way.unconfirmed(row) if row.status == RefundStatus.FAILED else None,
            "approval_missing": row.status == RefundStatus.FAILED
            and row.origin != Refund.Origin.EXTERNAL
            and review.needs_approval_again(row),
            "next": queue.next_in_queue(row, user),
            "previous": queue.previous_in_queue(row, user),
            "look_first": LOOK_FIRST_MS,
            "beat": presence.BEAT_SECONDS,
            "others": presence.others(row.pk, user),
            "undo": undo.offered(int(decided), to=user)
            if decided.isascii() and decided.isdecimal() and len(decided) < 19
            else None,
        }

    def after(self, request: HttpRequest, row: Refund, button: Button) -> str:
        if button.name not in DECISIONS:
            return self.url_of(row)
        if button.name == "approve":
            # A second more: what is nudged too early waits for its minute.
            self.nudge("execute approved refunds", after=settings.UNDO_SECONDS + 1)
        presence.leave(row.pk, request.user)  # type: ignore[arg-type]
        # After the last one its own page stays, where it can still be undone.
        following = queue.next_in_queue(row, request.user)  # type: ignore[arg-type]
        if following is None:
            messages.info(request, "That was the last one: no other refund is waiting for your decision.")
        return f"{self.url_of(following or row)}?undo={row.pk}"

    @admin.display(description="Status")
    def state(self, row: Refund) -> str:
        # Known on the list only.
        names = getattr(row, "open_by", [])
        return formatting.state(row.status, row.get_status_display(), _being_reviewed(names))
