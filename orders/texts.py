"""Text from outside: what can be stored and shown, and one rule for what people cannot see as it is (pure).

What only looks like another reference or SKU is made that one; what has lost its digits is refused, never guessed.
"""

import re

# Control characters such as NUL; tab and line ends are text. Halves of surrogate pairs stand for bytes that were not
# UTF-8.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Format characters and fillers that no eye sees: soft hyphens, zero-width ones, direction marks, byte order marks.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_NO_WIDTH = re.compile("[\u00ad\u200b\u2060\ufeff]")
_ODD_SPACES = re.compile("[\u00a0\u2007\u202f]")
# White space, but for the control characters among it: those are refused.
_SPACES = re.compile(r"[^\S\x0b\x0c\x1c-\x1f]+")
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}")


def fit(text: str) -> bool:
    """Whether PostgreSQL can hold the text and a screen show it."""
    return _UNFIT.search(text) is None


def cleaned(text: str) -> str:
    """The text with a replacement character for each that is unfit."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def identifier(text: str) -> str:
    """A reference, a SKU or a number as it was meant: without invisible characters, any white space one plain space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def prose(text: str) -> str:
    """A name or a sentence: odd spaces are plain ones, and what has no width is left out where it joins nothing."""
    return text if text.isascii() else _ODD_SPACES.sub(" ", _NO_WIDTH.sub("", text))


def shortened(text: str) -> str:
    """Why this is no reference, if a spreadsheet has shortened its digits, as in 4.50012E+11; "" if it has not."""
    if "+" not in text or not _SHORTENED.fullmatch(text):
        return ""
    return (
        f"is {text}, a number that a spreadsheet has shortened: its last digits are lost. "
        "Format the column as text and export it again"
    )


def folded(sku: str) -> str:
    """The form in which SKUs are compared where upper and lower case are the same."""
    return identifier(sku).casefold()
