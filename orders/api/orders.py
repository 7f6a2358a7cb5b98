"""What does the API tell of an order, and by what is it found?"""

from typing import Any

import django_filters
from django.db.models import Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.api.fields import Amount, Known, Newest, UnitsBySku
from orders.api.filters import AmountBound, Exactly, Moment, YesNo, among
from orders.api.read_views import Reading
from orders.fulfilment.results import State
from orders.models import (
    FormerAddress,
    FulfilmentOrder,
    Order,
    OrderItem,
    PaymentShare,
    SalesChannel,
    Shipment,
    ShipmentItem,
)
from orders.statuses import Detail, PaymentStatus, Status

_SHORT = "True when it is shipped and some of its units were cancelled."


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


class PaymentSerializer(serializers.Serializer[PaymentShare]):
    """What a payment pays of an order."""

    provider = serializers.CharField(source="payment.provider")
    reference = Known(source="payment.reference", help_text="The provider's own reference of the payment.")
    amount = Amount(currency="payment.currency", help_text="What of it pays this order.")
    captured_amount = Amount(
        source="payment.captured_amount",
        currency="payment.currency",
        allow_null=True,
        help_text="What was captured in all, for this and other orders; null where nobody has said it.",
    )


class DiscountSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    amount = Amount()


class OrderItemSerializer(serializers.Serializer[OrderItem]):
    """One line of an order: what it cost, and what became of each unit."""

    sku = serializers.CharField()
    name = Known()
    channel_line = Known(help_text="The channel's own id of this line.")
    ships = serializers.BooleanField(help_text="False for what no warehouse ships, such as a tip or gift wrap.")
    properties = serializers.JSONField(help_text="What the customer asked for, such as an engraving.")
    status = serializers.ChoiceField(Status.choices)
    shipped_short = serializers.BooleanField(help_text=_SHORT)
    quantity = serializers.IntegerField(help_text="Units ordered.")
    shipped_quantity = serializers.IntegerField()
    cancelled_quantity = serializers.IntegerField()
    outstanding_quantity = serializers.IntegerField(help_text="Units neither shipped nor cancelled.")
    unit_price = Amount(currency="order.currency")
    discount = Amount(currency="order.currency", help_text="The item's own discount.")
    discount_share = Amount(currency="order.currency", help_text="Its share of the order's discounts.")
    tax = Amount(currency="order.currency")
    paid = Amount(currency="order.currency", help_text="Paid for the item in all, tax included.")
    committed_quantity = serializers.IntegerField(help_text="Units refunded or committed to a refund.")
    committed_amount = Amount(currency="order.currency", help_text="Refunded or committed to a refund.")


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
    planned = serializers.BooleanField(help_text="True as long as the despatch is not confirmed: it ships nothing.")
    sent_to = AddressSerializer(help_text="Where it went, whatever the order's address is by now.")
    fulfilment_order = serializers.IntegerField(source="fulfilment_order_id")
    items = ShippedItemSerializer(many=True)


COUNTS = ("requested", "shipped", "released", "to_ship")


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"sku": {"type": "string"}, **{name: {"type": "integer"} for name in COUNTS}},
            "required": ["sku", *COUNTS],
        },
    }
)
class PartUnits(UnitsBySku):
    """Units of one part of an order by SKU."""


class FulfilmentOrderSerializer(serializers.Serializer[FulfilmentOrder]):
    """The part of an order that one warehouse ships, and what that warehouse reports about it."""

    id = serializers.IntegerField()
    warehouse = serializers.CharField(source="warehouse.code")
    state = serializers.ChoiceField([(state.value, state.value) for state in State])
    number = Known(help_text="The warehouse's own number of it.")
    external_status = Known(help_text="The warehouse's own status.")
    external_status_at = serializers.DateTimeField(allow_null=True)
    closed_as = Known(help_text="despatched or cancelled, once the warehouse has closed it.")
    closed_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = Known()
    items = PartUnits(source="units", counts=COUNTS)


class FormerAddressSerializer(serializers.Serializer[FormerAddress]):
    """A shipping address that an order had, until it was replaced."""

    address = AddressSerializer()
    replaced_at = serializers.DateTimeField()


