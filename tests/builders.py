"""How does a test get a seller, a channel, an order, a person, in one readable line?

Amounts are minor units. What a test does not name gets a plausible value; nothing here writes the timeline.
"""

# factory-boy says that it is typed, but its declarations are not.
# mypy: untyped-calls-exclude=factory
from collections import abc
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from orders.models import Order, OrderItem, Payment, PaymentShare, Person, SalesChannel, Seller
from orders.models.payment import automatic
from refunds.models import RefundLimit, RefundPolicy

PASSWORD = "correct horse battery"
PLACED_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

Item = tuple[str, int, int] | tuple[str, int, int, int]
"""SKU, quantity, what was paid for all of it, and (if any) the tax in that."""
Paid = tuple[str, str, int] | tuple[str, str, int, int]
"""Provider, reference, what of the payment pays the order, and (if known) what was captured of it in all."""


class SellerFactory(DjangoModelFactory[Seller]):
    class Meta:
        model = Seller
        skip_postgeneration_save = True

    code = Sequence(lambda n: f"seller-{n}")
    name = LazyAttribute(lambda seller: seller.code.title())

    @post_generation  # type: ignore[untyped-decorator]
    def limits(self: Any, create: bool, wanted: bool | None, **_: Any) -> None:
        """One person approves any amount in the seller's currency, unless the test wants a seller without limits."""
        # In place of those that every seller begins with.
        RefundLimit.objects.filter(policy=self.pk)._raw_delete("default")
        RefundPolicy.objects.filter(pk=self.pk)._raw_delete("default")
        if wanted is not False:
            _limit(self.pk, self.currency)


class ChannelFactory(DjangoModelFactory[SalesChannel]):
    class Meta:
        model = SalesChannel

    code = Sequence(lambda n: f"channel-{n}")
    name = LazyAttribute(lambda channel: channel.code.title())
    kind = SalesChannel.Kind.WEB


class OrderFactory(DjangoModelFactory[Order]):
    class Meta:
        model = Order

    reference = Sequence(lambda n: f"W-{1000 + n}")
    seller = SubFactory(SellerFactory)
    channel = SubFactory(ChannelFactory)
    source = SelfAttribute("channel.kind")
    placed_at = PLACED_AT
    currency = SelfAttribute("seller.currency")
    customer_name = "Ada Lovelace"
    customer_email = "ada@example.com"


class StaffFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = Sequence(lambda n: f"staff-{n}")
    is_staff = True


def make_seller(code: str | None = None, **fields: Any) -> Seller:
    """A seller; GBP and London unless the test says otherwise. `limits=False`: none for refunds in any currency."""
    return SellerFactory.create(**_named("code", code), **fields)


def make_channel(code: str | None = None, **fields: Any) -> SalesChannel:
    """A sales channel; a web shop unless the test says otherwise."""
    return ChannelFactory.create(**_named("code", code), **fields)


def make_order(
    reference: str | None = None,
    *,
    items: abc.Sequence[Item] = (("TEE", 2, 5998),),
    shipping_charge: int = 0,
    total_paid: int | None = None,
    payments: abc.Sequence[Paid] | None = None,
    payment_provider: str = "manual",
    payment_reference: str = "",
    limits: bool = True,
    **fields: Any,
) -> Order:
    """An order of which nothing has shipped yet. Its rounding is what `total_paid` adds to items and shipping.

    One payment pays all of it, unless `payments` are listed. A seller that has limits for refunds has them in the
    order's currency too, but with `limits=False`.
    """
    parts = sum(item[2] for item in items) + shipping_charge
    total = parts if total_paid is None else total_paid
    units = sum(item[1] for item in items)
    paid = [(payment_provider, payment_reference, total)] if payments is None else payments
    with transaction.atomic():
        order = OrderFactory.create(
            **_named("reference", reference),
            shipping_charge=shipping_charge,
            total=total,
            total_paid=sum(payment[2] for payment in paid),
            rounding=total - parts,
            ordered_units=units,
            outstanding_units=units,
            **fields,
        )
        for payment in paid:
            pay(order, *payment)
    for position, item in enumerate(items, start=1):
        _make_item(order, position, item)
    if limits and RefundLimit.objects.filter(policy=order.seller_id).exists():
        _limit(order.seller_id, order.currency)
    return Order.objects.get(pk=order.pk)


def pay(order: Order, provider: str, reference: str, amount: int, captured: int | None = None) -> PaymentShare:
    """Let a payment pay so much of an order; one with a reference may pay others too."""
    by = {"provider": provider, "reference": reference}
    here = Payment.objects.filter(seller=order.seller, **by).first() if reference else None
    payment = here or Payment.objects.create(
        seller=order.seller,
        automatic=automatic(provider),
        currency=order.currency,
        captured_amount=captured,
        **by,
    )
    return PaymentShare.objects.create(order=order, payment=payment, amount=amount)


def make_staff(username: str | None = None, *groups: str, permissions: abc.Sequence[str] = (), **fields: Any) -> User:
    """Somebody who works here, in these groups, with these permissions (`refunds.approve_refund`) besides."""
    person = StaffFactory.create(**_named("username", username), **fields)
    person.set_password(PASSWORD)
    person.save()
    person.groups.set([Group.objects.get(name=name) for name in groups])
    for permission in permissions:
        app, _, codename = permission.partition(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return person


def limit(person: User, *sellers: Seller, time_zone: str = "") -> User:
    """This person, limited to these sellers and living in this time zone."""
    row, _ = Person.objects.update_or_create(user=person, defaults={"time_zone": time_zone})
    row.sellers.set(sellers)
    return person


def _limit(seller_id: int, currency: str) -> None:
    policy, _ = RefundPolicy.objects.get_or_create(seller_id=seller_id)
    RefundLimit.objects.get_or_create(policy=policy, currency=currency)


def _make_item(order: Order, position: int, item: Item) -> OrderItem:
    sku, quantity, paid = item[:3]
    unit_price = -(-paid // quantity)
    return OrderItem.objects.create(
        order=order,
        position=position,
        sku=sku,
        name=sku.title(),
        quantity=quantity,
        unit_price=unit_price,
        discount=unit_price * quantity - paid,
        tax=item[3] if len(item) == 4 else 0,
        paid=paid,
    )


def _named(field: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {field: value}
