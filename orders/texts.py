"""Which text can be stored and shown? None with control characters such as NUL, or halves of surrogate pairs."""

import re

# Tab and line ends are text. Halves of surrogate pairs stand for bytes that were not UTF-8.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def fit(text: str) -> bool:
    """Whether PostgreSQL can hold the text and a screen show it."""
    return _UNFIT.search(text) is None


def cleaned(text: str) -> str:
    """The text with a replacement character for each that is unfit."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
