"""Which rows of a page does a person see and change who is limited to some sellers? (everything begins here)"""

from typing import Any, ClassVar

from django.http import HttpRequest

from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows
from orders.backoffice.theme import ModelAdmin
from orders.models import Seller

SHARED = "shared"
"""Rows of all sellers together that say nothing of any: everybody sees them, nobody who is limited changes them."""


class ScopedAdmin(ModelAdmin[Any]):
    """Lists, searches, pages and buttons show and touch what `get_queryset` leaves, and nothing else."""

    # The lookup from a row to its seller's id, or SHARED. With None a person who is limited sees nothing here.
    seller_path: ClassVar[str | None] = None

    def get_queryset(self, request: HttpRequest) -> Rows:
        """The rows that this person may see."""
        rows: Rows = super().get_queryset(request)
        if self.seller_path == SHARED:
            return rows
        if self.seller_path is None:
            return rows if seller_scope.of(request.user) is None else rows.none()
        return seller_scope.narrow(rows, request.user, self.seller_path)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        hidden = self.seller_path is None and seller_scope.of(request.user) is not None
        return not hidden and super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and super().has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A new seller would be out of the person's own sight.
        barred = self.seller_path in (None, SHARED, "pk") and seller_scope.of(request.user) is not None
        return not barred and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        barred = self.seller_path in (None, SHARED) and seller_scope.of(request.user) is not None
        return not barred and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Seller:
            kwargs.setdefault("queryset", seller_scope.sellers(request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
