"""Who may read our API? Other systems, each with a key of which we keep only a digest.

A key is `hemi_<prefix>_<secret>`: the prefix finds the row and may stand in logs, the secret is 256 random bits.
"""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from integrations.models import ApiKey

USE_IS_NOTED_EVERY = timedelta(minutes=1)

_FORM = re.compile(r"hemi_([0-9a-f]{8})_[0-9a-f]{64}", re.ASCII)


class NameTaken(Exception):
    """There is a key of this name already; the message is a sentence for people."""


def create(name: str) -> tuple[ApiKey, str]:
    """Make a key and return its row and, for the only time, the key itself. The same name again: NameTaken."""
    prefix = secrets.token_hex(4)
    plain = f"hemi_{prefix}_{secrets.token_hex(32)}"
    try:
        with transaction.atomic():
            return ApiKey.objects.create(name=name, prefix=prefix, digest=_digest(plain)), plain
    except IntegrityError:
        raise NameTaken(f"There is an API key named {name!r} already: choose another name.") from None


def revoke(key: ApiKey) -> bool:
    """Make a key useless from now on, and say whether it was we who did. A second call changes nothing."""
    return ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()) == 1


def authenticate(plain: str) -> ApiKey | None:
    """The row of a valid key, or None. Its use is noted at most once a minute."""
    form = _FORM.fullmatch(plain)
    key = ApiKey.objects.filter(prefix=form[1], revoked_at=None).first() if form else None
    if key is None or not hmac.compare_digest(key.digest, _digest(plain)):
        return None
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at <= now - USE_IS_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


class ApiKeyAuthentication(BaseAuthentication):
    """Reads `Authorization: Bearer <key>`; `request.auth` is then the key's row."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        key = authenticate(plain.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise AuthenticationFailed("This key is not valid: it is mistyped, unknown or revoked.")
        structlog.contextvars.bind_contextvars(api_key=key.prefix)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeyRequired(BasePermission):
    """Lets in who shows a valid key, and nobody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ApiKey)


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
