"""How does a person say which line shipped, where a SKU has several prices? (the button of the order page)"""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from orders.backoffice.pages import Button, RowForm
from orders.errors import REASON_REQUIRED
from orders.models import Order, OrderItem
from orders.money import shown
from refunds.proposals.move_shipped import RIGHT, choices, move_shipped


class LineForm(RowForm):
    """The line that shipped, and how the person knows."""

    item = forms.TypedChoiceField(label="These shipped first", coerce=int)
    why = forms.CharField(label="Reason", max_length=280, error_messages={"required": REASON_REQUIRED})

    def __init__(self, row: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        lines = [(str(item.pk), _described(item, row.currency)) for item in choices(row) if not item.fills_first]
        self.fields["item"].choices = lines  # type: ignore[attr-defined]


def _described(item: OrderItem, currency: str) -> str:
    units = f"{item.quantity} × {item.sku} for {shown(item.paid, currency)} {currency}"
    return f"{units}, {item.shipped_quantity} counted as shipped"


def _move(order: Order, user: User, said: dict[str, Any]) -> str:
    item = move_shipped(order.pk, said["item"], by=user, why=said["why"])
    return f"Shipped units of {item.sku} are now counted at the line of {shown(item.paid, order.currency)} first."


MOVE_SHIPPED = Button(
    "move-shipped",
    "Choose shipped line",
    RIGHT,
    _move,
    lambda order, _: bool(choices(order)),
    LineForm,
    confirm=lambda _: (
        "Shipped units count at the dearest line of a SKU first. If another line shipped, say so here; "
        "proposed refunds follow."
    ),
)
