"""What have people put on an order? (its notes, tags and files, for its page, and the files themselves)"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header

from orders.backoffice.order_filters import used_tags
from orders.backoffice.pages import Page
from orders.models import Order

NOTES = 5
"""So many of the newest notes stand beside the order; all of them stand on its timeline."""


def put_on(order: Order) -> dict[str, Any]:
    """Notes, tags and files of an order, and the tags that its seller uses."""
    return {
        "notes": list(order.events.filter(kind="order.noted").order_by("-id")[: NOTES + 1]),
        "tags": list(order.tagged.select_related("tag")),
        "vocabulary": list(used_tags().filter(seller=order.seller_id).values_list("name", flat=True)[:200]),
        "files": list(order.files.defer("content").select_related("added_by")),
    }


class Files(Page):
    """The files of an order, one address each."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        return [path("<int:row_id>/files/<int:file_id>/", view, name="orders_order_file"), *super().get_urls()]

    def file_view(self, request: HttpRequest, row_id: int, file_id: int) -> HttpResponse:
        """A file to be saved. No browser shows or runs it here, whatever is in it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        file = self._row(request, row_id).files.filter(pk=file_id).first()
        if file is None:
            raise Http404
        headers = {
            "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(bytes(file.content), content_type=file.kind, headers=headers)
