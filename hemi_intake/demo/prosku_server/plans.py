"""What becomes of an order in the sandbox's warehouse, step by step?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

Wire = dict[str, object]

# The warehouse's steps, and how many orders in a hundred take them when nobody says.
PLANS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "whole": (64, ("allocated", "picking", "packed", "despatch_all")),
    "short": (12, ("allocated", "picking", "packed", "despatch_short")),
    "part_then_rest": (7, ("allocated", "picking", "packed", "despatch_part", "despatch_all")),
    "part_then_short": (5, ("allocated", "picking", "packed", "despatch_part", "close_short")),
    "cancelled": (6, ("allocated", "cancel")),
    "waiting": (3, ("awaiting_stock",)),
    "on_hold": (3, ("allocated", "on_hold")),
}
FOR_ONE_UNIT = ("whole", "cancelled", "waiting", "on_hold")
CARRIERS = (("DPD", "Next Day"), ("Royal Mail", "Tracked 48"), ("Evri", "Standard"), ("DHL", "Parcel Connect"))


@dataclass
class Line:
    """Units of one product in an order, and what became of them."""

    product_code: str
    quantity: int
    despatched: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        return self.quantity - self.despatched - self.cancelled


@dataclass
class PlannedOrder:
    """An order on its way through the warehouse; `due` is the epoch second of its next step."""

    reference: str
    number: str
    order_date: str
    plan: str
    lines: list[Line]
    status: str = "imported"
    cancel_reason: str = ""
    step: int = 0
    due: float = 0.0
    deliver_to: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return self.step >= len(PLANS[self.plan][1])


def choose(rng: Random, units: int) -> str:
    """Pick a plan by its weight among those that an order of so many units can follow."""
    names = FOR_ONE_UNIT if units < 2 else tuple(PLANS)
    return rng.choices(names, [PLANS[name][0] for name in names])[0]


def local(now: datetime, zone: ZoneInfo) -> str:
    """Write a moment as the warehouse's clock shows it."""
    return now.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S")


def advance(order: PlannedOrder, rng: Random) -> dict[str, int]:
    """Take the order's next step and return the units that leave with it, by product; nothing when finished."""
    if order.finished:
        return {}
    step = PLANS[order.plan][1][order.step]
    order.step += 1
    if step not in ("despatch_all", "despatch_short", "despatch_part", "close_short", "cancel"):
        order.status = step
        return {}
    leaving: dict[str, int] = {}
    if step == "despatch_short":
        last = max((line for line in order.lines if line.open), key=lambda line: (line.open, line.product_code))
        last.cancelled += 1
    if step.startswith("despatch"):
        most = sum(line.open for line in order.lines) // 2 if step == "despatch_part" else None
        leaving = _ship(order, most)
    if step in ("close_short", "cancel"):
        for line in order.lines:
            line.cancelled += line.open
    order.status = _status_after(order)
    if any(line.cancelled for line in order.lines):
        order.cancel_reason = rng.choice(("Out of stock", "Damaged in the warehouse", "Not found at its location"))
    return leaving


def _ship(order: PlannedOrder, most: int | None) -> dict[str, int]:
    leaving: dict[str, int] = {}
    for line in order.lines:
        units = line.open if most is None else min(line.open, most - sum(leaving.values()))
        if units:
            line.despatched += units
            leaving[line.product_code] = leaving.get(line.product_code, 0) + units
    return leaving


def _status_after(order: PlannedOrder) -> str:
    if any(line.open for line in order.lines):
        return "part_despatched"
    if not any(line.despatched for line in order.lines):
        return "cancelled"
    return "completed" if any(line.cancelled for line in order.lines) else "despatched"


def order_record(order: PlannedOrder, now: datetime, zone: ZoneInfo) -> Wire:
    """The order as the API shows it."""
    return {
        "order_reference": order.reference,
        "order_number": order.number,
        "order_type": "Sales",
        "order_date": order.order_date,
        "status": order.status,
        "updated_at": local(now, zone),
        "cancel_reason": order.cancel_reason,
        "order_lines": [
            {
                "product_code": line.product_code,
                "quantity": line.quantity,
                "despatched_quantity": line.despatched,
                "cancelled_quantity": line.cancelled,
                "stock_status": "Good",
                "batch": "",
                "rotation_date": "",
                "pallet_ref": "",
            }
            for line in order.lines
        ],
    }


def note_record(
    order: PlannedOrder, number: str, leaving: Mapping[str, int], *, now: datetime, zone: ZoneInfo, rng: Random
) -> Wire:
    """A despatch note as the API shows it; most name a carrier, some say nothing or write it their own way."""
    carrier, service = rng.choice(CARRIERS)
    tracking = f"{rng.randrange(10**13, 10**14)}"
    kind = rng.random()
    free_text = "" if kind < 0.08 else f"collected by {carrier}"
    return {
        "despatch_number": number,
        "order_number": order.number,
        "delivery_date": local(now, zone)[:16],
        "carrier_data": free_text if kind < 0.12 else f"{carrier}|{service}|{tracking}",
        "additional_ref": order.reference,
        "deliver_to": order.deliver_to,
        "confirmed_at": local(now, zone),
        "despatch_lines": [{"product_code": code, "quantity": units} for code, units in leaving.items()],
    }
