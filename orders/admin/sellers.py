"""Whose orders are these, and where are they placed? (the pages of sellers and sales channels)"""

from django.http import HttpRequest

from orders.backoffice import seller_scope
from orders.backoffice.lists import Rows
from orders.backoffice.pages import SHARED, Page


class SellerPage(Page):
    """The brands whose orders we run."""

    editable = True
    seller_path = "pk"
    sort = ("id",)
    list_display = ("name", "code", "currency", "time_zone", "promise_days", "active")
    fields = ("code", "name", "currency", "time_zone", "promise_days", "active")
    empty = "No sellers yet. Add one, then connect its warehouse."


class ChannelPage(Page):
    """Where orders are placed."""

    editable = True
    seller_path = SHARED
    sort = ("id",)
    list_display = ("name", "code", "kind", "active")
    fields = ("code", "name", "kind", "active")
    empty = "No sales channels yet. Add one for each place where orders come from."

    def get_queryset(self, request: HttpRequest) -> Rows:
        return seller_scope.channels(request.user)
