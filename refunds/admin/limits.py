"""Above which amounts do two people approve?"""

from django.contrib import admin

from orders.listing import Rows
from orders.page import Page
from orders.templatetags import desk
from refunds.forms import ApprovalLimitForm
from refunds.models import ApprovalLimit


class LimitPage(Page):
    """One limit per seller and currency; without one a single person approves."""

    editable = True
    form = ApprovalLimitForm
    list_display = ("limit_of", "currency", "above")
    sort = ("id",)
    empty = "No limits yet: one approval is enough for every refund. Add a limit to ask for two people above it."

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("seller")

    @admin.display(description="Seller")
    def limit_of(self, row: ApprovalLimit) -> str:
        return str(row.seller)

    @admin.display(description="Two people above")
    def above(self, row: ApprovalLimit) -> str:
        return desk.money(row.second_approver_above, row.currency)
