"""Which benchmarks are there, and what does one of them find?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement beside its limit: medians over the rounds, and the ratio that is asked for."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    against: str = ""
    ratio: float | None = None
    target: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        found = self.value if self.ratio is None else self.ratio
        if self.target is None:
            return None
        return found <= self.target if self.at_most else found >= self.target


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured: updates per round, rounds, and orders stored beforehand for the flatness."""

    sizes: tuple[int, ...] = (10_000, 50_000)
    rounds: int = 3
    stored: int = 1_000_000


Part = Callable[[Options], Iterator[Figure]]


@dataclass(frozen=True, slots=True)
class Registry:
    """The parts of the benchmark, by the name that the command line uses."""

    parts: dict[str, Part] = field(default_factory=dict)

    def part(self, name: str) -> Callable[[Part], Part]:
        """Register a function that measures and yields figures."""

        def register(function: Part) -> Part:
            self.parts[name] = function
            return function

        return register


def beside(
    name: str, values: Sequence[float], limits: Sequence[float], *, against: str, target: float, unit: str = "/s"
) -> Figure:
    """A figure from interleaved rounds: the ratio is the median of each round's own ratio."""
    ratio = median(value / limit for value, limit in zip(values, limits, strict=True))
    return Figure(name, median(values), unit, median(limits), against, ratio, target)
