"""What does the OpenAPI document say of every endpoint? Its scope, its answers, and which problems to expect."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.serializers import ListSerializer

from hemi_intake.api.problems import KINDS, MEDIA_TYPE, Problem
from integrations.api.access import scope_of
from integrations.api.writing import Body
from orders.api import fieldsets

PART = "Part"

_READING = (400, 401, 403, 406, 429, 500, 503)
_WRITING = (*_READING, 409, 413, 415, 422)
_SAME = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the answer that you have: the same again is only a 304.",
)
_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="Your own name for this request, such as a UUID. Sent again, it gets the first answer again.",
)


class Declared(AutoSchema):
    """Declares the scope, the headers and the problems of an endpoint beside what it takes and answers.

    A view says by action what is not the serializer itself: `takes` what it takes, `answers` what it answers with
    which status.
    """

    def get_override_parameters(self) -> list[Any]:
        given = super().get_override_parameters()
        return [*given, _SAME if self._reads() else _KEY]

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        if self._reads() and getattr(self.view, "detail", False):
            return fieldsets.described(self.view)
        found: list[dict[str, Any]] = super()._get_filter_parameters()  # type: ignore[no-untyped-call]
        return found

    def get_request_serializer(self) -> Any:
        return self._declared("takes", super().get_request_serializer())

    def get_response_serializers(self) -> Any:
        answers = self._declared("answers", None)
        if answers is None:
            answers = {200: super().get_response_serializers()}
        statuses = {*(_READING if self._reads() else _WRITING), *((404,) if self._names_a_row() else ())}
        if self._reads():
            answers = {**answers, 304: OpenApiResponse(description="What you have is still so.")}
        problems = {(status, MEDIA_TYPE): OpenApiResponse(Problem, KINDS[status][1]) for status in sorted(statuses)}
        return {**answers, **problems}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return schema | {"additionalProperties": False} if isinstance(serializer, Body) else schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_serializer_field(  # type: ignore[no-untyped-call]
            field, direction, bypass_extensions
        )
        if not isinstance(field, ListSerializer) or direction != "request":
            return schema
        lengths = {"minItems": None if field.allow_empty else 1, "maxItems": getattr(field, "max_length", None)}
        return schema | {name: length for name, length in lengths.items() if length is not None}

    def get_auth(self) -> list[dict[str, Any]]:
        scope = scope_of(self.view)
        return [{name: [scope] if scope else [] for name in each} for each in super().get_auth()]

    def get_description(self) -> Any:  # type: ignore[override]
        scope = scope_of(self.view)
        description = super().get_description() or ""
        return f"{description}\n\nScope: `{scope}`".strip() if scope else description

    def _reads(self) -> bool:
        return self.method == "GET"

    def _names_a_row(self) -> bool:
        return "{" in self.path

    def _declared(self, what: str, otherwise: Any) -> Any:
        return getattr(self.view, what, {}).get(getattr(self.view, "action", None), otherwise)


class KeyDeclared(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the key to the document and to the page to try it."""

    target_class = "integrations.api.access.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A key, made by a manager in the admin."}


def with_parts(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Let the answers of endpoints that take `fields` also hold rows with only those that were asked for."""
    schemas = result["components"]["schemas"]
    for path, methods in result["paths"].items():
        taken = {parameter["name"] for parameter in methods.get("get", {}).get("parameters", [])}
        if "fields" not in taken:
            continue
        answer = methods["get"]["responses"]["200"]["content"]["application/json"]
        if path.endswith("{id}/"):
            answer["schema"] = _or_part(answer["schema"], schemas)
        else:
            results = schemas[_name(answer["schema"])]["properties"]["results"]
            results["items"] = _or_part(results["items"], schemas)
    return result


def _or_part(row: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    whole = schemas[_name(row)]
    description = "Only the fields that were asked for with `fields`."
    schemas[_name(row) + PART] = {**{k: v for k, v in whole.items() if k != "required"}, "description": description}
    return {"anyOf": [row, {"$ref": f"{row['$ref']}{PART}"}]}


def _name(row: dict[str, Any]) -> str:
    return str(row["$ref"]).rpartition("/")[2]
