"""Which buttons does the page of an order have, and which verb does each call?

A new verb is one file beside `orders/hold.py` and one button here; hemi_intake/admin.py adds those of other apps.
"""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from orders import events, hold
from orders.models import Order
from orders.page import Button


class WhyForm(forms.Form):
    """A reason, which stays on the timeline."""

    why = forms.CharField(
        label="Reason", max_length=300, error_messages={"required": "Please give a reason: it stays on the timeline."}
    )


def _hold(order: Order, user: User, said: dict[str, Any]) -> str:
    hold.hold(order.pk, why=said["why"], actor=events.staff(user))
    return f"{order.reference} is on hold. The warehouse does not know of it yet: tell them."


def _release(order: Order, user: User, said: dict[str, Any]) -> str:
    hold.release(order.pk, actor=events.staff(user))
    return f"{order.reference} is released."


def units(count: int) -> str:
    """ "1 unit", "2 units"."""
    return f"{count} unit" if count == 1 else f"{count} units"


def _says_hold(order: Order) -> str:
    return (
        f"{order.reference} is shown as on hold, with your reason, until somebody releases it: "
        f"{units(order.outstanding_units)} outstanding. This does not reach the warehouse: tell them not to ship."
    )


def _says_release(order: Order) -> str:
    return (
        f"Our hold of {order.reference} ends (“{order.held_because}”). Refunds proposed meanwhile stay, and a "
        "hold of the warehouse’s own stays too. Tell the warehouse that it may ship."
    )


HOLD, ANNOTATE = "orders.hold_order", "orders.annotate_order"
BUTTONS = (
    Button(
        "hold",
        "Hold",
        HOLD,
        _hold,
        lambda order, _: order.outstanding_units > 0 and not order.held_because,
        WhyForm,
        key="h",
        confirm=_says_hold,
    ),
    Button(
        "release",
        "Release",
        HOLD,
        _release,
        lambda order, _: bool(order.held_because),
        tone="good",
        key="l",
        confirm=_says_release,
    ),
)
