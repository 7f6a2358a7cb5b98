"""What do other systems send? (the shape of each body; an order document's own rules stand in orders/documents)"""

from functools import cache
from typing import Any

from rest_framework import serializers

from integrations.api.writing import Body
from orders.actions.verb import REASON, Param
from orders.documents.shape import MOST_PAYMENTS, MOST_UNITS
from orders.models import SalesChannel
from refunds.api import OrderSerializer
from refunds.models import Refund
from refunds.proposals.refund_request import REASONS, Scope

MOST_ORDERS = 1_000

_DECIMAL = r"^[0-9]{1,12}(\.[0-9]{1,3})?$"


class Price(serializers.RegexField):
    """The price of one unit as an exact decimal string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^[0-9]{1,12}(\.[0-9]{1,6})?$", **options)


class Money(serializers.RegexField):
    """An amount as an exact decimal string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_DECIMAL, **options)


class CustomerBody(Body):
    name = serializers.CharField(help_text="Cut at 200 characters.", required=False, allow_null=True, allow_blank=True)
    email = serializers.CharField(max_length=254, required=False, allow_null=True, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True)


class AddressBody(Body):
    name = serializers.CharField(help_text="Cut at 200 characters.", required=False, allow_null=True, allow_blank=True)
    company = serializers.CharField(
        help_text="Cut at 200 characters.", required=False, allow_null=True, allow_blank=True
    )
    line1 = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)
    line2 = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)
    city = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)
    region = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)
    postcode = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)
    country = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)
    phone = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)


class PaymentBody(Body):
    provider = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True)
    reference = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)


class ShareBody(PaymentBody):
    """A payment, and how much of it pays the order."""

    amount = Money(help_text="What of it pays this order.")
    captured_amount = Money(
        required=False, allow_null=True, help_text="What was captured in all, where it pays other orders too."
    )


class LineBody(Body):
    sku = serializers.CharField(min_length=1, max_length=80)
    name = serializers.CharField(help_text="Cut at 250 characters.", required=False, allow_null=True, allow_blank=True)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_UNITS)
    unit_price = Price(help_text="Of one unit; up to six decimals, of which the line is rounded.")
    discount = Money(required=False, allow_null=True, help_text="Of the whole line.")
    tax = Money(required=False, allow_null=True, help_text="Of the whole line.")
    paid = Money(required=False, allow_null=True, help_text="For the whole line, tax included; else worked out.")
    channel_line = serializers.CharField(max_length=100, required=False, allow_null=True, allow_blank=True)
    ships = serializers.BooleanField(
        required=False, default=True, help_text="False for what no warehouse ships, such as a tip or gift wrap."
    )
    properties = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True), required=False, allow_null=True
    )


class PartLineBody(Body):
    sku = serializers.CharField(min_length=1, max_length=80)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_UNITS)


class PartBody(Body):
    warehouse = serializers.SlugField(max_length=60, help_text="The warehouse's code.")
    items = PartLineBody(many=True, allow_empty=False, max_length=2000)  # type: ignore[call-arg]


class DiscountBody(Body):
    name = serializers.CharField(help_text="Cut at 120 characters.", required=False, allow_null=True, allow_blank=True)
    amount = Money()


