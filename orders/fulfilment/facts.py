"""Everything that decides what became of an order's units: its items, its fulfilment orders, staff's acts (pure).

The facts are what is stored. They are a set: the sequence in which they came to be known changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from orders.fulfilment.registers import Registers

Lines = tuple[tuple[str, int], ...]
"""Units per SKU; a SKU stands once."""

NO_UNITS: Mapping[str, int] = MappingProxyType({})
NO_ALIASES: Mapping[tuple[str, str], str] = MappingProxyType({})
NO_KITS: Mapping[str, Mapping[str, int]] = MappingProxyType({})


class Item(NamedTuple):
    """An order line. `dropped` units were cancelled by staff (an edit or a cancellation); the price is in minor units.

    `ships` is False for what no warehouse ships: a tip, gift wrap, an e-gift card. `fills_first`: a person has said
    that this line shipped, and not a dearer one of its SKU.
    """

    sku: str
    quantity: int
    unit_price: int = 0
    ships: bool = True
    dropped: int = 0
    fills_first: bool = False


class Part(NamedTuple):
    """A fulfilment order: the part of the order that one warehouse ships.

    `warehouse` is its code; a second part at the same warehouse needs a key of its own ("EAST/2"). `whole_order`: its
    reports speak for the whole order. `requested`, of a routed order: the units it was asked for, per SKU of the order.
    """

    warehouse: str
    registers: Registers
    whole_order: bool = False
    requested: Mapping[str, int] = NO_UNITS


class ManualShipment(NamedTuple):
    """A shipment that staff recorded. `separate`: a person has said that it is no parcel of a warehouse."""

    number: str
    shipped_at: datetime
    lines: Lines
    tracking_number: str = ""
    withdrawn: bool = False
    separate: bool = False


class Facts(NamedTuple):
    """Everything known of an order.

    `warehouses` are the codes of the seller's, its default first. `routed`: somebody has said which warehouse ships
    what; what no part was asked for is then unassigned. Otherwise only parts that a warehouse has reported about
    count, or, as long as none has, one that is presumed at the default warehouse.

    `aliases` map (warehouse or "", SKU as the warehouse spells it) to the order's SKU, or to "" for what is no goods
    of the order (a leaflet); `kits` name the components of a SKU. With `fold` what is neither may differ in case.
    """

    items: tuple[Item, ...]
    warehouses: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    routed: bool = False
    manual: tuple[ManualShipment, ...] = ()
    aliases: Mapping[tuple[str, str], str] = NO_ALIASES
    kits: Mapping[str, Mapping[str, int]] = NO_KITS
    fold: bool = False
