"""What can the list of refunds show besides the refund itself, and by which heads is it sorted?

Who decides looks for the customer, who checks payments for the provider and its reference. What a person does not show
is not read.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Subquery, Sum
from django.utils.html import format_html

from orders.backoffice.lists import Rows
from orders.templatetags import formatting
from refunds.models import Refund, RefundItem

OFFERED = ("customer", "channel", "provider", "executed", "approver", "payment_reference")
EXECUTED = (*("number", "seller", "customer", "amount_shown", "executed", "provider", "payment_reference", "approver"),)
"""What the view of executed refunds shows: what the provider did, not what somebody has to decide."""
SORTED = {
    "amount_shown": ("amount", "id"),
    "proposed": ("proposed_at", "id"),
    "executed": ("executed_at", "id"),
}


class RefundColumns:
    """These columns, as a part of the refunds' page in the admin."""

    def for_columns(self: Any, rows: Rows, columns: Sequence[str]) -> Rows:
        """The rows with what these columns show."""
        rows = self.for_list(rows)
        if "units" in columns:
            of_refund = RefundItem.objects.filter(refund=OuterRef("pk")).order_by().values("refund")
            rows = rows.annotate(units_counted=Subquery(of_refund.values_list(Sum("quantity"))))
        shown = {
            "customer": {"customer_name": F("order__customer_name")},
            "channel": {"channel_name": F("order__channel__name")},
            "approver": {
                "approver_name": F("approved_by__username"),
                "second_name": F("second_approved_by__username"),
            },
        }
        for column, values in shown.items():
            if column in columns:
                rows = rows.annotate(**values)
        return rows

    @admin.display(description="Customer")
    def customer(self, row: Any) -> str:
        return format_html("<bdi>{}</bdi>", row.customer_name or "–")

    @admin.display(description="Channel")
    def channel(self, row: Any) -> str:
        return format_html("<bdi>{}</bdi>", row.channel_name)

    @admin.display(description="Executed")
    def executed(self, row: Refund) -> str:
        return formatting.moment(row.executed_at)

    @admin.display(description="Approver")
    def approver(self, row: Any) -> str:
        if row.approved_by_rule:
            return "auto-approved"
        return ", ".join(name for name in (row.approver_name, row.second_name) if name) or "–"

    @admin.display(description="Payment reference")
    def payment_reference(self, row: Refund) -> str:
        return format_html("<bdi>{}</bdi>", row.provider_reference or "–")

    @admin.display(description="Amount")
    def amount_shown(self, row: Refund) -> str:
        return format_html("<b>{}</b>", formatting.money(row.amount, row.currency))

    @admin.display(description="Units")
    def units(self, row: Any) -> int:
        return row.units_counted or 0

    @admin.display(description="Proposed")
    def proposed(self, row: Refund) -> str:
        return formatting.moment(row.proposed_at)

    @admin.display(description="Approvals")
    def approvals(self, row: Refund) -> str:
        if row.approved_by_rule:
            return "auto-approved"
        given = (row.approved_by_id is not None) + (row.second_approved_by_id is not None)
        return f"{given} of {row.approvals_needed}"
