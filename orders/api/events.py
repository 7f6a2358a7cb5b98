"""What happened, in a sequence that a reader can follow without missing or repeating anything?

Ids of rows become visible out of order: a transaction that began earlier may commit later. So events come by the id
of the transaction that wrote them, and only those older than every transaction still under way: behind such a place
nothing new can appear any more.
"""

import json
import re
from typing import Any, ClassVar

from django.db import connection
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from orders.api import sql
from orders.api.read_views import answer, sellers_of
from orders.models import OrderEvent

DEFAULT, LARGEST = 500, 1000

_PLACE = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)
_START = "0.0"


class EventSerializer(serializers.Serializer[OrderEvent]):
    """One fact on an order's timeline; it never changes."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="Such as order.shipped or refund.approved.")
    order = serializers.CharField(source="order.reference", help_text="The order's reference.")
    order_id = serializers.IntegerField()
    seller = serializers.CharField(source="seller.code")
    occurred_at = serializers.DateTimeField(help_text="When it happened.")
    recorded_at = serializers.DateTimeField(help_text="When we learned of it.")
    actor = serializers.CharField(help_text="Who or what caused it, such as prosku:main, staff:anna, key:core.")
    data = serializers.JSONField(  # type: ignore[assignment]
        help_text="The facts; its keys depend on the kind."
    )
    message = serializers.IntegerField(allow_null=True, help_text="The archived message that is the evidence.")


class FeedSerializer(serializers.Serializer[Any]):
    """Events, and where to go on after them."""

    results = EventSerializer(many=True)
    after = serializers.RegexField(r"^[0-9]{1,18}\.[0-9]{1,18}$", help_text="Give this back to get what follows.")
    more = serializers.BooleanField(help_text="Whether there is more already.")


class EventFeed(GenericViewSet[OrderEvent]):
    """The change feed."""

    queryset = OrderEvent.objects.all()
    serializer_class = FeedSerializer
    filter_backends = ()
    pagination_class = None
    scope: ClassVar[str] = "events:read"

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "string", "pattern": r"^[0-9]{1,18}\.[0-9]{1,18}$"},
                description="The `after` of the page before; from the beginning when it is left out.",
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": DEFAULT},
                description="How many events at most.",
            ),
        ]
    )
    def feed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Events after a place, each exactly once.

        Read on with the `after` of each answer, also of an empty one. An event appears as soon as every transaction
        that began before its own has ended: within a second, as a rule.
        """
        after, limit = _asked(request)
        places = _places(after, limit + 1, sellers_of(request))
        more, places = len(places) > limit, places[:limit]
        rows = ",".join(sql.render(EventSerializer, OrderEvent, [pk for _, pk in places]))
        end = f"{places[-1][0]}.{places[-1][1]}" if places else f"{after[0]}.{after[1]}"
        return answer(request, f'{{"results":[{rows}],"after":{json.dumps(end)},"more":{json.dumps(more)}}}')


def _asked(request: Request) -> tuple[tuple[int, int], int]:
    known = {"after": _START, "limit": str(DEFAULT)}
    wrong = {name: f"Unknown. Known here: {', '.join(known)}." for name in request.query_params if name not in known}
    wrong |= {name: "Given more than once." for name, values in request.query_params.lists() if len(values) > 1}
    given = known | {name: values[-1] for name, values in request.query_params.lists() if name in known}
    place = _PLACE.fullmatch(given["after"])
    if place is None:
        wrong["after"] = "Not a place in the feed: take it from the page before."
    limit = given["limit"]
    if not re.fullmatch(r"[0-9]{1,4}", limit, re.ASCII) or not 1 <= int(limit) <= LARGEST:
        wrong["limit"] = f"A whole number from 1 to {LARGEST}."
    if wrong or place is None:
        raise ValidationError(wrong)
    return (int(place[1]), int(place[2])), int(limit)


def _places(after: tuple[int, int], limit: int, sellers: list[int]) -> list[tuple[int, int]]:
    """The next places, as transaction and id, that are final."""
    mine = "AND seller_id = ANY(%(sellers)s)" if sellers else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT transaction_id::text::bigint, id FROM orders_orderevent
            WHERE (transaction_id, id) > (%(transaction)s::text::xid8, %(id)s::bigint)
                AND transaction_id < pg_snapshot_xmin(pg_current_snapshot()) {mine}
            ORDER BY transaction_id, id LIMIT %(limit)s
            """,
            {"transaction": str(after[0]), "id": after[1], "limit": limit, "sellers": sellers},
        )
        return [(int(transaction), pk) for transaction, pk in cursor.fetchall()]
