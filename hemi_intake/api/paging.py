"""How does a long list come in pages? Newest first, from one id to the next: new rows never shift a page."""

import re
from typing import Any

from django.db.models import Model
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

DEFAULT, LARGEST = 50, 100
PARAMETERS = ("cursor", "page_size")

# `o17` is the page of rows older than 17, `n17` the page of rows newer than 17.
_CURSOR = re.compile(r"([on])([0-9]{1,18})", re.ASCII)


class Page(BasePagination):
    """Rows by falling id, with the addresses of the pages around them."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        size, (newer, edge) = _size(request), _cursor(request)
        if newer:
            rows = list(queryset.filter(pk__gt=edge).order_by("pk")[: size + 1])
        elif edge is not None:
            rows = list(queryset.filter(pk__lt=edge).order_by("-pk")[: size + 1])
        else:
            rows = list(queryset.order_by("-pk")[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if newer:
            rows.reverse()
        self.address = request.build_absolute_uri()
        self.next = self._at("o", rows[-1]) if rows and (more or newer) else None
        self.previous = self._at("n", rows[0]) if rows and (more if newer else edge is not None) else None
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The page of older rows; null on the last page."},
                "previous": {**link, "description": "The page of newer rows; null on the first page."},
                "results": {**schema, "maxItems": LARGEST},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        cursor = {"type": "string", "pattern": "^[on][0-9]{1,18}$"}
        size = {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": DEFAULT}
        return [
            _parameter("cursor", "Where to go on; taken from `next` or `previous`.", cursor),
            _parameter("page_size", "How many rows a page has at most.", size),
        ]

    def _at(self, direction: str, row: Model) -> str:
        return replace_query_param(self.address, "cursor", f"{direction}{row.pk}")


def _size(request: Request) -> int:
    given = request.query_params.get("page_size", str(DEFAULT))
    if not re.fullmatch(r"[0-9]{1,3}", given, re.ASCII) or not 1 <= int(given) <= LARGEST:
        raise ValidationError({"page_size": f"A whole number from 1 to {LARGEST}."})
    return int(given)


def _cursor(request: Request) -> tuple[bool, int | None]:
    given = request.query_params.get("cursor")
    if given is None:
        return False, None
    form = _CURSOR.fullmatch(given)
    if form is None:
        raise ValidationError({"cursor": "Not a cursor: take the whole address from next or previous."})
    return form[1] == "n", int(form[2])


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
