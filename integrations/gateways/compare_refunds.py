"""Compare what payment providers list as refunded with what is on record here, each provider once a night.

What is new there comes in as its event would have; what is on record here and not there, or there with another amount
or state, opens attention at the refund.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from integrations.gateways.events import events_of
from integrations.heartbeat import Heartbeat
from orders.models import AttentionItem
from orders.money import text
from orders.timeline import attention
from refunds.execution import execute, external, outside
from refunds.gateway import ProviderAnswer, ProviderRefund
from refunds.models import RefundAttempt

log = logging.getLogger(__name__)
Kind = AttentionItem.Kind
Outcome = RefundAttempt.Outcome
LOOK_BACK = timedelta(days=35)
"""So far back the first comparison goes; the later ones go back to the one before."""
OVERLAP = timedelta(days=1)
GRACE = timedelta(hours=6)
"""So long a provider may take to list a refund."""
WORTH_A_LOOK = timedelta(days=3)
"""So long a provider may go without a comparison before people are notified."""


def compare_due(*, since: datetime, ends: float) -> int:
    """Compare the providers that were not compared since then; return how many refunds differed.

    Once the monotonic clock shows `ends` the others are left to the next call, and what could not be compared too;
    after some days attention is opened.
    """
    found = 0
    for provider in execute.ready_providers():
        last = Heartbeat.objects.filter(name=_name(provider)).first()
        if events_of(provider) is None or (last and last.beat_at >= since):
            continue
        if time.monotonic() >= ends:
            break
        begin = last.beat_at - OVERLAP if last else timezone.now() - LOOK_BACK
        try:
            found += compare(provider, since=begin)
        except ProviderAnswer as error:
            log.warning("refunds not compared", extra={"provider": provider, "why": str(error)})
            if last and timezone.now() - last.beat_at > WORTH_A_LOOK:
                words = f"Refunds have not been compared with {provider} for days: {error}"[:300]
                attention.open_items(
                    [attention.AttentionRequest(Kind.PROVIDER_DIFFERENCE, _name(provider), words, None)]
                )
    return found


def compare(provider: str, *, since: datetime) -> int:
    """Compare a provider's refunds since then with ours; return how many differed. A second call finds them in order.

    Raises ProviderAnswer where the provider gives no list.
    """
    began, events = timezone.now(), events_of(provider)
    if events is None:
        return 0
    listed = {one.reference: one for one in events.refunds_since(since)}
    differed = sum(_bring_in(provider, one) for one in _new(provider, listed))
    wrong = _differences(provider, listed, since, began - GRACE)
    attention.open_items(list(wrong))
    Heartbeat.objects.update_or_create(name=_name(provider), defaults={"beat_at": began})
    attention.resolve(Kind.PROVIDER_DIFFERENCE, [_name(provider)])
    return differed + len(wrong)


def _new(provider: str, listed: Mapping[str, ProviderRefund]) -> list[ProviderRefund]:
    """Those that are not on record as they are there."""
    rows = RefundAttempt.objects.filter(gateway=provider, provider_reference__in=listed)
    known = dict(rows.exclude(outcome="").order_by("id").values_list("provider_reference", "outcome"))
    return [one for reference, one in listed.items() if known.get(reference) != _outcome(one)]


def _outcome(one: ProviderRefund) -> str:
    if one.dead:
        return Outcome.REVERSED
    return Outcome.PENDING if one.pending else Outcome.PAID


def _bring_in(provider: str, one: ProviderRefund) -> bool:
    try:
        changed, _ = outside.hear(provider, one)
    except outside.NoOrder:
        # Of a customer of somebody else's: the account may be shared with other shops.
        return False
    except external.NotYet:
        # The next night finds it, as does its event.
        return False
    if changed:
        log.warning("a refund was found by comparison", extra={"provider": provider, "found": one.reference})
    return changed


def _differences(
    provider: str, listed: Mapping[str, ProviderRefund], since: datetime, until: datetime
) -> list[attention.AttentionRequest]:
    """Our payments of that time that the provider does not list, or lists with another amount."""
    newest = RefundAttempt.objects.filter(refund=OuterRef("refund")).order_by("-number").values("pk")[:1]
    paid = RefundAttempt.objects.filter(
        pk=Subquery(newest), gateway=provider, outcome__in=(Outcome.PAID, Outcome.PENDING)
    )
    # Made by our worker within the time: nobody asks the provider for what is older.
    ours = paid.filter(started_at__gte=since, finished_at__lt=until).select_related("refund", "refund__order")
    wrong, right = [], []
    for attempt in ours.iterator(chunk_size=2000):
        words = _words(provider, attempt, listed.get(attempt.provider_reference))
        subject = f"refund:{attempt.refund_id}"
        if words:
            refund, evidence = attempt.refund, {"reference": attempt.provider_reference}
            wrong.append(
                attention.AttentionRequest(
                    Kind.PROVIDER_DIFFERENCE, subject, words, refund.seller_id, refund.order_id, evidence
                )
            )
        else:
            right.append(subject)
    _resolve(right)
    return wrong


def _words(provider: str, attempt: RefundAttempt, there: ProviderRefund | None) -> str:
    number, reference = attempt.refund.number, attempt.provider_reference
    if there is None:
        return f"{number} is paid here as {reference}, but {provider} lists no such refund."
    if (there.amount, there.currency) != (attempt.amount, attempt.currency):
        return (
            f"{number} is {text(attempt.amount, attempt.currency)} {attempt.currency} here, but {provider} lists "
            f"{text(there.amount, there.currency)} {there.currency} as {reference}."
        )
    return ""


def _resolve(subjects: Iterable[str]) -> None:
    open_ones = AttentionItem.objects.filter(kind=Kind.PROVIDER_DIFFERENCE, closed_at=None)
    known = set(open_ones.values_list("subject", flat=True))
    if settled := sorted(known.intersection(subjects)):
        attention.resolve(Kind.PROVIDER_DIFFERENCE, settled)


def _name(provider: str) -> str:
    return f"compared:{provider}"[:40]
