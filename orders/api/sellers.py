"""What does the API tell of sellers and channels?"""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from orders.api.filters import Exactly, YesNo
from orders.api.read_views import Reading, sellers_of
from orders.models import Order, SalesChannel, Seller


class SellerSerializer(serializers.Serializer[Seller]):
    """A brand whose orders we run."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="How orders name the seller.")
    name = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    active = serializers.BooleanField()


class ChannelSerializer(serializers.Serializer[SalesChannel]):
    """Where orders are placed."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="How orders name the channel.")
    name = serializers.CharField()
    kind = serializers.ChoiceField(SalesChannel.Kind.choices)
    active = serializers.BooleanField()


class SellerFilters(django_filters.FilterSet):  # type: ignore[misc]
    code = Exactly(label="The seller's code.")
    active = YesNo(Q(active=True), label="Whether its orders are imported.")

    class Meta:
        model = Seller
        fields = ()


class ChannelFilters(django_filters.FilterSet):  # type: ignore[misc]
    code = Exactly(label="The channel's code.")
    kind = django_filters.ChoiceFilter(choices=SalesChannel.Kind.choices, label="What kind of channel it is.")
    active = YesNo(Q(active=True), label="Whether its orders are imported.")

    class Meta:
        model = SalesChannel
        fields = ()


class SellerReading(Reading[Seller]):
    """Sellers."""

    queryset = Seller.objects.all()
    serializer_class = SellerSerializer
    filterset_class = SellerFilters
    scope = "orders:read"
    seller = "pk"


class ChannelReading(Reading[SalesChannel]):
    """Sales channels; a key of certain sellers sees those that their orders came through."""

    queryset = SalesChannel.objects.all()
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilters
    scope = "orders:read"
    seller = ""

    def get_queryset(self) -> QuerySet[SalesChannel]:
        sellers: list[Any] = sellers_of(self.request)
        rows = SalesChannel.objects.all()
        return rows.filter(pk__in=Order.objects.filter(seller__in=sellers).values("channel_id")) if sellers else rows
