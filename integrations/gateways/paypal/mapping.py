"""How are PayPal's captures, refunds and events read as the port describes them? (no database, no network)"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.gateways.events import EventRejected, IncomingEvent, Unreadable
from integrations.gateways.paypal.amounts import from_paypal
from integrations.gateways.response_mapping import Found
from orders import texts
from refunds.gateway import ProviderRefund, Unclear

ALIVE = frozenset({"COMPLETED", "PENDING"})
DEAD = frozenset({"FAILED", "CANCELLED"})
KINDS = frozenset({
    "PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED", "PAYMENT.REFUND.PENDING", "PAYMENT.REFUND.FAILED",
})  # fmt: skip
"""Other kinds of events are acknowledged and ignored."""
ID = re.compile(r"[A-Z0-9]{1,40}")
"""How PayPal names captures, refunds and orders."""


def captured(content: Mapping[str, Any]) -> Found:
    """A capture: what the seller was paid; not alive as long as PayPal has not finished it. Raises Unclear."""
    match content:
        case {"id": str(reference), "status": str(status), "amount": {"currency_code": str(code), "value": str(value)}}:
            alive = status in ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
            return Found(reference, "", from_paypal(value, code), code, alive)
    raise Unclear("PayPal answered with something that is not a captured payment.")


def order_of(content: Mapping[str, Any]) -> str:
    """The PayPal order that a capture belongs to; "" where it names none."""
    match content:
        case {"supplementary_data": {"related_ids": {"order_id": str(order)}}} if ID.fullmatch(order):
            return order
    return ""


def refunds_in(order: Mapping[str, Any], capture: str) -> list[dict[str, Any]]:
    """The refunds of one capture among those of its order. Raises Unclear for what is not an order."""
    if not isinstance(units := order.get("purchase_units"), list):
        raise Unclear("PayPal answered with something that is not an order.")
    return [refund for refund in _refunds(units) if _capture_of(refund) in ("", capture)]


def _refunds(units: list[Any]) -> Iterator[dict[str, Any]]:
    for unit in units:
        payments = unit.get("payments") if isinstance(unit, dict) else None
        listed = payments.get("refunds", []) if isinstance(payments, dict) else []
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise Unclear("PayPal answered with refunds that cannot be read.")
        yield from listed


def found(content: Mapping[str, Any]) -> Found:
    """A refund in our units. Raises Unclear for what is not one."""
    match content:
        case {
            "id": str(reference),
            "status": str(status),
            "amount": {"currency_code": str(code), "value": str(value)},
        } if reference and status in ALIVE | DEAD:
            key = content.get("custom_id")
            ours, alive, pending = key if isinstance(key, str) else "", status in ALIVE, status == "PENDING"
            return Found(reference, ours, from_paypal(value, code), code, alive, pending)
    raise Unclear("PayPal answered with something that is not a refund.")


def provider_refund(content: Mapping[str, Any]) -> ProviderRefund:
    """Read a refund whole. Raises Unreadable, and NotInPayPal for an amount that is none of its currency."""
    try:
        one = found(content)
    except Unclear as error:
        raise Unreadable(str(error)) from None
    status = str(content.get("status"))
    if not (ID.fullmatch(one.reference) and texts.fit(one.key) and re.fullmatch("[A-Z]{3}", one.currency)):
        raise Unreadable("This is not a refund as PayPal describes one.")
    payments = tuple(filter(None, [_capture_of(content)]))
    dead, made_at = status in DEAD, _moment(content.get("create_time"))
    return ProviderRefund(
        one.reference, one.key, payments, one.amount, one.currency, dead, status.lower(), made_at, one.pending
    )


def reported(row: Mapping[str, Any]) -> ProviderRefund:
    """Read a refund in a report of PayPal's, where it is money that left. Raises Unreadable, NotInPayPal."""
    match row.get("transaction_info"):
        case {
            "transaction_id": str(reference),
            "paypal_reference_id": str(payment),
            "transaction_amount": {"currency_code": str(code), "value": str(value)},
            "transaction_status": str(status),
            "transaction_initiation_date": str(made_at),
            **more,
        } if ID.fullmatch(reference) and ID.fullmatch(payment) and re.fullmatch("[A-Z]{3}", code):
            key, dead = more.get("custom_field"), status in ("D", "V")
            amount = from_paypal(value.removeprefix("-"), code)
            key = key if isinstance(key, str) and texts.fit(key) else ""
            moment, pending = _moment(made_at), status == "P"
            return ProviderRefund(reference, key, (payment,), amount, code, dead, status, moment, pending)
    raise Unreadable("This is not a refund as PayPal reports one.")


def _moment(given: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(given)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("This refund does not say when it was made.") from None


def describe(event_id: str, kind: str, resource: Mapping[str, Any]) -> IncomingEvent:
    """What an event is about, as far as it says so. Raises EventRejected for a name that is none of PayPal's."""
    subject = resource.get("id")
    if not isinstance(subject, str) or not ID.fullmatch(subject) or not texts.fit(event_id):
        raise EventRejected("not an event")
    dead = str(resource.get("status")) in DEAD
    return IncomingEvent(event_id, kind, subject, dead, list(filter(None, [_capture_of(resource)])))


def _capture_of(refund: Mapping[str, Any]) -> str:
    """The capture that a refund belongs to: PayPal names it in the address one level up alone."""
    links = refund.get("links")
    for link in links if isinstance(links, list) else []:
        match link:
            case {"rel": "up", "href": str(address)}:
                name = address.rpartition("/")[2]
                return name if "/captures/" in address and ID.fullmatch(name) else ""
    return ""
