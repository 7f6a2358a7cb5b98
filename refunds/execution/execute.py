"""Execute approved refunds: claim, write the attempt, commit; call the provider; record its answer. Never twice."""

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from orders.models import Order, Payment
from orders.money import text
from refunds import sending, transitions
from refunds.execution import ceiling, outside
from refunds.execution.outcome import record_event, record_outcome, record_too_little, record_unsent
from refunds.gateway import (
    Declined,
    MadeElsewhere,
    NotSetUp,
    OtherCurrency,
    ProviderRefund,
    Receipt,
    RefundRequest,
    Unclear,
    gateway_for,
)
from refunds.models import ReasonWords, Refund, RefundAttempt, RefundStatus

log = logging.getLogger(__name__)
Outcome = RefundAttempt.Outcome
SellerCurrency = tuple[int, str]
"""A seller's id and a currency."""
KEY_REFUSED_FOR = timedelta(hours=1)
"""So long nothing is sent to a provider that refused our key, unless a person tries what failed again."""
_KEY_REFUSED = "it refused our key. Mend the key, then try the failed refund again; until then one is tried each hour"


@dataclass(frozen=True, slots=True)
class Claim:
    """An attempt that is ours: committed before the provider hears of it. `lease` fences everybody else out."""

    refund_id: int
    attempt_id: int
    lease: uuid.UUID
    request: RefundRequest


def automatic_providers() -> list[str]:
    """The providers that can be called without a person."""
    return [provider for provider in settings.REFUND_GATEWAYS if not gateway_for(provider).by_hand]


def ready_providers() -> list[str]:
    """Those of them that this installation is set up for."""
    return [provider for provider in automatic_providers() if not gateway_for(provider).missing()]


def refused_providers() -> set[str]:
    """Those that refused our key in the last hour, where nobody has tried the refund that failed again, or closed it:
    whatever is sent to them fails as well.
    """
    last = RefundAttempt.objects.filter(refund=OuterRef("pk")).order_by("-number").values("outcome")[:1]
    failed = Refund.objects.filter(status=RefundStatus.FAILED, status_since__gt=Now() - KEY_REFUSED_FOR)
    found = failed.annotate(last=Subquery(last)).filter(last=Outcome.NOT_SET_UP)
    return set(found.order_by().values_list("provider", flat=True))


def unready_providers() -> dict[str, str]:
    """The providers that approved refunds wait for, and what is missing of each."""
    waiting = Refund.objects.filter(status=RefundStatus.APPROVED, provider__in=automatic_providers())
    names = list(waiting.order_by().values_list("provider", flat=True).distinct())
    refused = dict.fromkeys(refused_providers() if names else (), _KEY_REFUSED)
    return {name: missing for name in names if (missing := gateway_for(name).missing() or refused.get(name, ""))}


def held_back(refund: Refund) -> str:
    """Why an approved refund is not sent now, in a sentence; "" where nothing keeps it back."""
    if refund.status != RefundStatus.APPROVED or gateway_for(refund.provider).by_hand:
        return ""
    stopped = sending.stopped_sellers()
    if stopped is None or refund.seller_id in stopped:
        return "Not sent yet: sending is stopped, or this installation is not live. See Going live."
    missing = gateway_for(refund.provider).missing()
    if not missing and refund.provider in refused_providers():
        missing = f"{_KEY_REFUSED}."
    return f"Not sent yet. It waits for {refund.provider}: {missing}" if missing else ""


def execute_approved(*, at_most: int = 100) -> int:
    """Execute up to `at_most` approved refunds, oldest first, and say how many. A second call takes the next ones."""
    done = 0
    stopped: set[SellerCurrency] = set()
    tried: set[int] = set()
    while done < at_most:
        claim = claim_next(stopped, but=tried)
        if claim is None:
            break
        # Once in a run: what is not sent for now waits for the next one.
        tried.add(claim.refund_id)
        try:
            call(claim)
        except Exception:
            # The refund stays claimed until its lease ends; the others go on.
            log.exception("refund attempt was not settled", extra={"attempt": claim.attempt_id})
        done += 1
    return done


