"""Say what a refund that somebody made at the provider was for: all of it at once, by a person who looked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from orders.backoffice import seller_scope
from orders.errors import require_reason
from orders.money import shown
from orders.timeline import attention, events
from refunds import rights, transitions
from refunds.calculation import ledger
from refunds.calculation.distribution import Share, counted, goodwill, in_place_of
from refunds.errors import AlreadyDecided, DecisionRefused
from refunds.execution import external, outside
from refunds.models import OutsidePayment, Refund

RIGHT = "refunds.settle_refund"


class Rest(StrEnum):
    """What the part was for that pays for none of the refunds that wait."""

    NOTHING = ""
    OWED = "owed"
    GOODWILL = "goodwill"
    OVERPAID = "overpaid"


_OF_AN_ORDER = {Rest.OWED: counted, Rest.GOODWILL: goodwill}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The refunds that it paid, by id; and what the rest was for, of which order."""

    refunds: Collection[int] = ()
    rest: Rest = Rest.NOTHING
    order: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A refund that waits on one of the orders of the payment."""

    id: int
    number: str
    amount: int
    status: str


def explain(outside_id: int, explanation: Explanation, *, by: User, why: str) -> str:
    """Count the payment as the person says, and free its orders; answers with what was counted, in a sentence.

    Refused while a payment of ours on these orders is under way or in doubt: this one may be what it was made for.
    """
    with transaction.atomic():
        sellers = seller_scope.of(rights.expect_right(by, RIGHT))
        found = OutsidePayment.objects.filter(pk=outside_id).first()
        if found is None or (sellers is not None and found.seller_id not in sellers):
            raise DecisionRefused("There is no such refund.", code="refund_not_found")
        books = _books(found)
        payment = OutsidePayment.objects.select_for_update(of=("self",)).get(pk=outside_id)
        if not payment.unexplained_amount:
            raise AlreadyDecided(f"{payment.reference} is explained already.", code="already_explained")
        reason = require_reason(why)
        _expect_settled(books)
        rest = _rest(payment, books, explanation)
        overpaid = rest if explanation.rest == Rest.OVERPAID else 0
        # First, because what is unexplained blocks what is written next.
        payment.unexplained_amount, payment.overpaid_amount = 0, payment.overpaid_amount + overpaid
        payment.explained_by, payment.explained_at, payment.why = by, Now(), reason
        payment.save(update_fields=["unexplained_amount", "overpaid_amount", "explained_by", "explained_at", "why"])
        written = _write(payment, books, explanation, rest - overpaid)
        attention.resolve(outside.Kind.UNEXPLAINED_REFUND, [outside.subject(payment)])
        said = _sentence(payment, written, overpaid)
        events.record(_events(payment, books, by, said, reason))
        return said


def candidates(payment: OutsidePayment) -> list[Candidate]:
    """The refunds that wait, or failed, on the orders of the payment, and could be what it paid."""
    return [
        Candidate(one.id, one.number, one.amount, one.status)
        for book in _books(payment, locked=False)
        for one in book.refunds
        if one.unpaid and 0 < one.amount <= payment.unexplained_amount
    ]


def _books(payment: OutsidePayment, *, locked: bool = True) -> list[ledger.OrderLedger]:
    orders = outside.orders_of(payment.provider, payment.payments)
    return list(ledger.load(orders, all_of_them=True, locked=locked).values())


def _expect_settled(books: Iterable[ledger.OrderLedger]) -> None:
    for book in books:
        for one in book.refunds:
            if one.status in outside.UNDER_WAY:
                raise DecisionRefused(
                    f"{one.number} is on its way or in doubt: it may be what this was made for. Wait until it is "
                    "settled.",
                    code="refund_under_way",
                )


def _rest(payment: OutsidePayment, books: Sequence[ledger.OrderLedger], explanation: Explanation) -> int:
    """What is left beside the refunds that were chosen; refused unless every penny has its explanation."""
    waiting = {one.id: one.amount for book in books for one in book.refunds if one.unpaid}
    if not waiting.keys() >= set(explanation.refunds):
        raise DecisionRefused("One of these refunds no longer waits: choose again.", code="changed")
    rest = payment.unexplained_amount - sum(waiting[pk] for pk in explanation.refunds)
    amount = f"{shown(abs(rest), payment.currency)} {payment.currency}"
    if rest < 0:
        raise DecisionRefused(f"These refunds come to {amount} more than was paid back.", code="more_than_was_paid")
    if rest and explanation.rest == Rest.NOTHING:
        raise DecisionRefused(f"Say what the other {amount} was for.", code="rest_unexplained", field="rest")
    if explanation.rest in _OF_AN_ORDER and explanation.order not in {book.id for book in books}:
        raise DecisionRefused("Choose one of the orders of this payment.", code="changed", field="rest")
    return rest


def _write(
    payment: OutsidePayment, books: Sequence[ledger.OrderLedger], explanation: Explanation, rest: int
) -> list[Refund]:
    """Count it, each part on its order; `rest` is what the order of the explanation gets."""
    order_of = {one.id: book.id for book in books for one in book.refunds}
    amounts = {one.id: one.amount for book in books for one in book.refunds}
    written = []
    for pk in sorted(explanation.refunds):
        book = _order(order_of[pk])
        written.append(external.write(book, outside.as_told(payment), _in_place_of(book, pk, amounts[pk])))
    if explanation.rest in _OF_AN_ORDER and rest:
        book = _order(explanation.order)
        share = _OF_AN_ORDER[explanation.rest](book, rest)
        if share.rest:
            raise DecisionRefused(
                f"{book.reference} has only {shown(share.amount, book.currency)} {book.currency} left for it: what "
                "exceeds that was overpaid.",
                code="more_than_is_left",
                field="rest",
            )
        written.append(external.write(book, outside.as_told(payment), share))
    return written


def _order(order_id: int) -> ledger.OrderLedger:
    """The order as it is now: what was written before has changed it."""
    [book] = ledger.load([order_id], all_of_them=True).values()
    return book


def _in_place_of(book: ledger.OrderLedger, refund_id: int, amount: int) -> Share:
    waits = next((one for one in book.refunds if one.id == refund_id and one.unpaid and one.amount == amount), None)
    if waits is None:
        raise DecisionRefused("One of these refunds no longer waits: choose again.", code="changed")
    return in_place_of(waits)


def _sentence(payment: OutsidePayment, written: Sequence[Refund], overpaid: int) -> str:
    said = [f"{shown(one.amount, one.currency)} {one.currency} counted as {one.number}" for one in written]
    if overpaid:
        said.append(f"{shown(overpaid, payment.currency)} {payment.currency} was overpaid")
    return f"{payment.reference}: {', '.join(said)}."


def _events(
    payment: OutsidePayment, books: Iterable[ledger.OrderLedger], by: User, said: str, why: str
) -> list[events.Event]:
    facts = {"reference": payment.reference, "detail": said, "why": why}
    return [
        events.Event(book.id, book.seller_id, "refund.explained", None, transitions.actor(by), facts) for book in books
    ]