class OrderChange(Body):
    """The fields of an order that are to change. What is left out stays as it is."""

    source = serializers.ChoiceField(SalesChannel.Kind.choices, required=False)  # type: ignore[assignment]
    placed_at = serializers.DateTimeField(required=False)
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, help_text="ISO 4217.")
    prices_include_tax = serializers.BooleanField(required=False)
    customer = CustomerBody(required=False)
    shipping_address = AddressBody(required=False)
    billing_address = AddressBody(required=False)
    shipping_method = serializers.CharField(
        help_text="Cut at 120 characters.", required=False, allow_null=True, allow_blank=True
    )
    shipping_charge = Money(required=False, allow_null=True)
    items = LineBody(many=True, required=False, allow_empty=False, max_length=2000)  # type: ignore[call-arg]
    discounts = DiscountBody(many=True, required=False, max_length=100)  # type: ignore[call-arg]
    total_paid = Money(required=False)
    payment = PaymentBody(
        required=False, help_text="The one payment of the whole total; payments are listed instead of it."
    )
    payments = ShareBody(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=MOST_PAYMENTS,
        help_text="All that was paid so far, in place of payment and total_paid: none, a part, all, or too much.",
    )
    notes = serializers.CharField(max_length=10_000, required=False, allow_null=True, allow_blank=True)
    language = serializers.CharField(max_length=35, required=False, allow_null=True, allow_blank=True)
    channel_id = serializers.CharField(max_length=100, required=False, allow_null=True, allow_blank=True)
    fulfilment_orders = PartBody(  # type: ignore[call-arg]
        many=True, required=False, max_length=50, help_text="Which warehouse is to ship what; replaces what was so far."
    )


class OrderBody(OrderChange):
    """An order as it is taken in."""

    reference = serializers.CharField(min_length=1, max_length=80, help_text="The channel's order number.")
    seller = serializers.SlugField(max_length=40, help_text="The seller's code.")
    channel = serializers.SlugField(max_length=40, help_text="The channel's code.")
    placed_at = serializers.DateTimeField()
    currency = serializers.RegexField("^[A-Z]{3}$", help_text="ISO 4217.")
    items = LineBody(many=True, allow_empty=False, max_length=2000)  # type: ignore[call-arg]
    total_paid = Money(
        required=False,
        help_text="Required unless payments are listed. Items and shipping add up to it, but for rounding.",
    )


class BatchBody(Body):
    orders = OrderBody(many=True, allow_empty=False, max_length=MOST_ORDERS)  # type: ignore[call-arg]


class WhyBody(Body):
    why = serializers.CharField(min_length=1, max_length=REASON.max_length, help_text=REASON.describes)


class NothingBody(Body):
    """An empty object."""


@cache
def body_of(params: tuple[Param, ...]) -> type[Body]:
    """The body that asks for these values; actions that ask for the same share it."""
    if not params:
        return NothingBody
    if params == (REASON,):
        return WhyBody
    fields = {param.name: serializers.CharField(min_length=1, max_length=param.max_length) for param in params}
    return type(f"{params[0].name.title()}Body", (Body,), fields)


class RefundLineBody(Body):
    sku = serializers.CharField(min_length=1, max_length=100)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_UNITS, required=False)
    amount = Money(required=False, help_text="An amount without units, such as for damage.")


class RefundBody(Body):
    """A refund to propose. People decide on it."""

    order_id = serializers.IntegerField(min_value=1, max_value=2**53)
    kind = serializers.ChoiceField(Refund.Kind.choices, default=Refund.Kind.PRE_SHIPMENT)
    scope = serializers.ChoiceField(Scope.choices, default=Scope.PART, help_text="Only part looks at items.")
    items = RefundLineBody(many=True, required=False, max_length=2000)  # type: ignore[call-arg]
    shipping = serializers.BooleanField(default=False, help_text="Also the shipping charge.")
    reason = serializers.ChoiceField([(reason.value, reason.label) for reason in REASONS])
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class FaultSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    detail = serializers.CharField()


class TakenSerializer(serializers.Serializer[Any]):
    """What became of one order of a batch."""

    reference = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(("created", "updated", "unchanged", "refused"))
    order_id = serializers.IntegerField(allow_null=True)
    errors = FaultSerializer(many=True)  # type: ignore[assignment]


class BatchSerializer(serializers.Serializer[Any]):
    """One result for each order, in their sequence."""

    results = TakenSerializer(many=True)


class CancelledSerializer(serializers.Serializer[Any]):
    """The order, and the refund that was proposed for people to decide on."""

    order = OrderSerializer()
    refund = serializers.CharField(allow_null=True, help_text="Its number; null when nothing was left to refund.")
