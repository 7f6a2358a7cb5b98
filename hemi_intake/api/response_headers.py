"""What does every answer of the API carry? How much of its rate a key has left, and gzip where it is asked for."""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware


class Transport(GZipMiddleware):
    """Only below /api/: pages for people hold tokens that compression could give away."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        if not request.path_info.startswith("/api/"):
            return response
        rate = getattr(request, "rate_limit", None)
        if rate is not None:
            for name, value in zip(("Limit", "Remaining", "Reset"), rate, strict=True):
                response[f"RateLimit-{name}"] = str(value)
        return super().process_response(request, response)  # type: ignore[return-value]
