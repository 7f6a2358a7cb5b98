"""Is this answer safe to read, and what does it hold, whichever form it came in?

XML and JSON end in the same plain tree of text, dicts and lists. An element without content, a null, an
empty text and a missing field are one and the same: absent. Names are compared in small letters with
underscores.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn, TypeAlias
from xml.parsers import expat

from integrations.warehouses.port import Unreadable

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 20
MAX_ELEMENTS = 500_000
MAX_MARKS = 2_000_000
"""So many of JSON's separators and opening brackets, counted before anything is built of them."""
MAX_RECORDS = 20_000
LONGEST_NAME = 200
CHUNK = 1024 * 1024
"""Not smaller: this expat reads a long comment or attribute from its start again with each piece that comes."""
BREAKS_OFF = frozenset({3, 5, 6, 20})  # expat: no element found, unclosed token, partial char, unclosed CDATA

# The fields stay in their sequence: where two have one name, it says which of them came first.
_AS_IT_CAME = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Plain: TypeAlias = str | dict[str, "Plain"] | list["Plain"]
Lists: TypeAlias = Mapping[str, frozenset[str]]


@dataclass(slots=True)
class Envelope:
    """One answer: its head, and its records as (raw text, plain tree; None where a record is empty)."""

    head: dict[str, Plain] = field(default_factory=dict)
    records: list[tuple[str, Plain | None]] = field(default_factory=list)
    has_list: bool = False


def read(text: str, records_in: frozenset[str], lists: Lists, root: str) -> Envelope:
    """Read an answer whose records stand in one of the lists `records_in`; `lists` names the lists inside."""
    return _read_xml(text, records_in, lists, root) if text[0] == "<" else _read_json(text, records_in, lists, root)


def read_one(raw: str, lists: Lists) -> Plain | None:
    """Read the raw text of a single record again, as it stands in an envelope's records."""
    wrapped = f"<root><list>{raw}</list></root>" if raw.startswith("<") else f'{{"list":[{raw}]}}'
    records = read(wrapped, frozenset({"list"}), lists, "root").records
    if len(records) != 1:
        raise Unreadable("the stored text is not one record")
    return records[0][1]


@lru_cache(maxsize=4096)
def name_of(key: str) -> str:
    """How a field's name is compared: without its prefix, in small letters, with underscores."""
    if len(key) > LONGEST_NAME:
        raise Unreadable(f"a name is longer than {LONGEST_NAME} characters")
    return key.rpartition(":")[2].rpartition("}")[2].lower().replace("-", "_")


def _put(into: dict[str, Plain], name: str, value: Plain, lists: Lists) -> None:
    elements = lists.get(name)
    there = into.get(name)
    if elements is not None:
        if not isinstance(there, list):
            there = into[name] = []
        there.extend(_entries(value, elements))
    elif there is None:
        into[name] = value
    elif isinstance(there, list):
        there.append(value)
    else:
        into[name] = [there, value]


def _entries(value: Plain, elements: frozenset[str]) -> Iterator[Plain]:
    """The entries of a list, which may come as an array, under its element's name, or as its only entry."""
    for entry in value if isinstance(value, list) else [value]:
        named = isinstance(entry, dict) and len(entry) == 1 and next(iter(entry)) in elements
        inner = next(iter(entry.values())) if isinstance(entry, dict) and named else entry
        if isinstance(inner, list):
            yield from inner
        else:
            yield inner


class _XmlReader:
    """Builds the plain tree while it reads, so that limits bite before memory is spent.

    Without a DTD there are no entities, and a DTD is refused where it begins. Namespaces are not resolved: each name
    would be written out with an address that may be as long as the answer.
    """

    def __init__(self, source: bytes, records_in: frozenset[str], lists: Lists, root: str) -> None:
        self.envelope = Envelope()
        self._source, self._records_in, self._lists, self._root = source, records_in, lists, root
        self._open: list[dict[str, Plain]] = [{}]
        self._text: list[str] = []
        self._elements, self._start, self._in_list = 0, 0, False
        self.expat = expat.ParserCreate("utf-8")
        self.expat.buffer_text = True
        self.expat.ordered_attributes = True
        self.expat.StartDoctypeDeclHandler = self._refuse_dtd
        self.expat.StartElementHandler = self._begin
        self.expat.EndElementHandler = self._finish
        self.expat.CharacterDataHandler = self._text.append

    def _begin(self, tag: str, _attributes: list[str]) -> None:
        self._text.clear()
        self._elements += 1
        self._open.append({})
        depth = len(self._open)
        # Nearly every element stands inside a record.
        if depth > 4:
            if depth > MAX_DEPTH:
                self._refuse(f"the XML is nested deeper than {MAX_DEPTH} levels")
        elif depth == 2 and name_of(tag) != self._root:
            self._refuse(f"the answer's root is <{tag[:40]}>, not ProSKU's")
        elif depth == 3:
            self._in_list = name_of(tag) in self._records_in
            self.envelope.has_list |= self._in_list
        elif depth == 4 and self._in_list:
            self._start = self.expat.CurrentByteIndex
        if self._elements > MAX_ELEMENTS:
            self._refuse(f"the XML has more than {MAX_ELEMENTS} elements")

    def _finish(self, tag: str) -> None:
        value: Plain = self._open.pop() or "".join(self._text).strip()
        self._text.clear()
        depth = len(self._open)
        if depth > 3:
            if value:
                _put(self._open[-1], name_of(tag), value, self._lists)
        elif depth == 3 and self._in_list:
            # Where an empty element ends cannot be told from where it stands, and there is nothing in it to keep.
            self.envelope.records.append((self._raw(), value) if value else (f"<{name_of(tag)}/>", None))
            if len(self.envelope.records) > MAX_RECORDS:
                self._refuse(f"the answer holds more than {MAX_RECORDS} records")
        elif value and not (depth == 2 and self._in_list):
            _put(self._open[-1], name_of(tag), value, self._lists)
        if depth == 1:
            self.envelope.head = value if isinstance(value, dict) else {}

    def _raw(self) -> str:
        end = self._source.index(b">", self.expat.CurrentByteIndex) + 1
        return self._source[self._start : end].decode()

    def _refuse_dtd(self, *_declared: object) -> NoReturn:
        raise Unreadable("the XML carries a DTD or entities, which are never read")

    def _refuse(self, reason: str) -> NoReturn:
        raise Unreadable(reason, f"line {self.expat.CurrentLineNumber}, column {self.expat.CurrentColumnNumber + 1}")


