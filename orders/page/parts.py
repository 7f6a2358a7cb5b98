"""Of what is a page made besides its row? (buttons that call verbs, and sections that other apps contribute)"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Button:
    """A verb that a person may call. `act` calls it and answers with the sentence that says what happened."""

    name: str
    label: str
    permission: str
    act: Callable[[Any, User, dict[str, Any]], str]
    when: Callable[[Any, User], bool] = lambda row, user: True
    form: type[forms.Form] = forms.Form
    seen: Callable[[Any], dict[str, Any]] = field(default=lambda row: {})
    tone: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A button that this person may press on this row, with its form."""

    button: Button
    form: forms.Form
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page that another app contributes: a template and what it shows."""

    title: str
    template: str
    data: Any


Contributor = Callable[[HttpRequest, Any], Section | None]
