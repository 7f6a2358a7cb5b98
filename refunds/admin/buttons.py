"""Which buttons does the page of a refund have, and which verb does each call?"""

from typing import Any

from django.contrib.auth.models import User

from orders.backoffice.pages import Button
from orders.templatetags.formatting import money
from refunds import transitions
from refunds.admin.another_way import ANOTHER_WAY
from refunds.admin.forms import HoldForm, NotPaidForm, ReferenceForm, RejectForm, SeenForm, WhyForm
from refunds.admin.record_payment import RECORD_PAYMENT, SETTLE
from refunds.decisions import edit as editing
from refunds.decisions import review, second_person, undo
from refunds.execution import reconcile
from refunds.models import UNDECIDED, Refund, RefundStatus


def _approve(refund: Refund, user: User, said: dict[str, Any]) -> str:
    amount = money(said["amount"], refund.currency)
    seen = transitions.ExpectedVersion(said["version"], said["amount"])
    if review.approve(refund.pk, by=user, seen=seen, proof=said["proof"]) == "first":
        return f"{refund.number}: your approval of {amount} is recorded. A second person must approve it too."
    return f"{refund.number}: {amount} approved."


def _reject(refund: Refund, user: User, said: dict[str, Any]) -> str:
    seen = transitions.ExpectedVersion(said["version"], said["amount"])
    review.reject(refund.pk, by=user, why=said["why"], seen=seen)
    return f"{refund.number} rejected: no money is refunded."


def _hold(refund: Refund, user: User, said: dict[str, Any]) -> str:
    review.hold(refund.pk, by=user, why=said["why"])
    return f"{refund.number} is on hold."


def _release(refund: Refund, user: User, said: dict[str, Any]) -> str:
    review.release(refund.pk, by=user)
    return f"{refund.number} is back in the queue."


def _take_back(refund: Refund, user: User, said: dict[str, Any]) -> str:
    review.revoke_approval(refund.pk, by=user, why=said["why"])
    return f"Approval of {refund.number} revoked."


def _undo(refund: Refund, user: User, said: dict[str, Any]) -> str:
    what = undo.undo(refund.pk, by=user)
    return f"Your {what} of {refund.number} was undone: decide again."


def _undo_edit(refund: Refund, user: User, said: dict[str, Any]) -> str:
    editing.undo_edit(refund.pk, by=user, seen=transitions.ExpectedVersion(said["version"], said["amount"]))
    return f"{refund.number} is again what it was before the last edit. Somebody else approves it."


def _was_edited(refund: Refund, user: User) -> bool:
    return refund.status in UNDECIDED and refund.edited_by_id is not None


def _retry(refund: Refund, user: User, said: dict[str, Any]) -> str:
    if review.retry(refund.pk, by=user, proof=said["proof"]) == "first":
        return f"{refund.number}: your approval is recorded. A second person must approve it by trying again too."
    return f"{refund.number} will be sent again within a minute."


def _was_paid(refund: Refund, user: User, said: dict[str, Any]) -> str:
    reconcile.settle_by_hand(refund.pk, by=user, reference=said["reference"])
    return f"{refund.number} marked as paid under {said['reference']}."


def _was_not_paid(refund: Refund, user: User, said: dict[str, Any]) -> str:
    reconcile.settle_by_hand(refund.pk, by=user, reference="", why=said["why"])
    return f"{refund.number} marked as not paid. It can be tried again or rejected."


def seen(refund: Refund) -> dict[str, Any]:
    """What the page shows and the form posts back."""
    return {"version": refund.version, "amount": refund.amount}


def may_approve(refund: Refund, user: User) -> bool:
    """Whether this proposal is this person's to approve: nobody decides beside themselves."""
    return refund.status == RefundStatus.PROPOSED and second_person.refusal(refund, user) is None


def _stands(*states: str) -> Any:
    return lambda refund, user: refund.status in states


def _can_be_sent_again(refund: Refund, user: User) -> bool:
    return refund.status == RefundStatus.FAILED and refund.origin != Refund.Origin.EXTERNAL


APPROVE, DECIDE, PROPOSE = "refunds.approve_refund", "refunds.reject_refund", "refunds.propose_refund"
REJECTABLE = (*UNDECIDED, RefundStatus.FAILED)
BUTTONS = (
    Button("approve", "Approve", APPROVE, _approve, may_approve, SeenForm, seen, "good", "a"),
    Button("reject", "Reject", DECIDE, _reject, _stands(*REJECTABLE), RejectForm, seen, "bad", "r"),
    Button("hold", "Hold", DECIDE, _hold, _stands(RefundStatus.PROPOSED), HoldForm, key="h"),
    Button("release", "Release", DECIDE, _release, _stands(RefundStatus.ON_HOLD)),
    Button("undo-edit", "Undo last edit", PROPOSE, _undo_edit, _was_edited, SeenForm, seen),
    RECORD_PAYMENT,
    Button("take-back", "Revoke approval", APPROVE, _take_back, _stands(RefundStatus.APPROVED), WhyForm),
    *ANOTHER_WAY,
    Button("retry", "Try again", SETTLE, _retry, _can_be_sent_again),
    Button("was-paid", "It was paid", SETTLE, _was_paid, _stands(RefundStatus.IN_DOUBT), ReferenceForm, tone="good"),
    Button(
        "was-not-paid",
        "It was not paid",
        SETTLE,
        _was_not_paid,
        _stands(RefundStatus.IN_DOUBT),
        NotPaidForm,
        tone="bad",
    ),
    # Offered beside the notice of the decision (notices.html); the verb asks for the right that the decision took.
    Button("undo", "Undo", "refunds.view_refund", _undo, lambda refund, user: False),
)
