"""Which kinds of value does the API show beyond the plain ones? (serializer fields; `sql` says how each is read)"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "examples": ["12.50"]})
class Amount(serializers.CharField):
    """Minor units, written as an exact decimal string. `currency` is the path to the currency's code."""

    def __init__(self, *, currency: str = "currency", **options: Any) -> None:
        self.currency = currency
        super().__init__(**options)


class Newest(serializers.IntegerField):
    """The largest id among the rows of a relation, such as `events` or `order.events`; 0 as long as there are none."""


class UnitsBySku(serializers.JSONField):
    """Units by SKU that are stored as lists of counts, written as one object for each SKU; `counts` names these."""

    def __init__(self, *, counts: tuple[str, ...], **options: Any) -> None:
        self.counts = counts
        super().__init__(**options)


class Known(serializers.CharField):
    """A text that may be missing: null, never an empty string. `only_while` is a column and the value it then has."""

    def __init__(self, *, only_while: tuple[str, str] | None = None, **options: Any) -> None:
        self.only_while = only_while
        super().__init__(allow_null=True, **options)
