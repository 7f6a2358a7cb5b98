"""How does the page of one row work, and what may a person do there?"""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import URLField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from orders.backoffice import proof
from orders.backoffice.pages.sections import Button, Contributor, Offer
from orders.backoffice.pages.settings_form import SettingsForms
from orders.errors import ActionRefused


class Page(SettingsForms):
    """Read-only but for its buttons. With `editable` the settings form adds and changes rows as permissions allow."""

    editable: ClassVar[bool] = False
    buttons: ClassVar[tuple[Button, ...]] = ()
    sections: ClassVar[tuple[Contributor, ...]] = ()
    page_template: ClassVar[str] = ""

    def context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of one row shows besides the row itself."""
        return {}

    def is_on_timeline(self, row: Any) -> bool:
        """Whether what the buttons do stands on an order's timeline; otherwise the page puts it on record."""
        return False

    def after(self, request: HttpRequest, row: Any, button: Button) -> str:
        """Where to go after a button did its work."""
        return self.url_of(row)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.editable and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs.setdefault("assume_scheme", "https")
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        # The links beside a choice hide in a menu that no key opens; each row has its own page anyway.
        for link in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if formfield is not None and hasattr(formfield.widget, link):
                setattr(formfield.widget, link, False)
        return formfield

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        act = self.admin_site.admin_view(self.act_view)
        return [path("<int:row_id>/do/<slug:verb>/", act, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.page_template:
            return super().change_view(request, object_id, form_url, extra_context)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self._row(request, object_id)
        offers = self.offers(request, row)
        shown = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "page": self,
            "row": row,
            "original": row,
            "offers": [offer for offer in offers if not offer.button.in_place],
            "placed": {offer.button.name: offer for offer in offers if offer.button.in_place},
            "sections": [section for make in self.sections if (section := make(request, row))],
            **self.context(request, row),
        }
        return TemplateResponse(request, self.page_template, shown | (extra_context or {}))

    def _row(self, request: HttpRequest, row_id: Any) -> Any:
        if not str(row_id).isdecimal() or len(str(row_id)) > 18:
            raise Http404
        row = self.get_queryset(request).filter(pk=row_id).first()
        if row is None:
            raise Http404
        return row

    def offers(self, request: HttpRequest, row: Any) -> list[Offer]:
        """The buttons that this person may press on this row now."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_do"
        return [
            Offer(
                button,
                # What asks on a page of its own has its form there.
                forms.Form()
                if button.template
                else button.ask(row, initial=button.seen(row), auto_id=f"{button.name}-%s"),
                reverse(name, args=[row.pk, button.name]),
                button.confirm(row),
            )
            for button in self.buttons
            if request.user.has_perm(button.permission) and button.when(row, request.user)  # type: ignore[arg-type]
        ]

    def act_view(self, request: HttpRequest, row_id: int, verb: str) -> HttpResponse:
        """Press a button: POST only, the permission asked again, and what could not be done said in a sentence.

        A button with a page of its own shows it to GET, and again to a POST that was refused.
        """
        button = next((button for button in self.buttons if button.name == verb), None)
        if button is None:
            raise Http404
        if request.method != "POST" and not (button.template and request.method == "GET"):
            return HttpResponseNotAllowed(["GET", "POST"] if button.template else ["POST"])
        if not self.has_view_permission(request) or not request.user.has_perm(button.permission):
            raise PermissionDenied
        row = self._row(request, row_id)
        if request.method == "GET":
            if button.when(row, request.user):  # type: ignore[arg-type]
                return self._ask(request, row, button, button.ask(row, initial=button.seen(row)))
            messages.error(request, f"{row}: “{button.label}” is no longer possible. The page shows the current state.")
            return HttpResponseRedirect(self.url_of(row))
        if proof.given(request) is False:
            return proof.ask(request, self.admin_site, back=self.url_of(row), what=f"{button.label} {row}")
        return self._press(request, row, button, button.ask(row, request.POST, request.FILES))

    def _press(self, request: HttpRequest, row: Any, button: Button, form: forms.Form) -> HttpResponse:
        if form.is_valid():
            try:
                told = {**form.cleaned_data, "proof": proof.of(request)}
                outcome = button.act(row, request.user, told)  # type: ignore[arg-type]
            except proof.ProofRequired:
                return proof.ask(request, self.admin_site, back=self.url_of(row), what=f"{button.label} {row}")
            except ActionRefused as refused:
                form.add_error(None, str(refused))
            else:
                if not self.is_on_timeline(row):
                    self.log_change(request, row, outcome)
                messages.success(request, outcome)
                return HttpResponseRedirect(self.after(request, row, button))
        if button.template:
            return self._ask(request, row, button, form)
        for sentences in form.errors.values():
            messages.error(request, " ".join(str(sentence) for sentence in sentences))
        return HttpResponseRedirect(self.url_of(row))

    def _ask(self, request: HttpRequest, row: Any, button: Button, form: forms.Form) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "title": f"{button.label} {row}",
            "opts": self.opts,
            "row": row,
            "original": row,
            "button": button,
            "form": form,
            "confirm": button.confirm(row),
            "back": self.url_of(row),
        }
        return TemplateResponse(request, button.template, shown)
