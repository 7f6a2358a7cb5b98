"""What is a refund, which ways may it go, and what does the database guarantee about it?

Amounts are whole minor units of the refund's currency. `status` moves through `Refund.objects.move` alone; the
triggers of migration 0002 refuse every move that `MOVES` does not list, and keep the committed totals.
"""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from orders.models import Order, OrderItem, Seller


class RefundStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    ON_HOLD = "on_hold", "On hold"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXECUTING = "executing", "Executing"
    EXECUTED = "executed", "Executed"
    FAILED = "failed", "Failed"
    IN_DOUBT = "in_doubt", "In doubt"


S = RefundStatus

MOVES: dict[str, frozenset[str]] = {
    S.PROPOSED: frozenset({S.APPROVED, S.REJECTED, S.WITHDRAWN, S.ON_HOLD}),
    S.ON_HOLD: frozenset({S.PROPOSED, S.REJECTED, S.WITHDRAWN}),
    S.APPROVED: frozenset({S.EXECUTING, S.WITHDRAWN, S.PROPOSED}),
    S.EXECUTING: frozenset({S.EXECUTED, S.FAILED, S.IN_DOUBT}),
    S.IN_DOUBT: frozenset({S.EXECUTING, S.EXECUTED, S.FAILED}),
    S.FAILED: frozenset({S.APPROVED, S.REJECTED}),
    S.EXECUTED: frozenset({S.FAILED}),
    S.REJECTED: frozenset(),
    S.WITHDRAWN: frozenset(),
}

UNDECIDED = frozenset({S.PROPOSED, S.ON_HOLD})
RELEASED = frozenset({S.REJECTED, S.WITHDRAWN})
"""Refunds in these states hold no units and no money; all others count against the limits."""

_REVIEWED = (S.APPROVED, S.EXECUTING, S.EXECUTED, S.FAILED, S.IN_DOUBT)


class RefundQuerySet(models.QuerySet["Refund"]):
    def move(self, refund_id: int, old: str, new: str, **changes: Any) -> bool:
        """Move one refund from `old` to `new` and say whether it was we who moved it. A second call says False."""
        if new not in MOVES[old]:
            raise ValueError(f"a refund never goes from {old} to {new}")
        return self.filter(pk=refund_id, status=old).update(status=new, updated_at=Now(), **changes) == 1


