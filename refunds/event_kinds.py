"""The kinds of event that refunds write to their order's timeline."""

from orders.timeline.kinds import EventKind

KINDS = (
    EventKind(
        "order.cancellation_asked",
        "Cancellation requested",
        "Cancellation requested[ of {items}][: {why}][. Refund {refund} proposed]",
    ),
    EventKind(
        "order.shipped_line_chosen",
        "Shipped line chosen",
        "Shipped units of {sku} are counted at the line of {paid} first[: {why}]",
    ),
    EventKind("refund.proposed", "Refund proposed", "Refund {refund}[ of {amount}] proposed[: {reason}][, {detail}]"),
    EventKind(
        "refund.changed", "Proposed refund changed", "Refund {refund} changed[ from {was}][ to {amount}][: {reason}]"
    ),
    EventKind("refund.edited", "Proposed refund edited", "Refund {refund} edited[ from {was}][ to {amount}][: {why}]"),
    EventKind(
        "refund.booked",
        "Refund made at the provider",
        "Refund {refund}[ of {amount}] made at the provider[, reference {reference}]",
    ),
    EventKind("refund.withdrawn", "Refund withdrawn", "Refund {refund} withdrawn[: {why}][: {reason}]"),
    EventKind("refund.first_approved", "First approval", "First approval of refund {refund}[ of {amount}]"),
    EventKind("refund.approved", "Refund approved", "Refund {refund}[ of {amount}] approved[: {why}][, {detail}]"),
    EventKind(
        "refund.approved_again", "Failed refund approved again", "Failed refund {refund}[ of {amount}] approved again"
    ),
    EventKind("refund.approval_taken_back", "Approval revoked", "Approval of refund {refund} revoked[: {why}]"),
    EventKind("refund.approval_undone", "Approval undone"),
    EventKind("refund.rejected", "Refund rejected", "Refund {refund} rejected[: {why}]"),
    EventKind("refund.rejection_undone", "Rejection undone"),
    EventKind("refund.held", "Refund put on hold", "Refund {refund} put on hold[: {why}]"),
    EventKind("refund.hold_undone", "Hold undone"),
    EventKind("refund.released", "Refund released", "Refund {refund} released"),
    EventKind("refund.retried", "Refund retried", "Refund {refund} retried"),
    EventKind("refund.sending_stopped", "Sending stopped", "Refund {refund} is not sent: sending is stopped[: {why}]"),
    EventKind("refund.sending_resumed", "Sending resumed", "Refund {refund} is sent again[: {why}]"),
    EventKind("refund.executing", "Refund sent to the provider", "Refund {refund} sent to the provider"),
    EventKind(
        "refund.explained", "Refund made elsewhere explained", "Refund made elsewhere explained: {detail}[ {why}]"
    ),
    EventKind(
        "refund.pending",
        "Refund pending at the provider",
        "Refund {refund} pending at the provider, reference {reference}",
    ),
    EventKind(
        "refund.another_way_recorded",
        "Payment another way recorded",
        "Refund {refund} recorded as paid another way: {method}, reference {reference}[: {why}]. Not confirmed yet",
    ),
    EventKind(
        "refund.another_way_withdrawn",
        "Payment another way withdrawn",
        "Refund {refund} was not paid another way[: {why}]",
    ),
    EventKind("refund.not_sent", "Refund not sent", "Refund {refund} not sent[: {detail}]"),
    EventKind(
        "refund.executed", "Refund paid", "Refund {refund} paid[: {amount}][, reference {reference}][. {detail}]"
    ),
    EventKind("refund.failed", "Refund failed", "Refund {refund} failed[: {reason}][: {detail}][: {why}]"),
    EventKind("refund.in_doubt", "Refund in doubt", "Refund {refund} in doubt[: {reason}][: {detail}]"),
)
