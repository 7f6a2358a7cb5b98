"""Is this person still there, and in which time zone do they read the desk?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from orders.backoffice import seller_scope

Answer = Callable[[HttpRequest], HttpResponse]
BEGAN, SEEN = "began_at", "seen_at"
OFTEN = timedelta(minutes=1)
"""So often at most it is written down that somebody is there."""

_IDLE = "You were logged out because you did nothing here for {minutes} minutes. Nothing you had saved is lost."
_LONG = "You were logged out because you were logged in for {hours} hours: log in again to go on."
_ENDED = "You were logged out because your session ran out, or because your password or your account was changed."


class Presence:
    """Ends the session of whoever did nothing for some time, or is logged in for too long, and says so."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/") or request.path_info == reverse("admin:login"):
            return self.answer(request)
        why = _over(request, timezone.now())
        if why and _by_script(request):
            # The reason is kept for the person: the page that a redirection leads to, no script would show.
            return HttpResponse(status=403)
        if why:
            logout(request)
            messages.warning(request, why)
            return redirect_to_login(request.get_full_path() if request.method == "GET" else _sent_from(request))
        return self.answer(request)


class Zone:
    """Shows times, and reads dates, in the zone of whoever asks; other addresses than the admin's stay in UTC."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = seller_scope.zone(request.user) if request.path_info.startswith("/admin/") else ""
        with timezone.override(ZoneInfo(name) if name else None):
            return self.answer(request)


def _over(request: HttpRequest, now: datetime) -> str:
    """Why the session is over, "" as long as it goes on."""
    if not request.user.is_authenticated:
        return _ENDED if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
    stamp = int(now.timestamp())
    began, seen = request.session.setdefault(BEGAN, stamp), request.session.setdefault(SEEN, stamp)
    if stamp - seen > settings.SESSION_IDLE_MINUTES * 60:
        return _IDLE.format(minutes=settings.SESSION_IDLE_MINUTES)
    if stamp - began > settings.SESSION_HOURS * 3600:
        return _LONG.format(hours=settings.SESSION_HOURS)
    if stamp - seen >= OFTEN.total_seconds() and not _by_script(request):
        request.session[SEEN] = stamp
    return ""


def _sent_from(request: HttpRequest) -> str:
    """The page whose form was sent, for typed.js to fill it in again; the overview where it is none of ours."""
    page = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}) and urlsplit(page).path.startswith("/admin/"):
        return urlunsplit(urlsplit(page)._replace(scheme="", netloc=""))
    return reverse("admin:index")


def _by_script(request: HttpRequest) -> bool:
    """Whether a page asks by itself, as each open refund does every few seconds: nothing that anybody did."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
