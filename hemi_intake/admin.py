"""Which pages are put together from the parts of several apps?

An app lower down never asks who is above it: its page has places (`sections`, `evidence_url`), which are filled here.
"""

from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import admin as stock  # noqa: F401 - registers what is registered otherwise below
from django.contrib.auth.models import Group, User
from django.urls import reverse

from hemi_intake.staff.page import PeoplePage
from integrations import schedules
from integrations.admin import archive
from integrations.models import ArchivedMessage, StatusMapping
from orders.admin import AttentionPage, OrderPage
from orders.models import AttentionItem, Order
from refunds.admin import CANCEL, MOVE_SHIPPED, RefundPage, refunds_of_order
from refunds.models import Refund


@admin.register(Order)
class OrderDesk(OrderPage):
    """An order with its refunds and the evidence of its events."""

    sections = (refunds_of_order,)

    def nudge_exports(self) -> None:
        schedules.trigger_soon("write exports")

    buttons = (*OrderPage.buttons, CANCEL, MOVE_SHIPPED)

    def evidence_url(self, message_id: int) -> str:
        return archive.evidence_url(message_id)

    def way(self, row: AttentionItem) -> tuple[str, str]:
        return _way(row)


# What the first part of a subject names, and the words for it.
_WAYS = {
    "refund": ("admin:refunds_refund_change", "the refund"),
    "message": ("admin:integrations_archivedmessage_change", "the message"),
    "account": ("admin:integrations_account_change", "the account"),
    "connection": ("admin:integrations_connection_change", "the connection"),
    "outside": ("admin:refunds_outsidepayment_change", "the refund made elsewhere"),
    "change": ("admin:refunds_refundpolicy_change", "the policy"),
    "ceiling": ("admin:refunds_refundpolicy_change", "the policy"),
}


@admin.register(AttentionItem)
class AttentionDesk(AttentionPage):
    """What a person must look at, with the way to where it is put right."""

    def way(self, row: AttentionItem) -> tuple[str, str]:
        return _way(row)


def _way(row: AttentionItem) -> tuple[str, str]:
    if row.kind == AttentionItem.Kind.UNKNOWN_SKU and row.order:
        asked = {"seller": row.order.seller_id, "sku": row.evidence.get("sku", ""), "reference": row.order.reference}
        return f"{reverse('admin:orders_skumapping_add')}?{urlencode(asked)}", "the mapping of this SKU"
    if row.kind == AttentionItem.Kind.AMBIGUOUS_ORDER:
        waiting = urlencode({"state": ArchivedMessage.State.PARKED.value, "q": row.evidence.get("name", "")})
        return f"{reverse('admin:integrations_archivedmessage_changelist')}?{waiting}", "the messages that wait"
    if row.kind == AttentionItem.Kind.CHANGE_WAITING and row.seller_id is None:
        return reverse("admin:going_live"), "Going live"
    return _way_by_subject(row)


def _way_by_subject(row: AttentionItem) -> tuple[str, str]:
    about, _, name = row.subject.partition(":")
    number = name.partition(":")[0]
    if row.kind == AttentionItem.Kind.UNKNOWN_ORDER:
        waiting = urlencode({"state": ArchivedMessage.State.PARKED.value, "from": number})
        return f"{reverse('admin:integrations_archivedmessage_changelist')}?{waiting}", "the messages that wait"
    if row.kind == AttentionItem.Kind.DISCREPANCY:
        return (
            f"{reverse('admin:integrations_discrepancy_changelist')}?{urlencode({'from': number})}",
            "the discrepancies",
        )
    if row.kind == AttentionItem.Kind.UNKNOWN_STATUS:
        kind, _, status = name.partition(":")
        mapping = StatusMapping.objects.filter(kind=kind, external_status=status).first()
        view = "admin:integrations_statusmapping_change"
        return (reverse(view, args=[mapping.pk]), "the mapping") if mapping else ("", "")
    if row.kind == AttentionItem.Kind.MANY_REFUNDS:
        return f"{reverse('admin:refunds_refund_changelist')}?seller={number}", "the refunds that wait"
    if about not in _WAYS or not number.isdecimal():
        return "", ""
    view, words = _WAYS[about]
    return reverse(view, args=[number]), words


@admin.register(Refund)
class RefundDesk(RefundPage):
    """A refund beside what the warehouse said."""

    sections = (archive.evidence_of_refund,)

    def evidence_url(self, message_id: int) -> str:
        return archive.evidence_url(message_id)

    def nudge(self, name: str, *, after: int = 0) -> None:
        schedules.trigger_soon(name, after=after)


# Django registered these when its module was read. Roles are made by `apply_roles`.
admin.site.unregister(Group)
admin.site.unregister(User)
admin.site.register(User, PeoplePage)
