"""How does a person record that a failed refund was paid by another way? (three buttons of its page)"""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from orders.backoffice.pages import Button
from refunds.admin.forms import WhyForm
from refunds.execution import another_way
from refunds.models import OtherPayment, Refund, RefundStatus


class AnotherWayForm(forms.Form):
    """How, under which reference, and how the person knows."""

    method = forms.ChoiceField(label="How it was paid", choices=OtherPayment.Method.choices)
    reference = forms.CharField(
        label="Payment reference", max_length=200, error_messages={"required": "Enter the payment reference."}
    )
    why = forms.CharField(
        label="Reason", max_length=300, error_messages={"required": "Say why it was paid another way."}
    )


def _record(refund: Refund, user: User, said: dict[str, Any]) -> str:
    payment = another_way.Payment(said["method"], said["reference"], said["why"])
    if another_way.record_paid_another_way(refund.pk, payment, by=user) == "first":
        return f"{refund.number}: recorded. A second person must confirm that it was paid."
    return f"{refund.number} recorded as paid another way. It counts as refunded."


def _confirm(refund: Refund, user: User, said: dict[str, Any]) -> str:
    another_way.confirm(refund.pk, by=user, proof=said["proof"])
    return f"{refund.number}: confirmed as paid another way. It counts as refunded."


def _withdraw(refund: Refund, user: User, said: dict[str, Any]) -> str:
    another_way.withdraw(refund.pk, by=user, why=said["why"])
    return f"{refund.number} was not paid another way. It can be tried again or rejected."


def failed_here(refund: Refund) -> bool:
    """Whether it failed, and is ours."""
    return refund.status == RefundStatus.FAILED and refund.origin != Refund.Origin.EXTERNAL


def _may_record(refund: Refund, user: User) -> bool:
    return failed_here(refund) and another_way.unconfirmed(refund) is None


def _waits(refund: Refund, user: User) -> bool:
    return failed_here(refund) and another_way.unconfirmed(refund) is not None


def _may_confirm(refund: Refund, user: User) -> bool:
    row = another_way.unconfirmed(refund) if failed_here(refund) else None
    return row is not None and row.recorded_by_id != user.pk


ANOTHER_WAY = (
    Button("paid-another-way", "Paid another way", another_way.RIGHT, _record, _may_record, AnotherWayForm),
    Button(
        "confirm-another-way",
        "Confirm payment",
        another_way.RIGHT,
        _confirm,
        _may_confirm,
        tone="good",
        confirm=lambda refund: f"{refund.number} then counts as refunded. This cannot be undone.",
    ),
    Button("withdraw-another-way", "It was not paid another way", another_way.RIGHT, _withdraw, _waits, WhyForm),
)
