"""Which addresses does the benchmark ask? Ours, and beside them the limit and what everybody would write."""

from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.pagination import CursorPagination
from rest_framework.serializers import CharField, IntegerField, ModelSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from hemi_intake import urls
from orders.api import sql
from orders.api.orders import BareOrderSerializer
from orders.models import Order, OrderEvent, OrderItem, PaymentShare, Shipment, ShipmentItem


class _Newest(CursorPagination):
    page_size = 100
    ordering = "-id"


class _ShippedItem(ModelSerializer[ShipmentItem]):
    class Meta:
        model = ShipmentItem
        fields = ("sku", "quantity")


class _Shipment(ModelSerializer[Shipment]):
    items = _ShippedItem(many=True)

    class Meta:
        model = Shipment
        fields = (
            *("id", "number", "carrier", "service", "tracking_number", "tracking_url", "despatched_at", "withdrawn"),
            "items",
        )


class _Item(ModelSerializer[OrderItem]):
    class Meta:
        model = OrderItem
        fields = (
            *("sku", "name", "status", "quantity", "shipped_quantity", "cancelled_quantity"),
            *("outstanding_quantity", "unit_price", "discount", "discount_share", "tax", "paid"),
            *("committed_quantity", "committed_amount"),
        )


class _Share(ModelSerializer[PaymentShare]):
    provider = CharField(source="payment.provider")
    reference = CharField(source="payment.reference")

    class Meta:
        model = PaymentShare
        fields = ("provider", "reference", "amount")


class _Order(ModelSerializer[Order]):
    version = IntegerField()
    items = _Item(many=True)
    shipments = _Shipment(many=True)
    payment_shares = _Share(many=True)

    class Meta:
        model = Order
        fields = (
            *(
                "id",
                "version",
                "reference",
                "seller",
                "channel",
                "source",
                "placed_at",
                "updated_at",
                "status",
                "status_detail",
            ),
            *("held_because", "currency", "prices_include_tax", "customer_name", "customer_email", "customer_phone"),
            *("shipping_address", "billing_address", "shipping_method", "shipping_charge", "discounts", "rounding"),
            *("total", "total_paid", "committed_amount", "committed_shipping", "payment_status", "payment_shares"),
            *("notes", "items", "shipments"),
        )


_NEWEST = Subquery(OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-id").values("id")[:1])


class UsualOrders(ReadOnlyModelViewSet[Order]):
    queryset = (
        Order.objects.annotate(version=Coalesce(_NEWEST, 0))
        .select_related("seller", "channel")
        .prefetch_related("items", "shipments__items", "payment_shares__payment")
    )
    serializer_class = _Order
    pagination_class = _Newest
    filter_backends = ()
    scope = "orders:read"


def limit(request: HttpRequest) -> HttpResponse:
    """The same rows, made by PostgreSQL in one statement and sent as they are."""
    one = sql.statement(BareOrderSerializer, Order).replace(
        "unnest(%s::bigint[]) WITH ORDINALITY AS w(id, n)",
        "(SELECT id, row_number() OVER () AS n FROM (SELECT id FROM orders_order ORDER BY id DESC LIMIT 100) p) AS w",
    )
    one = one.replace("SELECT (", "SELECT json_agg((", 1).replace(")::text FROM", ") ORDER BY w.n)::text FROM", 1)
    one = one.removesuffix("ORDER BY w.n")
    with connection.cursor() as cursor:
        cursor.execute(one)
        (body,) = cursor.fetchone()
    return HttpResponse(body.encode(), content_type="application/json")


ours: Any = urls.urlpatterns
usual: Any = UsualOrders.as_view({"get": "list"})
urlpatterns = [path("api/bench/limit/", limit), path("api/bench/usual/", usual), path("", include(ours))]
