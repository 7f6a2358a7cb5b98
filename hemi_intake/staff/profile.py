"""What may everybody choose for themselves?"""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from hemi_intake.staff import accounts
from hemi_intake.staff.forms import MyForm, MyPasswordForm
from orders.backoffice import seller_scope
from orders.backoffice.theme import AdminSite


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """My settings: time zone, colours, password; and what I am, which administrators change."""
    user: Any = request.user
    form = MyForm(request.POST or None, initial={"time_zone": seller_scope.zone(user)})
    if request.method == "POST" and form.is_valid():
        accounts.choose_zone(user, form.cleaned_data["time_zone"])
        messages.success(request, "Saved. Times are shown in your time zone.")
        return HttpResponseRedirect(reverse("admin:mine"))
    shown = {
        **site.each_context(request),
        "title": "My settings",
        "form": form,
        "role": accounts.role_of(user),
        "sellers": None if seller_scope.of(user) is None else seller_scope.sellers(user),
    }
    return TemplateResponse(request, "admin/staff/mine.html", shown)


@sensitive_post_parameters()
def password(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """A new password of one's own, for whoever knows the one until now."""
    user: Any = request.user
    if not user.has_usable_password():
        raise PermissionDenied
    form = MyPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        accounts.change_own_password(user, form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, "Password changed. You have been signed out on other devices.")
        return HttpResponseRedirect(reverse("admin:mine"))
    shown = {**site.each_context(request), "title": "Change password", "form": form, "save": "Change password"}
    return TemplateResponse(request, "admin/backoffice/form.html", shown)
