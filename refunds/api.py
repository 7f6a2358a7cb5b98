"""How do other systems read refunds?

Amounts are decimal strings of the refund's currency, moments are UTC. What is not known is null.
"""

import django_filters
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from orders.api import Amount, Exactly, Known
from refunds.models import Refund, RefundItem, RefundStatus


class RefundItemSerializer(serializers.Serializer[RefundItem]):
    """The part of a refund that belongs to one order item."""

    sku = serializers.CharField(source="item.sku")
    quantity = serializers.IntegerField(help_text="Units refunded; 0 is an amount without units.")
    amount = Amount(currency="refund.currency")
    tax = Amount(currency="refund.currency", help_text="The part of the amount that is tax.")


class RefundSerializer(serializers.Serializer[Refund]):
    """Money to give back for one order, and how far that is."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text="The order's reference with -R1, -R2, …")
    order = serializers.CharField(source="order.reference", help_text="The order's reference.")
    order_id = serializers.IntegerField()
    seller = serializers.CharField(source="seller.code")
    status = serializers.ChoiceField(RefundStatus.choices)
    reason = serializers.ChoiceField(Refund.Reason.choices)
    currency = serializers.CharField()
    amount = Amount(help_text="To give back in all, tax included.")
    shipping_amount = Amount(help_text="The part of the amount that is shipping charge.")
    tax_amount = Amount(help_text="The part of the amount that is tax.")
    items = RefundItemSerializer(many=True)
    proposed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    executed_at = serializers.DateTimeField(allow_null=True)
    provider_reference = Known(help_text="What the payment provider calls the refund.")


class RefundFilters(django_filters.FilterSet):  # type: ignore[misc]
    number = Exactly(label="The refund's number.")
    order = Exactly(field_name="order__reference", label="The order's reference.")
    seller = Exactly(field_name="seller__code", label="The seller's code.")
    status = django_filters.ChoiceFilter(choices=RefundStatus.choices)

    class Meta:
        model = Refund
        fields = ()


class RefundViewSet(ReadOnlyModelViewSet[Refund]):
    """Refunds with their items."""

    queryset = Refund.objects.select_related("order", "seller").prefetch_related("items__item")
    serializer_class = RefundSerializer
    filterset_class = RefundFilters
    lookup_value_converter = "int"
    scope = "refunds:read"
