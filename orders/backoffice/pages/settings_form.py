"""How are settings changed? One form for all of them, refused when it is stale, with old and new values on record."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from orders import money, time_zones
from orders.backoffice.pages import form_values
from orders.backoffice.pages.form_values import Values
from orders.backoffice.pages.table import Table

_CHOICES: dict[str, Callable[[], list[tuple[str, Any]]]] = {"currency": money.choices, "time_zone": time_zones.choices}


class PlainFields:
    """Fields as HTML has them, which our style sheet dresses; currencies and time zones are chosen from a list."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The form field of a column."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is None:
            return None
        if db_field.name in _CHOICES:
            about = {name: getattr(field, name) for name in ("required", "label", "help_text", "initial")}
            return forms.ChoiceField(choices=[("", ""), *_CHOICES[db_field.name]()], **about)
        widget = type(field).widget()
        widget.attrs.update(field.widget_attrs(widget))
        widget.is_required = field.required
        if hasattr(field, "choices"):
            widget.choices = field.choices
        field.widget = widget
        return field


class SettingsForms(PlainFields, Table):
    """The form that adds and changes the rows of a page."""

    change_form_template = "admin/backoffice/settings.html"
    # What stands below the form.
    below_form: ClassVar[str] = ""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; while it is being saved everybody else who saves it waits."""
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST":
            return row
        self.model._default_manager.select_for_update(of=("self",)).order_by().get(pk=row.pk)  # noqa: SLF001
        return super().get_object(request, object_id, from_field)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form; one that is posted after somebody else changed the row is refused."""
        form = super().get_form(request, obj, change, **kwargs)
        if request.method != "POST" or not change:
            return form
        now = self._values(request, obj, form)
        stale = form_values.why_stale(request, now, obj)

        def clean(self: Any) -> Any:
            for sentence in filter(None, (stale, getattr(request, "asked_back", ""))):
                self.add_error(None, sentence)
            return form.clean(self)

        return type(form.__name__, (form,), {"clean": clean, "before": now})

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Each field with its old and its new value; of secrets only that they are new."""
        row = self.model._default_manager.get(pk=form.instance.pk)  # noqa: SLF001
        now = self._values(request, row, super().get_form(request, row, change=not add))
        changed = form_values.differences(getattr(form, "before", {}), now)
        secret = [n for n in form.changed_data if isinstance(form.fields[n].widget, forms.PasswordInput)]
        changed += [f"New {form[name].label}" for name in secret if form.cleaned_data.get(name)]
        return f"{'Added' if add else 'Changed'}. {'; '.join(changed) or 'Nothing'}"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = kwargs.get("obj")
        listed = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        form = context["adminform"].form
        context |= {
            "cancel_url": context.get("row_url") or listed,
            "below_form": self.below_form,
            "opened_with": form_values.opened_with(request, self._values(request, row, type(form))) if row else "",
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _values(self, request: HttpRequest, row: Any, form: Any) -> Values:
        """What is stored, as the form and the rows below it show it."""
        found = {"": form_values.of_form(form(instance=row))}
        for formset, inline in self.get_formsets_with_inlines(request, row):
            rows = formset(instance=row, queryset=inline.get_queryset(request)).initial_forms
            found |= {str(one.instance): form_values.of_form(one) for one in rows}
        return found
