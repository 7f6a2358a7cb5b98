"""How does the API say what went wrong? As application/problem+json (RFC 9457), never as HTML."""

from typing import Any

import structlog
from rest_framework import serializers

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:hemi-intake:problem:"

# What an answer's `type` ends in and its title, by its status. These words are a promise: programs compare them.
KINDS = {
    400: ("invalid-request", "The request is not valid"),
    401: ("not-authenticated", "A valid key is needed"),
    403: ("not-permitted", "This key may not do this"),
    404: ("not-found", "There is nothing here"),
    405: ("method-not-allowed", "This address does not take this method"),
    406: ("not-acceptable", "The API answers in JSON only"),
    409: ("conflict", "This cannot be done as things stand"),
    413: ("too-large", "The request is too large"),
    415: ("unsupported-media-type", "The API reads JSON only"),
    422: ("refused", "The content was refused"),
    429: ("too-many-requests", "Too many requests"),
    500: ("server-error", "This is our fault"),
    503: ("unavailable", "The service is away for a moment"),
}


class FieldProblem(serializers.Serializer[Any]):
    """What is wrong with one field of the body, or one parameter."""

    field = serializers.CharField(help_text="Its name, or its path in the body, such as items[1].quantity.")
    detail = serializers.CharField(help_text="A sentence for people.")


class Problem(serializers.Serializer[Any]):
    """What went wrong (RFC 9457)."""

    type = serializers.CharField(help_text="Names the kind of problem and never changes.")
    title = serializers.CharField(help_text="The kind of problem in words.")
    status = serializers.IntegerField(help_text="The HTTP status once more.")
    code = serializers.CharField(help_text="What exactly went wrong, in a word for programs; never changes.")
    detail = serializers.CharField(help_text="A sentence about this case.")
    request_id = serializers.CharField(allow_null=True, help_text="Stands in our logs: quote it when you ask us.")
    errors = FieldProblem(  # type: ignore[assignment]
        many=True, required=False, help_text="What is wrong with each field or parameter."
    )


def body(status: int, detail: str, errors: list[dict[str, str]] | None = None, *, code: str = "") -> dict[str, Any]:
    """A problem as its answer carries it, with the id of the request that is under way.

    Its `code` is that of the refusal; where there is none, the kind of problem.
    """
    kind, title = KINDS[status]
    problem = {
        "type": PREFIX + kind,
        "title": title,
        "status": status,
        "code": code or kind.replace("-", "_"),
        "detail": detail,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }
    return problem | ({"errors": errors} if errors else {})
