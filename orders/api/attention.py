"""What does the API tell of what a person must look at?"""

import django_filters
from django.db.models import Q
from rest_framework import serializers

from orders.api.filters import Exactly, Moment, YesNo
from orders.api.read_views import Reading
from orders.models import AttentionItem


class AttentionSerializer(serializers.Serializer[AttentionItem]):
    """Something that a person must look at, with its evidence."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(AttentionItem.Kind.choices)
    summary = serializers.CharField(help_text="A sentence for people.")
    seller = serializers.CharField(source="seller.code", allow_null=True)
    order = serializers.CharField(source="order.reference", allow_null=True, help_text="The order's reference.")
    order_id = serializers.IntegerField(allow_null=True)
    evidence = serializers.JSONField(help_text="What it rests on; its keys depend on the kind.")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class AttentionFilters(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(choices=AttentionItem.Kind.choices, label="What it is about.")
    seller = Exactly(field_name="seller__code", label="The seller's code.")
    order = Exactly(field_name="order__reference", label="The order's reference.")
    open = YesNo(Q(closed_at__isnull=True), label="Whether it is still open.")
    opened_from = Moment(field_name="opened_at", lookup_expr="gte", label="Opened at this moment or later.")

    class Meta:
        model = AttentionItem
        fields = ()


class AttentionReading(Reading[AttentionItem]):
    """Attention items; a key of certain sellers sees only what is about them."""

    queryset = AttentionItem.objects.all()
    serializer_class = AttentionSerializer
    filterset_class = AttentionFilters
    scope = "orders:read"
    orderings = {"id": "id", "opened_at": "opened_at"}
