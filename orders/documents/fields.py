"""How is one JSON object read field by field, while everything wrong with it is noted in sentences? (pure)"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orders import money, texts

EARLIEST_YEAR, LATEST_YEAR = 2000, 2099

_CODE = re.compile(r"[-a-zA-Z0-9_]+")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, in a sentence that names the field. `field` is its path, such as `items[1].quantity`."""

    field: str
    message: str


class Fields:
    """One object of the document. What is wrong is added to `faults`; the value read is then a harmless stand-in.

    A field that is null counts as left out.
    """

    def __init__(
        self, raw: object, path: str, known: tuple[str, ...], faults: list[Fault], cut: list[str] | None = None
    ) -> None:
        self._path = path
        self._faults = faults
        self.cut: list[str] = [] if cut is None else cut
        self._usable = isinstance(raw, dict)
        self._raw: dict[Any, Any] = raw if isinstance(raw, dict) else {}
        if not self._usable:
            faults.append(Fault(path, f"{path or 'an order document'} must be an object, not {shown(raw)}"))
        for name in self._raw:
            if name not in known:
                self.fault(
                    name if _NAME.fullmatch(str(name)) else shown(name),
                    f"is not a field that is known here; known are {', '.join(known)}",
                )

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def given(self, name: str) -> bool:
        """Whether the field was sent, and not as null."""
        return self._raw.get(name) is not None

    def fault(self, name: str, sentence: str) -> None:
        """Note that something is wrong with a field."""
        field = self._at(name)
        self._faults.append(Fault(field, f"{field} {sentence}"))

    def text(self, name: str, longest: int, *, required: bool = False) -> str:
        """Text without the blanks around it, never cut; "" when it was left out."""
        value = self._take(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(name, f"must be text, not {shown(value)}")
            return ""
        return self._fitting(name, texts.prose(value).strip(), longest, required=required)

    def caption(self, name: str, longest: int) -> str:
        """Text that people only read: what is longer is cut, and `cut` says so."""
        value = self._raw.get(name)
        if isinstance(value, str) and len(kept := texts.prose(value).strip()) > longest and texts.fit(kept):
            self.cut.append(self._at(name))
            return f"{kept[: longest - 1].rstrip()}…"
        return self.text(name, longest)

    def identifier(self, name: str, longest: int, *, required: bool = False) -> str:
        """A reference, a SKU or a code: text without what nobody sees; "" when it was left out."""
        value = self._take(name, required=required)
        if isinstance(value, str):
            value = texts.identifier(value)
            if lost := texts.shortened(value):
                self.fault(name, lost)
                return ""
            return self._fitting(name, value, longest, required=required)
        return self.text(name, longest)

    def _fitting(self, name: str, value: str, longest: int, *, required: bool) -> str:
        if not texts.fit(value):
            self.fault(name, "contains characters that are not text (control characters, or bytes that are not UTF-8)")
        elif len(value) > longest:
            self.fault(name, f"has {len(value)} characters, the most is {longest}")
        elif required and not value:
            self.fault(name, "must not be empty")
        else:
            return value
        return ""

    def code(self, name: str, longest: int) -> str:
        """The code of a seller or a channel."""
        value = self.identifier(name, longest, required=True)
        if value and not _CODE.fullmatch(value):
            self.fault(name, f"must be a code of letters, digits, hyphens and underscores, not {shown(value)}")
        return value

    def currency(self, name: str) -> str | None:
        """An ISO 4217 code, or None when there is none that amounts could be read in."""
        value = self.identifier(name, 3, required=True)
        if value and not money.known(value):
            self.fault(name, f"must be the ISO 4217 code of a currency, such as GBP, not {shown(value)}")
            return None
        return value or None

    def amount(self, name: str, currency: str | None, *, required: bool = False) -> int | None:
        """An amount of at least 0, in minor units; None when it was left out."""
        value = self._take(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(name, f'must be a decimal string such as "12.50", not {shown(value)}')
            return 0
        try:
            # Without a currency nobody knows how many decimals there may be; its own fault is noted already.
            amount = money.parse(texts.identifier(value), currency) if currency else 0
        except money.BadAmount as bad:
            self._faults.append(Fault(self._at(name), f"{self._at(name)}: {bad}"))
            return 0
        if amount < 0:
            self.fault(name, f"must not be below zero: {shown(value)}")
        return max(amount, 0)

    def price(self, name: str, currency: str | None) -> tuple[int, str]:
        """The required price of one unit, at least 0: in minor units, and exactly where it has more decimals."""
        value = self._take(name, required=True)
        if not isinstance(value, str):
            if value is not None:
                self.fault(name, f'must be a decimal string such as "12.50", not {shown(value)}')
            return 0, ""
        try:
            price, exact = money.parse_price(texts.identifier(value), currency) if currency else (0, "")
        except money.BadAmount as bad:
            self._faults.append(Fault(self._at(name), f"{self._at(name)}: {bad}"))
            return 0, ""
        if price < 0 or exact.startswith("-"):
            self.fault(name, f"must not be below zero: {shown(value)}")
            return 0, ""
        return price, exact

    def whole(self, name: str, least: int, most: int) -> int:
        """A required whole number."""
        value = self._take(name, required=True)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        if value is not None:
            self.fault(name, f"must be a whole number from {least} to {most:,}, not {shown(value)}")
        return least

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._take(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.fault(name, f"must be true or false, not {shown(value)}")
        return default

    def moment(self, name: str) -> datetime:
        """A required instant, in UTC."""
        value = self.identifier(name, 40, required=True)
        stand_in = datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC)
        if not value:
            return stand_in
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fault(name, f"must be an ISO 8601 time such as 2026-03-02T09:30:00Z, not {shown(value)}")
            return stand_in
        if moment.tzinfo is None:
            self.fault(name, f"must say its time zone, as in 2026-03-02T09:30:00Z: {shown(value)}")
        elif not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            self.fault(name, f"must lie between {EARLIEST_YEAR} and {LATEST_YEAR}: {shown(value)}")
        else:
            return moment.astimezone(UTC)
        return stand_in

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        """One of these words; "" when it was left out."""
        value = self.identifier(name, 40)
        if value and value not in words:
            self.fault(name, f"must be one of {', '.join(words)}, not {shown(value)}")
        return value

    def texts(self, name: str, most: int, longest: int = 500) -> tuple[tuple[str, str], ...]:
        """An object of texts by free names, sorted by name; empty when it was left out."""
        value = self._take(name)
        if value is None:
            return ()
        if not isinstance(value, dict) or len(value) > most:
            self.fault(name, f"must be an object of at most {most} texts, not {shown(value)}")
            return ()
        inner = Fields(value, self._at(name), tuple(value), self._faults)
        for key in value:
            if not key.strip() or len(key) > 100 or not texts.fit(key):
                self.fault(name, f"has a name that is empty, too long or no text: {shown(key)}")
        return tuple(sorted((key, inner.text(key, longest)) for key in value))

    def inner(self, name: str, known: tuple[str, ...]) -> "Fields":
        """The object in a field; an empty one when it was left out."""
        value = self._take(name)
        return Fields({} if value is None else value, self._at(name), known, self._faults, self.cut)

    def listed(self, name: str, known: tuple[str, ...], *, least: int, most: int) -> list["Fields"]:
        """The objects of a list."""
        value = self._take(name, required=least > 0)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(name, f"must be a list, not {shown(value)}")
            return []
        if not least <= len(value) <= most:
            self.fault(name, f"must have {least} to {most:,} entries, it has {len(value):,}")
            return []
        return [Fields(entry, f"{self._at(name)}[{n}]", known, self._faults, self.cut) for n, entry in enumerate(value)]

    def _take(self, name: str, *, required: bool = False) -> Any:
        value = self._raw.get(name)
        if value is None and required and self._usable:
            self.fault(name, "is required")
        return value

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path and name else self._path or name


def shown(value: object) -> str:
    """A value as a sentence may quote it: short, and with nothing in it that could not be printed or stored."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a huge number"
    text = str(value)
    text = text if len(text) <= 60 else f"{text[:60]}…"
    if not texts.fit(text):
        return ascii(text)
    return repr(text) if isinstance(value, str) else text
