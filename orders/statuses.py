"""Which statuses are there, and how does a status follow from the quantities? (the only place that says so)

Statuses are generated columns: PostgreSQL itself works them out, for one row or for a million, and nobody can
write one. The expressions below are what it computes.
"""

from django.db.models import BooleanField, Case, CharField, F, GeneratedField, IntegerField, Q, TextChoices, Value, When
from django.db.models.functions import Greatest


class Status(TextChoices):
    """Of an order and of an item alike."""

    NEW = "new", "New"
    PROCESSING = "processing", "Processing"
    ON_HOLD = "on_hold", "On hold"
    PARTIALLY_SHIPPED = "partially_shipped", "Partially shipped"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"
    CANCELLED = "cancelled", "Cancelled"


SHIPPED_SHORT = "shipped_short"
"""The word for what is `shipped` and of which some units were cancelled; its label is below."""
SHIPPED_SHORT_LABEL = "Shipped short"


class Detail(TextChoices):
    """A finer place within `processing`, as the warehouse's floor knows it."""

    NONE = "", "–"
    PICKING = "picking", "Picking"
    PICKED = "picked", "Picked"
    PACKING = "packing", "Packing"
    PACKED = "packed", "Packed"
    MARSHALLED = "marshalled", "Marshalled"


class PaymentStatus(TextChoices):
    """What is paid of an order, and paid back; refunds that are proposed or under way count as nothing yet."""

    UNPAID = "unpaid", "Unpaid"
    PART_PAID = "part_paid", "Part paid"
    PAID = "paid", "Paid"
    PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"
    REFUNDED = "refunded", "Refunded"


def detail(status: str, heard: str) -> str:
    """The detail that the warehouse named last, as long as it says anything: only within `processing`."""
    return heard if status == Status.PROCESSING else ""


def outstanding() -> GeneratedField:
    """Units of an item that are still to ship: neither shipped nor cancelled; never below 0."""
    return GeneratedField(
        expression=Case(
            When(ships=True, then=Greatest(F("quantity") - F("shipped_quantity") - F("cancelled_quantity"), Value(0))),
            default=Value(0),
        ),
        output_field=IntegerField(),
        db_persist=True,
    )


def of_payment() -> GeneratedField:
    """The payment status of an order, from what it costs, what was paid and what was paid back."""
    return GeneratedField(
        expression=Case(
            When(total__gt=0, total_paid__lte=0, then=Value(PaymentStatus.UNPAID.value)),
            When(refunded_amount__lte=0, total_paid__lt=F("total"), then=Value(PaymentStatus.PART_PAID.value)),
            When(refunded_amount__lte=0, then=Value(PaymentStatus.PAID.value)),
            When(refunded_amount__lt=F("total_paid"), then=Value(PaymentStatus.PARTIALLY_REFUNDED.value)),
            default=Value(PaymentStatus.REFUNDED.value),
        ),
        output_field=CharField(max_length=20, choices=PaymentStatus.choices),
        db_persist=True,
    )


def _status(undecided: Q, shipped: str, cancelled: str) -> GeneratedField:
    return GeneratedField(
        expression=Case(
            When(~undecided & Q(**{f"{shipped}__gt": 0}), then=Value(Status.SHIPPED.value)),
            # An order of nothing but services has nothing to ship, and nothing of it was cancelled.
            When(~undecided & Q(**{f"{cancelled}__gt": 0}), then=Value(Status.CANCELLED.value)),
            When(on_hold=True, then=Value(Status.ON_HOLD.value)),
            When(**{f"{shipped}__gt": 0}, then=Value(Status.PARTIALLY_SHIPPED.value)),
            When(started=True, then=Value(Status.PROCESSING.value)),
            default=Value(Status.NEW.value),
        ),
        output_field=CharField(max_length=20, choices=Status.choices),
        db_persist=True,
    )


def _shipped_short(undecided: Q, shipped: str, cancelled: str) -> GeneratedField:
    return GeneratedField(
        expression=Case(
            When(~undecided & Q(**{f"{shipped}__gt": 0, f"{cancelled}__gt": 0}), then=Value(True)),
            default=Value(False),
        ),
        output_field=BooleanField(),
        db_persist=True,
    )


def item_shipped_short() -> GeneratedField:
    """Whether an item is shipped, and some of its units are cancelled: another word and colour of the same status."""
    undecided = Q(quantity__gt=F("shipped_quantity") + F("cancelled_quantity"))
    return _shipped_short(undecided, "shipped_quantity", "cancelled_quantity")


def order_shipped_short() -> GeneratedField:
    """The same of an order, from the sums over its items."""
    return _shipped_short(Q(outstanding_units__gt=0), "shipped_units", "cancelled_units")


def of_item() -> GeneratedField:
    """The status of an item, from its quantities and its order's holds."""
    undecided = Q(quantity__gt=F("shipped_quantity") + F("cancelled_quantity"))
    return _status(undecided, "shipped_quantity", "cancelled_quantity")


def of_order() -> GeneratedField:
    """The status of an order, from the sums over its items and its holds."""
    return _status(Q(outstanding_units__gt=0), "shipped_units", "cancelled_units")
