"""What does a person post when deciding on a refund, or on a policy? What they saw, and their words."""

from typing import Any

from django import forms

from orders.errors import REASON_REQUIRED
from orders.money import BadAmount, choices, known, parse_typed, text
from orders.texts import identifier, shortened
from refunds.decisions import pending_changes
from refunds.models import ReasonWords, RefundLimit

_OUTDATED = dict.fromkeys(
    ("required", "invalid", "min_value", "max_value"), "The page is out of date: open it again, then decide."
)
MOST = 2**53
"""No version and no amount that a page shows is larger."""


class SeenForm(forms.Form):
    """The version and the amount (minor units) that stood on the page."""

    version = forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput, error_messages=_OUTDATED)
    amount = forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput, error_messages=_OUTDATED)


class WhyForm(forms.Form):
    """A reason, which stays on the timeline."""

    why = forms.CharField(label="Reason", max_length=300, error_messages={"required": REASON_REQUIRED})


class RejectForm(SeenForm, WhyForm):
    """A refusal of what was seen, with its reason."""

    field_order = ("why", "version", "amount")
    usual = (
        "Units will ship",
        "Customer will wait",
        "Refunded another way",
        "Warehouse figures are wrong",
        "Amount is wrong",
        "Order placed in error",
    )
    """Reasons that are given every day; a key each."""


class HoldForm(WhyForm):
    """Why a proposal is set aside."""

    usual = ("Waiting for warehouse", "Waiting for customer", "Waiting for seller", "Waiting for stock")


class ReferenceForm(forms.Form):
    """Under which reference the provider paid."""

    reference = forms.CharField(
        label="Provider's reference",
        max_length=200,
        error_messages={"required": "Enter the payment reference."},
    )

    def clean_reference(self) -> str:
        """The reference without what nobody sees, if a spreadsheet has not shortened it."""
        reference = identifier(self.cleaned_data["reference"])
        if lost := shortened(reference):
            raise forms.ValidationError(f"The reference {lost}.")
        return reference


class NotPaidForm(forms.Form):
    """How the person knows that nothing was paid: a refund that is sent again after all would pay twice."""

    why = forms.CharField(
        label="Where you checked, and how you know that nothing was paid",
        max_length=300,
        error_messages={"required": "Enter where you checked: a refund that was paid after all would be paid twice."},
    )


class LiftForm(WhyForm):
    """Which ceiling is lifted for today."""

    currency = forms.CharField(widget=forms.HiddenInput, max_length=3)


def _name_fields(form: forms.Form | forms.ModelForm[Any]) -> None:
    # In a table the head names a column for the eye alone.
    for field in form.fields.values():
        widget: Any = field.widget
        getattr(widget, "widget", widget).attrs["aria-label"] = str(field.label)


class ReasonWordsForm(forms.ModelForm[ReasonWords]):
    """What is said instead of our own words."""

    class Meta:
        model = ReasonWords
        fields = ("channel", "reason", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_fields(self)


class RefundLimitForm(forms.ModelForm[RefundLimit]):
    """The amounts of one currency, typed and shown as decimals, kept in minor units."""

    AMOUNTS = ("second_approver_above", "unattended_upto", "daily_ceiling")

    currency = forms.CharField(max_length=3, widget=forms.Select(choices=[("", ""), *choices()]))
    second_approver_above = forms.CharField(label="Second approval above", required=False, max_length=28)
    unattended_upto = forms.CharField(label="Auto-approve up to", required=False, max_length=28)
    daily_ceiling = forms.CharField(label="Daily cap", required=False, max_length=28)

    class Meta:
        model = RefundLimit
        fields = ("currency", "second_approver_above", "unattended_upto", "daily_ceiling")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.AMOUNTS:
            stored = self.initial.get(name)
            if stored is not None:
                self.initial[name] = text(stored, self.initial["currency"])
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "placeholder": "–"}
        _name_fields(self)

    def clean_currency(self) -> str:
        """The ISO 4217 code, however it was typed. A slip would leave the refunds it was meant for without a limit."""
        currency = str(self.cleaned_data["currency"]).upper()
        if not known(currency):
            raise forms.ValidationError(f"{currency} is not a currency: enter an ISO 4217 code, such as GBP.")
        if self.instance.pk and currency != self.initial.get("currency") and pending_changes.needed():
            raise forms.ValidationError("A line stays in its currency: remove it, and add another one.")
        return currency

    def clean(self) -> dict[str, Any]:
        """The amounts in minor units of the currency beside them; None where nothing was typed."""
        cleaned = super().clean() or self.cleaned_data
        for name in self.AMOUNTS:
            typed = str(cleaned.get(name) or "").strip()
            try:
                cleaned[name] = parse_typed(typed, cleaned.get("currency", "")) if typed else None
            except BadAmount as refused:
                self.add_error(name, str(refused))
            if (cleaned.get(name) or 0) < 0:
                self.add_error(name, "Amounts cannot be negative.")
        return cleaned
