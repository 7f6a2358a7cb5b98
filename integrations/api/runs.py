"""What does the API tell of the runs that read from the warehouse?"""

import django_filters
from rest_framework import serializers

from integrations.warehouses.models import SyncRun
from orders.api.fields import Known
from orders.api.filters import Exactly, Moment
from orders.api.read_views import Reading


class SyncRunSerializer(serializers.Serializer[SyncRun]):
    """One pass over what the warehouse changed for a seller."""

    id = serializers.IntegerField()
    connection = serializers.CharField(source="account.connection.name")
    seller = serializers.CharField(source="account.seller.code")
    state = serializers.ChoiceField(SyncRun.State.choices)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    pages = serializers.IntegerField()
    messages = serializers.IntegerField(help_text="Messages read.")
    duplicates = serializers.IntegerField(help_text="Messages that had been read before.")
    applied = serializers.IntegerField()
    parked = serializers.IntegerField(help_text="Messages that wait for their order.")
    rejected = serializers.IntegerField()
    proposed = serializers.IntegerField(help_text="Refunds that were proposed.")
    error = Known(help_text="Why it failed, in a sentence.")


class SyncRunFilters(django_filters.FilterSet):  # type: ignore[misc]
    seller = Exactly(field_name="account__seller__code", label="The seller's code.")
    state = django_filters.ChoiceFilter(choices=SyncRun.State.choices, label="How it stands.")
    started_from = Moment(field_name="started_at", lookup_expr="gte", label="Started at this moment or later.")

    class Meta:
        model = SyncRun
        fields = ()


class SyncRunReading(Reading[SyncRun]):
    """Sync runs."""

    queryset = SyncRun.objects.all()
    serializer_class = SyncRunSerializer
    filterset_class = SyncRunFilters
    scope = "orders:read"
    seller = "account__seller"
