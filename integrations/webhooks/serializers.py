"""How do endpoints and deliveries look in the API?"""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from integrations.api.writing import Body
from integrations.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from orders.api.fields import Known
from orders.api.filters import Exactly, Id, Moment

_KIND = {"type": "string", "examples": ["refund.*"]}


@extend_schema_field({"type": "array", "items": _KIND, "minItems": 1, "maxItems": 100})
class Kinds(serializers.ListField):
    """Kinds of events: `refund.executed`, `refund.*`, `*`."""

    child = serializers.CharField(max_length=40)


class EndpointSerializer(serializers.Serializer[WebhookEndpoint]):
    """A URL that receives events, and its health."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    kinds = Kinds()
    sellers = serializers.SerializerMethodField(help_text="The sellers' codes; null is every seller.")
    active = serializers.BooleanField()
    disabled_reason = serializers.CharField(help_text="Why it is disabled; empty while it is enabled.")
    failures = serializers.IntegerField(help_text="Tries that failed in a row.")
    failing_since = serializers.DateTimeField(allow_null=True)
    paused_until = serializers.DateTimeField(allow_null=True, help_text="It is spared until then.")
    delivered_at = serializers.DateTimeField(allow_null=True, help_text="When it last accepted a message.")
    created_at = serializers.DateTimeField()

    @extend_schema_field({"type": ["array", "null"], "items": {"type": "string"}})
    def get_sellers(self, row: WebhookEndpoint) -> list[str] | None:
        """Every seller is null: that is not the same as all those there are now."""
        return None if row.every_seller else sorted(seller.code for seller in row.sellers.all())


class SecretSerializer(EndpointSerializer):
    """An endpoint with its new secret."""

    secret = serializers.CharField(
        allow_null=True, help_text="Stands only in the first answer: the same request sent again gets null."
    )


class TrySerializer(serializers.Serializer[WebhookAttempt]):
    """One try. Without a status and an error it is under way, or its worker died."""

    started_at = serializers.DateTimeField()
    milliseconds = serializers.IntegerField(allow_null=True)
    status = serializers.IntegerField(allow_null=True, help_text="The HTTP status of the answer.")
    answer = Known(help_text="The beginning of the answer.")
    error = Known(help_text="What went wrong, in a sentence.")


class DeliverySerializer(serializers.Serializer[WebhookDelivery]):
    """One message to one endpoint."""

    id = serializers.IntegerField()
    endpoint_id = serializers.IntegerField()
    event_id = serializers.IntegerField(allow_null=True, help_text="Null is a test.")
    kind = serializers.CharField()
    order = serializers.CharField(source="order.reference", allow_null=True, help_text="The order's reference.")
    order_id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(WebhookDelivery.State.choices)
    attempts = serializers.IntegerField(help_text="Tries since it was made or sent again.")
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField(help_text="Says something only while it waits.")
    finished_at = serializers.DateTimeField(allow_null=True)
    tries = TrySerializer(many=True)


class EndpointBody(Body):
    """What an endpoint hears, and where."""

    name = serializers.CharField(min_length=1, max_length=80)
    url = serializers.CharField(min_length=1, max_length=500, help_text="https, at a public address.")
    kinds = Kinds(allow_empty=False, max_length=100)
    sellers = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        allow_null=True,
        allow_empty=False,
        max_length=1000,
        help_text="The sellers' codes; null is every seller that the key may see.",
    )


class EndpointChange(EndpointBody):
    """What is to be otherwise; what is left out stays."""

    active = serializers.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "partial": True})


class SinceBody(Body):
    """From when on everything is sent again."""

    since = serializers.DateTimeField()


class ResentSerializer(serializers.Serializer[Any]):
    """How many messages are sent again."""

    messages = serializers.IntegerField()


class EndpointFilters(django_filters.FilterSet):  # type: ignore[misc]
    name = Exactly(label="The endpoint's name.")

    class Meta:
        model = WebhookEndpoint
        fields = ()


class DeliveryFilters(django_filters.FilterSet):  # type: ignore[misc]
    endpoint = Id(field_name="endpoint_id", label="Its endpoint.")
    state = django_filters.ChoiceFilter(choices=WebhookDelivery.State.choices, label="How it stands.")
    kind = Exactly(label="The kind of event.")
    order = Exactly(field_name="order__reference", label="The order's reference.")
    created_from = Moment(field_name="created_at", lookup_expr="gte", label="Made at this moment or later.")

    class Meta:
        model = WebhookDelivery
        fields = ()
