"""Hear of refunds that were made at a provider past us, and find what each was made for.

The same amount as exactly one refund that waits, over all orders of the payment, is that refund. Where several could be
meant nothing is guessed: every order of the payment is blocked until a person says which (explain.py).
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from orders.models import AttentionItem, Order, Payment, PaymentShare
from orders.money import text
from orders.timeline import attention
from refunds.calculation import ledger
from refunds.errors import DecisionRefused
from refunds.execution import external, failed_later
from refunds.execution.outcome import record_outcome
from refunds.gateway import ProviderRefund
from refunds.models import OutsidePayment, Refund, RefundAttempt, RefundStatus

Kind = AttentionItem.Kind
Outcome = RefundAttempt.Outcome
UNDER_WAY = (RefundStatus.EXECUTING, RefundStatus.IN_DOUBT)


class NoOrder(Exception):
    """No order of ours was paid by this payment (yet)."""


def hear(provider: str, told: ProviderRefund) -> tuple[bool, str]:
    """Bring one refund of the provider's in line with ours; whether something changed, and what to say of it.

    A second call changes nothing. Raises NoOrder, and NotYet while a payment of ours that decides about it is under
    way.
    """
    with transaction.atomic():
        orders = _lock_orders(provider, told.payments)
        attempt = external.known(provider, key=_uuid(told.key), reference=told.reference)
        if told.dead:
            return _failed(provider, told, attempt)
        if attempt is not None and (answer := _ours(attempt, told)):
            return answer
        if OutsidePayment.objects.filter(provider=provider, reference=told.reference).exists():
            return False, "it is on record"
        if not orders:
            raise NoOrder
        books = list(ledger.load(orders, all_of_them=True).values())
        outside, made = OutsidePayment.objects.get_or_create(
            provider=provider,
            reference=told.reference,
            defaults={
                "seller_id": books[0].seller_id,
                "payments": sorted({*told.payments}),
                "amount": told.amount,
                "currency": told.currency,
                "unexplained_amount": told.amount,
                "made_at": told.made_at,
            },
        )
        return (True, _match(outside, books)) if made else (False, "it is on record")


def match_waiting() -> int:
    """Match what waited until payments of ours were settled; say how much was. A second call finds what is new."""
    waiting = OutsidePayment.objects.filter(unexplained_amount__gt=0, asked_at=None)
    done = 0
    for pk in waiting.order_by("id").values_list("pk", flat=True):
        with transaction.atomic():
            outside = OutsidePayment.objects.get(pk=pk)
            books = list(ledger.load(orders_of(outside.provider, outside.payments), all_of_them=True).values())
            outside = OutsidePayment.objects.select_for_update(of=("self",)).get(pk=pk)
            if outside.unexplained_amount and outside.asked_at is None:
                _match(outside, books)
                done += 1
    return done


def orders_of(provider: str, payments: Collection[str]) -> list[int]:
    """The orders that a payment paid, under any of its names."""
    paid = Payment.objects.filter(provider=provider, reference__in=[name for name in payments if name])
    orders = PaymentShare.objects.filter(payment__in=paid).order_by("order_id").values_list("order_id", flat=True)
    return list(orders.distinct())


def _lock_orders(provider: str, payments: Collection[str]) -> list[int]:
    """Lock all orders of a payment, in the sequence in which everybody locks them."""
    orders = orders_of(provider, payments)
    locked = Order.objects.select_for_update(no_key=True).filter(pk__in=orders).order_by("id")
    return list(locked.values_list("pk", flat=True))


def on_record(provider: str, payment: str) -> frozenset[str]:
    """Our keys and the provider's references of all refunds of a payment that count here, or may turn out to."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT unnest(ARRAY[t.key::text, t.provider_reference])
            FROM orders_payment p JOIN orders_paymentshare s ON s.payment_id = p.id
            JOIN refunds_refund r ON r.order_id = s.order_id
            JOIN refunds_refundattempt t ON t.refund_id = r.id AND t.outcome NOT IN ('absent', 'declined', 'not_set_up')
            WHERE p.provider = %(provider)s AND p.reference = %(payment)s
            UNION SELECT reference FROM refunds_outsidepayment
            WHERE provider = %(provider)s AND %(payment)s = ANY(payments)
            """,
            {"provider": provider, "payment": payment},
        )
        return frozenset(name for (name,) in cursor.fetchall() if name)


def blocked_orders() -> list[int]:
    """The orders whose payment money has left, and nobody has said what for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.order_id FROM refunds_outsidepayment f
            JOIN orders_payment p ON p.provider = f.provider AND p.reference = ANY(f.payments) AND p.reference <> ''
            JOIN orders_paymentshare s ON s.payment_id = p.id
            WHERE f.unexplained_amount > 0
            """
        )
        return [order_id for (order_id,) in cursor.fetchall()]


def unexplained(order_id: int) -> OutsidePayment | None:
    """What blocks this order, the oldest first."""
    found = OutsidePayment.objects.raw(
        """
        SELECT f.* FROM refunds_outsidepayment f
        JOIN orders_payment p ON p.provider = f.provider AND p.reference = ANY(f.payments) AND p.reference <> ''
        JOIN orders_paymentshare s ON s.payment_id = p.id
        WHERE s.order_id = %s AND f.unexplained_amount > 0 ORDER BY f.id LIMIT 1
        """,
        [order_id],
    )
    return next(iter(found), None)


def expect_explained(refund: Refund) -> None:
    """Refuse an act that leads to a payment while somebody must say what another one was for."""
    if outside := unexplained(refund.order_id):
        raise DecisionRefused(f"{refund.number} is blocked: {question(outside)}", code="unexplained_refund")


def question(outside: OutsidePayment) -> str:
    """What a person has to answer, in a sentence."""
    amount = f"{text(outside.unexplained_amount, outside.currency)} {outside.currency}"
    return (
        f"{amount} of its payment went back at {outside.provider} under {outside.reference}, and nobody has said "
        "what for."
    )


def as_told(outside: OutsidePayment) -> external.Outside:
    """What is on record of it, as it is counted on an order."""
    return external.Outside(
        outside.provider,
        outside.reference,
        outside.amount,
        outside.currency,
        outside.made_at,
        tuple(outside.payments),
    )


def subject(outside: OutsidePayment) -> str:
    """Of its attention item."""
    return f"outside:{outside.pk}"


def _failed(provider: str, told: ProviderRefund, attempt: RefundAttempt | None) -> tuple[bool, str]:
    outside = OutsidePayment.objects.filter(provider=provider, reference=told.reference).first()
    if outside is not None and outside.state != OutsidePayment.State.FAILED:
        outside.state, outside.unexplained_amount, outside.overpaid_amount = OutsidePayment.State.FAILED, 0, 0
        outside.save(update_fields=["state", "unexplained_amount", "overpaid_amount"])
        attention.resolve(Kind.UNEXPLAINED_REFUND, [subject(outside)])
    if attempt is None:
        return outside is not None, "it failed" if outside else "it failed before it was known here"
    named = RefundAttempt.objects.filter(gateway=provider, provider_reference=told.reference)
    counting = Refund.objects.filter(attempts__in=named) | Refund.objects.filter(pk=attempt.refund_id)
    taken_back = [
        refund.number
        for refund in counting.distinct().order_by("id")
        if failed_later.take_back(refund.pk, reference=told.reference, detail=told.why)
    ]
    if taken_back:
        _ask_again(provider, told.payments)
        return True, f"{', '.join(taken_back)} failed later"
    return False, f"{attempt.refund.number} counts on it no more"


def _ask_again(provider: str, payments: Collection[str]) -> None:
    """What was thought overpaid may be what pays for that which failed: the question is open again."""
    overpaid = OutsidePayment.objects.filter(provider=provider, payments__overlap=[*payments], overpaid_amount__gt=0)
    for outside in overpaid.order_by("id"):
        outside.unexplained_amount, outside.overpaid_amount = outside.overpaid_amount, 0
        outside.save(update_fields=["unexplained_amount", "overpaid_amount"])
        [book] = ledger.load(orders_of(provider, payments)[:1], all_of_them=True).values()
        _ask(outside, book, "something else that was paid has failed since")


def _ours(attempt: RefundAttempt, told: ProviderRefund) -> tuple[bool, str] | None:
    """What a refund under our key means; None when it is none of those that count, and has to be matched."""
    refund = Refund.objects.locked(attempt.refund_id)
    outcome = RefundAttempt.objects.values_list("outcome", flat=True).get(pk=attempt.pk)
    if outcome == Outcome.PENDING and not told.pending:
        record_outcome(refund, attempt, Outcome.PAID, reference=told.reference)
        return True, f"{refund.number} was paid"
    if outcome == Outcome.ABSENT and refund.status == RefundStatus.FAILED:
        if told.pending:
            return False, f"it is {refund.number}, and not paid yet"
        # A person said that it was not paid: they were mistaken.
        record_outcome(refund, attempt, Outcome.PAID, reference=told.reference)
        return True, f"it is {refund.number}, which was paid after all"
    if outcome in (Outcome.ABSENT, Outcome.DECLINED, Outcome.NOT_SET_UP) and refund.status not in UNDER_WAY:
        return None
    return False, f"it is {refund.number}"


def _match(outside: OutsidePayment, books: Sequence[ledger.OrderLedger]) -> str:
    """Count the payment where there is one answer; otherwise it waits, or a person is asked. Says what was done."""
    told = as_told(outside)
    if outside.currency != books[0].currency:
        external.say_other_currency(books[0], told)
        _explained(outside)
        return "it is in another currency than its order"
    candidates = [(book, one) for book in books for one in book.refunds if one.unpaid and one.amount == outside.amount]
    under_way = [one for book in books for one in book.refunds if one.status in UNDER_WAY]
    if any(one.amount == outside.amount for one in under_way):
        return "it waits until our own payment of this amount is settled"
    others = OutsidePayment.objects.filter(
        provider=outside.provider, payments__overlap=outside.payments, unexplained_amount__gt=0
    ).exclude(pk=outside.pk)
    if not others.exists() and (len(candidates) == 1 or (not candidates and len(books) == 1)):
        book = candidates[0][0] if candidates else books[0]
        # What stands unexplained blocks the orders: it is explained first, in this transaction.
        _explained(outside)
        try:
            with transaction.atomic():
                booked = external.book(book.id, told)
        except external.NotYet:
            _unexplained(outside)
            return "it waits until our own payment is settled"
        return f"booked as {booked.number}" if booked else "it is on record"
    waiting = f"{len(candidates)} refunds of this amount wait" if candidates else "no refund of this amount waits"
    _ask(outside, books[0], waiting)
    return "a person has to say what it was for"


def _explained(outside: OutsidePayment) -> None:
    OutsidePayment.objects.filter(pk=outside.pk).update(unexplained_amount=0)


def _unexplained(outside: OutsidePayment) -> None:
    OutsidePayment.objects.filter(pk=outside.pk).update(unexplained_amount=outside.amount)


def _ask(outside: OutsidePayment, book: ledger.OrderLedger, because: str) -> None:
    OutsidePayment.objects.filter(pk=outside.pk).update(asked_at=Now())
    amount = text(outside.unexplained_amount, outside.currency)
    summary = (
        f"{outside.provider} paid back {amount} {outside.currency} under {outside.reference}: {because}. Nothing of "
        "this payment is refunded until somebody says what it was for."
    )
    evidence = {"reference": outside.reference, "amount": amount}
    item = attention.AttentionRequest(
        Kind.UNEXPLAINED_REFUND, subject(outside), summary, book.seller_id, book.id, evidence
    )
    attention.open_items([item])


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
