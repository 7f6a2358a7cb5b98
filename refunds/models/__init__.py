"""The nouns of refunds: what is given back, and what each seller wants."""

from refunds.models.attempt import RefundAttempt
from refunds.models.batch import Batch, BatchItem
from refunds.models.credentials import CredentialReset
from refunds.models.other_payment import OtherPayment
from refunds.models.outside import OutsidePayment
from refunds.models.pending_change import PendingChange
from refunds.models.policy import CeilingLift, ReasonWords, RefundLimit, RefundPolicy
from refunds.models.presence import Presence
from refunds.models.refund import (
    MOVES,
    RELEASED,
    UNAPPROVED,
    UNDECIDED,
    Refund,
    RefundQuerySet,
    RefundStatus,
)
from refunds.models.refund_item import RefundItem
from refunds.models.revision import RefundRevision
from refunds.models.sending import SendingSwitch

__all__ = [
    "MOVES",
    "RELEASED",
    "UNAPPROVED",
    "UNDECIDED",
    "Batch",
    "BatchItem",
    "CeilingLift",
    "CredentialReset",
    "OtherPayment",
    "OutsidePayment",
    "PendingChange",
    "Presence",
    "ReasonWords",
    "Refund",
    "RefundAttempt",
    "RefundItem",
    "RefundLimit",
    "RefundPolicy",
    "RefundQuerySet",
    "RefundRevision",
    "RefundStatus",
    "SendingSwitch",
]
