"""What do staff see of orders, and what may they do here?

`OrderPage` and `AttentionPage` are registered by hemi_intake/admin.py, which adds the sections that the other apps
contribute to them.
"""

from django.contrib import admin

from orders.admin.attention import AttentionPage
from orders.admin.order_page import OrderPage
from orders.admin.sellers import ChannelPage, SellerPage, SellerWarehousePage, WarehousePage
from orders.admin.timeline import entries_of
from orders.models import SalesChannel, Seller, SellerWarehouse, Warehouse

__all__ = ["AttentionPage", "OrderPage", "entries_of"]

admin.site.register(Seller, SellerPage)
admin.site.register(SalesChannel, ChannelPage)
admin.site.register(Warehouse, WarehousePage)
admin.site.register(SellerWarehouse, SellerWarehousePage)
