"""The API's documentation as a page of the admin, written from the OpenAPI document."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from hemi_intake.api.schema_view import openapi
from orders.backoffice.theme import AdminSite

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of an object."""

    name: str
    kind: str
    required: bool
    about: str
    links: tuple[str, ...] = ()
    """The objects that it holds."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address."""

    method: str
    path: str
    about: str
    scope: str
    parameters: tuple[Field, ...]
    body: str
    example: str
    answers: tuple[tuple[str, str, str], ...]
    """Status, the object it holds, and what it means."""


@dataclass(frozen=True, slots=True)
class Object:
    """A schema: its fields, or the values that it may have."""

    name: str
    about: str
    fields: tuple[Field, ...]
    values: tuple[str, ...]


def page(request: HttpRequest, site: AdminSite) -> TemplateResponse:
    """What every address of the API takes and answers; no secret, as /api/docs/ is none."""
    groups, objects = documented()
    shown = {**site.each_context(request), "title": "API documentation", "groups": groups, "objects": objects}
    return TemplateResponse(request, "admin/api_docs.html", shown)


@cache
def documented() -> tuple[dict[str, list[Operation]], list[Object]]:
    """The operations by subject, and the objects by name."""
    document = openapi()
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, content in methods.items():
            subject = content["tags"][0].replace("-", " ").capitalize()
            groups.setdefault(subject, []).append(_operation(document, method, path, content))
    schemas = document["components"]["schemas"].items()
    return groups, [_object(name, schema) for name, schema in sorted(schemas) if not _derived(name)]


def _operation(document: Json, method: str, path: str, content: Json) -> Operation:
    about, _, scope = content.get("description", "").partition("Scope: `")
    media = content.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = next(iter(media.get("examples", {})), "")
    written = document["components"]["examples"].get(example, {}).get("value")
    return Operation(
        method=method.upper(),
        path=path,
        about=_prose(about.strip()),
        scope=scope.partition("`")[0],
        parameters=tuple(
            Field(
                f"{one['name']}",
                _kind(one["schema"])[0],
                one.get("required", False),
                _prose(one.get("description", "")),
            )
            for one in content.get("parameters", ())
        ),
        body=next(iter(_kind(media["schema"])[1]), "") if media else "",
        example=json.dumps(written, indent=2, ensure_ascii=False) if written else "",
        answers=tuple(_answer(status, answer) for status, answer in content["responses"].items()),
    )


def _answer(status: str, answer: Json) -> tuple[str, str, str]:
    media: Json = next(iter(answer.get("content", {}).values()), {})
    names = _kind(media.get("schema", {}))[1]
    return status, next(iter(names), ""), answer.get("description", "")


def _object(name: str, schema: Json) -> Object:
    required = schema.get("required", ())
    fields = tuple(
        Field(key, kind, key in required, _prose(one.get("description", "")), links)
        for key, one in schema.get("properties", {}).items()
        for kind, links in (_kind(one),)
    )
    values = tuple(str(value) for value in schema.get("enum", ()))
    return Object(name, _prose(schema.get("description", "")), fields, () if fields else values)


def _derived(name: str) -> bool:
    """Whether it is a page of rows, or rows with only some of their fields: they tell nothing beyond the rows."""
    page = name.startswith("Paginated") and name.endswith("List")
    return page or (name.endswith("Part") and not name.endswith("BodyPart"))


def _prose(text: str) -> str:
    """A description of the document without its marks: only an empty line ends a paragraph."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text).replace("`", "")


def _kind(schema: Json) -> tuple[str, tuple[str, ...]]:
    """What a value is, in words, and the objects that it holds."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        row = re.fullmatch(r"Paginated(\w+)List", name)
        return ("", (row[1],)) if row else ("", (name,))
    if several := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        each = [_kind(one) for one in several]
        return " or ".join(filter(None, (kind for kind, _ in each))), tuple(n for _, names in each for n in names)
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}", ()
    if "items" in schema:
        kind, names = _kind(schema["items"])
        return f"list of {kind}".strip(), names
    kinds = schema.get("type", "any")
    words = {"date-time": "moment", "uri": "address"}.get(schema.get("format", ""), "")
    found = [words if words and kind == "string" else kind for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return " or ".join(found), ()
