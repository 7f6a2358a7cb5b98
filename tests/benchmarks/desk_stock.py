"""What would Django's own changelist do? Its own templates, without the theme, over the same tables."""

from pathlib import Path
from typing import Any

import django.contrib.admin
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from tests.benchmarks.desk_lists import LISTS, ROWS

_ENGINE = {
    **settings.TEMPLATES[0],
    "NAME": "stock",
    "DIRS": [Path(django.contrib.admin.__file__).parent / "templates"],
}
SETTINGS: dict[str, Any] = {"ROOT_URLCONF": __name__, "TEMPLATES": [*settings.TEMPLATES, _ENGINE]}


class _Stock(ModelAdmin[Any]):
    list_per_page = ROWS

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Some of our pages ask for another right than the model's own.
        return True

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        # The theme has a base page, and a list, of the same name.
        answer.using = "stock"  # type: ignore[attr-defined]
        return answer


site = AdminSite(name="stock")
for listed in LISTS:
    stock = {
        "list_display": listed.columns,
        "list_select_related": listed.related,
        "list_filter": listed.filters,
        "search_fields": listed.fields,
    }
    site.register(listed.model, type("Stock", (_Stock,), stock))

urlpatterns = [path("stock/", site.urls), path("", include("hemi_intake.urls"))]