class Refund(models.Model):
    """Money to give back for one order: a proposal, the decision on it, and what the provider did."""

    class Origin(models.TextChoices):
        WAREHOUSE = "warehouse", "Worked out from the warehouse's news"
        STAFF = "staff", "Proposed by staff"

    class Kind(models.TextChoices):
        PRE_SHIPMENT = "pre_shipment", "Pre-shipment"
        POST_SHIPMENT = "post_shipment", "Post-shipment"

    class Reason(models.TextChoices):
        CANCELLED = "cancelled_by_warehouse", "Cancelled by the warehouse"
        CLOSED_SHORT = "closed_short", "Order closed short"
        STILL_SHORT = "still_short", "Still short after the promised days"
        OTHER = "other", "Other"

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    sequence = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=110)
    origin = models.CharField(max_length=12, choices=Origin.choices)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    status = models.CharField(max_length=12, choices=RefundStatus.choices, default=RefundStatus.PROPOSED)
    version = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=30, choices=Reason.choices)
    reason_note = models.CharField(max_length=500, blank=True)
    messages = ArrayField(models.BigIntegerField(), default=list, blank=True)

    currency = models.CharField(max_length=3)
    items_amount = models.BigIntegerField()
    shipping_amount = models.BigIntegerField(default=0)
    rounding_amount = models.BigIntegerField(default=0)
    amount = models.BigIntegerField()
    tax_amount = models.BigIntegerField(default=0)

    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by_rule = models.CharField(
        max_length=120, blank=True, db_default="", help_text="The line of the policy that approved without a person."
    )
    approved_at = models.DateTimeField(null=True)
    second_approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_approved_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=300, blank=True, help_text="What the person who decided gave as the reason.")

    provider = models.CharField(max_length=40)
    provider_reference = models.CharField(max_length=200, blank=True)
    executed_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(db_default=Now())

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "-id")
        constraints = (
            models.UniqueConstraint("order", "sequence", name="refund_number_is_unique_per_order"),
            models.UniqueConstraint(
                "order",
                name="one_undecided_warehouse_refund_per_order",
                condition=Q(origin="warehouse", status__in=("proposed", "on_hold")),
            ),
            models.CheckConstraint(
                name="refund_is_the_sum_of_its_parts",
                condition=Q(amount=F("items_amount") + F("shipping_amount") + F("rounding_amount")),
            ),
            models.CheckConstraint(
                name="refund_amounts_are_not_negative",
                condition=Q(amount__gte=0, items_amount__gte=0, shipping_amount__gte=0, tax_amount__gte=0),
            ),
            models.CheckConstraint(
                name="refund_reviewed_by_someone",
                condition=~Q(status__in=_REVIEWED) | Q(approved_by__isnull=False) | ~Q(approved_by_rule=""),
            ),
            models.CheckConstraint(
                name="a_rule_approves_alone_and_what_the_warehouse_caused",
                condition=Q(approved_by_rule="")
                | Q(
                    status__in=(*_REVIEWED, S.REJECTED, S.WITHDRAWN),
                    origin="warehouse",
                    approvals_needed=1,
                    approved_by__isnull=True,
                    second_approved_by__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="nobody_approves_what_they_proposed",
                condition=(
                    Q(proposed_by__isnull=True)
                    | (
                        (Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")))
                        & (Q(second_approved_by__isnull=True) | ~Q(second_approved_by=F("proposed_by")))
                    )
                ),
            ),
            models.CheckConstraint(
                name="two_approvals_are_by_two_people",
                condition=Q(second_approved_by__isnull=True) | ~Q(second_approved_by=F("approved_by")),
            ),
            models.CheckConstraint(
                name="above_the_limit_two_people_approve",
                condition=(~Q(status__in=_REVIEWED) | Q(approvals_needed__lt=2) | Q(second_approved_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="executing_refund_has_a_lease", condition=~Q(status="executing") | Q(lease_until__isnull=False)
            ),
        )
        indexes = (
            models.Index("status", "proposed_at", "id", name="refund_queue"),
            models.Index("seller", "status", name="refund_by_seller"),
            models.Index("number", name="refund_by_number"),
            models.Index("lease_until", name="refund_lease", condition=Q(status__in=("executing", "in_doubt"))),
            models.Index(F("proposed_at").desc(), F("id").desc(), name="refund_newest_first"),
            models.Index("executed_at", name="refund_executed", condition=Q(executed_at__isnull=False)),
        )
        permissions = (
            ("propose_refund", "Can propose refunds by hand"),
            ("reject_refund", "Can reject refunds and put them on hold"),
            ("approve_refund", "Can approve refunds"),
            ("settle_refund", "Can say what a provider did, and try failed refunds again"),
        )

    def __str__(self) -> str:
        return self.number


class RefundItem(models.Model):
    """The part of a refund that belongs to one order item. `quantity` 0 is an amount without units (damage)."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="items")
    item = models.ForeignKey(OrderItem, models.PROTECT, related_name="refund_items")
    quantity = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    cancelled_upto = models.PositiveIntegerField(
        default=0, help_text="How many cancelled units of the item were considered, these and earlier ones."
    )
    overdue_quantity = models.PositiveIntegerField(
        db_default=0, help_text="How many of these units were not cancelled, but outstanding for too long."
    )

    class Meta:
        ordering = ("refund_id", "id")
        constraints = (
            models.UniqueConstraint("refund", "item", name="item_stands_once_on_a_refund"),
            models.CheckConstraint(
                name="overdue_units_are_units_of_the_refund", condition=Q(overdue_quantity__lte=F("quantity"))
            ),
            models.CheckConstraint(name="refund_parts_are_not_negative", condition=Q(amount__gte=0, tax__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item_id}"


class RefundAttempt(models.Model):
    """One call to a provider, written and committed before the call. The open one has no outcome yet."""

    class Outcome(models.TextChoices):
        PAID = "paid", "Paid"
        DECLINED = "declined", "Declined"
        UNCLEAR = "unclear", "Unclear"
        ABSENT = "absent", "Never arrived"
        REVERSED = "reversed", "Paid, then failed at the provider"

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    key = models.UUIDField(default=uuid.uuid4)
    gateway = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    provider_reference = models.CharField(max_length=200, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("refund_id", "number")
        constraints = (
            models.UniqueConstraint("refund", "number", name="attempt_number_is_unique"),
            models.UniqueConstraint("refund", name="one_open_attempt_per_refund", condition=Q(outcome="")),
            models.UniqueConstraint("refund", name="refund_is_paid_at_most_once", condition=Q(outcome="paid")),
            models.CheckConstraint(
                name="finished_attempt_has_an_outcome",
                condition=Q(outcome="", finished_at__isnull=True) | (~Q(outcome="") & Q(finished_at__isnull=False)),
            ),
        )
        indexes = (
            models.Index("started_at", name="attempt_by_start"),
            models.Index("finished_at", name="payment_by_moment", condition=Q(outcome__in=("paid", "reversed"))),
        )

    def __str__(self) -> str:
        return f"attempt {self.number}"
