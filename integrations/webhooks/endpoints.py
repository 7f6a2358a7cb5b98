"""What may people and keys do with endpoints? Make, change, rotate, switch, test, and send again."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from integrations.outbox.outbox import PublishedEvent
from integrations.outbox.publish import publish_again
from integrations.webhooks import addresses, payload, signing
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from integrations.webhooks.outbox import WEBHOOKS
from orders.errors import ActionRefused
from orders.models import AttentionItem, Seller
from orders.timeline import attention
from orders.timeline.kinds import kinds

KINDS = sorted(kinds())
NOUNS = sorted({kind.partition(".")[0] for kind in KINDS})
OVERLAP = timedelta(hours=24)
"""So long the previous secret goes on signing beside the new one."""


class EndpointRefused(ActionRefused):
    """This cannot be done with this endpoint."""


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """Which events an endpoint receives. `sellers` None is every seller, also those that come later."""

    name: str
    url: str
    kinds: Sequence[str]
    sellers: Collection[Seller] | None


def create(spec: EndpointSpec, *, looked_up: bool = False) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint and return its row and, for the only time, its secret. Raises Refused.

    `looked_up`: the address was judged by `look_up` already. Looking a name up takes long, so whoever holds a
    transaction has done that before.
    """
    check(spec, looked_up=looked_up)
    secret = signing.new_secret()
    try:
        with transaction.atomic():
            row = WebhookEndpoint.objects.create(**_columns(spec), secret=secret)
            row.sellers.set(spec.sellers or ())
    except IntegrityError:
        raise _name_taken(spec) from None
    return row, secret


def change(row: WebhookEndpoint, spec: EndpointSpec, *, looked_up: bool = False) -> None:
    """Let an endpoint be called otherwise, lie elsewhere, or receive other events from now on. Raises Refused."""
    check(spec, looked_up=looked_up)
    try:
        with transaction.atomic():
            WebhookEndpoint.objects.filter(pk=row.pk).update(**_columns(spec))
            row.sellers.set(spec.sellers or ())
    except IntegrityError:
        raise _name_taken(spec) from None


def look_up(url: str) -> None:
    """Refuse an address that is never called. A name that is not known may come. Raises Refused."""
    try:
        addresses.resolve(addresses.parse(url))
    except addresses.NotAllowed as never:
        raise EndpointRefused(str(never), code="address_not_allowed", field="url") from None
    except addresses.Unresolved:
        pass


def check(spec: EndpointSpec, *, looked_up: bool = False) -> None:
    """Refuse an address that is never called, kinds that there are not, and nobody's orders. Raises Refused."""
    if not looked_up:
        look_up(spec.url)
    unknown = [kind for kind in spec.kinds if not is_kind(kind)]
    if unknown or not spec.kinds:
        fault = f"There is no kind {unknown[0]!r}." if unknown else "Choose at least one kind of event."
        advice = f"Take * for everything, or one like {NOUNS[0]}.* or {KINDS[0]}."
        raise EndpointRefused(f"{fault} {advice}", code="unknown_event_kind", field="kinds")
    if spec.sellers is not None and not spec.sellers:
        raise EndpointRefused("Choose at least one seller.", code="sellers_required", field="sellers")


def is_kind(pattern: str) -> bool:
    """Whether this is a kind of event, all of a noun (`refund.*`), or everything (`*`)."""
    return pattern == "*" or pattern in kinds() or pattern in {f"{noun}.*" for noun in NOUNS}


def rotate(row: WebhookEndpoint) -> str:
    """Give an endpoint a new secret, shown only now. The present one signs beside it for a day more."""
    secret = signing.new_secret()
    with transaction.atomic():
        locked = _lock(row)
        locked.previous_secret, locked.secret = locked.secret, secret
        locked.previous_until = Now() + OVERLAP
        locked.save(update_fields=("secret", "previous_secret", "previous_until"))
    return secret


