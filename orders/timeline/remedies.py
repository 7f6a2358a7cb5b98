"""What can a person do about something that needs attention?"""

from orders.models import AttentionItem

Kind = AttentionItem.Kind
ADVICE = {
    Kind.UNKNOWN_ORDER: "Import the order through the API (or ask your integrator), or ask the shop to re-send it. "
    "Messages that wait for it are then applied.",
    Kind.AMBIGUOUS_ORDER: "Open a message that waits, and choose This is order… there: say which order it is. All "
    "messages under the same number of the warehouse then follow.",
    Kind.UNKNOWN_SKU: "Ask the warehouse what it shipped. If it is another spelling, a substitute or a part of a kit, "
    "map the SKU. If the shop changed the order, send it again as it is now.",
    Kind.REMOVED_ITEM: "Ask the warehouse not to ship these units: it received the order before they were removed.",
    Kind.OVER_SHIPMENT: "Ask the warehouse whether it shipped more than was ordered, and the customer what arrived.",
    Kind.STATUS_BACKWARDS: "Ask the warehouse which is correct: it updated the order after closing it.",
    Kind.QUANTITY_MISMATCH: "Compare with the shop: either the order changed there, or the warehouse has wrong data.",
    Kind.CLOSED_WITHOUT_FIGURES: "Ask the warehouse for the despatch note: until then nothing counts as shipped.",
    Kind.CLOSING_CHANGED: "Ask the warehouse what was shipped: it closed the order twice, in two ways.",
    Kind.FIGURES_OVERTAKEN: "Ask the warehouse: its report had units shipped that none of its despatch notes has.",
    Kind.DOUBLE_COVERAGE: "Tell one of the two warehouses not to ship these units.",
    Kind.OTHER_WAREHOUSE_SILENT: "Make sure that the other warehouse does not ship the units before you refund them.",
    Kind.UNKNOWN_REQUEST: "Ask the warehouse which units it was to ship: it closed its part without naming any.",
    Kind.PLANNED_NOT_CONFIRMED: "Ask the warehouse whether the planned despatch has left.",
    Kind.PARTIAL_KIT: "Ask the warehouse for the rest of the kit, or agree a refund with the customer.",
    Kind.HAND_AND_WAREHOUSE_SHIPMENT: "If it was one parcel, withdraw the one that was entered by hand.",
    Kind.SHIPPED_AFTER_DROP: "The customer gets goods that were cancelled. Ask for them back, or let it go.",
    Kind.UNASSIGNED: "Ask a warehouse to ship the units, or cancel them.",
    Kind.SERVICES_LEFT: "Decide whether gift wrap, tips and the like are refunded with the goods.",
    Kind.SHARED_DESPATCH_NUMBER: "Ask the warehouse whether these are two parcels; if not, to withdraw the wrong one.",
    Kind.UNKNOWN_STATUS: "Map the status on its page. Messages with this status are then applied.",
    Kind.MESSAGE_REJECTED: "Read the reason on the message. Once it is fixed, choose Reprocess there.",
    Kind.SHIPPED_AFTER_REFUND: "The customer has both the goods and the refund. Ask for one back, or write it off.",
    Kind.FOREIGN_PAYMENT: "Ask the shop which seller was paid, and have it send the order again with the payment of "
    "that order. If the other order is the wrong one, have that one corrected first.",
    Kind.CURRENCY_MISMATCH: "Compare the order with the payment at the provider: the refund cannot be sent as it is.",
    Kind.REFUND_IN_DOUBT: "Check at the provider whether it was paid, then record it on the refund.",
    Kind.REFUND_PENDING: "The provider accepted it days ago and has not paid it. Ask there what it waits for: often "
    "the customer has to give bank details.",
    Kind.REFUND_FAILED: "Read the provider's message, then try again, or pay the customer another way and record that.",
    Kind.EXTERNAL_OVER_LIMIT: "More was refunded at the provider than was refundable. Check there who did it and why.",
    Kind.UNEXPLAINED_REFUND: "Find out at the provider who made this refund and why, then say on its page what it was "
    "for. Until then nothing of this payment is refunded.",
    Kind.PROVIDER_DIFFERENCE: "Look at the provider’s page which is right. If the refund never arrived there, ask the "
    "provider why before anything is paid again.",
    Kind.CEILING_REACHED: "The seller’s daily cap is used up. A manager can lift it on the policy page.",
    Kind.CHANGE_WAITING: "Compare what is with what would be, then confirm or refuse it. Whoever asked cannot.",
    Kind.MANY_REFUNDS: "Check some of them, then approve or reject them together on the refund list, which shows the "
    "total first.",
    Kind.SYNC_FAILING: "Open the account: its last run shows what failed. Test the connection there.",
    Kind.KEY_REFUSED: "Enter a new key on the account page, then choose Test connection.",
    Kind.AMBIGUOUS_TIME: "The clocks went back at that time. Check the times on the order.",
    Kind.DATE_AHEAD: "Ask the warehouse for the right date. Whatever it reports afterwards counts as newer.",
    Kind.DUPLICATE_SHIPMENT: "Ask the warehouse whether this was one parcel or two. If it was one, it should "
    "withdraw a despatch note.",
    Kind.EMPTY_LIST: "Ask the warehouse: its order list is empty, though it had orders before.",
    Kind.CLOCK_SKEW: "Ask the warehouse to set its clock: its reports are read by its time.",
    Kind.SILENCE: "Ask the warehouse whether it is working: it has been silent for longer than usual.",
    Kind.DISCREPANCY: "Compare both sides on the Discrepancies page, then decide which is correct.",
    Kind.WEBHOOK_OFF: "Have the endpoint repaired, then enable it on its page.",
}
"""For each kind, in one or two sentences."""

STAYS = frozenset(
    {
        Kind.AMBIGUOUS_TIME,
        Kind.DATE_AHEAD,
        Kind.EXTERNAL_OVER_LIMIT,
        Kind.FOREIGN_PAYMENT,
        Kind.SHARED_DESPATCH_NUMBER,
        Kind.REMOVED_ITEM,
    }
)
"""What happened once and is over: nothing can make it go away but a person. All others close with their cause."""


def before_closing(item: AttentionItem) -> str:
    """What a person should know who closes it by hand."""
    if item.kind in STAYS:
        return "This happened once: it does not come back after you close it."
    return "Its cause is still there. If you close it now, it comes back only when something new happens."
