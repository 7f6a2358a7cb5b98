"""How is a row changed that has a page of its own? By the settings form behind "Edit", which leads back to the page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from orders.backoffice.pages.row import Page


class FormedPage(Page):
    """A page, and the settings form of its `fields`."""

    editable = True

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_edit"
        return [path("<int:row_id>/edit/", self.admin_site.admin_view(self.edit_view), name=name), *super().get_urls()]

    def edit_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Change the row's fields."""
        row = self._row(request, row_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return self.changeform_view(request, str(row_id), extra_context={"row_url": self.url_of(row)})

    def edit_url(self, request: HttpRequest, row: Any) -> str:
        """Where the row is changed, "" for whoever may not."""
        return self.href("edit", row.pk) if self.has_change_permission(request, row) else ""

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url_of(obj))

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url_of(obj))