@dataclass(frozen=True, slots=True)
class DeliveredMessage:
    """What a delivery holds: its id in `webhook-id`, and the message."""

    id: str
    message: dict[str, Any]


def message_of(delivery: WebhookDelivery) -> DeliveredMessage:
    """What an endpoint gets to read, word for word."""
    published = PublishedEvent(delivery.kind, delivery.created_at)
    if (event := delivery.event) is not None:
        numbers = (str(event.data.get(name) or "") for name in ("refund", "number"))
        where = (event.pk, event.order_id, event.order.reference, event.seller.code)
        published = PublishedEvent(event.kind, event.occurred_at, *where, *numbers)
    return DeliveredMessage(payload.name(delivery.pk, delivery.event_id), json.loads(payload.body(published)))


def switch_off(row: WebhookEndpoint, *, why: str) -> bool:
    """Send an endpoint nothing more, and say whether it was we who did. What waits stays."""
    return WebhookEndpoint.objects.filter(pk=row.pk, active=True).update(active=False, disabled_reason=why[:300]) == 1


def switch_on(row: WebhookEndpoint) -> bool:
    """Send what waits and what comes from now on, and say whether it was we who did."""
    health = {"active": True, "disabled_reason": "", "failures": 0, "failing_since": None, "paused_until": None}
    with transaction.atomic():
        attention.resolve(AttentionItem.Kind.WEBHOOK_OFF, [row.subject])
        return WebhookEndpoint.objects.filter(pk=row.pk, active=False).update(**health) == 1


def test(row: WebhookEndpoint) -> WebhookDelivery:
    """Send an endpoint a message that means nothing, at once. Each call sends another one. Raises Refused.

    It goes before all that waits: somebody is watching whether their mended endpoint answers.
    """
    with transaction.atomic():
        _wake(row)
        waiting = row.deliveries.filter(state=WebhookDelivery.State.PENDING)
        first = waiting.aggregate(first=Min("next_attempt_at"))["first"]
        now = timezone.now()
        due = min(now, first - timedelta(milliseconds=1)) if first else now
        return WebhookDelivery.objects.create(endpoint=row, kind=payload.TEST, next_attempt_at=due)


def resend(delivery: WebhookDelivery) -> None:
    """Send one message again at once, under the same id, with all its tries. On its way already: nothing changes."""
    with transaction.atomic():
        _wake(delivery.endpoint)
        free = Q(lease_until=None) | Q(lease_until__lte=Now())
        again = {"state": WebhookDelivery.State.PENDING, "attempts": 0, "finished_at": None, "lease_until": None}
        WebhookDelivery.objects.filter(free, pk=delivery.pk).update(**again, next_attempt_at=Now())


def resend_since(row: WebhookEndpoint, at: datetime) -> int:
    """Send everything an endpoint wants of what was recorded since then, also what it missed; say how much."""
    with transaction.atomic():
        _wake(row)
        return publish_again(WEBHOOKS, row.pk, at)


def remove(row: WebhookEndpoint) -> None:
    """Forget an endpoint with everything that was on its way."""
    with transaction.atomic():
        attention.resolve(AttentionItem.Kind.WEBHOOK_OFF, [row.subject])
        _lock(row).delete()


def _wake(row: WebhookEndpoint) -> None:
    locked = _lock(row)
    if not locked.active:
        raise EndpointRefused(f"{locked.name} is disabled: enable it first.", code="endpoint_off")
    locked.paused_until = None
    locked.save(update_fields=("paused_until",))


def _lock(row: WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=row.pk)


def _columns(spec: EndpointSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "url": spec.url,
        "kinds": list(dict.fromkeys(spec.kinds)),
        "every_seller": spec.sellers is None,
    }


def _name_taken(spec: EndpointSpec) -> EndpointRefused:
    sentence = f"There is an endpoint named {spec.name!r} already: choose another name."
    return EndpointRefused(sentence, code="name_taken", field="name")
