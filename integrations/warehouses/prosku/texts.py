"""Which text do the bytes of an answer hold, and is it one that may be read at all?"""

import codecs
import re

from integrations.warehouses.port import Unreadable
from integrations.warehouses.prosku.safe_parsing import MAX_BYTES

ENCODINGS = frozenset({"utf-8", "ascii", "utf-16", "iso8859-1", "iso8859-15", "cp1252"})
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b")


def text_of(body: bytes, content_type: str) -> str:
    """Turn the bytes into text, or refuse them: too large, empty, an HTML page, or in the wrong encoding."""
    if len(body) > MAX_BYTES:
        raise Unreadable(f"the answer is larger than {MAX_BYTES // 1024 // 1024} MB")
    encoding = _encoding(body, content_type)
    try:
        text = body.decode(encoding).lstrip("\ufeff \t\r\n")
    except UnicodeError as error:
        at = f"byte {error.start + 1}" if isinstance(error, UnicodeDecodeError) else ""
        raise Unreadable(f"the answer is not written in {encoding.upper()}, which it claims", at) from None
    if not text:
        raise Unreadable("the answer is empty")
    if _is_html(text[:2000].lower()):
        raise Unreadable("the answer is an HTML page, not ProSKU data")
    if text[0] not in "<{[":
        raise Unreadable("the answer is neither XML nor JSON", "line 1")
    return text


def _is_html(head: str) -> bool:
    """Whether the first element is HTML's. What stands before it is passed once: no expression goes back in it."""
    while head.startswith(("<!--", "<?")):
        head = head.partition("-->" if head.startswith("<!--") else ">")[2].lstrip()
    return _HTML.match(head) is not None


def _encoding(body: bytes, content_type: str) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if body.startswith(codecs.BOM_UTF8):
        return "utf-8"
    declared = re.match(rb"\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", body[:300])
    charset = re.search(r"charset\s*=\s*\"?([\w.:-]{1,40})", content_type, re.I)
    claimed = declared.group(1).decode("ascii", "replace") if declared else charset.group(1) if charset else "utf-8"
    try:
        encoding = codecs.lookup(claimed).name
    except (LookupError, ValueError):
        encoding = ""
    if encoding not in ENCODINGS:
        raise Unreadable(f"the answer claims the encoding {claimed!r}, which is not read here", "line 1")
    return encoding
