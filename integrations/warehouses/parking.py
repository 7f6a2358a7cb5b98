"""What waits for its order or for a status to be mapped? One attention item per account, or per status."""

from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import Count, Max, Value
from django.db.models.functions import Coalesce, NullIf

from integrations.connections.models import Account, StatusMapping
from integrations.warehouses.archive import Disposition
from integrations.warehouses.models import ArchivedMessage
from orders.models import AttentionItem
from orders.timeline import attention
from orders.timeline.attention import AttentionRequest

State = ArchivedMessage.State
Kind = AttentionItem.Kind
COUNTED = 1000
"""So many orders are counted; there may be more."""
NAMED = 3


def report_parked(account: Account, dispositions: Sequence[Disposition], mapped: Collection[str]) -> None:
    """Open attention for statuses and orders that are unknown now, and close what is no longer so.

    `mapped` are the statuses of these messages that are mapped. However many orders are unknown, it is one item.
    """
    waiting = [one for one in dispositions if one.state == State.PARKED]
    statuses = sorted({one.external_status for one in waiting if one.external_status})
    kind = account.connection.kind
    unmapped = [StatusMapping(kind=kind, external_status=status) for status in statuses]
    StatusMapping.objects.bulk_create(unmapped, ignore_conflicts=True)
    attention.open_items([_unmapped(kind, status) for status in statuses])
    gone = [(Kind.MESSAGE_REJECTED.value, f"message:{one.id}") for one in dispositions if one.state != State.REJECTED]
    gone += [(Kind.UNKNOWN_STATUS.value, f"status:{kind}:{status}") for status in mapped]
    attention.clear_all(gone)
    subject = f"account:{account.pk}"
    open_item = AttentionItem.objects.filter(kind=Kind.UNKNOWN_ORDER, subject=subject, closed_at__isnull=True)
    if any(not one.external_status for one in waiting) or open_item.exists():
        _report_orders(account, subject)
    report_ambiguous(account, any_new=any(one.ambiguous for one in waiting))


def _unmapped(kind: str, status: str) -> AttentionRequest:
    text = f"Unmapped warehouse status: {status}"
    return AttentionRequest(Kind.UNKNOWN_STATUS, f"status:{kind}:{status}", text, evidence={"status": status})


def _report_orders(account: Account, subject: str) -> None:
    names, newest = _unknown(account)
    if not names:
        attention.resolve(Kind.UNKNOWN_ORDER, [subject])
        return
    shown, many = ", ".join(names[:NAMED]), len(names) > COUNTED
    count = f"more than {COUNTED}" if many else f"{len(names)}"
    of = f"order {shown}" if len(names) == 1 else f"{count} orders: {shown}" + (" …" if len(names) > NAMED else "")
    text = f"{account}: messages wait for {of}"
    attention.open_items(
        [AttentionRequest(Kind.UNKNOWN_ORDER, subject, text, account.seller_id, evidence={"newest": newest})]
    )


def report_ambiguous(account: Account, *, any_new: bool = True) -> None:
    """One attention item for each reference that fits several orders, with how many messages wait for a person."""
    about = f"account:{account.pk}:"
    standing = AttentionItem.objects.filter(
        kind=Kind.AMBIGUOUS_ORDER, subject__startswith=about, closed_at__isnull=True
    )
    if not any_new and not standing.exists():
        return
    waiting = account.archive.filter(state=State.PARKED, ambiguous=True)
    name = Coalesce(NullIf("reference", Value("")), "warehouse_number")
    counted = waiting.order_by().values(name=name).annotate(many=Count("pk"), newest=Max("pk"))
    requests = [_ambiguous(account, about, **one) for one in counted.order_by("name")[:COUNTED]]
    attention.open_items(requests)
    wanted = {request.subject for request in requests}
    subjects = [subject for subject in standing.values_list("subject", flat=True) if subject not in wanted]
    attention.resolve(Kind.AMBIGUOUS_ORDER, subjects)


def _ambiguous(account: Account, about: str, *, name: str, many: int, newest: int) -> AttentionRequest:
    text = f"{account}: several orders carry {name}; {many} {'message waits' if many == 1 else 'messages wait'}"
    text += " until somebody says which one is meant"
    evidence = {"name": name, "newest": newest}
    return AttentionRequest(Kind.AMBIGUOUS_ORDER, f"{about}{name}"[:160], text, account.seller_id, evidence=evidence)


def _unknown(account: Account) -> tuple[list[str], int]:
    """The orders that parked messages name, one more than are counted at most, and the newest such message."""
    parked = "account_id = %s AND seller_id = %s AND state = 'parked' AND external_status = '' AND NOT ambiguous"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT array_agg(name ORDER BY name), (SELECT max(id) FROM integrations_archivedmessage WHERE {parked})
            FROM (SELECT DISTINCT coalesce(nullif(reference, ''), warehouse_number) AS name
                  FROM integrations_archivedmessage WHERE {parked} ORDER BY name LIMIT %s) waiting
            """,
            [account.pk, account.seller_id, account.pk, account.seller_id, COUNTED + 1],
        )
        names, newest = cursor.fetchone()
    return names or [], newest or 0
