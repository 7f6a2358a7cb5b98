"""How does a long list come in pages? From one row's place in the sequence to the next: new rows never shift a page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from orders.api import fieldsets

DEFAULT, LARGEST = 50, 100
PARAMETERS = ("cursor", "page_size", "ordering")

# `n` is the page that follows a row, `p` the page before it; the row is its moment in microseconds (0 where the
# sequence is by id) and its id.
_CURSOR = re.compile(r"([np])([0-9]{1,16})\.([0-9]{1,18})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Place = tuple[int, datetime | int]
"""A row's id and what the list is ordered by."""


class Page(BasePagination):
    """Places of rows in the sequence asked for, with the addresses of the pages around them."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        size, (back, edge) = _size(request), _cursor(request)
        orderings: dict[str, str] = view.orderings
        column, falling = _ordering(request, orderings)
        rising = falling == back
        if edge is not None:
            queryset = queryset.filter(_beyond(column, edge, rising=rising))
        sign = "" if rising else "-"
        by = [f"{sign}{column}", f"{sign}pk"] if column != "id" else [f"{sign}pk"]
        rows: list[Place] = list(queryset.order_by(*by).values_list("pk", column)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if back:
            rows.reverse()
        address = request.build_absolute_uri()
        self.next = _at(address, "n", rows[-1]) if rows and (more or back) else None
        self.previous = _at(address, "p", rows[0]) if rows and (more if back else edge is not None) else None
        return [pk for pk, _ in rows]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The page that follows; null on the last page."},
                "previous": {**link, "description": "The page before; null on the first page."},
                "results": {"type": "array", "items": schema["items"], "maxItems": LARGEST},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor = {"type": "string", "pattern": r"^[np][0-9]{1,16}\.[0-9]{1,18}$"}
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": DEFAULT}
        names = [f"{sign}{name}" for name in view.orderings for sign in ("", "-")]
        ordering = {"type": "string", "enum": names, "default": "-id"}
        return [
            _parameter("cursor", "Where to go on; taken from `next` or `previous`.", cursor),
            _parameter("page_size", "How many rows a page has at most.", size),
            _parameter("ordering", "The sequence; with a minus the other way round.", ordering),
            *fieldsets.described(view),
        ]


def _size(request: Request) -> int:
    given = request.query_params.get("page_size", str(DEFAULT))
    if not re.fullmatch(r"[0-9]{1,3}", given, re.ASCII) or not 1 <= int(given) <= LARGEST:
        raise ValidationError({"page_size": f"A whole number from 1 to {LARGEST}."})
    return int(given)


def _ordering(request: Request, orderings: dict[str, str]) -> tuple[str, bool]:
    given = request.query_params.get("ordering", "-id")
    name = given.removeprefix("-")
    if name not in orderings:
        raise ValidationError({"ordering": f"One of {', '.join(orderings)}, with or without a minus before it."})
    return orderings[name], given != name


def _cursor(request: Request) -> tuple[bool, tuple[int, int] | None]:
    given = request.query_params.get("cursor")
    if given is None:
        return False, None
    form = _CURSOR.fullmatch(given)
    if form is None:
        raise ValidationError({"cursor": "Not a cursor: take the whole address from next or previous."})
    return form[1] == "p", (int(form[2]), int(form[3]))


def _beyond(column: str, edge: tuple[int, int], *, rising: bool) -> Q:
    way = "gt" if rising else "lt"
    micros, pk = edge
    if column == "id":
        return Q(**{f"pk__{way}": pk})
    # So written it is one stretch of an index.
    moment = _EPOCH + timedelta(microseconds=micros)
    return Q(**{f"{column}__{way}e": moment}) & (Q(**{f"{column}__{way}": moment}) | Q(**{f"pk__{way}": pk}))


def _at(address: str, direction: str, place: Place) -> str:
    pk, value = place
    micros = (value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else 0
    return replace_query_param(address, "cursor", f"{direction}{max(micros, 0)}.{pk}")


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