def claim_next(stopped: set[SellerCurrency] | None = None, *, but: Collection[int] = ()) -> Claim | None:
    """Claim the oldest approved refund and commit its attempt. None when nothing waits or others were faster.

    `stopped` gathers the sellers' currencies whose daily ceiling is reached: nothing younger of theirs slips past.
    Providers that refused our key, the refunds `but`, and orders that an unexplained payment blocks are left alone.
    """
    stopped = set() if stopped is None else stopped
    if (not_sending := sending.stopped_sellers()) is None:
        return None
    providers = set(ready_providers()) - refused_providers()
    waiting = Refund.objects.filter(status=RefundStatus.APPROVED, provider__in=providers).ripe()
    waiting = waiting.exclude(seller__in=not_sending).exclude(order__in=outside.blocked_orders()).exclude(pk__in=but)
    while True:
        known = len(stopped)
        others = waiting
        for seller_id, currency in stopped:
            others = others.exclude(seller=seller_id, currency=currency)
        for refund in others.only("seller_id", "currency", "amount").order_by("decided_at", "id")[:20]:
            if (refund.seller_id, refund.currency) in stopped:
                continue
            claim = claim_refund(refund.pk, old=RefundStatus.APPROVED)
            if claim is not None:
                return claim
            if ceiling.stopped(refund):
                stopped.add((refund.seller_id, refund.currency))
        if len(stopped) == known:
            return None


def claim_refund(refund_id: int, *, old: str) -> Claim | None:
    """Move one refund from `old` to executing, with its attempt on record.

    None if it is no longer in `old`, if its approval may still be undone, if the seller's daily ceiling has no room, if
    nothing of the seller is sent now, or if a payment that nobody has explained blocks its order.
    """
    with transaction.atomic():
        order_id = Refund.objects.values_list("order_id", flat=True).get(pk=refund_id)
        Order.objects.select_for_update(no_key=True).get(pk=order_id)
        claimable = Refund.objects.select_for_update(no_key=True, skip_locked=True).ripe()
        refund = claimable.filter(pk=refund_id, status=old).first()
        if refund is None or not sending.may_send(refund.seller_id) or not ceiling.has_room(refund):
            return None
        if old == RefundStatus.APPROVED and outside.unexplained(order_id):
            return None
        if old == RefundStatus.APPROVED and (why := _too_little(refund)):
            record_too_little(refund, why)
            return None
        lease = uuid.uuid4()
        attempt = begin_attempt(refund, lease=lease)
        record_event(refund, "refund.executing", attempt=attempt.number)
    return Claim(refund.pk, attempt.pk, lease, request_of(refund, attempt))


def _too_little(refund: Refund) -> str:
    """Why the payment cannot pay this back, over all orders that it pays; it stays locked until this is sent."""
    if refund.payment_id is None:
        return ""
    payment = Payment.objects.select_for_update(no_key=True).get(pk=refund.payment_id)
    if not payment.automatic:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT refunds_left_of_payment(%s, 0)", [payment.pk])
        [left] = cursor.fetchone()
    if refund.amount <= left:
        return ""
    amount = text(max(0, int(left)), payment.currency)
    return f"only {amount} {payment.currency} of {payment} is left to refund; nothing was sent"


def request_of(refund: Refund, attempt: RefundAttempt) -> RefundRequest:
    """What the provider is asked for, or asked about, under the attempt's key."""
    payment = refund.payment.reference if refund.payment else ""
    return RefundRequest(
        key=str(attempt.key),
        number=refund.number,
        payment=payment,
        amount=attempt.amount,
        currency=attempt.currency,
        reason=reason_for_customer(refund),
        on_record=outside.on_record(refund.provider, payment),
    )


def reason_for_customer(refund: Refund) -> str:
    """The reason as customers of the order's channel are told it."""
    words = ReasonWords.objects.filter(policy=refund.seller_id, reason=refund.reason, channel__orders=refund.order_id)
    return words.values_list("words", flat=True).first() or refund.get_reason_display()