class BareOrderSerializer(serializers.Serializer[Order]):
    """An order with its items and shipments."""

    id = serializers.IntegerField()
    version = Newest(source="events", help_text="Grows with everything that happens; webhooks carry the same number.")
    reference = serializers.CharField(help_text="The channel's order number.")
    channel_id = Known(source="channel_order_id", help_text="The channel's own id of the order.")
    seller = serializers.CharField(source="seller.code")
    channel = serializers.CharField(source="channel.code")
    source = serializers.ChoiceField(SalesChannel.Kind.choices)  # type: ignore[assignment]
    placed_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    status = serializers.ChoiceField(Status.choices)
    shipped_short = serializers.BooleanField(help_text=_SHORT)
    status_detail = Known(
        only_while=("status", Status.PROCESSING.value),
        help_text=f"While processing, one of: {', '.join(filter(None, Detail.values))}.",
    )
    held_because = Known(help_text="Why we hold the order; null as long as we do not.")
    currency = serializers.CharField()
    prices_include_tax = serializers.BooleanField()
    customer = CustomerSerializer(source="*")
    shipping_address = AddressSerializer()
    billing_address = AddressSerializer()
    shipping_method = Known()
    shipping_charge = Amount()
    discounts = DiscountSerializer(many=True, help_text="Discounts on the whole order.")
    rounding = Amount(help_text="What the parts miss of the total.")
    total = Amount(help_text="What the order costs: items, shipping and rounding.")
    total_paid = Amount(help_text="What was paid: the sum of the payments.")
    payment_status = serializers.ChoiceField(PaymentStatus.choices)
    committed_amount = Amount(help_text="Refunded or committed to a refund, shipping included.")
    committed_shipping = Amount(help_text="Of the shipping charge: refunded or committed to a refund.")
    left_to_refund = Amount(help_text="What no refund holds of the total, not even a proposed one.")
    payments = PaymentSerializer(many=True, source="payment_shares")
    notes = Known()
    language = Known(help_text="The customer's, as in en-GB.")
    items = OrderItemSerializer(many=True)
    shipments = OrderShipmentSerializer(many=True)
    fulfilment_orders = FulfilmentOrderSerializer(
        many=True,
        required=False,
        help_text="Empty as long as nobody has routed the order and no warehouse has reported about it.",
    )
    former_addresses = FormerAddressSerializer(
        many=True, required=False, help_text="Earlier shipping addresses, the newest first."
    )


class OrderFilters(django_filters.FilterSet):  # type: ignore[misc]
    reference = Exactly(label="The channel's order number.")
    seller = Exactly(field_name="seller__code", label="The seller's code.")
    channel = Exactly(field_name="channel__code", label="The sales channel's code.")
    source = django_filters.ChoiceFilter(choices=SalesChannel.Kind.choices, label="How the order reached us.")
    status = django_filters.ChoiceFilter(choices=Status.choices, label="The order's status.")
    payment_status = django_filters.ChoiceFilter(
        choices=PaymentStatus.choices, label="What is paid of the order, and paid back."
    )
    payment_reference = Exactly(
        label="Orders that the payment with this reference pays.",
        method=among(lambda name: PaymentShare.objects.filter(payment__reference=name).values("order_id")),
    )
    sku = Exactly(
        label="Orders with an item of this SKU.",
        method=among(lambda sku: OrderItem.objects.filter(sku=sku).values("order_id")),
    )
    tracking_number = Exactly(
        label="Orders with a shipment of this tracking number.",
        method=among(lambda number: Shipment.objects.filter(tracking_number=number).values("order_id")),
    )
    changed_since = Moment(field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later.")
    placed_from = Moment(field_name="placed_at", lookup_expr="gte", label="Placed at this moment or later.")
    placed_before = Moment(field_name="placed_at", lookup_expr="lt", label="Placed before this moment.")
    shipped_short = YesNo(Q(shipped_short=True), label="Whether the order is shipped and units of it were cancelled.")
    short = YesNo(Q(cancelled_units__gt=0), label="Whether units of the order will never ship.")
    total_from = AmountBound(field_name="total_paid", label="At least so much was paid.")
    total_to = AmountBound(field_name="total_paid", at_most=True, label="At most so much was paid.")

    class Meta:
        model = Order
        fields = ()


class OrderReading(Reading[Order]):
    """Orders with their items and shipments."""

    queryset = Order.objects.all()
    serializer_class = BareOrderSerializer
    filterset_class = OrderFilters
    scope = "orders:read"
    orderings = {"id": "id", "placed_at": "placed_at", "updated_at": "updated_at"}
    expands = {"fulfilment_orders": "orders:read", "former_addresses": "orders:read"}
