"""Which part of a message's text, indented, is the place that the reason of its rejection names? (pure)"""

import re
from collections.abc import Sequence

PLACE = re.compile(r"\(([a-z_][a-z_.0-9\[\]]*)\)$")
POINT = re.compile(r"\(line ([0-9]{1,9})(?:, column ([0-9]{1,9}))?\)$")
STEP = re.compile(r"([a-z_]+)(?:\[([0-9]+)\])?")
DEEPER = 2
AROUND = 60
"""So much of a line is marked of what cannot be read from a point on: it may be the whole message."""


def split(text: str, reason: str) -> tuple[str, str, str]:
    """The text before the fault, the fault, and the text after it; all before when no place is known."""
    place, point = PLACE.search(reason), POINT.search(reason)
    lines = text.splitlines(keepends=True)
    if point and 0 < int(point[1]) <= len(lines):
        return _at(lines, int(point[1]) - 1, int(point[2] or 1) - 1)
    at = _find(lines, place.group(1)) if place else None
    if at is None:
        return text, "", ""
    return "".join(lines[:at]), lines[at], "".join(lines[at + 1 :])


def _at(lines: Sequence[str], number: int, column: int) -> tuple[str, str, str]:
    line = lines[number]
    # What breaks off does so behind its last character: that is marked then.
    start = min(column, max(len(line.rstrip()) - 1, 0))
    end = start + AROUND
    return "".join(lines[:number]) + line[:start], line[start:end], line[end:] + "".join(lines[number + 1 :])


def _find(lines: Sequence[str], place: str) -> int | None:
    """The line of the place or, where it is missing, of what should hold it."""
    found: int | None = None
    for name, number in STEP.findall(place):
        at = _named(lines, name, found)
        if at is not None and number:
            at = _entry(lines, at, int(number))
        if at is None:
            return found
        found = at
    return found


def _named(lines: Sequence[str], name: str, within: int | None) -> int | None:
    start = 0 if within is None else within + 1
    for at in range(start, len(lines)):
        if within is not None and _indent(lines[at]) <= _indent(lines[within]):
            return None
        if re.match(rf'<{name}[ />]|"{name}":', lines[at].lstrip()):
            return at
    return None


def _entry(lines: Sequence[str], parent: int, number: int) -> int | None:
    for at in range(parent + 1, len(lines)):
        if _indent(lines[at]) <= _indent(lines[parent]):
            return None
        if _indent(lines[at]) == _indent(lines[parent]) + DEEPER and re.match(r"<[^/]|\{", lines[at].lstrip()):
            number -= 1
            if number == 0:
                return at
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
