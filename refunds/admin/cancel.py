"""How does a person cancel what is not yet shipped of an order? (the button of the order page, and its own page)"""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.html import format_html

from orders.backoffice.pages import Button, RowForm
from orders.errors import REASON_REQUIRED
from orders.models import Order
from orders.templatetags import formatting
from orders.timeline import events
from refunds.admin.request_forms import WHOLE_NUMBER
from refunds.calculation.refundable import ItemLimit
from refunds.proposals.cancel import RIGHT, cancel, cancellable, refund_amount, too_many, wished
from refunds.proposals.manual import left_of
from refunds.proposals.refund_request import RefundRequest


class CancelForm(RowForm):
    """How many units of each item, and why."""

    why = forms.CharField(label="Reason", max_length=280, error_messages={"required": REASON_REQUIRED})

    def __init__(self, row: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        self.left, _ = left_of(row.pk)
        self.possible = cancellable(row, self.left)
        names = dict(row.items.values_list("pk", "name"))
        self.rows: list[tuple[ItemLimit, str, int, forms.BoundField]] = []
        for one in self.left.items:
            most = self.possible.get(one.item.id, 0)
            field = forms.IntegerField(
                label=f"Units of {one.sku}", min_value=0, required=False, initial=0, error_messages=WHOLE_NUMBER
            )
            field.widget.attrs |= {"max": most, "data-units": "", "autocomplete": "off"}
            self.fields[f"units_{one.item.id}"] = field
            self.rows.append((one, names[one.item.id], most, self[f"units_{one.item.id}"]))

    def clean(self) -> dict[str, Any]:
        """Too many units are said at their field, also when some shipped since the page was opened."""
        cleaned = super().clean() or self.cleaned_data
        for one, _, most, field in self.rows:
            count = cleaned.get(field.name) or 0
            if count > most:
                self.add_error(field.name, too_many(one.sku, most, count))
        return cleaned

    @property
    def units(self) -> int:
        """How many units can be cancelled in all."""
        return sum(self.possible.values())

    @property
    def wish(self) -> RefundRequest:
        """What cancelling all of it refunds."""
        return wished(self.row, self.left, self.possible, whole=True)

    @property
    def amount(self) -> int:
        """The refund when all of it is cancelled, in minor units."""
        return refund_amount(self.left, self.wish)

    @property
    def shipping(self) -> int:
        """The shipping charge that goes with it."""
        return self.left.shipping_left if self.wish.shipping else 0


def _cancel(order: Order, user: User, said: dict[str, Any]) -> str:
    units = {int(name.removeprefix("units_")): count for name, count in said.items() if name.startswith("units_")}
    chosen = {item_id: count for item_id, count in units.items() if count}
    refund = cancel(order.pk, why=said["why"], actor=events.staff(user), by=user, units=chosen)
    if refund is None:
        return (
            f"Cancellation of {order.reference} requested; it has no refundable balance. The warehouse has not "
            "confirmed, and has NOT been told."
        )
    address = reverse("admin:refunds_refund_change", args=[refund.pk])
    link = format_html('<a class="d-link" href="{}">{}</a>', address, refund.number)
    told = "Cancellation requested; refund {} of {} proposed. The warehouse has not confirmed, and has NOT been told."
    return format_html(told, link, formatting.money(refund.amount, refund.currency))


CANCEL = Button(
    "cancel",
    "Request cancellation",
    RIGHT,
    _cancel,
    lambda order, _: order.outstanding_units > 0,
    CancelForm,
    tone="bad",
    key="c",
    template="admin/refunds/refund/cancel.html",
)
