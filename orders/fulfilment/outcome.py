"""What became of each unit, given everything that the warehouse has said so far? (pure)

The answer depends on the facts alone, never on the order in which they arrived.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orders.fulfilment.messages import ReportedStatus


class Line(NamedTuple):
    """One order item: how many were ordered of which SKU."""

    sku: str
    quantity: int


class Figures(NamedTuple):
    """What the newest report says of a SKU. `current` is False when a despatch note changed after that report."""

    ordered: int | None
    despatched: int | None
    cancelled: int | None
    current: bool


class Outcome(NamedTuple):
    """Shipped and cancelled units for each line, in the lines' order, and what does not fit together."""

    shipped: list[int]
    cancelled: list[int]
    over_shipped: dict[str, int]
    unknown_skus: list[str]
    mismatched: dict[str, int]
    closed_without_figures: bool


def outcome(lines: Sequence[Line], noted: Mapping[str, int], figures: Mapping[str, Figures], closed_as: str) -> Outcome:
    """Work out shipped and cancelled units per line.

    `noted` are the units per SKU on all despatch notes. A SKU on several lines fills them from the first with
    shipped units and from the last with cancelled ones; units shipped beyond the order stay on its last line.
    """
    ordered: dict[str, int] = {}
    for line in lines:
        ordered[line.sku] = ordered.get(line.sku, 0) + line.quantity
    told = {sku: _told(noted.get(sku, 0), figures.get(sku)) for sku in ordered}
    silent = closed_as == ReportedStatus.DESPATCHED and not any(told.values()) and not _has_figures(figures)
    closed = bool(closed_as) and not silent
    lost = {sku: _lost(total, told[sku], figures.get(sku), closed) for sku, total in ordered.items()}
    alone = len(ordered) == len(lines)
    return Outcome(
        # Where every SKU has a line of its own, as nearly everywhere, there is nothing to share out.
        shipped=list(told.values()) if alone else _fill(lines, told, spill=True),
        cancelled=list(lost.values()) if alone else _fill(lines[::-1], lost, spill=False)[::-1],
        over_shipped={sku: told[sku] for sku, total in ordered.items() if told[sku] > total},
        unknown_skus=sorted(sku for sku, units in noted.items() if units and sku not in ordered),
        mismatched={
            sku: figure.ordered
            for sku, figure in figures.items()
            if figure.ordered is not None and sku in ordered and figure.ordered != ordered[sku]
        },
        closed_without_figures=silent,
    )


def _told(noted: int, figure: Figures | None) -> int:
    # The order's own figure may run ahead of a despatch note that has not been read yet.
    if figure is not None and figure.current and figure.despatched is not None:
        return max(noted, figure.despatched)
    return noted


def _has_figures(figures: Mapping[str, Figures]) -> bool:
    return any(figure.despatched is not None or figure.cancelled for figure in figures.values())


def _lost(ordered: int, told: int, figure: Figures | None, closed: bool) -> int:
    left = max(ordered - told, 0)
    if closed:
        return left
    said = figure.cancelled if figure is not None and figure.cancelled is not None else 0
    return min(said, left)


def _fill(lines: Sequence[Line], totals: Mapping[str, int], *, spill: bool) -> list[int]:
    left = dict(totals)
    last = {line.sku: position for position, line in enumerate(lines)}
    filled = []
    for position, line in enumerate(lines):
        units = min(left[line.sku], line.quantity)
        if spill and last[line.sku] == position:
            units = left[line.sku]
        left[line.sku] -= units
        filled.append(units)
    return filled
