"""What does the clock call? Tasks without arguments: they find their rows, and a second run does no harm."""

from typing import cast

from django.contrib import admin

from orders.admin import OrderPage
from orders.backoffice import export
from orders.models import Order


def write_exports() -> int:
    """Write the exports that people wait for; every minute, and when one is asked for."""
    page = cast("OrderPage", admin.site.get_model_admin(Order))
    return export.write_waiting(page.orders_of)
