"""Which refunds were made at a provider past us, and how does a person say what one was for?"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.html import format_html

from orders.backoffice.lists import Filter, Rows
from orders.backoffice.pages import Button, Page, RowForm, View
from orders.errors import REASON_REQUIRED
from orders.models import Order
from orders.templatetags import formatting
from refunds.execution import explain, outside
from refunds.models import OutsidePayment, Refund, RefundStatus

OPEN = {"state": "open"}


class ExplainForm(RowForm):
    """Which of the refunds that wait it paid, and what the rest was for."""

    refunds = forms.MultipleChoiceField(
        label="It paid these refunds, which are then not sent",
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "d-one"}),
    )
    rest = forms.ChoiceField(
        label="What is not for these refunds",
        required=False,
        widget=forms.RadioSelect(attrs={"class": "d-one"}),
    )
    why = forms.CharField(label="How you know", max_length=300, error_messages={"required": REASON_REQUIRED})

    def __init__(self, row: OutsidePayment, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        orders = Order.objects.filter(pk__in=outside.orders_of(row.provider, row.payments)).order_by("id")
        self.fields["refunds"].choices = [  # type: ignore[attr-defined]
            (str(one.id), _described(one, row.currency)) for one in explain.candidates(row)
        ]
        of_orders = [
            choice
            for order in orders
            for choice in (
                (f"{explain.Rest.OWED}:{order.pk}", f"Part of what {order} is owed: proposals shrink by it"),
                (f"{explain.Rest.GOODWILL}:{order.pk}", f"Goodwill on {order}: what is owed stays owed"),
            )
        ]
        self.fields["rest"].choices = [  # type: ignore[attr-defined]
            ("", "Nothing is left"),
            *of_orders,
            (explain.Rest.OVERPAID.value, "Overpaid: nobody was owed it"),
        ]

    def clean(self) -> dict[str, Any]:
        """As the operation takes it."""
        cleaned = super().clean() or self.cleaned_data
        rest, _, order = cleaned.get("rest", "").partition(":")
        refunds = [int(pk) for pk in cleaned.get("refunds", ())]
        cleaned["explanation"] = explain.Explanation(refunds, explain.Rest(rest), int(order or 0))
        return cleaned


def _described(one: explain.Candidate, currency: str) -> str:
    status = RefundStatus(one.status).label.lower()
    return f"{one.number} · {formatting.money(one.amount, currency)} · {status}"


def _explain(row: OutsidePayment, user: User, said: dict[str, Any]) -> str:
    return explain.explain(row.pk, said["explanation"], by=user, why=said["why"])


def _is_open(rows: Rows, value: str) -> Rows:
    return rows.filter(unexplained_amount__gt=0) if value == "open" else rows.filter(unexplained_amount=0)


class OutsidePage(Page):
    """One refund that somebody made at the provider, and what it was for."""

    nouns = ("refund made elsewhere", "refunds made elsewhere")
    list_display = ("reference", "state_shown", "amount_shown", "provider", "seller", "made")
    numbers = ("amount_shown",)
    seller_path = "seller_id"
    sort = ("-id",)
    page_template = "admin/refunds/outsidepayment/page.html"
    empty = "No refunds were made at a payment provider past Hemi Intake."
    filters = (Filter("state", "State", lambda _: (("open", "To explain"), ("explained", "Explained")), _is_open),)
    views = (View("open", "To explain", OPEN, counted=True),)
    buttons = (
        Button(
            "explain",
            "Say what it was for",
            explain.RIGHT,
            _explain,
            lambda row, _: row.unexplained_amount > 0,
            ExplainForm,
            tone="good",
            template="admin/refunds/outsidepayment/explain.html",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("seller", "explained_by")

    def is_on_timeline(self, row: OutsidePayment) -> bool:
        return True

    def context(self, request: HttpRequest, row: OutsidePayment) -> dict[str, Any]:
        counted = Refund.objects.filter(
            origin=Refund.Origin.EXTERNAL, provider=row.provider, provider_reference=row.reference
        )
        waiting = [one.id for one in explain.candidates(row)] if row.unexplained_amount else []
        return {
            "orders": Order.objects.filter(pk__in=outside.orders_of(row.provider, row.payments)).order_by("id"),
            "refunds": (Refund.objects.filter(pk__in=waiting) if row.unexplained_amount else counted).order_by("id"),
            "shown": state_of(row),
        }

    @admin.display(description="State")
    def state_shown(self, row: OutsidePayment) -> str:
        return state_of(row)

    @admin.display(description="Amount")
    def amount_shown(self, row: OutsidePayment) -> str:
        return format_html("{}", formatting.money(row.amount, row.currency))

    @admin.display(description="Made")
    def made(self, row: OutsidePayment) -> str:
        return formatting.moment(row.made_at)


def state_of(row: OutsidePayment) -> str:
    """The state in a coloured word."""
    if row.unexplained_amount:
        return formatting.state("failed", "To explain" if row.asked_at else "Waits for ours")
    if row.state == OutsidePayment.State.FAILED:
        return formatting.state("rejected", row.get_state_display())
    return formatting.state("applied", "Overpaid" if row.overpaid_amount else "Counted")
