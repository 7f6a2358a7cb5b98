"""How does an endpoint that reads answer? PostgreSQL writes the rows, we put them on a page and give it an ETag."""

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from orders.api import fieldsets, sql

Row = TypeVar("Row", bound=Model)


class Reading(GenericViewSet[Row]):
    """Lists rows and shows one by its id: only those of the sellers that the key may see.

    `seller` is the path from a row to its seller. `orderings` are the sequences on offer, by the name they have in
    the API; each is the id or a moment that is never missing. `expands` names the fields that can be expanded, with
    the scope that this asks for.
    """

    scope: ClassVar[str]
    seller: ClassVar[str] = "seller"
    orderings: ClassVar[dict[str, str]] = {"id": "id"}
    expands: ClassVar[dict[str, str]] = {}
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Row]:
        rows: QuerySet[Row] = super().get_queryset()
        sellers = sellers_of(self.request)
        return rows.filter(**{f"{self.seller}__in": sellers}) if sellers else rows

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = self._chosen()
        ids: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        rows = ",".join(self.written(ids, chosen))
        page: Any = self.paginator
        return answer(
            request, f'{{"next":{json.dumps(page.next)},"previous":{json.dumps(page.previous)},"results":[{rows}]}}'
        )

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = self._chosen()
        ids = list(self.filter_queryset(self.get_queryset()).filter(pk=kwargs["pk"]).values_list("pk", flat=True))
        if not ids:
            raise Http404
        return answer(request, self.written(ids, chosen)[0])

    def written(self, ids: Sequence[int], chosen: sql.Chosen = sql.ALL) -> Sequence[str]:
        """These rows as JSON texts."""
        model: Any = self.get_queryset().model
        shape: Any = self.get_serializer_class()
        return sql.render(shape, model, ids, chosen)

    def _chosen(self) -> sql.Chosen:
        """Which fields the request asks for. Raises ValidationError, and PermissionDenied for what it may not see."""
        shape: Any = self.get_serializer_class()
        # An instance would copy every field first.
        plain = fieldsets.plain(shape._declared_fields)  # noqa: SLF001
        expand = fieldsets.named(self.request, "expand", self.expands)
        key: Any = self.request.auth
        for name in expand:
            if self.expands[name] not in key.scopes:
                raise PermissionDenied(f"Expanding {name} needs the scope {self.expands[name]}, which this key lacks.")
        return sql.Chosen(frozenset(fieldsets.named(self.request, "fields", plain)), frozenset(expand))


def sellers_of(request: Request) -> list[int]:
    """The ids of the sellers that the request's key may see; none means all."""
    return getattr(request.auth, "seller_ids", None) or []


def answer(request: Request, body: str) -> HttpResponse | HttpResponseNotModified:
    """The body, or that it is what the caller has already."""
    content = body.encode()
    etag = f'"{blake2b(content, digest_size=16).hexdigest()}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    # gzip makes an ETag weak; the content behind it is the same.
    same = any(one.removeprefix("W/") == etag for one in known)
    response = HttpResponseNotModified() if same else HttpResponse(content, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    return response
