"""What does the API tell of a despatch, and by what is it found?"""

import django_filters
from django.db.models import Q
from rest_framework import serializers

from orders.api.fields import Known
from orders.api.filters import Exactly, Moment, YesNo
from orders.api.reading import Reading
from orders.models import Shipment, ShipmentItem


class ShippedItemSerializer(serializers.Serializer[ShipmentItem]):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()


class OrderShipmentSerializer(serializers.Serializer[Shipment]):
    """A shipment as part of its order."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text="The warehouse's despatch number.")
    carrier = Known()
    service = Known()
    tracking_number = Known()
    tracking_url = Known()
    despatched_at = serializers.DateTimeField()
    withdrawn = serializers.BooleanField(help_text="True when the warehouse took the despatch back.")
    items = ShippedItemSerializer(many=True)


class ShipmentSerializer(OrderShipmentSerializer):
    """One despatch."""

    order = serializers.CharField(source="order.reference", help_text="The order's reference.")
    order_id = serializers.IntegerField()
    seller = serializers.CharField(source="seller.code")
    recorded_at = serializers.DateTimeField(help_text="When we learned of it.")


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
