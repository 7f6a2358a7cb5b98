"""What is the admin as a whole: its landing page, and which machinery only superusers see?"""

from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.admin import ModelAdmin as StockModelAdmin
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from hemi_intake import error_pages, going_live, overview
from hemi_intake.api import docs_page
from hemi_intake.demo import tour
from hemi_intake.staff import activity_page, profile
from hemi_intake.staff.forms import LogInForm
from orders.backoffice import proof
from orders.backoffice.theme import AdminSite, ModelAdmin
from orders.models import Order
from orders.timeline import audit, events
from refunds.decisions import presence
from refunds.reports import page as reports_page

MACHINERY = ("django_q", "axes")


class Site(AdminSite):
    """The admin, beginning with what waits."""

    site_title = site_header = "Hemi Intake"
    enable_nav_sidebar = True
    login_form = LogInForm

    def get_urls(self) -> list[Any]:
        return [
            path("now/", self.admin_view(self.now_view), name="overview_now"),
            path("tour/<int:number>/", self.admin_view(tour.step_view), name="tour_step"),
            path("tour/over/", self.admin_view(tour.over_view), name="tour_over"),
            path("reports/", self.admin_view(reports_page.page), {"site": self}, name="refunds_reports"),
            path("reports/payments.csv", self.admin_view(reports_page.download), name="refunds_payments"),
            path("activity/", self.admin_view(activity_page.page), {"site": self}, name="activity"),
            path("going-live/", self.admin_view(going_live.page), {"site": self}, name="going_live"),
            path("api/", self.admin_view(docs_page.page), {"site": self}, name="api_docs"),
            path("me/", self.admin_view(profile.page), {"site": self}, name="mine"),
            *super().get_urls(),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            answer = inner(request, *args, **kwargs)
            # A tab that is restored, or an address that is typed, asks to see what only a button sends something to.
            looked = answer.status_code == 405 and request.method == "GET"
            return error_pages.only_a_button(request, answer["Allow"]) if looked else answer

        return shown

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The login page. Whoever logs in has just proved who they are."""
        answer = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            proof.noted(request)
        return answer

    @method_decorator(never_cache)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Back to the login page, which says so. Whoever goes has no refund open any more."""
        user: Any = request.user
        if request.method == "POST" and user.is_authenticated:
            presence.leave_all(user)
        answer = LogoutView.as_view(next_page="admin:login")(request)
        if request.method == "POST":
            if user.is_authenticated:
                audit.record(events.staff(user), "Logged out", kind=audit.Kind.LOGIN)
            messages.success(request, "You are logged out.")
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return profile.password(request, self)

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Nothing of its own: My settings says that it is done."""
        return HttpResponseRedirect(reverse("admin:mine"))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "find_hint": getattr(self.get_model_admin(Order), "search_hint", "")}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        # Of one app alone: our menu stands in place of the list of all, which every page would work out.
        return super().get_app_list(request, app_label) if app_label else []

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        shown = {
            **self.each_context(request),
            "title": "Overview",
            "now": overview.now(request.user),  # type: ignore[arg-type]
            "chart": overview.last_days(request.user),  # type: ignore[arg-type]
            "tour": tour.tour(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/index.html", shown)

    def now_view(self, request: HttpRequest) -> TemplateResponse:
        """The part of the landing page that changes by itself."""
        return TemplateResponse(request, "admin/overview/now.html", {"now": overview.now(request.user)})  # type: ignore[arg-type]


class TechnicalModelAdmin:
    """Rows that other packages keep for themselves: superusers may look, nobody may touch."""

    list_filter = ()
    actions = None
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


def restrict_technical_models(site: AdminSite) -> None:
    """Register the machinery's models anew, so that only superusers see them and nobody changes them."""
    for label in MACHINERY:
        for model in apps.get_app_config(label).get_models():
            if site.is_registered(model):
                theirs = type(site.get_model_admin(model))
                site.unregister(model)
                site.register(model, _sealed(theirs))


def _sealed(theirs: type[StockModelAdmin[Any]]) -> type[StockModelAdmin[Any]]:
    # Without the theme its class is the one that theirs builds on already.
    theme = () if ModelAdmin in theirs.__mro__ else (ModelAdmin,)
    return type(theirs.__name__, (TechnicalModelAdmin, *theme, theirs), {})
