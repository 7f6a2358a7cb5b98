"""Where do managers and administrators look up who did what?"""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from hemi_intake.staff import accounts
from hemi_intake.staff.activity import KINDS, Asked, acts
from orders.backoffice.date_range import Span
from orders.backoffice.theme import AdminSite


class AskedForm(forms.Form):
    """Whose acts, which, on what, on which days."""

    about = forms.CharField(label="About", required=False, max_length=100)
    who = forms.ChoiceField(label="User", required=False)
    kind = forms.ChoiceField(label="Type", required=False, choices=[("", "All"), *KINDS])
    first = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, asked: Any, by: Any) -> None:
        super().__init__(asked)
        names = accounts.visible(by).order_by("username").values_list("username", flat=True)
        who: Any = self.fields["who"]
        who.choices = [("", "All"), *((name, name) for name in names)]
        self.fields["about"].widget.attrs["placeholder"] = "Order reference, refund number or setting"

    def asked(self) -> Asked:
        """What was filled in; a field that cannot be read narrows nothing."""
        data = self.cleaned_data
        first, last = data.get("first"), data.get("last")
        return Asked(
            data.get("who", ""),
            data.get("kind", ""),
            " ".join(data.get("about", "").replace("\x00", "").split()),
            Span(first, first).bounds[0] if first else None,
            Span(last, last).bounds[1] if last else None,
        )


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """The newest acts of all people, or those that were asked for."""
    by: Any = request.user
    if not by.has_perm("orders.view_activity"):
        raise PermissionDenied
    form = AskedForm(request.GET, by)
    form.is_valid()
    found, after = acts(by, form.asked(), request.GET.get("after", ""))
    query = request.GET.copy()
    query.pop("after", None)
    shown = {
        **site.each_context(request),
        "title": "Activity",
        "form": form,
        "acts": found,
        "after": after,
        "querystring": query.urlencode(),
        "narrowed": any(query.values()),
        "further": "after" in request.GET,
    }
    return TemplateResponse(request, "admin/staff/activity.html", shown)
