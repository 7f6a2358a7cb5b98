"""May this request do what it asks for? A valid key, from an allowed network, with the scope, and not too often."""

from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from integrations.api import keys
from integrations.api.models import ApiKey
from integrations.origin import address

# One row per key, in a table that no crash need keep: a fixed minute, counted in one statement.
_COUNT = """
    INSERT INTO integrations_apiusage AS u (key_id, minute, requests)
    VALUES (%s, date_trunc('minute', now()), 1)
    ON CONFLICT (key_id) DO UPDATE SET minute = excluded.minute,
        requests = CASE WHEN u.minute = excluded.minute THEN u.requests + 1 ELSE 1 END
    RETURNING requests, ceil(extract(epoch FROM minute + interval '1 minute' - now()))::int
"""


class ApiKeyAuthentication(BaseAuthentication):
    """Reads `Authorization: Bearer <key>`; `request.auth` is then the key's row."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        key = keys.authenticate(plain.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise AuthenticationFailed("This key is not valid: it is mistyped, unknown, expired or revoked.")
        structlog.contextvars.bind_contextvars(api_key=key.prefix)
        if not keys.may_come_from(key, address(request)):
            raise PermissionDenied("This key may not be used from this network address.")
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeyRequired(BasePermission):
    """Lets in who shows a valid key with the scope that the view asks for, and nobody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        needed = scope_of(view)
        if needed not in request.auth.scopes:
            raise PermissionDenied(f"This needs the scope {needed}, which this key lacks.")
        return True


class PerKey(BaseThrottle):
    """So many requests a minute as the key has."""

    def allow_request(self, request: Request, view: Any) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return True
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [key.pk])
            requests, self.left = cursor.fetchone()
        # The middleware writes it into the answer's headers.
        request._request.rate_limit = (  # type: ignore[attr-defined]  # noqa: SLF001 - DRF has no other way to it
            key.per_minute,
            max(key.per_minute - requests, 0),
            self.left,
        )
        return bool(requests <= key.per_minute)

    def wait(self) -> float:
        return float(self.left)


def scope_of(view: Any) -> str | None:
    """The scope that a view asks for; a view that names none lets nobody in."""
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes.get(getattr(view, "action", None) or "", getattr(view, "scope", None))
