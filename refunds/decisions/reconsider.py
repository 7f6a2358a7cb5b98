"""Bring what nobody has decided yet in line with a policy that has just changed."""

from django.db import transaction
from django.db.models import F

from refunds.execution import ceiling
from refunds.models import RefundPolicy
from refunds.proposals.approvals import reconsider_seller


def reconsider(seller_id: int) -> int:
    """Say anew how many people approve each open proposal of the seller; how many proposals changed.

    In the caller's transaction, together with the policy's change. A proposal that one person has approved keeps
    asking for the second. A second call changes no proposal.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("reconsider belongs inside the transaction that changed the policy")
    RefundPolicy.objects.filter(pk=seller_id).update(version=F("version") + 1)
    ceiling.reconsider(seller_id)
    return reconsider_seller(seller_id)
