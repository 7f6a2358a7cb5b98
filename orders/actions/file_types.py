"""What is in a file, whatever it calls itself, and under which name may it be kept? (pure)"""

import unicodedata
from dataclasses import dataclass

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that may be kept: its media type, and the ending of its name."""

    media: str
    endings: tuple[str, ...]


PDF = Kind("application/pdf", (".pdf",))
PNG = Kind("image/png", (".png",))
JPEG = Kind("image/jpeg", (".jpg", ".jpeg"))
GIF = Kind("image/gif", (".gif",))
WEBP = Kind("image/webp", (".webp",))
HEIC = Kind("image/heic", (".heic", ".heif"))
TEXT = Kind("text/plain", (".txt", ".csv", ".eml", ".log"))
ALLOWED = "PDF, PNG, JPEG, GIF, WebP, HEIC and plain text"

_BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
_HEIF = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")


def kind_of(content: bytes) -> Kind | None:
    """The kind of a file by its content; None when it is none that may be kept."""
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF:
        return HEIC
    return TEXT if _is_text(content) else None


def clean_name(name: str, kind: Kind) -> str:
    """The last part of a name, without signs that hide or turn it, ending as its content says."""
    last = name.replace("\\", "/").rpartition("/")[2]
    # Control signs and those that turn the direction of writing make "gpj.exe" read as "exe.jpg".
    shown = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"))
    shown = " ".join(shown.translate(dict.fromkeys(map(ord, '<>:"|?*'), "_")).split()).strip(". ")
    stem, dot, ending = shown.rpartition(".")
    if dot and f".{ending.lower()}" in kind.endings:
        return f"{stem[: LONGEST_NAME - 6] or 'file'}.{ending.lower()}"
    return f"{shown[: LONGEST_NAME - 6] or 'file'}{kind.endings[0]}"


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    # Markup could be run by a browser that guesses.
    if text.lstrip().startswith("<"):
        return False
    return not any(unicodedata.category(sign) == "Cc" for sign in text if sign not in "\t\r\n\f")
