"""Accept the warehouse's side of a discrepancy: its record is applied to the order."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from integrations.connections.models import Account
from integrations.warehouses import archive, differences, replay
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.compare import report_open
from integrations.warehouses.models import Discrepancy
from integrations.warehouses.port import Record
from integrations.warehouses.systems import system_of
from orders.errors import ActionRefused
from orders.timeline import events


class NotAccepted(ActionRefused):
    """The warehouse's side was not accepted; the message says why."""


def accept_discrepancy(discrepancy: Discrepancy, *, by: User) -> str:
    """Archive and apply the warehouse's record; where that changes nothing, rebuild the order from all its messages.

    Says in a sentence what came of it; the discrepancy is resolved when none is left. A second call is refused.
    """
    if not by.has_perm("integrations.accept_discrepancy"):
        raise NotAccepted("You may not accept ProSKU's values.", code="not_permitted")
    with transaction.atomic():
        row = Discrepancy.objects.select_for_update().get(pk=discrepancy.pk)
        if row.resolved_at is not None:
            raise NotAccepted("This has already been resolved.", code="already_settled")
        if row.kind == Discrepancy.Kind.UNKNOWN_THERE:
            raise NotAccepted("ProSKU does not have this order: there are no values to accept.", code="order_not_found")
        account = Account.objects.select_related("connection", "seller").get(pk=row.account_id)
        name = system_of(account).label
        record = archive.decoded(account, archive.text_of(bytes(row.raw)), system_of(account).open_orders)
        apply_messages(account, _stored(account, record))
        left = _left(account, record, row.kind)
        if left and row.order_id is not None:
            replay.rebuild_one(account.seller, row.order_id)
            left = _left(account, record, row.kind)
        if row.order_id is not None:
            data = {"about": row.get_kind_display(), "ours": row.ours, "theirs": row.theirs}
            actor = f"staff:{by.get_username()}"
            events.record([events.Event(row.order_id, account.seller_id, "order.compared", None, actor, data)])
        if left:
            return f"{name}'s record of {row.reference} was applied, but later messages still differ."
        Discrepancy.objects.filter(pk=row.pk).update(resolved_at=Now(), accepted_by=by)
        report_open(account)
        return f"{row.reference} updated to {name}'s values."


def _stored(account: Account, record: Record) -> list[archive.StoredMessage]:
    archive.store(account, None, record.resource, [record])
    return archive.read(account, archive.find(account, record.resource, [record.digest]))


def _left(account: Account, record: Record, kind: str) -> bool:
    compared = differences.find(account, [record], read_up_to=None)
    return any(one.kind == kind for one in compared.differences)
