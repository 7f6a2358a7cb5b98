"""How is a length of time shown to people? (pure)"""

from datetime import timedelta

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def format_duration(span: timedelta | None, *, parts: int = 1) -> str:
    """A length of time, rounded down: "45 s", "90 min", "3 h"; "–" when there is none, and less than nothing is "0 s".

    In one part it is the largest unit of which there are two; in two parts the largest there is and the next: "1 h 30
    min".
    """
    if span is None:
        return "–"
    left = max(int(span.total_seconds()), 0)
    least = 2 if parts == 1 else 1
    first = next((n for n, (_, length) in enumerate(_UNITS) if left >= least * length), len(_UNITS) - 1)
    shown: list[str] = []
    for unit, length in _UNITS[first : first + parts]:
        count, left = divmod(left, length)
        if count or not shown:
            shown.append(f"{count} {unit}")
    return " ".join(shown)
