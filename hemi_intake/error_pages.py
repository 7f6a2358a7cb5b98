"""What does a person see instead of a page? (programs below /api/ get a problem: hemi_intake/api/refusals.py)"""

from typing import Any

import structlog
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For an address that leads nowhere, or to something that is gone."""
    return _page(request, 404, "Page not found")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For a page or an act that this person's role does not include."""
    return _page(request, 403, "You do not have permission")


def only_a_button(request: HttpRequest, allowed: str) -> HttpResponse:
    """For whoever opens an address that takes only what a button sends."""
    page = _page(request, 405, "This page cannot be opened directly", above=_list_above(request.path_info))
    page["Allow"] = allowed
    return page


def failed(status: int) -> HttpResponse:
    """For a fault of ours, or a request that Django itself refuses: asks neither the database nor the session."""
    context = {"request_id": structlog.contextvars.get_contextvars().get("request_id")}
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)


def _list_above(address: str) -> str:
    """The nearest list that an address is below, "" where there is none."""
    parts = address.strip("/").split("/")
    for many in range(len(parts) - 1, 0, -1):
        above = f"/{'/'.join(parts[:many])}/"
        try:
            if (resolve(above).url_name or "").endswith("_changelist"):
                return above
        except Resolver404:
            continue
    return ""


def _page(request: HttpRequest, status: int, title: str, **more: str) -> HttpResponse:
    """With the menu around it for those who are logged in, bare for everybody else."""
    context: dict[str, Any] = {"frame": "error.html", "bare": True, **more}
    if request.path_info.startswith("/admin/") and admin.site.has_permission(request):
        context |= {**admin.site.each_context(request), "frame": "admin/base_site.html", "bare": False}
    return render(request, f"{status}.html", context | {"title": title}, status=status)
