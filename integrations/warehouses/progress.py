"""How far is a run, how fast is it, and how long will it still take? (pure)"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.warehouses.models import SyncRun
from orders.durations import format_duration

COUNTS = {
    "pages": "Pages",
    "messages": "Messages",
    "duplicates": "Already processed",
    "applied": "Applied",
    "parked": "Parked",
    "rejected": "Rejected",
    "proposed": "Refunds",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """A run's counts so far; `rate` in messages a second; `left` is None when nobody can tell."""

    running: bool
    counts: dict[str, int]
    expected: int
    took: timedelta
    rate: float
    left: timedelta | None


def progress(run: SyncRun, now: datetime) -> Progress:
    """How the run stands at `now`. ProSKU says per list how much there is, so what is left may grow once."""
    running = run.state == SyncRun.State.RUNNING
    took = max((run.finished_at or now) - run.started_at, timedelta())
    seconds = took.total_seconds()
    rate = run.messages / seconds if seconds else 0.0
    left = None
    if running and rate and run.expected:
        left = timedelta(seconds=max(run.expected - run.messages, 0) / rate)
    counts = {words: getattr(run, name) for name, words in COUNTS.items()}
    return Progress(running, counts, run.expected, took, rate, left)


def brought(run: SyncRun) -> str:
    """What came of a run: 3 applied, 1 parked, 1 refund proposed; "" when it broke off before anything did."""
    counts = [f"{count} {word}" for word in ("applied", "parked", "rejected") if (count := getattr(run, word))]
    if run.proposed:
        counts.append(f"{run.proposed} {'refund' if run.proposed == 1 else 'refunds'} proposed")
    if counts or run.error:
        return ", ".join(counts)
    return "no changes yet" if run.state == SyncRun.State.RUNNING else "no changes"


def took(run: SyncRun, now: datetime) -> str:
    """How long a run took, or has taken so far; parts of a second where it was quick."""
    span = max((run.finished_at or now) - run.started_at, timedelta())
    words = f"{span.total_seconds():.1f} s" if span < timedelta(seconds=10) else format_duration(span)
    return words.replace(" ", "\N{NO-BREAK SPACE}")
