"""How do other systems read orders and shipments?

Amounts are decimal strings of the currency beside them, moments are UTC. What is not known is null.
"""

from operator import attrgetter
from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from orders import money, statuses
from orders.models import Order, OrderItem, SalesChannel, Shipment, ShipmentItem
from orders.statuses import Detail, Status


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["12.50"]})
class Amount(serializers.CharField):
    """Minor units, written as an exact decimal string. `currency` is the path to the currency's code."""

    def __init__(self, *, currency: str = "currency", **options: Any) -> None:
        self.currency_of = attrgetter(currency)
        super().__init__(**options)

    def get_attribute(self, instance: Any) -> str:
        amount: Any = super().get_attribute(instance)
        return money.text(amount, self.currency_of(instance))


class Known(serializers.CharField):
    """A text that may be missing: null, never an empty string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)

    def to_representation(self, value: str) -> Any:
        return value or None


class CustomerSerializer(serializers.Serializer[Order]):
    name = Known(source="customer_name")
    email = Known(source="customer_email")
    phone = Known(source="customer_phone")


class AddressSerializer(serializers.Serializer[Any]):
    name = Known()
    company = Known()
    line1 = Known()
    line2 = Known()
    city = Known()
    region = Known()
    postcode = Known()
    country = Known()
    phone = Known()


class PaymentSerializer(serializers.Serializer[Order]):
    provider = serializers.CharField(source="payment_provider")
    reference = Known(source="payment_reference")


class DiscountSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    amount = Amount()


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


class OrderItemSerializer(serializers.Serializer[OrderItem]):
    """One line of an order: what it cost, and what became of each unit."""

    sku = serializers.CharField()
    name = Known()
    status = serializers.ChoiceField(Status.choices)
    quantity = serializers.IntegerField(help_text="Units ordered.")
    shipped_quantity = serializers.IntegerField()
    cancelled_quantity = serializers.IntegerField()
    returned_quantity = serializers.IntegerField()
    outstanding_quantity = serializers.IntegerField(help_text="Units neither shipped nor cancelled.")
    unit_price = Amount(currency="order.currency")
    discount = Amount(currency="order.currency", help_text="The item's own discount.")
    discount_share = Amount(currency="order.currency", help_text="Its share of the order's discounts.")
    tax = Amount(currency="order.currency")
    paid = Amount(currency="order.currency", help_text="Paid for the item in all, tax included.")
    committed_quantity = serializers.IntegerField(help_text="Units refunded or committed to a refund.")
    committed_amount = Amount(currency="order.currency", help_text="Refunded or committed to a refund.")


class OrderSerializer(serializers.Serializer[Order]):
    """An order with its items and shipments."""

    id = serializers.IntegerField()
    reference = serializers.CharField(help_text="The channel's order number.")
    seller = serializers.CharField(source="seller.code")
    channel = serializers.CharField(source="channel.code")
    source = serializers.ChoiceField(SalesChannel.Kind.choices)  # type: ignore[assignment]
    placed_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    status = serializers.ChoiceField(Status.choices)
    status_detail = serializers.SerializerMethodField(
        help_text=f"While processing, one of: {', '.join(filter(None, Detail.values))}."
    )
    currency = serializers.CharField()
    prices_include_tax = serializers.BooleanField()
    customer = CustomerSerializer(source="*")
    shipping_address = AddressSerializer()
    billing_address = AddressSerializer()
    shipping_method = Known()
    shipping_charge = Amount()
    discounts = serializers.SerializerMethodField(help_text="Discounts on the whole order.")
    rounding = Amount(help_text="What the parts miss of the total.")
    total_paid = Amount()
    committed_amount = Amount(help_text="Refunded or committed to a refund, shipping included.")
    committed_shipping = Amount(help_text="Of the shipping charge: refunded or committed to a refund.")
    payment = PaymentSerializer(source="*")
    notes = Known()
    items = OrderItemSerializer(many=True)
    shipments = OrderShipmentSerializer(many=True)

    def get_status_detail(self, order: Order) -> str | None:
        return statuses.detail(order.status, order.status_detail) or None

    @extend_schema_field(DiscountSerializer(many=True))
    def get_discounts(self, order: Order) -> list[dict[str, str]]:
        return [
            {"name": discount["name"], "amount": money.text(discount["amount"], order.currency)}
            for discount in order.discounts
        ]


class Exactly(django_filters.CharFilter):  # type: ignore[misc]
    """Rows whose text is exactly this, blanks included. A text that nobody has gives an empty page."""

    def __init__(self, *, field_name: str | None = None, label: str) -> None:
        super().__init__(field_name=field_name, label=label, strip=False)
        described = {"type": "string", "minLength": 1, "pattern": r"^[^\x00]+$", "description": label}
        extend_schema_field(described)(self)


class OrderFilters(django_filters.FilterSet):  # type: ignore[misc]
    reference = Exactly(label="The channel's order number.")
    seller = Exactly(field_name="seller__code", label="The seller's code.")
    channel = Exactly(field_name="channel__code", label="The sales channel's code.")
    status = django_filters.ChoiceFilter(choices=Status.choices)

    class Meta:
        model = Order
        fields = ()


class ShipmentFilters(django_filters.FilterSet):  # type: ignore[misc]
    order = Exactly(field_name="order__reference", label="The order's reference.")
    seller = Exactly(field_name="seller__code", label="The seller's code.")

    class Meta:
        model = Shipment
        fields = ()


class OrderViewSet(ReadOnlyModelViewSet[Order]):
    """Orders with their items and shipments."""

    queryset = Order.objects.select_related("seller", "channel").prefetch_related("items", "shipments__items")
    serializer_class = OrderSerializer
    filterset_class = OrderFilters
    lookup_value_converter = "int"
    scope = "orders:read"


class ShipmentViewSet(ReadOnlyModelViewSet[Shipment]):
    """Shipments with their items."""

    queryset = Shipment.objects.select_related("order", "seller").prefetch_related("items")
    serializer_class = ShipmentSerializer
    filterset_class = ShipmentFilters
    lookup_value_converter = "int"
    scope = "orders:read"
