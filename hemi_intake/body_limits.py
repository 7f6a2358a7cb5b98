"""How much may a request bring, by who asks and where? Refused before anything of it is stored."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from hemi_intake import error_pages

STRANGERS = 64 * 1024
"""For those who are not logged in: a name, a password and a token."""
ROOM = 100_000
"""What stands around a file: the form's other fields."""
FILES = (
    (re.compile(r"/admin/[a-z]+/[a-z]+/[0-9]+/do/attach/"), 5_000_000 + ROOM),
    (re.compile(r"/admin/[a-z]+/[a-z]+/[0-9]+/file/"), 50_000_000 + ROOM),
)
OWN_LIMITS = ("/api/", "/providers/")
"""These look at the length themselves, before they read, and answer in the form that programs expect."""


class BodyLimits:
    """Answers 413 by the length that is announced; a body without one is never read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass a request on, or refuse it."""
        if not request.path_info.startswith(OWN_LIMITS) and _length(request) > limit(request):
            refused = error_pages.failed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            refused["Connection"] = "close"
            return refused
        return self._get_response(request)


def limit(request: HttpRequest) -> int:
    """So many bytes may this person send to this address."""
    # Whoever sends no more than that is not looked up.
    if _length(request) <= STRANGERS or not request.user.is_authenticated:
        return STRANGERS
    files = (most for address, most in FILES if address.fullmatch(request.path_info))
    return next(files, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or 0)
    if not (text.isascii() and text.isdigit()):
        return 0
    return int(text[:20])
