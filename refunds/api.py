"""What does the API tell of a refund, and by what is it found?

Amounts are decimal strings of the refund's currency, moments are UTC. What is not known is null.
"""

import django_filters
from rest_framework import serializers

from orders.api.events import EventSerializer
from orders.api.fields import Amount, Known, Newest
from orders.api.filters import AmountBound, Exactly, Moment, among
from orders.api.orders import BareOrderSerializer, OrderFilters, OrderReading
from orders.api.read_views import Reading
from refunds.models import Refund, RefundAttempt, RefundItem, RefundStatus


class RefundItemSerializer(serializers.Serializer[RefundItem]):
    """The part of a refund that belongs to one order item."""

    sku = serializers.CharField(source="item.sku")
    quantity = serializers.IntegerField(help_text="Units refunded; 0 is an amount without units.")
    amount = Amount(currency="refund.currency")
    tax = Amount(currency="refund.currency", help_text="The part of the amount that is tax.")


class AttemptSerializer(serializers.Serializer[RefundAttempt]):
    """One call to the payment provider."""

    number = serializers.IntegerField()
    gateway = serializers.CharField()
    amount = Amount()
    currency = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    outcome = Known(help_text=f"One of: {', '.join(RefundAttempt.Outcome.values)}; null while it is under way.")
    provider_reference = Known()
    detail = Known(help_text="What the provider answered.")


class RefundSerializer(serializers.Serializer[Refund]):
    """Money to give back for one order, and how far that is."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text="The order's reference with -R1, -R2, …")
    version = serializers.IntegerField(help_text="Grows when items or amounts change.")
    order = serializers.CharField(source="order.reference", help_text="The order's reference.")
    order_version = Newest(source="order.events", help_text="The order's version.")
    order_id = serializers.IntegerField()
    seller = serializers.CharField(source="seller.code")
    status = serializers.ChoiceField(RefundStatus.choices)
    origin = serializers.ChoiceField(Refund.Origin.choices)
    kind = serializers.ChoiceField(Refund.Kind.choices)
    reason = serializers.ChoiceField(Refund.Reason.choices)
    reason_note = Known(help_text="The reason in the words of whoever gave it.")
    messages = serializers.ListField(
        child=serializers.IntegerField(), help_text="The archived messages of the warehouse that it rests on."
    )
    currency = serializers.CharField()
    amount = Amount(help_text="To give back in all, tax included.")
    shipping_amount = Amount(help_text="The part of the amount that is shipping charge.")
    tax_amount = Amount(help_text="The part of the amount that is tax.")
    items = RefundItemSerializer(many=True)
    proposed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    executed_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    provider = serializers.CharField()
    provider_reference = Known(help_text="What the payment provider calls the refund.")
    attempts = AttemptSerializer(many=True)
    full_order = BareOrderSerializer(source="order", required=False)


class RefundFilters(django_filters.FilterSet):  # type: ignore[misc]
    number = Exactly(label="The refund's number.")
    order = Exactly(field_name="order__reference", label="The order's reference.")
    seller = Exactly(field_name="seller__code", label="The seller's code.")
    status = django_filters.ChoiceFilter(choices=RefundStatus.choices, label="The refund's status.")
    reason = django_filters.ChoiceFilter(choices=Refund.Reason.choices, label="Why it is to be given back.")
    changed_since = Moment(field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later.")
    proposed_from = Moment(field_name="proposed_at", lookup_expr="gte", label="Proposed at this moment or later.")
    proposed_before = Moment(field_name="proposed_at", lookup_expr="lt", label="Proposed before this moment.")
    amount_from = AmountBound(field_name="amount", label="At least so much.")
    amount_to = AmountBound(field_name="amount", at_most=True, label="At most so much.")

    class Meta:
        model = Refund
        fields = ()


class RefundReading(Reading[Refund]):
    """Refunds with their items and attempts."""

    queryset = Refund.objects.all()
    serializer_class = RefundSerializer
    filterset_class = RefundFilters
    scope = "refunds:read"
    orderings = {"id": "id", "proposed_at": "proposed_at", "updated_at": "updated_at"}
    expands = {"full_order": "orders:read"}


class OrderSerializer(BareOrderSerializer):
    """An order with its items and shipments; with its refunds and its timeline where they are expanded."""

    refunds = RefundSerializer(many=True, required=False)
    events = EventSerializer(many=True, required=False)


class RefundedOrderFilters(OrderFilters):
    refund_status = django_filters.ChoiceFilter(
        choices=RefundStatus.choices,
        label="Orders with a refund of this status.",
        method=among(lambda status: Refund.objects.filter(status=status).values("order_id")),
    )


class RefundedOrderReading(OrderReading):
    """Orders with their items and shipments."""

    serializer_class = OrderSerializer
    filterset_class = RefundedOrderFilters
    expands = {**OrderReading.expands, "refunds": "refunds:read", "events": "events:read"}
