"""The OpenAPI document, worked out once per process: it changes with the code alone."""

import json
from functools import cache
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_safe
from drf_spectacular.generators import SchemaGenerator


@cache
def openapi() -> dict[str, Any]:
    """The document itself; nobody changes it."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


@cache
def _document() -> tuple[bytes, str]:
    body = json.dumps(openapi(), ensure_ascii=False).encode()
    return body, quote_etag(sha256(body).hexdigest()[:32])


@require_safe
@condition(etag_func=lambda _request: _document()[1])
def document(_request: HttpRequest) -> HttpResponse:
    """The document as JSON; whoever has it gets 304."""
    answer = HttpResponse(_document()[0], content_type="application/vnd.oai.openapi+json")
    answer["Cache-Control"] = "public, max-age=300"
    return answer