def _read_xml(text: str, records_in: frozenset[str], lists: Lists, root: str) -> Envelope:
    source = text.encode()
    reader = _XmlReader(source, records_in, lists, root)
    try:
        for start in range(0, len(source), CHUNK):
            reader.expat.Parse(source[start : start + CHUNK])
        reader.expat.Parse(b"", True)
    except expat.ExpatError as error:
        broken = f"the XML is broken: {expat.ErrorString(error.code)}"
        reason = "the XML breaks off before its end" if error.code in BREAKS_OFF else broken
        raise Unreadable(reason, f"line {error.lineno}, column {error.offset + 1}") from None
    finally:
        del reader.expat  # the parser and its handlers hold each other, and the whole answer, alive
    return reader.envelope


def _read_json(text: str, records_in: frozenset[str], lists: Lists, root: str) -> Envelope:
    if sum(map(text.count, ",:[{")) > MAX_MARKS:
        raise Unreadable(f"the JSON has more than {MAX_MARKS} values")
    try:
        content = json.loads(text, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"the JSON breaks off or is broken: {error.msg}", f"line {error.lineno}, column {error.colno}"
        ) from None
    except (ValueError, RecursionError):
        raise Unreadable("the JSON holds a number or a nesting beyond all measure") from None
    if isinstance(content, dict) and len(content) == 1 and name_of(next(iter(content))) == root:
        content = next(iter(content.values()))
    if not isinstance(content, dict):
        raise Unreadable("the JSON is not one object with ProSKU's keys", "line 1")
    envelope = Envelope()
    for key, value in content.items():
        if name_of(key) in records_in:
            envelope.has_list = True
            entries = _json_records(value)
            if len(envelope.records) + len(entries) > MAX_RECORDS:
                raise Unreadable(f"the answer holds more than {MAX_RECORDS} records")
            envelope.records += [(_dump(entry), _plain(entry, 3, lists)) for entry in entries]
        elif (plain := _plain(value, 2, lists)) is not None:
            _put(envelope.head, name_of(key), plain, lists)
    return envelope


def _json_records(value: object) -> list[object]:
    """The records of a list: an array, an array or an object under the element's name, or the only record."""
    if isinstance(value, dict):
        named = [inner for key, inner in value.items() if not key.startswith("@")]
        if len(named) == 1 and isinstance(named[0], dict | list):
            value = named[0]
    if value is None or (isinstance(value, str) and not value.strip()):
        return []
    return value if isinstance(value, list) else [value]


def _dump(value: object) -> str:
    try:
        text = _AS_IT_CAME.encode(value)
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    except RecursionError:
        raise Unreadable(f"the JSON is nested deeper than {MAX_DEPTH} levels") from None
    return text


def _plain(value: object, depth: int, lists: Lists) -> Plain | None:
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    if depth > MAX_DEPTH:
        raise Unreadable(f"the JSON is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return _plain_object(value, depth, lists)
    if isinstance(value, list):
        entries = [plain for entry in value if (plain := _plain(entry, depth + 1, lists)) is not None]
        return entries[0] if len(entries) == 1 else entries or None
    return str(value).lower()


def _plain_object(value: Mapping[str, object], depth: int, lists: Lists) -> Plain | None:
    """Attributes that converters write as `@name` are left out; `#text` beside them is the element's text."""
    plain: dict[str, Plain] = {}
    for key, inner in value.items():
        if not key.startswith("@") and (content := _plain(inner, depth + 1, lists)) is not None:
            _put(plain, name_of(key), content, lists)
    text = plain.get("#text")
    return text if text is not None and len(plain) == 1 else plain or None
