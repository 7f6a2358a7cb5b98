"""Say which order a warehouse means by a reference or number that several orders carry."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from integrations.connections.models import Account
from integrations.warehouses import parking
from integrations.warehouses.models import ArchivedMessage
from integrations.warehouses.reprocess import again
from orders.errors import ActionRefused
from orders.models import Order, OrderMatch
from orders.timeline import events

AT_ONCE = 200
"""So many messages are applied at once; those beyond follow within a minute."""


class NotChosen(ActionRefused):
    """Nothing was said about the message; the sentence says why."""


def candidates(message: ArchivedMessage) -> QuerySet[Order]:
    """The orders that the message may mean."""
    numbered = Q(
        fulfilment_orders__warehouse=message.account.connection.warehouse_id,
        fulfilment_orders__number=message.warehouse_number,
    )
    named = Q(reference=message.reference) if message.reference else numbered
    return Order.objects.filter(named, seller=message.seller_id).distinct().order_by("placed_at", "id")


def choose_order(message: ArchivedMessage, order_id: int, *, by: User) -> Order:
    """Say that the message means this order, and apply all that wait under the same number of the warehouse.

    A second call is refused: what was applied stays applied.
    """
    with transaction.atomic():
        row = ArchivedMessage.objects.select_for_update(of=("self",)).select_related("account__connection")
        message = row.get(pk=message.pk)
        if message.state != ArchivedMessage.State.PARKED or not message.ambiguous:
            raise NotChosen("This message no longer waits for anybody to say which order it means.", code="not_waiting")
        order = candidates(message).filter(pk=order_id).first()
        if order is None:
            raise NotChosen("This message cannot mean that order.", code="not_a_candidate")
        OrderMatch.objects.create(
            seller_id=message.seller_id,
            warehouse_id=message.account.connection.warehouse_id,
            reference=message.reference,
            number=message.warehouse_number,
            message=None if message.warehouse_number else message.pk,
            order=order,
            matched_by=by,
        )
        name = message.warehouse_number or message.reference
        data = {"name": name}
        events.record(
            [events.Event(order.pk, order.seller_id, "order.matched", None, events.staff(by), data, message.pk)]
        )
        waiting = _same(message)
        # From now on each run applies them, should this one not come to its end.
        waiting.update(ambiguous=False)
    again(list(waiting.order_by("id").values_list("pk", flat=True)[:AT_ONCE]))
    for account in Account.objects.filter(connection__warehouse=message.account.connection.warehouse_id):
        parking.report_ambiguous(account)
    return order


def _same(message: ArchivedMessage) -> QuerySet[ArchivedMessage]:
    """The messages that wait and mean the same order."""
    waiting = ArchivedMessage.objects.filter(state=ArchivedMessage.State.PARKED, seller=message.seller_id)
    if not message.warehouse_number:
        return waiting.filter(pk=message.pk)
    return waiting.filter(
        account__connection__warehouse=message.account.connection.warehouse_id,
        reference=message.reference,
        warehouse_number=message.warehouse_number,
    )
