"""What is a refund, which ways may it go, and what does the database guarantee about it?

Amounts are whole minor units of the refund's currency. `status` moves through `move` and `move_all` of
`Refund.objects` alone; triggers refuse every move that `MOVES` does not list, and keep the committed totals.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from orders.models import Order, Payment, Seller


class RefundStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    ON_HOLD = "on_hold", "On hold"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXECUTING = "executing", "Sending"
    PENDING = "pending", "Pending at provider"
    EXECUTED = "executed", "Refunded"
    FAILED = "failed", "Failed"
    IN_DOUBT = "in_doubt", "In doubt"


S = RefundStatus
MOVES: dict[str, frozenset[str]] = {
    S.PROPOSED: frozenset({S.APPROVED, S.REJECTED, S.WITHDRAWN, S.ON_HOLD}),
    S.ON_HOLD: frozenset({S.PROPOSED, S.REJECTED, S.WITHDRAWN}),
    S.APPROVED: frozenset({S.EXECUTING, S.WITHDRAWN, S.PROPOSED, S.FAILED}),
    S.EXECUTING: frozenset({S.EXECUTED, S.PENDING, S.FAILED, S.IN_DOUBT, S.APPROVED}),
    S.IN_DOUBT: frozenset({S.EXECUTING, S.EXECUTED, S.PENDING, S.FAILED}),
    S.PENDING: frozenset({S.EXECUTED, S.FAILED}),
    S.FAILED: frozenset({S.APPROVED, S.EXECUTED, S.REJECTED, S.WITHDRAWN}),
    S.EXECUTED: frozenset({S.FAILED}),
    S.REJECTED: frozenset({S.PROPOSED}),
    S.WITHDRAWN: frozenset(),
}

UNDECIDED = frozenset({S.PROPOSED, S.ON_HOLD})
RELEASED = frozenset({S.REJECTED, S.WITHDRAWN})
"""Refunds in these states hold no units and no money; all others count against the limits."""

UNAPPROVED: dict[str, Any] = {
    "approved_by": None,
    "approved_by_rule": "",
    "approved_at": None,
    "second_approved_by": None,
    "second_approved_at": None,
    "decided_at": None,
}
"""What stands on a refund that nobody has approved."""

_REVIEWED = (S.APPROVED, S.EXECUTING, S.PENDING, S.EXECUTED, S.FAILED, S.IN_DOUBT)


class RefundQuerySet(models.QuerySet["Refund"]):
    def locked(self, refund_id: int) -> "Refund":
        """Lock a refund behind its order, the sequence in which everybody locks. Raises Refund.DoesNotExist."""
        order_id = self.values_list("order_id", flat=True).get(pk=refund_id)
        Order.objects.select_for_update(no_key=True).get(pk=order_id)
        return self.select_for_update(no_key=True).get(pk=refund_id)

    def move(self, refund_id: int, old: str, new: str, **changes: Any) -> bool:
        """Move one refund from `old` to `new` and say whether it was we who moved it. A second call says False."""
        return self.move_all([refund_id], [old], new, **changes) == 1

    def move_all(self, refund_ids: Collection[int], olds: Collection[str], new: str, **changes: Any) -> int:
        """Move those of the refunds that are in one of the states `olds` to `new`, and say how many were moved."""
        for old in olds:
            if new not in MOVES[old]:
                raise ValueError(f"a refund never goes from {old} to {new}")
        waiting = self.filter(pk__in=refund_ids, status__in=olds)
        return waiting.update(status=new, status_since=Now(), updated_at=Now(), **changes)

    def ripe(self) -> "RefundQuerySet":
        """Those that were approved so long ago that nobody undoes it any more; what a rule approved at once."""
        fresh = Now() - timedelta(seconds=settings.UNDO_SECONDS)
        return self.exclude(status=S.APPROVED, approved_by_rule="", decided_at__gt=fresh)


class Refund(models.Model):
    """Money to give back for one order: a proposal, the decision on it, and what the provider did."""

    class Origin(models.TextChoices):
        WAREHOUSE = "warehouse", "created automatically from warehouse messages"
        STAFF = "staff", "proposed by staff"
        EXTERNAL = "external", "made at the payment provider"

    class Kind(models.TextChoices):
        PRE_SHIPMENT = "pre_shipment", "Pre-shipment"
        POST_SHIPMENT = "post_shipment", "Post-shipment"

    class Reason(models.TextChoices):
        CANCELLED = "cancelled_by_warehouse", "Cancelled by the warehouse"
        CLOSED_SHORT = "closed_short", "Short-shipped"
        STILL_SHORT = "still_short", "Not shipped by promised date"
        DAMAGED = "damaged", "Arrived damaged"
        RETURNED = "returned", "Returned by the customer"
        LOST = "lost_in_transit", "Lost in transit"
        DUPLICATE = "duplicate_order", "Ordered twice"
        CHANGED_MIND = "cancelled_by_customer", "Cancelled by the customer"
        GOODWILL = "goodwill", "Goodwill"
        AT_PROVIDER = "made_at_provider", "Refunded at the payment provider"
        OTHER = "other", "Other"

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds", db_index=False)
    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    sequence = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=110)
    origin = models.CharField(max_length=12, choices=Origin.choices)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    status = models.CharField(max_length=12, choices=RefundStatus.choices, default=RefundStatus.PROPOSED)
    status_since = models.DateTimeField(db_default=Now())
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
    proposed_behind = ArrayField(models.BigIntegerField(), default=list, blank=True)  # who knew the key that proposed
    proposed_at = models.DateTimeField(db_default=Now())
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by_rule = models.CharField(max_length=120, blank=True, db_default="", help_text="The line of the policy.")
    approved_at = models.DateTimeField(null=True)
    second_approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_approved_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=300, blank=True, help_text="What the person who decided gave as the reason.")

    provider = models.CharField(max_length=40)
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        help_text="Which payment is paid back; empty where a person pays another way.",
    )
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
                condition=Q(origin="warehouse", status__in=("proposed", "on_hold"), edited_by__isnull=True),
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
                condition=~Q(status__in=_REVIEWED)
                | Q(origin="external")
                | Q(approved_by__isnull=False)
                | ~Q(approved_by_rule=""),
            ),
            models.CheckConstraint(
                name="a_rule_approves_alone_and_what_the_warehouse_caused",
                condition=Q(approved_by_rule="")
                | Q(
                    status__in=(*_REVIEWED, S.REJECTED, S.WITHDRAWN),
                    origin="warehouse",
                    edited_by__isnull=True,
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
                name="nobody_approves_what_they_edited",
                condition=(
                    Q(edited_by__isnull=True)
                    | (
                        (Q(approved_by__isnull=True) | ~Q(approved_by=F("edited_by")))
                        & (Q(second_approved_by__isnull=True) | ~Q(second_approved_by=F("edited_by")))
                    )
                ),
            ),
            models.CheckConstraint(
                name="external_refunds_were_made_elsewhere",
                condition=~Q(origin="external")
                | (
                    Q(status__in=(S.EXECUTED, S.FAILED, S.REJECTED))
                    & ~Q(provider_reference="")
                    & Q(approved_by__isnull=True, proposed_by__isnull=True, edited_by__isnull=True)
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
            models.Index(
                Upper("provider_reference"), "seller", name="refund_by_payment", condition=~Q(provider_reference="")
            ),
            models.Index(
                "lease_until", name="refund_lease", condition=Q(status__in=("executing", "in_doubt", "pending"))
            ),
            models.Index(F("proposed_at").desc(), F("id").desc(), name="refund_newest_first"),
            models.Index("executed_at", "id", name="refund_executed", condition=Q(executed_at__isnull=False)),
            models.Index("amount", "id", name="refund_by_amount"),
            models.Index("approved_at", name="refund_by_rule", condition=~Q(approved_by_rule="")),
        )
        permissions = (
            ("propose_refund", "Can propose refunds by hand"),
            ("reject_refund", "Can reject refunds and put them on hold"),
            ("approve_refund", "Can approve refunds"),
            ("settle_refund", "Can say what a provider did, and try failed refunds again"),
        )

    def __str__(self) -> str:
        return self.number
