"""What does a person post who proposes a refund by hand, or edits a proposal?"""

from collections.abc import Iterable
from typing import Any

from django import forms

from orders.models import OrderItem
from orders.money import BadAmount, parse_typed, text
from refunds.admin.forms import SeenForm, WhyForm
from refunds.calculation.refundable import ItemLimit, Limits
from refunds.decisions.edit import EditablePart, had_shipping
from refunds.models import Refund
from refunds.proposals.refund_request import REASONS, RefundRequest, Scope

WHOLE_NUMBER = {"invalid": "Enter a whole number, such as 2.", "min_value": "Enter 0 or more."}
_REASONS = [("", "Choose…"), *((reason.value, reason.label) for reason in REASONS)]


class PartsForm(forms.Form):
    """Units and amounts per item, and the shipping charge. Amounts are typed as decimals of `currency`."""

    currency = ""

    def add_units(self, item_id: int, sku: str, most: int, initial: int) -> None:
        """A field for how many units of an item."""
        field = forms.IntegerField(
            label=f"Units of {sku}", min_value=0, required=False, initial=initial, error_messages=WHOLE_NUMBER
        )
        # Set afterwards: how many are left is said by the verb, in a sentence that says why.
        field.widget.attrs |= {"max": most, "data-units": "", "autocomplete": "off"}
        self.fields[f"units_{item_id}"] = field

    def add_amount(self, item_id: int, sku: str, initial: int) -> None:
        """A field for an amount without units."""
        shown = text(initial, self.currency) if initial else ""
        field = forms.CharField(label=f"Amount for {sku}", max_length=28, required=False, initial=shown)
        field.widget.attrs |= {"inputmode": "decimal", "data-amount": "", "autocomplete": "off"}
        self.fields[f"amount_{item_id}"] = field

    def clean(self) -> dict[str, Any]:
        """The amounts in minor units."""
        cleaned = super().clean() or self.cleaned_data
        for name in list(cleaned):
            typed = str(cleaned[name] or "").strip() if name.startswith("amount_") else ""
            try:
                if name.startswith("amount_"):
                    cleaned[name] = parse_typed(typed, self.currency) if typed else 0
            except BadAmount as refused:
                self.add_error(name, str(refused))
        return cleaned

    def chosen(self, prefix: str) -> dict[int, int]:
        """Units or amounts by item id, where something was chosen."""
        found = {name: value for name, value in self.cleaned_data.items() if name.startswith(prefix) and value}
        return {int(name.removeprefix(prefix)): value for name, value in found.items()}


class ByHandForm(PartsForm):
    """What staff want refunded of an order."""

    scope = forms.ChoiceField(label="What", choices=Scope.choices, widget=forms.RadioSelect, initial=Scope.PART.value)
    kind = forms.ChoiceField(
        label="Refund for",
        choices=[
            (Refund.Kind.PRE_SHIPMENT, "unshipped units"),
            (Refund.Kind.POST_SHIPMENT, "shipped units (return, damage)"),
        ],
        widget=forms.RadioSelect,
    )
    shipping = forms.BooleanField(label="Shipping charge", required=False)
    reason = forms.ChoiceField(
        label="Reason", choices=_REASONS, error_messages={"required": "Choose one of the reasons."}
    )
    note = forms.CharField(label="Note", max_length=500, required=False)

    def __init__(self, left: Limits, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = left.currency
        names = dict(OrderItem.objects.filter(pk__in=[one.item.id for one in left.items]).values_list("pk", "name"))
        self.rows: list[tuple[ItemLimit, str, forms.BoundField, forms.BoundField]] = []
        for one in left.items:
            self.add_units(one.item.id, one.sku, max(one.unshipped_left, one.shipped_left), 0)
            self.add_amount(one.item.id, one.sku, 0)
            fields = self[f"units_{one.item.id}"], self[f"amount_{one.item.id}"]
            self.rows.append((one, names[one.item.id], *fields))

    def wish(self) -> RefundRequest:
        """What was posted, as the verb wants it."""
        said = self.cleaned_data
        return RefundRequest(
            said["kind"], said["scope"], self.chosen("units_"), self.chosen("amount_"), said["shipping"]
        )


class EditForm(PartsForm, SeenForm, WhyForm):
    """What a proposal is to become."""

    shipping = forms.BooleanField(label="Shipping charge", required=False)

    def __init__(self, refund: Refund, parts: Iterable[EditablePart], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = refund.currency
        self.rows: list[tuple[EditablePart, forms.BoundField]] = []
        for part in parts:
            if part.most:
                self.add_units(part.item.pk, part.item.sku, part.most, part.quantity)
            else:
                self.add_amount(part.item.pk, part.item.sku, part.amount)
            name = f"{'units' if part.most else 'amount'}_{part.item.pk}"
            self.rows.append((part, self[name]))
        self.fields["shipping"].initial = bool(refund.shipping_amount)
        if not had_shipping(refund):
            del self.fields["shipping"]

    def wish(self) -> RefundRequest:
        """What was posted, as the verb wants it."""
        return RefundRequest(
            units=self.chosen("units_"),
            amounts=self.chosen("amount_"),
            shipping=self.cleaned_data.get("shipping", False),
        )