def call(claim: Claim) -> None:
    """Ask the provider for the claimed refund, outside any transaction, and record what it answered."""
    ours = Refund.objects.filter(pk=claim.refund_id, lease=claim.lease, lease_until__gt=Now())
    refund = ours.only("provider", "order_id").first()
    if refund is None:
        # This process slept through its lease: by now somebody else asks the provider, and may send.
        return
    if blocked := outside.unexplained(refund.order_id):
        record_not_sent(claim, outside.question(blocked))
        return
    try:
        receipt = gateway_for(refund.provider).refund(claim.request)
    except Declined as declined:
        record_declined(claim, str(declined), why=type(declined))
    except MadeElsewhere as elsewhere:
        record_not_sent(claim, str(elsewhere), elsewhere.refunds)
    except Unclear as unclear:
        record_unclear(claim, str(unclear))
    except Exception:
        # Whatever broke, the provider may have been reached: unclear, for the provider to be asked about.
        log.exception("refund attempt broke", extra={"attempt": claim.attempt_id})
        record_unclear(claim, "the call broke in a way nobody foresaw; see the log")
    else:
        if (receipt.amount, receipt.currency) == (claim.request.amount, claim.request.currency):
            record_paid(claim, receipt)
        else:
            record_unclear(claim, f"paid {receipt.amount} {receipt.currency} under {receipt.reference} instead")


def record_paid(claim: Claim, receipt: Receipt) -> bool:
    """The provider has paid, or accepted that it will. Says whether it was we who recorded it."""
    return _record_answer(claim, outcome_of(receipt), reference=receipt.reference)


def outcome_of(receipt: Receipt) -> str:
    """Paid, unless the provider has only accepted it."""
    return Outcome.PENDING if receipt.pending else Outcome.PAID


def record_declined(claim: Claim, detail: str, *, why: type[Declined] = Declined) -> bool:
    """The provider said no: no money moved, and a person must look."""
    outcome = Outcome.NOT_SET_UP if issubclass(why, NotSetUp) else Outcome.DECLINED
    return _record_answer(claim, outcome, detail=detail, other_currency=issubclass(why, OtherCurrency))


def record_unclear(claim: Claim, detail: str) -> bool:
    """Nobody knows whether money moved: in doubt until the provider has been asked by key."""
    return _record_answer(claim, Outcome.UNCLEAR, detail=detail)


def record_not_sent(claim: Claim, detail: str, elsewhere: Sequence[ProviderRefund] = ()) -> None:
    """Nothing was sent, because money left the payment `elsewhere`: that is counted first, and then what is left."""
    with transaction.atomic():
        refund = Refund.objects.locked(claim.refund_id)
        if refund.status != RefundStatus.EXECUTING or refund.lease != claim.lease:
            return
        record_unsent(refund, RefundAttempt(pk=claim.attempt_id), detail)
    for one in elsewhere:
        outside.hear(refund.provider, replace(one, payments=(claim.request.payment, *one.payments)))


def _record_answer(claim: Claim, outcome: str, **said: Any) -> bool:
    with transaction.atomic():
        refund = Refund.objects.locked(claim.refund_id)
        if refund.status != RefundStatus.EXECUTING or refund.lease != claim.lease:
            return False
        record_outcome(refund, RefundAttempt(pk=claim.attempt_id), outcome, **said)
    return True


def begin_attempt(refund: Refund, *, lease: uuid.UUID | None = None) -> RefundAttempt:
    """Move a locked refund to executing, with its attempt on record.

    It has a new key only after the provider's own final no. Where the provider, or a person, found nothing under the
    last key, that one is used again: if they were mistaken, the provider pays it once.
    """
    until = Now() + timedelta(seconds=settings.REFUND_LEASE_SECONDS)
    transitions.move(refund, RefundStatus.EXECUTING, lease=lease, lease_until=until)
    last = refund.attempts.order_by("-number").first()
    return RefundAttempt.objects.create(
        refund=refund,
        number=last.number + 1 if last else 1,
        key=last.key if last and last.outcome == Outcome.ABSENT else uuid.uuid4(),
        gateway=refund.provider,
        amount=refund.amount,
        currency=refund.currency,
    )
