"""Decide on many refunds at once: what may be decided together, and then one by one, each as it was seen."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from orders.errors import ActionRefused, require_reason
from refunds import errors, independence, rights, transitions
from refunds.decisions import blocked, review, second_person
from refunds.models import UNDECIDED, Batch, BatchItem, Refund, RefundLimit, RefundStatus
from refunds.proposals.approvals import given_today

MOST = 1000
"""So many refunds one batch holds at most."""
RIGHTS = {Batch.Act.APPROVE: "refunds.approve_refund", Batch.Act.REJECT: "refunds.reject_refund"}
State = BatchItem.State
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Total:
    """What would be decided for one seller in one currency; the amount in minor units."""

    seller: str
    currency: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be decided together, what may not and why, and what the first comes to."""

    included: list[Refund]
    left_out: list[tuple[Refund, str]]
    totals: list[Total]

    @property
    def sums(self) -> list[Total]:
        """What the totals come to, by currency; nothing where they are the sums already."""
        currencies = sorted({total.currency for total in self.totals})
        if len(currencies) == len(self.totals):
            return []
        of_each = [[total for total in self.totals if total.currency == currency] for currency in currencies]
        return [
            Total(
                f"All in {currency}",
                currency,
                sum(total.count for total in of_it),
                sum(total.amount for total in of_it),
            )
            for currency, of_it in zip(currencies, of_each, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    whole: int
    done: int
    refused: int
    undone: int = 0

    @property
    def settled(self) -> int:
        """How many nothing happens to any more by itself."""
        return self.done + self.refused + self.undone

    @property
    def waiting(self) -> int:
        """How many are still to be decided."""
        return self.whole - self.settled


def plan(refunds: Sequence[Refund], act: str, *, by: User) -> Plan:
    """Part these refunds (read with seller and order) into what this person may decide in bulk, and what not."""
    limit = RefundLimit.objects.limits_of(refund.seller_id for refund in refunds)
    included: list[Refund] = []
    left_out: list[tuple[Refund, str]] = []
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    blocks = blocked.blocks_of(refunds)
    # With what was approved of the order today, and what would be approved of it before in this batch.
    given = given_today(refunds)
    same = independence.inseparable(by)
    chosen = Counter[int]()
    for refund in refunds:
        of_day = given[refund.pk] + chosen[refund.order_id]
        asks = limit(refund.seller_id, refund.currency).approvals
        above = ""
        if asks(refund.amount) > 1 or refund.approved_by_id:
            above = "Above the limit"
        elif asks(refund.amount, of_day) > 1:
            above = "Above the limit with what is approved of its order today"
        why = _why_not(refund, act, by, blocks[refund.pk], same, above=above)
        if why:
            left_out.append((refund, why))
            continue
        included.append(refund)
        chosen[refund.order_id] += refund.amount
        count, amount = sums.get((str(refund.seller), refund.currency), (0, 0))
        sums[str(refund.seller), refund.currency] = (count + 1, amount + refund.amount)
    return Plan(included, left_out, [Total(*key, *sums[key]) for key in sorted(sums)])


def _why_not(refund: Refund, act: str, by: User, blocks: Sequence[str], same: Set[int], *, above: str) -> str:
    if act == Batch.Act.REJECT:
        return "" if refund.status in UNDECIDED else f"It is {refund.get_status_display().lower()} already."
    if refund.status == RefundStatus.ON_HOLD:
        return "It is on hold: release it first."
    if refund.status != RefundStatus.PROPOSED:
        return f"It is {refund.get_status_display().lower()}, not proposed."
    if (refused := second_person.refusal(refund, by, same)) is not None:
        return str(refused)
    if blocks:
        return f"It may be wrong ({'; '.join(blocks)}): decide it on its own page."
    return f"{above}: two people must approve it, each on its own page." if above else ""


def begin(act: str, seen: Iterable[tuple[int, transitions.ExpectedVersion]], *, by: User, why: str = "") -> Batch:
    """Write down what is to be decided, as it was seen. Nothing is decided yet; a second call begins another batch."""
    with transaction.atomic():
        rights.expect_right(by, RIGHTS[Batch.Act(act)])
        reason = require_reason(why) if act == Batch.Act.REJECT else ""
        on_screen = dict(seen)
        if not on_screen:
            raise errors.DecisionRefused("Nothing was selected.", code="nothing_chosen")
        if len(on_screen) > MOST:
            raise errors.DecisionRefused(f"At most {MOST} refunds can be decided at once.", code="too_many_chosen")
        known = Refund.objects.filter(pk__in=on_screen).values_list("pk", flat=True)
        batch = Batch.objects.create(act=act, why=reason, made_by=by)
        BatchItem.objects.bulk_create(
            BatchItem(batch=batch, refund_id=pk, version=on_screen[pk].version, amount=on_screen[pk].amount)
            for pk in sorted(known)
        )
    return batch


def progress(batch: Batch) -> Progress:
    """How far it is."""
    ended = (State.DONE, State.REFUSED, State.UNDONE)
    counts = {state.value: Count("id", filter=Q(state=state)) for state in ended}
    return Progress(**batch.items.aggregate(whole=Count("id"), **counts))


def decide(*, at_most: int = MOST) -> int:
    """Decide on what waits in batches, oldest first, and say how many. A second call takes the next ones."""
    decided = 0
    while decided < at_most and _decide_next():
        decided += 1
    return decided


def forget() -> int:
    """Delete the batches of more than ARCHIVE_KEEP_DAYS ago that are decided, and say how many.

    What was decided stays on record: on each refund and on its order's timeline.
    """
    cutoff = timezone.now() - timedelta(days=settings.ARCHIVE_KEEP_DAYS)
    waiting = BatchItem.objects.filter(batch=OuterRef("pk"), state=State.WAITING)
    with transaction.atomic():
        old = list(Batch.objects.filter(~Exists(waiting), made_at__lt=cutoff).values_list("pk", flat=True))
        BatchItem.objects.filter(batch__in=old).delete()
        return Batch.objects.filter(pk__in=old).delete()[0]


def _decide_next() -> bool:
    """One item, its decision and its outcome in one transaction: whatever is killed, it waits or is decided."""
    with transaction.atomic():
        # Another worker's items are passed over.
        waiting = BatchItem.objects.select_for_update(skip_locked=True, of=("self",)).filter(state=State.WAITING)
        item = waiting.select_related("batch__made_by", "refund").order_by("id").first()
        if item is None:
            return False
        refused = _refusal(item)
        BatchItem.objects.filter(pk=item.pk).update(
            state=State.REFUSED if refused else State.DONE, said=refused[:500], settled_at=Now()
        )
    return True


def _refusal(item: BatchItem) -> str:
    """Decide as the person would on the refund's page, with their rights of this moment; "" when it is done."""
    seen, batch = transitions.ExpectedVersion(item.version, item.amount), item.batch
    try:
        with transaction.atomic():
            if batch.act == Batch.Act.REJECT:
                review.reject(item.refund_id, by=batch.made_by, why=batch.why, seen=seen)
            else:
                review.approve(item.refund_id, by=batch.made_by, seen=seen)
                refund = Refund.objects.select_related("order").get(pk=item.refund_id)
                if refund.approvals_needed > 1:
                    raise errors.NotYours(
                        f"{refund.number} now needs two approvals: open it on its own page.",
                        code="two_people_needed",
                    )
                if blocked.blocks(refund):
                    raise errors.NotYours(
                        f"{refund.number} may now be wrong: open it on its own page.", code="may_be_wrong"
                    )
    except ActionRefused as refused:
        return str(refused)
    except Exception as error:
        if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
            raise
        # One that breaks must not keep the others waiting behind it.
        log.exception("an item of a batch broke", extra={"item": item.pk})
        return f"{item.refund.number} could not be decided: open it on its own page."
    return ""
