"""Who may use our API? Other systems, each with a key of which we keep only a digest.

A key is `hemi_<prefix>_<secret>`: the prefix finds the row and may stand in logs, the secret is 256 random bits.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.api.models import ApiKey, Scope
from orders.errors import ActionRefused
from orders.models import Seller

READING = (Scope.ORDERS_READ, Scope.REFUNDS_READ, Scope.EVENTS_READ)
"""What a key may do of which nothing else is said."""

USE_IS_NOTED_EVERY = timedelta(minutes=1)
LONGEST_OVERLAP = timedelta(days=30)
LONGEST_NAME = 80

_FORM = re.compile(r"hemi_([0-9a-f]{8})_[0-9a-f]{64}", re.ASCII)
_FIND = """
    SELECT k.*, ARRAY(SELECT seller_id FROM integrations_apikey_sellers s WHERE s.apikey_id = k.id) AS seller_ids
    FROM integrations_apikey k
    WHERE (k.prefix = %(prefix)s OR (k.old_prefix = %(prefix)s AND k.old_prefix <> '' AND k.old_until > %(now)s))
        AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(now)s)
"""


class KeyNotMade(ActionRefused):
    """A key of this kind would be of no use; the message says why, `field` what of it."""


class NameTaken(ActionRefused):
    """There is a key of this name already; the message is a sentence for people."""


class NotUsable(ActionRefused):
    """The key has been revoked, or is past its end; the message is a sentence for people."""


def create(
    name: str,
    *,
    scopes: Sequence[str] = READING,
    sellers: Collection[Seller] = (),
    networks: Sequence[str] = (),
    expires_at: datetime | None = None,
    per_minute: int = 1200,
    by: User | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return its row and, for the only time, the key itself. Raises KeyNotMade, NameTaken.

    `by` sees the key: what it proposes counts as proposed by them.
    """
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise KeyNotMade(f"The name of a key has 1 to {LONGEST_NAME} characters.", code="bad_name", field="name")
    if expires_at is not None and expires_at <= timezone.now():
        sentence = "This time has passed: the key would never be valid."
        raise KeyNotMade(sentence, code="already_expired", field="expires_at")
    prefix, plain = _new()
    try:
        with transaction.atomic():
            key = ApiKey.objects.create(
                name=name,
                prefix=prefix,
                digest=_digest(plain),
                scopes=sorted({Scope(scope) for scope in scopes}),
                networks=[_network(text) for text in networks],
                expires_at=expires_at,
                per_minute=per_minute,
            )
            key.sellers.set(sellers)
            key.makers.set([by] if by else [])
    except IntegrityError:
        raise NameTaken(
            f"An API key named {name!r} already exists: choose another name.", code="name_taken", field="name"
        ) from None
    return key, plain


def rotate(key: ApiKey, *, overlap: timedelta, by: User | None = None) -> str:
    """Give a key a new secret and return it, for the only time. The one before stays valid as long as `overlap`.

    A second call makes another one; the key before the last is then of no use any more.
    """
    prefix, plain = _new()
    moved = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(
        old_prefix=F("prefix"),
        old_digest=F("digest"),
        old_until=timezone.now() + min(overlap, LONGEST_OVERLAP),
        prefix=prefix,
        digest=_digest(plain),
    )
    if not moved:
        raise NotUsable(f"{key.name} is revoked: create a new key.", code="key_not_usable")
    if by is not None:
        key.makers.add(by)
    return plain


def revoke(key: ApiKey) -> bool:
    """Make a key useless from now on, and say whether it was we who did. A second call changes nothing."""
    return ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()) == 1


def authenticate(plain: str) -> ApiKey | None:
    """The row of a valid key with the ids of its sellers (`seller_ids`), or None. Use is noted once a minute."""
    form = _FORM.fullmatch(plain)
    if form is None:
        return None
    now = timezone.now()
    key = next(iter(ApiKey.objects.raw(_FIND, {"prefix": form[1], "now": now})), None)
    if key is None:
        return None
    known = key.digest if key.prefix == form[1] else key.old_digest
    if not hmac.compare_digest(known, _digest(plain)):
        return None
    if key.last_used_at is None or key.last_used_at <= now - USE_IS_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def may_come_from(key: ApiKey, address: str) -> bool:
    """Whether the key may be used from this network address."""
    if not key.networks:
        return True
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return any(caller in ip_network(network) for network in key.networks)


def makers(key: ApiKey) -> list[int]:
    """Who knows the key: they stand behind what it proposes."""
    return sorted(key.makers.values_list("pk", flat=True))


def actor(key: ApiKey) -> str:
    """How a key is named on the timeline."""
    return f"key:{key.name}"


def sellers_named(codes: Collection[str]) -> list[Seller]:
    """The sellers with these codes. Raises KeyNotMade for a code that no seller has."""
    sellers = list(Seller.objects.filter(code__in=codes))
    if unknown := sorted(set(codes) - {seller.code for seller in sellers}):
        raise KeyNotMade(f"No seller has the code {', '.join(unknown)}.", code="seller_not_found", field="sellers")
    return sellers


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise KeyNotMade(f"{error}.", code="bad_network", field="networks") from None


def _new() -> tuple[str, str]:
    prefix = secrets.token_hex(4)
    return prefix, f"hemi_{prefix}_{secrets.token_hex(32)}"


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
