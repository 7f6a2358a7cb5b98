"""What each role may do: one table, applied whenever the database is upgraded."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

# What each may do besides looking.
_LOOKING = (
    "integrations.view_archivedmessage",
    "integrations.view_discrepancy",
    "integrations.view_connection",
    "integrations.view_account",
    "integrations.view_providerevent",
    "integrations.view_rejectedproviderevent",
    "integrations.view_statusmapping",
    "integrations.view_syncrun",
    "orders.view_attentionitem",
    "orders.view_fulfilmentorder",
    "orders.view_nonshippingsku",
    "orders.view_order",
    "orders.view_orderevent",
    "orders.view_orderitem",
    "orders.view_saleschannel",
    "orders.view_seller",
    "orders.view_sellerwarehouse",
    "orders.view_shipment",
    "orders.view_shipmentitem",
    "orders.view_skumapping",
    "orders.view_warehouse",
    "refunds.view_ceilinglift",
    "refunds.view_outsidepayment",
    "refunds.view_reasonwords",
    "refunds.view_refund",
    "refunds.view_refundattempt",
    "refunds.view_refunditem",
    "refunds.view_refundlimit",
    "refunds.view_refundpolicy",
)
_REVIEWING = (
    "integrations.accept_discrepancy",
    "orders.annotate_order",
    "orders.cancel_order",
    "orders.close_attention",
    "orders.export_order",
    "orders.hold_order",
    "refunds.propose_refund",
    "refunds.reject_refund",
)
# Deciding on money, and saying what became of it.
_MONEY = (
    "refunds.confirm_change",
    "orders.add_skumapping",
    "orders.change_skumapping",
    "refunds.approve_refund",
    "refunds.stop_sending",
    "refunds.settle_refund",
)
# Sellers, policies, connections, keys: whatever decides how the installation works.
_SETTINGS = (
    "auth.view_user",
    "integrations.add_account",
    "integrations.add_apikey",
    "integrations.add_connection",
    "integrations.add_statusmapping",
    "integrations.add_webhookendpoint",
    "integrations.change_account",
    "integrations.change_apikey",
    "integrations.change_connection",
    "integrations.change_statusmapping",
    "integrations.change_webhookendpoint",
    "integrations.view_apikey",
    "integrations.view_webhookdelivery",
    "integrations.view_webhookendpoint",
    "orders.add_nonshippingsku",
    "orders.add_saleschannel",
    "orders.add_seller",
    "orders.add_sellerwarehouse",
    "orders.add_skumapping",
    "orders.add_warehouse",
    "orders.change_nonshippingsku",
    "orders.change_saleschannel",
    "orders.change_seller",
    "orders.change_sellerwarehouse",
    "orders.change_skumapping",
    "orders.change_warehouse",
    "orders.delete_nonshippingsku",
    "orders.delete_orderfile",
    "orders.delete_sellerwarehouse",
    "orders.share_view",
    "orders.view_activity",
    "refunds.add_reasonwords",
    "refunds.add_refundlimit",
    "refunds.add_refundpolicy",
    "refunds.change_reasonwords",
    "refunds.change_refundlimit",
    "refunds.change_refundpolicy",
    "refunds.confirm_change",
    "refunds.delete_reasonwords",
    "refunds.delete_refundlimit",
    "refunds.lift_ceiling",
    "refunds.resume_sending",
    "refunds.stop_sending",
)
# Who may log in, in which role.
_PEOPLE = (
    "auth.add_user",
    "auth.change_user",
    "auth.view_user",
    "orders.view_activity",
)

# No role holds two of money, settings and people: who raises a limit does not approve below it, and who sets passwords
# does neither. The least role first.
ROLES = {
    "Viewer": _LOOKING,
    "Reviewer": _LOOKING + _REVIEWING,
    "Approver": _LOOKING + _REVIEWING + _MONEY,
    "Manager": _LOOKING + _REVIEWING + _SETTINGS,
    "Administrator": _LOOKING + _PEOPLE,
}


class UnknownPermission(LookupError):
    """The table names a permission that no model has; the message says which."""

    code = "unknown_permission"


def apply_roles() -> list[str]:
    """Give each role exactly the permissions of the table, and return a line for each change. Others stay alone.

    Raises UnknownPermission. Permissions exist only after `migrate`.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    if unknown := {label for labels in ROLES.values() for label in labels} - known.keys():
        raise UnknownPermission(", ".join(sorted(unknown)))
    changes: list[str] = []
    with transaction.atomic():
        for name, labels in ROLES.items():
            changes += _apply(name, set(labels), known)
    return changes


def _apply(name: str, wanted: set[str], known: dict[str, int]) -> list[str]:
    role, _created = Group.objects.get_or_create(name=name)
    rows = role.permissions.values_list("content_type__app_label", "codename")
    granted = {f"{app}.{codename}" for app, codename in rows}
    new, gone = sorted(wanted - granted), sorted(granted - wanted)
    role.permissions.add(*(known[label] for label in new))
    role.permissions.remove(*(known[label] for label in gone))
    return [f"{name}: granted {label}" for label in new] + [f"{name}: revoked {label}" for label in gone]
