"""What stands on a settings form, in words? (what a stale form would undo, and what goes on record as old and new)"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest

from orders.errors import ActionRefused

OPENED_WITH = "opened_with"
"""The hidden field that carries what stood on the form when it was opened."""

NOTHING = "–"
Values = dict[str, dict[str, str]]
"""By row (the form's own is ""), then by the label of each field."""


def of_form(form: Any) -> dict[str, str]:
    """What a form begins with, whatever was typed since; secrets are left out."""
    return {
        str(form[name].label): _words(field, form.get_initial_for_field(field, name))
        for name, field in form.fields.items()
        if not (field.widget.is_hidden or name == DELETION_FIELD_NAME or isinstance(field.widget, forms.PasswordInput))
    }


def differences(before: Values, now: Values) -> list[str]:
    """A phrase for each field that differs, and for each row that was added or removed."""
    found = []
    for row in dict.fromkeys((*before, *now)):
        was, becomes = before.get(row), now.get(row)
        start = f"{row}: " if row else ""
        if was is None or becomes is None:
            given = "; ".join(f"{label} {value}" for label, value in (becomes or {}).items() if value != NOTHING)
            found.append(f"{row} removed" if becomes is None else f"{start}{given}" if given else f"{row} added")
            continue
        for label in dict.fromkeys((*was, *becomes)):
            old, new = was.get(label, NOTHING), becomes.get(label, NOTHING)
            if old != new:
                found.append(f"{start}{label} {old} → {new}")
    return found


def opened_with(request: HttpRequest, now: Values) -> str:
    """What the hidden field carries: what stands there now, or what a form that comes back was opened with."""
    return request.POST.get(OPENED_WITH) or json.dumps(now)


def why_stale(request: HttpRequest, now: Values, row: Any) -> str:
    """A sentence when what is stored is not what the posted form was opened with; empty when it is."""
    try:
        opened = json.loads(request.POST.get(OPENED_WITH, ""))
    except ValueError:
        opened = None
    if not _are_values(opened):
        return "This form is incomplete, so nothing was saved. Open it again."
    if not (changed := differences(opened, now)):
        return ""
    return (
        f"{_last_editor(row)} changed this after you opened the form, so nothing was saved: {'; '.join(changed)}. "
        "Open the form again, then enter your change."
    )


def expect_fresh(request: HttpRequest, now: Values, row: Any) -> None:
    """Refuse a form that is stale."""
    if why := why_stale(request, now, row):
        raise ActionRefused(why, code="stale_form")


def _words(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return NOTHING
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(sorted(str(row) for row in value)) or NOTHING
    if isinstance(field, forms.ModelChoiceField):
        pk = getattr(value, "pk", value)
        return str(field.queryset.model._default_manager.filter(pk=pk).first() or pk)  # type: ignore[union-attr]  # noqa: SLF001
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or NOTHING
    return str(_labels(field).get(str(value), value))


def _labels(field: Any) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key, label in getattr(field, "choices", ()):
        found |= {str(k): v for k, v in label} if isinstance(label, list | tuple) else {str(key): label}
    return found


def _are_values(opened: Any) -> bool:
    return isinstance(opened, dict) and all(isinstance(row, dict) for row in opened.values())


def _last_editor(row: Any) -> str:
    kind = ContentType.objects.get_for_model(row)
    acts = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).select_related("user")
    last = acts.order_by("-action_time", "-id").first()
    return last.user.get_username() if last else "Somebody"
