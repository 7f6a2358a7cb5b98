"""How is a write done once, however often it is sent? The work and its answer are committed together.

What crashes leaves nothing behind, so it may be sent again; what was answered is answered the same again.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import blake2b, sha256
from typing import Any, ClassVar

from django.core.exceptions import RequestDataTooBig
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from integrations.api import keys, responses
from integrations.api.models import IdempotentResponse
from orders.errors import ActionRefused

KEPT = timedelta(days=30)
"""So long an answer is given again."""

_KEY = re.compile(r"[!-~]{1,255}")

Act = Callable[[Any], tuple[int, str]]
"""Does the work that the body asks for; answers with a status and JSON."""


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than 10 MB: send it in parts."


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT


class WriteRefused(ActionRefused):
    """What was sent is understood and cannot be done: what is wrong with which field, nested as the body is."""

    def __init__(self, by_field: Mapping[str, Any], *, code: str = "invalid_fields") -> None:
        super().__init__("The content was refused.", code=code)
        self.by_field = by_field


class Body(serializers.Serializer[Any]):
    """What a request may say; a field that is not known is refused by its name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [str(name)[:60] for name in data if name not in self.fields]
            if unknown:
                known = ", ".join(self.fields)
                raise ValidationError({name: [f"Unknown. Known here: {known}."] for name in unknown})
        return super().to_internal_value(data)


class Writing(GenericViewSet[Any]):
    """Endpoints that write. `takes` names, by action, what each takes."""

    takes: ClassVar[dict[str, Any]] = {}

    @property
    def actor(self) -> str:
        """How the timeline names the caller."""
        key: Any = self.request.auth
        return keys.actor(key)

    @property
    def behind(self) -> list[int]:
        """The people who know the caller's key."""
        key: Any = self.request.auth
        return keys.makers(key)

    def once(self, request: Request, act: Act, before: Callable[[Any], None] | None = None) -> HttpResponse:
        """Do the work and store the answer in one transaction, or give the stored answer again.

        `before` is done with the body outside the transaction: what takes long and changes nothing.
        """
        name = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(name):
            raise ValidationError({"Idempotency-Key": "Send this header: 1 to 255 printable characters, no blanks."})
        try:
            raw = request.body
        except RequestDataTooBig:
            raise TooLarge from None
        payload = request.data
        digest = sha256(b"\0".join([str(request.method).encode(), request.path.encode(), raw])).hexdigest()
        caller: Any = request.auth
        mine = {"api_key": caller, "key": name}
        if before:
            before(payload)
        with transaction.atomic():
            _expect_nobody_else(caller.pk, name)
            known = IdempotentResponse.objects.filter(**mine).first()
            if known is None:
                code, body, media_type = self._done(act, payload)
                known = IdempotentResponse.objects.create(
                    **mine, digest=digest, status=code, body=responses.pack(body), media_type=media_type
                )
                responses.prune(caller.pk, known.pk)
                return HttpResponse(body, status=code, content_type=media_type)
        if known.digest != digest:
            sentence = "Another request was sent with this key: take a new key."
            raise WriteRefused({"Idempotency-Key": sentence}, code="idempotency_key_reused")
        again = HttpResponse(responses.unpack(bytes(known.body)), status=known.status, content_type=known.media_type)
        again["Idempotent-Replayed"] = "true"
        return again

    def body(self, payload: Any) -> dict[str, Any]:
        """The checked body of this action."""
        checked = self.takes[str(self.action)](data=payload)
        if not checked.is_valid():
            raise WriteRefused(checked.errors)
        found: dict[str, Any] = checked.validated_data
        return found

    def _done(self, act: Act, payload: Any) -> tuple[int, str, str]:
        try:
            with transaction.atomic():
                return *act(payload), "application/json"
        except (APIException, ActionRefused) as refused:
            problem = self.get_exception_handler()(refused, self.get_exception_handler_context())
            if problem is None:
                raise
            return problem.status_code, json.dumps(problem.data), str(problem.content_type)


def forget() -> int:
    """Delete the answers that are given again no more, and say how many."""
    return IdempotentResponse.objects.filter(responded_at__lt=timezone.now() - KEPT).delete()[0]


def _expect_nobody_else(key_id: int, name: str) -> None:
    lock = int.from_bytes(blake2b(f"{key_id} {name}".encode(), digest_size=8).digest(), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        if not cursor.fetchone()[0]:
            raise Conflict("The first request with this key is still under way: send it again in a moment.")
