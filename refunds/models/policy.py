"""What does a seller want of its refunds? (edited by managers; every change is kept with who made it and when)

Amounts are whole minor units of the limit's currency.
"""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from simple_history.models import HistoricalRecords

from orders.models import SalesChannel, Seller
from refunds.models.refund import Refund
from refunds.rules import policy as rules


class RefundPolicy(models.Model):
    """What earns a proposal. A seller without one has the defaults of these fields."""

    seller = models.OneToOneField(Seller, models.PROTECT, primary_key=True, related_name="refund_policy")
    propose_cancelled = models.BooleanField(
        "propose when the warehouse cancels", default=True, help_text="Units that the warehouse cancelled."
    )
    propose_closed_short = models.BooleanField(
        "propose when an order is short-shipped",
        default=True,
        help_text="Units missing when the warehouse closed the order.",
    )
    propose_overdue_after = models.PositiveSmallIntegerField(
        "refund unshipped units after (days)",
        null=True,
        blank=True,
        help_text="Counted from the order date. Leave empty to switch off. Orders that the warehouse has not received "
        "or that are on hold are left out. A later shipment reduces or withdraws the proposal.",
    )
    refund_shipping = models.BooleanField(
        "refund the shipping charge", default=True, help_text="Only if nothing in the order ships."
    )
    refund_services = models.BooleanField(
        "refund what does not ship",
        default=False,
        db_default=False,
        help_text="Tips, gift wrap and the like. Only if nothing in the order ships.",
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords(excluded_fields=["version"])

    class Meta:
        ordering = ("seller__name",)
        verbose_name_plural = "refund policies"
        constraints = (
            models.CheckConstraint(
                name="overdue_is_a_number_of_days",
                condition=Q(propose_overdue_after__isnull=True)
                | Q(propose_overdue_after__gte=1, propose_overdue_after__lte=365),
                violation_error_message="Enter 1 to 365 days, or leave empty.",
            ),
        )

    def __str__(self) -> str:
        return f"Refund policy of {self.seller}"

    def rules(self, limits: "Iterable[RefundLimit] | None" = None) -> rules.Policy:
        """The policy as the rules read it, with these limits, or with those that are stored."""
        amounts = self.limits.all() if limits is None else limits
        return rules.Policy(
            self.propose_cancelled,
            self.propose_closed_short,
            self.propose_overdue_after,
            self.refund_shipping,
            {limit.currency: limit.rule() for limit in amounts},
            self.refund_services,
        )


class RefundLimitQuerySet(models.QuerySet["RefundLimit"]):
    def limits_of(self, seller_ids: Iterable[int]) -> Callable[[int, str], rules.Limit]:
        """The limits of these sellers as the rules read them, by seller and currency; one query."""
        stored = {(row.policy_id, row.currency): row.rule() for row in self.filter(policy__in=set(seller_ids))}
        return lambda seller_id, currency: stored.get((seller_id, currency), rules.CLOSED)

    def limit_of(self, seller_id: int, currency: str) -> rules.Limit:
        """What holds for this seller in this currency."""
        row = self.filter(policy=seller_id, currency=currency).first()
        return row.rule() if row else rules.CLOSED


class RefundLimit(models.Model):
    """Who has to approve refunds in one currency, and how much may be paid back in a day."""

    policy = models.ForeignKey(RefundPolicy, models.CASCADE, related_name="limits")
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as GBP.")
    second_approver_above = models.BigIntegerField(
        "second approval above", null=True, blank=True, help_text="Empty: one approver for any amount."
    )
    unattended_upto = models.BigIntegerField(
        "auto-approve up to", null=True, blank=True, help_text="Empty: every refund needs an approver."
    )
    daily_ceiling = models.BigIntegerField(
        "daily cap",
        null=True,
        blank=True,
        help_text="Above it, no more refunds are sent that day until a manager lifts it. Empty: no cap.",
    )

    history = HistoricalRecords()

    objects = RefundLimitQuerySet.as_manager()

    class Meta:
        ordering = ("policy", "currency")
        constraints = (
            models.UniqueConstraint(fields=("policy", "currency"), name="one_limit_per_seller_and_currency"),
            models.CheckConstraint(name="limit_currency_is_iso_4217", condition=Q(currency__regex=r"^[A-Z]{3}$")),
            models.CheckConstraint(
                name="limits_are_not_negative",
                condition=(Q(second_approver_above__isnull=True) | Q(second_approver_above__gte=0))
                & (Q(unattended_upto__isnull=True) | Q(unattended_upto__gte=0))
                & (Q(daily_ceiling__isnull=True) | Q(daily_ceiling__gte=0)),
            ),
            models.CheckConstraint(
                name="what_two_people_approve_is_never_unattended",
                condition=Q(unattended_upto__isnull=True)
                | Q(second_approver_above__isnull=True)
                | Q(unattended_upto__lte=F("second_approver_above")),
                violation_error_message="What two people have to approve cannot be approved without a person.",
            ),
        )

    def __str__(self) -> str:
        return f"Limits in {self.currency}"

    def rule(self) -> rules.Limit:
        """The limit as the rules read it."""
        return rules.Limit(self.second_approver_above, self.unattended_upto, self.daily_ceiling)


class ReasonWords(models.Model):
    """What customers of one channel are told as the reason of a refund, instead of our own words."""

    policy = models.ForeignKey(RefundPolicy, models.CASCADE, related_name="reason_words")
    channel = models.ForeignKey(SalesChannel, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30, choices=Refund.Reason.choices)
    words = models.CharField(max_length=200, help_text="Given to the payment provider or marketplace word for word.")

    history = HistoricalRecords()

    class Meta:
        ordering = ("policy", "channel", "reason")
        verbose_name_plural = "reason words"
        constraints = (
            models.UniqueConstraint(fields=("policy", "channel", "reason"), name="one_wording_per_channel_and_reason"),
        )

    def __str__(self) -> str:
        return f"{self.get_reason_display()} on {self.channel}"


class CeilingLift(models.Model):
    """A manager's word that on this day (of the seller's time zone) the ceiling does not hold, or holds again.

    The newest one of a day counts.
    """

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    day = models.DateField()
    restores = models.BooleanField(default=False, db_default=False)
    why = models.CharField(max_length=300)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("-day", "-id")
        indexes = (models.Index("seller", "currency", "day", name="lifts_of_a_day"),)
        permissions = (("lift_ceiling", "Can lift the daily cap of a seller"),)

    def __str__(self) -> str:
        return f"{self.currency} on {self.day}"
