"""The executable specification of fulfilment quantities: its facts, its result, and how a message is recorded."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

DESPATCHED, CANCELLED = CLOSING = ("despatched", "cancelled")
BLOCKING = frozenset(
    {
        "unknown_sku",
        "over_shipment",
        "quantity_mismatch",
        "status_backwards",
        "closing_changed",
        "figures_overtaken",
        "partial_kit",
        "hand_and_warehouse_shipment",
        "shipped_after_drop",
        "other_warehouse_silent",
    }
)
"""What may make a proposal of the order wrong: not in bulk, not automatic, the reason on the page. The rest informs."""

Units = tuple[tuple[str, int], ...]


class Item(NamedTuple):
    """An order line. `dropped` units were cancelled by staff (an edit or a cancellation); price in minor units."""

    sku: str
    quantity: int
    unit_price: int = 0
    ships: bool = True
    dropped: int = 0


class Shipment(NamedTuple):
    """One form of a despatch note, or a shipment that staff recorded.

    The parser says `planned`: unconfirmed and dated after it was received. `separate`, of a shipment by staff: a person
    has said that it is no parcel of a warehouse.
    """

    number: str
    shipped_at: datetime
    changed_at: datetime
    lines: Units
    tracking_number: str = ""
    withdrawn: bool = False
    planned: bool = False
    separate: bool = False


class ReportLine(NamedTuple):
    """A warehouse's own figures for one SKU; None where it gave none."""

    sku: str
    ordered: int | None = None
    shipped: int | None = None
    cancelled: int | None = None


class Report(NamedTuple):
    """A warehouse's view of its part; `status` is ours (mapped), empty while its word is unknown."""

    status: str
    changed_at: datetime
    lines: tuple[ReportLine, ...] = ()


class Message(NamedTuple):
    """What one warehouse sent about the order. A second part at one warehouse is a key of its own ("EAST/2")."""

    warehouse: str
    number: str = ""
    shipments: tuple[Shipment, ...] = ()
    report: Report | None = None


class Facts(NamedTuple):
    """Everything known of an order. `warehouses` are the seller's, its default first; `routing` None: nobody routed.

    `whole_order`: warehouses whose reports speak for the whole order. `aliases` map (warehouse or "", SKU) to the
    order's SKU, or to "" for what is no goods of the order (a leaflet); `kits` name a kit's components.
    """

    items: tuple[Item, ...]
    warehouses: tuple[str, ...]
    messages: tuple[Message, ...] = ()
    routing: Mapping[str, Mapping[str, int]] | None = None
    manual: tuple[Shipment, ...] = ()
    whole_order: frozenset[str] = frozenset()
    aliases: Mapping[tuple[str, str], str] = {}
    kits: Mapping[str, Mapping[str, int]] = {}


class ItemResult(NamedTuple):
    """Units of one order line. `unassigned` is the part of `outstanding` that no fulfilment order covers."""

    sku: str
    ordered: int
    shipped: int
    cancelled: int
    outstanding: int
    unassigned: int
    not_shipping: int


class FulfilmentOrder(NamedTuple):
    """One warehouse's part: presumed, open, in_progress, on_hold, closed, cancelled, unexplained (no figures)."""

    warehouse: str
    state: str
    number: str
    requested: dict[str, int]
    shipped: dict[str, int]
    released: dict[str, int]
    to_ship: dict[str, int]


class Attention(NamedTuple):
    kind: str
    warehouse: str = ""
    subject: str = ""
    units: int = 0


class Result(NamedTuple):
    """`price_choices`: SKUs on lines of different prices where shipped units were given to the dearer lines."""

    items: tuple[ItemResult, ...]
    fulfilment_orders: tuple[FulfilmentOrder, ...]
    attention: tuple[Attention, ...]
    blocked: tuple[str, ...]
    price_choices: tuple[str, ...]


class Registers(NamedTuple):
    """What one warehouse has said of the order, in its own spelling. Any sequence, or repeats, fill them alike."""

    number: str = ""
    shipments: dict[str, Shipment] = {}
    newest: tuple[datetime, str, Report] | None = None
    request: tuple[datetime, str, Report] | None = None
    closed: tuple[datetime, str] | None = None
    figures: dict[str, tuple[datetime, str, ReportLine]] = {}


def take(known: Registers, message: Message) -> Registers:
    """Take one message in: newest form, report and figures win, the first closing stays, the lowest number stays."""
    shipments = dict(known.shipments)
    for shipment in message.shipments:
        shipments[shipment.number] = max(shipments.get(shipment.number, shipment), shipment, key=_form)
    number = min((n for n in (known.number, message.number) if n), default="")
    known = known._replace(number=number, shipments=shipments)
    report, version = message.report, repr(message)
    if report is None or not report.status:
        return known
    stamped = (report.changed_at, version, report)
    figures = dict(known.figures)
    for line in report.lines:
        if line[1:] != (None, None, None) and (line.sku not in figures or stamped[:2] > figures[line.sku][:2]):
            figures[line.sku] = (*stamped[:2], line)
    closing = [(report.changed_at, report.status)] if report.status in CLOSING else []
    return known._replace(
        figures=figures,
        newest=max(filter(None, (known.newest, stamped))),
        request=max(filter(None, (known.request, stamped))) if report.lines else known.request,
        closed=min([*filter(None, [known.closed]), *closing], default=None),
    )


def _form(shipment: Shipment) -> tuple[bool, datetime, str]:
    return not shipment.planned, shipment.changed_at, repr(shipment)
