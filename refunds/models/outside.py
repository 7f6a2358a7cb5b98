"""Money that left a customer's payment past us: a refund that somebody made at the provider."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from orders.models import Seller


class OutsidePayment(models.Model):
    """One refund as its provider tells of it. What of it is unexplained blocks every order of the payment.

    Amounts are whole minor units of `currency`. `payments` are the provider's names of the payment. What no refund
    here counts is `overpaid_amount`, because a person found that nobody was owed it.
    """

    class State(models.TextChoices):
        PAID = "paid", "Paid"
        FAILED = "failed", "Failed at the provider"

    seller = models.ForeignKey(Seller, models.PROTECT, related_name="+")
    provider = models.CharField(max_length=40)
    reference = models.CharField(max_length=200)
    payments = ArrayField(models.CharField(max_length=200))
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PAID)
    unexplained_amount = models.BigIntegerField()
    overpaid_amount = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    heard_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True, help_text="Since when a person has to say what it was for.")
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    explained_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = "refund made elsewhere"
        verbose_name_plural = "refunds made elsewhere"
        constraints = (
            models.UniqueConstraint("provider", "reference", name="outside_payment_is_heard_once"),
            models.CheckConstraint(
                name="outside_payment_is_explained_within_its_amount",
                condition=Q(unexplained_amount__gte=0, overpaid_amount__gte=0)
                & Q(amount__gte=F("unexplained_amount") + F("overpaid_amount")),
            ),
            models.CheckConstraint(
                name="a_failed_outside_payment_explains_nothing",
                condition=~Q(state="failed") | Q(unexplained_amount=0, overpaid_amount=0),
            ),
        )
        indexes = (
            models.Index("provider", name="unexplained_payments", condition=Q(unexplained_amount__gt=0)),
            models.Index("seller", "id", name="outside_payments_of_seller"),
        )

    def __str__(self) -> str:
        return self.reference
