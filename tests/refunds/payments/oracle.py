"""Payments, and refunds over several payments: the pure rules. Whole minor units; no clock, network or database.

What a provider can pay, the split, the states, what is owed, who may approve. `payments.py` keeps the books by them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Refused(Exception):
    """The act did not happen; the message is a sentence for the person who tried."""


# 1. What a provider can pay ------------------------------------------------------------------------------------------
BY_HAND = frozenset({"manual", "gift_card", "cash_on_delivery"})
_THREE = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def step(provider: str, currency: str) -> int:
    """Every amount that this provider pays is a multiple of this, in OUR minor units (ISO 4217)."""
    if provider != "stripe":
        return 1
    return 10 if currency in _THREE else 100 if currency == "MGA" else 1  # MGA: two decimals in ISO, none at Stripe


# 2. The split --------------------------------------------------------------------------------------------------------
class Room(NamedTuple):
    """One payment of the order, in the seller's sequence. `left`: min(left of the share, left of the payment);
    `share`: what is left of the share where only the payment is short (it was overpaid for another order): by hand."""

    payment: str
    left: int
    step: int = 1
    by_hand: bool = False
    share: int = 0


class Piece(NamedTuple):
    payment: str
    amount: int
    by_hand: bool = False


class Plan(NamedTuple):
    """Σ pieces + carried + unplaced = what was asked. `carried` waits for the refund that empties the order (it is the
    refund's rounding_amount); `unplaced` has no payment to go back to: such a refund cannot be approved."""

    pieces: tuple[Piece, ...]
    carried: int = 0
    unplaced: int = 0


def split(amount: int, rooms: Sequence[Room], *, final: bool = False) -> Plan:
    """Fill the payments in sequence, each with what its provider can pay; the remainder is paid by hand.

    `final` says that this refund empties the order: then nothing is carried.
    """
    pieces: dict[tuple[str, bool], int] = {}
    need, dust = amount, 1
    for room in rooms:
        if not final and need < dust:
            break  # nobody sends 0.003 KWD by hand
        take = min(need, room.left)
        if not room.by_hand:
            dust = max(dust, room.step)
            take -= take % room.step
        if take:
            pieces[room.payment, room.by_hand] = take
            need -= take
    carried = need if need and not final and need < dust else 0
    need -= carried
    for room in rooms:  # what the provider cannot pay, though the share has it: by hand
        taken = sum(a for (p, _), a in pieces.items() if p == room.payment)
        rest = min(need, max(room.left, room.share) - taken)
        if rest > 0:
            pieces[room.payment, True] = pieces.get((room.payment, True), 0) + rest
            need -= rest
    return Plan(tuple(Piece(p, a, h) for (p, h), a in pieces.items()), carried, need)


# 3. The states -------------------------------------------------------------------------------------------------------
class S(StrEnum):
    """A part's state. The refund's state is derived, never set."""

    PLANNED = "planned"
    APPROVED = "approved"
    EXECUTING = "executing"
    IN_DOUBT = "in_doubt"
    PENDING = "pending"
    EXECUTED = "executed"
    FAILED = "failed"
    RELEASED = "released"


MOVES: dict[S, frozenset[S]] = {
    S.PLANNED: frozenset({S.APPROVED, S.RELEASED}),
    S.APPROVED: frozenset({S.EXECUTING, S.PLANNED, S.FAILED, S.RELEASED}),  # failed: its route is gone, a person looks
    S.EXECUTING: frozenset({S.EXECUTED, S.PENDING, S.FAILED, S.IN_DOUBT, S.APPROVED}),  # approved: provably not sent
    S.IN_DOUBT: frozenset({S.EXECUTING, S.EXECUTED, S.PENDING, S.FAILED}),
    S.PENDING: frozenset({S.EXECUTED, S.FAILED}),
    S.EXECUTED: frozenset({S.FAILED, S.PLANNED, S.RELEASED}),  # the last two: an outside refund died (see Books.hear)
    S.FAILED: frozenset({S.APPROVED, S.EXECUTED, S.RELEASED}),  # executed: paid another way
    S.RELEASED: frozenset(),
}
UNSENT = frozenset({S.PLANNED, S.APPROVED, S.FAILED})
BUSY = frozenset({S.EXECUTING, S.IN_DOUBT})
SENT = BUSY | {S.PENDING, S.EXECUTED}
PRECEDENCE = (S.IN_DOUBT, S.EXECUTING, S.FAILED)
"""What may be moving comes first (nobody decides on a whole whose part is unknown), then what needs a person."""


def refund_state(decision: str, parts: Iterable[S]) -> str:
    """The one table: decision in {proposed, on_hold, approved, rejected, withdrawn} × states of the parts."""
    live = {state for state in parts if state != S.RELEASED}
    if not live:
        return decision if decision != "approved" else "rejected"
    if live == {S.EXECUTED}:
        return "executed"
    for state in PRECEDENCE:
        if state in live:
            return state.value
    if decision in ("proposed", "on_hold"):
        return decision
    if S.APPROVED in live:
        return "executing" if live & SENT else "approved"
    return "pending"


RANK = {"": 0, "unclear": 1, "pending": 2, "succeeded": 3, "failed": 4, "declined": 4}
"""A provider's words about one of its refunds only ever rise, in whatever sequence they come."""


# 4. What is owed -----------------------------------------------------------------------------------------------------
class Due(NamedTuple):
    propose: int  # what the system proposes by itself
    surplus: int  # overpaid: shown, refunded only if a person proposes it as such
    collect: int  # what the customer still has to pay


def due(*, paid: int, value: int, cancelled: int, held: int = 0, held_surplus: int = 0) -> Due:
    """Cancelled value first lowers what the customer still has to pay; only what was paid beyond the rest goes back."""
    kept = value - cancelled
    surplus = max(0, paid - value)
    back = min(cancelled - held, paid - surplus - kept - held)
    return Due(max(0, back), max(0, surplus - held_surplus), max(0, kept - paid + held))


# 5. Who may approve --------------------------------------------------------------------------------------------------
class Limit(NamedTuple):
    """One seller's line in one currency. Empty means strict: two people, nothing unattended, nothing a day."""

    one_person_upto: int | None = None
    unattended_upto: int | None = None
    daily_ceiling: int | None = None


def day_of(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def approvals_needed(amount: int, given_today: int, limit: Limit | None) -> int:
    """`given_today`: what was approved, or paid past us, of the same ORDER on the seller's day. No line = closed: 2."""
    upto = limit.one_person_upto if limit else None
    return 1 if upto is not None and given_today + amount <= upto else 2


def unattended(amount: int, given_today: int, limit: Limit | None) -> bool:
    upto = limit.unattended_upto if limit else None
    alone = approvals_needed(amount, given_today, limit) == 1
    return alone and upto is not None and given_today + amount <= upto


def raises(old: Limit | None, new: Limit | None) -> bool:
    """Whether the change loosens anything: then a second, independent person confirms it before it counts."""
    return any((b or 0) > (a or 0) for a, b in zip(old or Limit(), new or Limit(), strict=True))


class Reset(NamedTuple):
    """`by` set the password of, reset a second factor of, created, or got a recovery link for the account `of`."""

    by: str
    of: str
    at: datetime


class Key(NamedTuple):
    """An API key: what it proposes was proposed by whoever made it or was ever shown its secret."""

    name: str
    makers: frozenset[str]


FRESH = timedelta(hours=24)
PROOF = timedelta(minutes=10)


def could_be(who: str | Key, resets: Iterable[Reset], at: datetime) -> frozenset[str]:
    """Every person who may have acted as `who` at that moment: who took an account over could take over the next."""
    found = set(who.makers if isinstance(who, Key) else {who})
    recent = [r for r in resets if timedelta(0) <= at - r.at < FRESH]
    while more := {r.by for r in recent if r.of in found} - found:
        found |= more
    return frozenset(found)


def independent(a: str | Key, b: str | Key, resets: Sequence[Reset], at: datetime) -> bool:
    """Whether no single person can stand behind both. Asked again at each act, in its transaction."""
    return not could_be(a, resets, at) & could_be(b, resets, at)


def within_ceiling(amount: int, paid_today: int, limit: Limit | None) -> bool:
    """`paid_today`: of the seller in the currency, attempts that paid or may have paid. Beyond it, it waits."""
    return limit is not None and limit.daily_ceiling is not None and paid_today + amount <= limit.daily_ceiling


def why_not(
    who: str, *, beside: Iterable[str | Key], resets: Sequence[Reset], at: datetime, needed: int = 1,
    proof: datetime | None = None, superuser: bool = False, right: bool = True,
) -> str:  # fmt: skip
    """Why this person cannot approve, or "". `beside`: proposer (person or key), last editor, first approver."""
    if superuser or not right:
        return "You do not have the right to approve."
    if not all(independent(who, other, resets, at) for other in beside):
        return "Somebody else must approve it: one person could stand behind both."
    if needed > 1 and (proof is None or not timedelta(0) <= at - proof <= PROOF):
        return "Please give your password or second factor again."
    return ""
