"""How the order page offers the actions of the registry: a button for each, with a form for what it asks for."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from orders.actions.registry import VERBS
from orders.actions.verb import Call, Param, Verb
from orders.backoffice.pages import Button
from orders.models import Order
from orders.timeline import events


class UploadField(forms.FileField):
    """A file that is refused before it is read when it has more than `most` bytes."""

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> Any:
        if data and data.size > self.most:
            raise forms.ValidationError(f"The file is larger than {self.most // 1_000_000} MB.")
        return super().clean(data, initial)


def field_of(param: Param) -> forms.Field:
    """The form field that asks for a value."""
    errors = {"required": param.missing} if param.missing else {}
    if param.kind == "id":
        return forms.IntegerField(widget=forms.HiddenInput)
    if param.kind == "file":
        messages = errors | {"empty": "The file is empty."}
        return UploadField(most=param.max_length, label=param.label, error_messages=messages)
    text = forms.CharField(label=param.label, max_length=param.max_length, error_messages=errors)
    if param.kind == "lines":
        text.widget = forms.Textarea(attrs={"rows": 3, "placeholder": "Add a note", "data-key": "m"})
    return text


def button(verb: Verb) -> Button:
    """The button of an action."""

    def act(order: Order, user: User, values: dict[str, Any]) -> str:
        return verb.perform(Call(order, values, events.staff(user), user))

    return Button(
        verb.name,
        verb.label,
        verb.permission,
        act,
        lambda order, _: verb.possible(order),
        type(f"{verb.name.title()}Form", (forms.Form,), {param.name: field_of(param) for param in verb.params}),
        tone=verb.tone,
        key=verb.key,
        confirm=verb.confirm,
        in_place=verb.in_place,
    )


BUTTONS = tuple(map(button, VERBS))
