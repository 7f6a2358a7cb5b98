"""What does the API tell of a despatch, and by what is it found?"""

import django_filters
from django.db.models import Q
from rest_framework import serializers

from orders.api.fields import Newest
from orders.api.filters import Exactly, Moment, YesNo
from orders.api.orders import BareOrderSerializer, OrderShipmentSerializer
from orders.api.read_views import Reading
from orders.models import Shipment


class ShipmentSerializer(OrderShipmentSerializer):
    """One despatch."""

    order = serializers.CharField(source="order.reference", help_text="The order's reference.")
    order_version = Newest(source="order.events", help_text="The order's version.")
    order_id = serializers.IntegerField()
    seller = serializers.CharField(source="seller.code")
    warehouse = serializers.CharField(source="fulfilment_order.warehouse.code")
    recorded_at = serializers.DateTimeField(help_text="When we learned of it.")
    full_order = BareOrderSerializer(source="order", required=False)


class ShipmentFilters(django_filters.FilterSet):  # type: ignore[misc]
    number = Exactly(label="The warehouse's despatch number.")
    order = Exactly(field_name="order__reference", label="The order's reference.")
    seller = Exactly(field_name="seller__code", label="The seller's code.")
    tracking_number = Exactly(label="The carrier's tracking number.")
    despatched_from = Moment(field_name="despatched_at", lookup_expr="gte", label="Despatched then or later.")
    despatched_before = Moment(field_name="despatched_at", lookup_expr="lt", label="Despatched before then.")
    withdrawn = YesNo(Q(withdrawn=True), label="Whether the warehouse took the despatch back.")

    class Meta:
        model = Shipment
        fields = ()


class ShipmentReading(Reading[Shipment]):
    """Shipments with their items."""

    queryset = Shipment.objects.all()
    serializer_class = ShipmentSerializer
    filterset_class = ShipmentFilters
    scope = "orders:read"
    orderings = {"id": "id", "despatched_at": "despatched_at"}
    expands = {"full_order": "orders:read"}
