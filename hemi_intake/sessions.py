"""When does a session end? Some hours after the last thing that a person did, whatever pages ask for by themselves."""

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse

_QUIET = "asked_by_itself"


def quiet(request: HttpRequest) -> None:
    """This request was made by a page, not by a person: it does not prolong the session."""
    setattr(request, _QUIET, True)


class Sessions(SessionMiddleware):
    """The stock sessions, without prolonging them for what a page asks by itself."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leave the session as it is after a quiet request."""
        return response if hasattr(request, _QUIET) else super().process_response(request, response)
