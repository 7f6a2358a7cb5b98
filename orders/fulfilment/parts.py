"""What one warehouse was asked for of an order, and which units it shipped, gave up or may still ship (pure)."""

from collections.abc import Mapping, Sequence

from orders.fulfilment.components import NO_FIGURE, ComponentFigure, Components, Units
from orders.fulfilment.facts import Part
from orders.fulfilment.messages import ReportedStatus
from orders.fulfilment.registers import Registers
from orders.fulfilment.results import PartResult, PartUnits, State


def state_of(registers: Registers, *, presumed: bool, unexplained: bool) -> State:
    """How far the part has come, as its warehouse reports it."""
    if presumed:
        return State.PRESUMED
    if unexplained:
        return State.UNEXPLAINED
    if registers.closed_as:
        return State.CLOSED if registers.closed_as == ReportedStatus.DESPATCHED else State.CANCELLED
    if registers.status == ReportedStatus.ON_HOLD:
        return State.ON_HOLD
    return State.IN_PROGRESS if registers.status or registers.shipments else State.OPEN


class WarehousePart:
    """One fulfilment order, divided into units by component."""

    def __init__(
        self, components: Components, part: Part, heard: Sequence[Registers], *, whole: bool, routed: bool
    ) -> None:
        """`heard`: the registers whose shipments its figures include; all, if they speak for the whole order."""
        self.key = key = part.warehouse
        self.registers = registers = part.registers
        self.whole = whole
        standing = [record.note for _, record in sorted(registers.shipments.items()) if not record.note.withdrawn]
        self.notes = [note for note in standing if not note.planned]
        self.noted, self.unknown = components.count(key, (line for note in self.notes for line in note.lines))
        self.planned, _ = components.count(key, (line for note in standing if note.planned for line in note.lines))
        counted = (r.note for one in heard for r in one.shipments.values() if not r.note.planned)
        self.figures = components.figures(key, registers, max((n.changed_at for n in counted), default=None))
        self.shipped: Units = {c: max(self.noted.get(c, 0), self.own_shipped(c)) for c in components.ordered}
        figured = any(f.shipped is not None or f.cancelled for f in self.figures.values())
        self.unexplained = (
            registers.closed_as == ReportedStatus.DESPATCHED and not figured and not any(self.shipped.values())
        )
        self.listed, self.listed_unknown = components.count(key, ((sku, 1) for sku in registers.listed))
        # Nobody knows what it was asked for: not routed, and it does not list what it has.
        self.unclear = not routed and not whole and bool(registers.status) and not registers.listed
        self.expected: Mapping[str, int] | None = components.shippable if whole else None
        if routed:
            self.expected, _ = components.count("", part.requested.items())
        self.requested: Units = {}
        self.released: Units = {}
        self.to_ship: Units = {}
        for component, shippable in components.shippable.items():
            self._divide(component, shippable, components.dropped[component])

    def own_shipped(self, component: str) -> int:
        """Its own figure of shipped units, which may run ahead of a despatch note that was not read yet."""
        figure = self.figures.get(component)
        return figure.shipped or 0 if figure is not None and figure.current else 0

    def result(self, *, presumed: bool) -> PartResult:
        """The part for those who store and show it."""
        units = {
            component: PartUnits(requested, self.shipped[component], released, self.to_ship[component])
            for (component, requested), released in zip(self.requested.items(), self.released.values(), strict=True)
        }
        state = state_of(self.registers, presumed=presumed, unexplained=self.unexplained)
        named = {component: counts for component, counts in units.items() if any(counts)}
        return PartResult(self.key, state, self.registers.number, named)

    def _divide(self, component: str, shippable: int, dropped: int) -> None:
        """Which units was it asked for, which of them has it given up, and which may it still ship?"""
        figure = self.figures.get(component, NO_FIGURE)
        listed = component in self.listed
        requested = self._requested(component, figure, dropped) if shippable else 0
        shipped, cancelled = self.shipped[component], figure.cancelled or 0
        left = max(requested - shipped, 0)
        if self.registers.closed_as and not self.unexplained:
            # A closing beside a planned despatch: its confirmation is more likely late than the van empty.
            despatched = self.registers.closed_as == ReportedStatus.DESPATCHED
            to_ship = min(self.planned.get(component, 0), left) if despatched else 0
            released = left - to_ship
        else:
            covered = requested
            if self.unclear:
                covered = shippable
            elif listed and shippable and not self.whole:
                covered = max(requested, figure.ordered or 0)
            to_ship = max(covered - shipped - cancelled, 0)
            released = min(cancelled, left)
        self.requested[component], self.released[component], self.to_ship[component] = requested, released, to_ship

    def _requested(self, component: str, figure: ComponentFigure, dropped: int) -> int:
        if self.expected is None:
            listed = component in self.listed
            done = (figure.cancelled or 0) + (figure.shipped or 0 if listed else 0)
            return max(figure.ordered or 0 if listed else 0, done, self.noted.get(component, 0))
        expected = self.expected.get(component, 0)
        if figure.ordered is not None and expected - dropped <= figure.ordered < expected:
            return figure.ordered  # It knows of what staff dropped, or was never asked for it.
        return expected
