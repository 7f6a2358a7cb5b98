"""Of what is a page made besides its row? (buttons that call verbs, and sections that other apps contribute)"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest


class RowForm(forms.Form):
    """A form that depends on the row that it is about."""

    def __init__(self, row: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row


@dataclass(frozen=True, slots=True)
class Button:
    """A verb that a person may call. `act` calls it and answers with the sentence that says what happened.

    What `confirm` says is read before it happens. A button with a `template` asks on a page of its own, one that is
    `in_place` stands where the page puts it, all others stand in the head.
    """

    name: str
    label: str
    permission: str
    act: Callable[[Any, User, dict[str, Any]], str]
    when: Callable[[Any, User], bool] = lambda row, user: True
    form: type[forms.Form] = forms.Form
    seen: Callable[[Any], dict[str, Any]] = field(default=lambda row: {})
    tone: str = ""
    key: str = ""
    confirm: Callable[[Any], str] = lambda row: ""
    template: str = ""
    in_place: bool = False

    def ask(self, row: Any, *args: Any, **options: Any) -> forms.Form:
        """Its form for this row."""
        if issubclass(self.form, RowForm):
            return self.form(row, *args, **options)
        return self.form(*args, **options)


@dataclass(frozen=True, slots=True)
class Offer:
    """A button that this person may press on this row, with its form."""

    button: Button
    form: forms.Form
    url: str
    confirm: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page that another app contributes: a template and what it shows."""

    title: str
    template: str
    data: Any


Contributor = Callable[[HttpRequest, Any], Section | None]
