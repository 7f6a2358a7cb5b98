"""Which buttons does the page of an order have, and which verb does each call?

A new verb is one file beside `orders/actions/hold.py` and one button here; other apps add theirs in
hemi_intake/admin.py.
"""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from orders.actions import attach, comment, hold, tag
from orders.backoffice.pages import Button
from orders.models import Order
from orders.timeline import events


class WhyForm(forms.Form):
    """A reason, which stays on the timeline."""

    why = forms.CharField(
        label="Reason", max_length=300, error_messages={"required": "Please give a reason: it stays on the timeline."}
    )


class NoteForm(forms.Form):
    """A note, which stays on the timeline."""

    note = forms.CharField(
        label="Note",
        max_length=comment.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "Add a note", "data-key": "m"}),
        error_messages={"required": "Please write something: an empty note says nothing."},
    )


class TagForm(forms.Form):
    """A tag, one of the seller's or a new one."""

    tag = forms.CharField(label="Tag", max_length=40, error_messages={"required": "Please type a tag."})


class WhichForm(forms.Form):
    """Which of the order's tags or files."""

    which = forms.IntegerField(widget=forms.HiddenInput)


class FileForm(forms.Form):
    """A file. What it may be is said by the verb."""

    file = forms.FileField(
        label="File", error_messages={"required": "Choose a file first.", "empty": "The file is empty."}
    )

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > attach.MOST_BYTES:
            raise forms.ValidationError(f"The file is larger than {attach.MOST_BYTES // 1_000_000} MB.")
        return file


def _hold(order: Order, user: User, said: dict[str, Any]) -> str:
    hold.hold(order.pk, why=said["why"], actor=events.staff(user))
    return f"{order.reference} is on hold. The warehouse does not know of it yet: tell them."


def _release(order: Order, user: User, said: dict[str, Any]) -> str:
    hold.release(order.pk, actor=events.staff(user))
    return f"{order.reference} is released."


def _note(order: Order, user: User, said: dict[str, Any]) -> str:
    comment.note(order, said["note"], actor=events.staff(user))
    return f"Your note is on {order.reference}."


def _tag(order: Order, user: User, said: dict[str, Any]) -> str:
    return f"{order.reference} is tagged {tag.tag(order.pk, said['tag'], actor=events.staff(user))}."


def _untag(order: Order, user: User, said: dict[str, Any]) -> str:
    return f"{order.reference} is no longer tagged {tag.untag(order.pk, said['which'], actor=events.staff(user))}."


def _attach(order: Order, user: User, said: dict[str, Any]) -> str:
    kept = attach.attach(order.pk, said["file"].name, said["file"].read(), by=user)
    return f"{kept.name} is on {order.reference}."


def _discard(order: Order, user: User, said: dict[str, Any]) -> str:
    return f"{attach.discard(order.pk, said['which'], actor=events.staff(user))} is deleted."


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
    Button("note", "Add note", ANNOTATE, _note, form=NoteForm, in_place=True),
    Button("tag", "Add tag", ANNOTATE, _tag, form=TagForm, in_place=True),
    Button("untag", "Take off", ANNOTATE, _untag, form=WhichForm, in_place=True),
    Button("attach", "Add file", ANNOTATE, _attach, form=FileForm, in_place=True),
    Button(
        "discard",
        "Delete file",
        "orders.delete_orderfile",
        _discard,
        form=WhichForm,
        tone="bad",
        confirm=lambda _: "It is deleted for good. That it was here stays on the timeline.",
        in_place=True,
    ),
)
