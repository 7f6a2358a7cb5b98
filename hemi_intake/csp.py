"""What may a page load and run?"""

from dataclasses import replace

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

DIRECTIVES: dict[str, list[str]] = {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "connect-src": ["'self'"],
    "font-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "img-src": ["'self'", "data:"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
}
# The admin's theme evaluates expressions in attributes and writes its colours into the page.
ADMIN = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}


class ContentSecurityPolicy(CSPMiddleware):
    """The strict policy of the settings everywhere, and what its theme needs besides on the admin's pages."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The parts of the policy for one answer."""
        parts = super().get_policy_parts(request, response, report_only)
        return replace(parts, update=ADMIN) if request.path_info.startswith("/admin/") else parts
