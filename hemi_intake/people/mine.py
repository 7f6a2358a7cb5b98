"""What may everybody choose for themselves?"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from hemi_intake.people import manage
from hemi_intake.people.forms import MyForm
from orders import reach
from orders.models import Person
from orders.theme import AdminSite


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """My settings: time zone, colours, password; and what I am, which managers change."""
    user: Any = request.user
    form = MyForm(request.POST or None, initial={"time_zone": reach.zone(user)})
    if request.method == "POST" and form.is_valid():
        Person.objects.update_or_create(user=user, defaults={"time_zone": form.cleaned_data["time_zone"]})
        messages.success(request, "Saved. All times are shown in your time zone.")
        return HttpResponseRedirect(reverse("admin:mine"))
    shown = {
        **site.each_context(request),
        "title": "My settings",
        "form": form,
        "role": manage.role_of(user),
        "sellers": None if reach.of(user) is None else reach.sellers(user),
    }
    return TemplateResponse(request, "admin/people/mine.html", shown)
