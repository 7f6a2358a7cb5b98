"""How does a failure become an answer? Whatever goes wrong below /api/ leaves here, as a problem."""

from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from hemi_intake import error_pages
from hemi_intake.api import problems
from integrations.api.writing import WriteRefused
from orders.errors import ActionRefused

log = structlog.get_logger(__name__)


class Unavailable(exceptions.APIException):
    """Nothing was done, and the same may be done in a moment."""

    status_code = 503
    default_detail = "The database did not answer, and nothing was done. Send the same again in a moment."
    wait = 5


class Nowhere(APIView):
    """Every address below /api/ that leads nowhere, for any method and with or without a key."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound("No endpoint has this address. Addresses of endpoints end with a slash.")


def handle(failure: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to what a view raised; None for a fault of ours, which `server_error` then answers."""
    if isinstance(failure, OperationalError | InterfaceError):
        # The database is away, or ended the transaction in favour of another: nothing was done.
        log.error("database_unavailable", exc_info=failure)
        failure = Unavailable()
    if isinstance(failure, ActionRefused):
        return _refused(failure)
    response = exception_handler(failure, context)
    if response is None:
        return None
    errors = None
    if isinstance(failure, exceptions.ValidationError) and isinstance(failure.detail, dict):
        errors, detail = _by_field(failure.detail)
    elif isinstance(failure, exceptions.ValidationError):
        detail = _sentence(failure.detail)
    elif isinstance(failure, exceptions.NotAuthenticated):
        detail = "Send your key with the request: Authorization: Bearer <key>."
    elif isinstance(failure, exceptions.APIException):
        detail = str(failure.detail)
    else:
        detail = "Nothing has this id." if isinstance(failure, Http404) else "This key may not do this."
    response.data = problems.body(response.status_code, detail, errors)
    response.content_type = problems.MEDIA_TYPE
    return response


def _refused(refused: ActionRefused) -> Response:
    errors, detail = None, str(refused)
    if isinstance(refused, WriteRefused):
        errors, detail = _by_field(refused.by_field)
    elif refused.field:
        errors, detail = _by_field({refused.field: detail})
    problem = problems.body(422, detail, errors, code=refused.code)
    return Response(problem, 422, content_type=problems.MEDIA_TYPE)


def _by_field(faults: Any) -> tuple[list[dict[str, str]], str]:
    errors = [{"field": path, "detail": text} for path, text in _flat("", faults)]
    return errors, " ".join(f"{error['field']}: {error['detail']}" for error in errors)


def server_error(request: HttpRequest) -> HttpResponse:
    """What anyone gets to see of a fault of ours: a problem from the API, a page elsewhere."""
    if not request.path_info.startswith("/api/"):
        return error_pages.failed(500)
    return _bare(500, "Something went wrong, and our logs have it under this request id.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to a request that Django itself refuses, such as one for a host that is not ours."""
    if not request.path_info.startswith("/api/"):
        return error_pages.failed(400)
    return _bare(400, "The server refused this request.")


def _bare(status: int, detail: str) -> JsonResponse:
    return JsonResponse(problems.body(status, detail), status=status, content_type=problems.MEDIA_TYPE)


def _sentence(texts: Any) -> str:
    return " ".join(str(text) for text in texts) if isinstance(texts, list) else str(texts)


def _flat(path: str, detail: Any) -> list[tuple[str, str]]:
    """Every sentence with the path of the field that it is about, such as `items[1].quantity`."""
    if isinstance(detail, dict):
        inner = [
            (f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}" if path else str(name), below)
            for name, below in sorted(detail.items())
        ]
    elif isinstance(detail, list) and any(isinstance(below, dict) for below in detail):
        inner = [(f"{path}[{n}]", below) for n, below in enumerate(detail) if below]
    else:
        return [(path, _sentence(detail))]
    return [found for name, below in inner for found in _flat(name, below)]
