"""In which time zone does a person read the desk?"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from orders import reach

Answer = Callable[[HttpRequest], HttpResponse]


class Zone:
    """Shows times, and reads dates, in the zone of whoever asks; other addresses than the admin's stay in UTC."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = reach.zone(request.user) if request.path_info.startswith("/admin/") else ""
        with timezone.override(ZoneInfo(name) if name else None):
            return self.answer(request)
