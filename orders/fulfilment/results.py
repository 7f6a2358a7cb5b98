"""What became of an order's units: per order line, per fulfilment order, and what a person must look at (pure)."""

from enum import StrEnum
from typing import NamedTuple


class ItemUnits(NamedTuple):
    """Fulfilment of one order line.

    `unassigned` is the part of `outstanding` that no fulfilment order covers. Units of a line that does not ship are
    `not_shipping`, unless staff cancelled them: never outstanding.
    """

    shipped: int
    cancelled: int
    outstanding: int
    unassigned: int = 0
    not_shipping: int = 0


class State(StrEnum):
    """Of a fulfilment order."""

    PRESUMED = "presumed"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    UNEXPLAINED = "unexplained"
    """Closed as despatched, and neither a shipment nor a figure says what was."""


class PartUnits(NamedTuple):
    """Units of one component at one warehouse. What it shipped may exceed what was requested of it."""

    requested: int
    shipped: int
    released: int
    to_ship: int


class PartResult(NamedTuple):
    """What became of one fulfilment order; `units` by component, those without any left out."""

    warehouse: str
    state: State
    number: str
    units: dict[str, PartUnits]


class FindingKind(StrEnum):
    """Kinds of findings; each closes itself when its cause goes away."""

    UNKNOWN_SKU = "unknown_sku"
    OVER_SHIPMENT = "over_shipment"
    QUANTITY_MISMATCH = "quantity_mismatch"
    STATUS_BACKWARDS = "status_backwards"
    CLOSING_CHANGED = "closing_changed"
    CLOSED_WITHOUT_FIGURES = "closed_without_figures"
    FIGURES_OVERTAKEN = "figures_overtaken"
    PARTIAL_KIT = "partial_kit"
    HAND_AND_WAREHOUSE_SHIPMENT = "hand_and_warehouse_shipment"
    SHIPPED_AFTER_DROP = "shipped_after_drop"
    OTHER_WAREHOUSE_SILENT = "other_warehouse_silent"
    DOUBLE_COVERAGE = "double_coverage"
    DUPLICATE_SHIPMENT = "duplicate_shipment"
    PLANNED_NOT_CONFIRMED = "planned_not_confirmed"
    SERVICES_LEFT = "services_left"
    UNASSIGNED = "unassigned"
    UNKNOWN_REQUEST = "unknown_request"


BLOCKING = frozenset(
    {
        FindingKind.UNKNOWN_SKU,
        FindingKind.OVER_SHIPMENT,
        FindingKind.QUANTITY_MISMATCH,
        FindingKind.STATUS_BACKWARDS,
        FindingKind.CLOSING_CHANGED,
        FindingKind.FIGURES_OVERTAKEN,
        FindingKind.PARTIAL_KIT,
        FindingKind.HAND_AND_WAREHOUSE_SHIPMENT,
        FindingKind.SHIPPED_AFTER_DROP,
        FindingKind.OTHER_WAREHOUSE_SILENT,
    }
)
"""Kinds that may make a refund proposal of the order wrong: not in bulk, not automatic, the reason on the page."""


class Finding(NamedTuple):
    """One thing to look at. `warehouse` is empty where the whole order is meant.

    `subject` is a SKU or component; for a duplicate the two shipments' numbers, for a manual shipment its number, and
    for silent warehouses their codes, separated by commas. `units` are, of the kind's own count: shipped units of an
    over-shipment, ordered units as the warehouse has them for a quantity mismatch, else the units concerned.
    """

    kind: FindingKind
    warehouse: str = ""
    subject: str = ""
    units: int = 0


class Result(NamedTuple):
    """What the facts of an order amount to; `items` in the sequence of its items, the rest sorted.

    `blocked` are the kinds of findings that may make a refund proposal wrong. `price_choices` are SKUs on lines of
    different prices, where shipped units were given to the dearer lines.
    """

    items: tuple[ItemUnits, ...]
    parts: tuple[PartResult, ...]
    findings: tuple[Finding, ...] = ()
    blocked: tuple[FindingKind, ...] = ()
    price_choices: tuple[str, ...] = ()
