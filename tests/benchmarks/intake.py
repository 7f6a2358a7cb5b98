"""How fast does the intake apply what a warehouse says, beside the least work that the database must do?"""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

from integrations.models import Account
from integrations.warehouses import archive
from integrations.warehouses.apply_messages import apply_messages
from integrations.warehouses.archive import StoredMessage
from tests.benchmarks import limit, stage, warehouse
from tests.benchmarks.cpu import Cpu, spent
from tests.benchmarks.registry import Figure, Options, Registry, beside

registry = Registry()


def archived(account: Account, cohort: stage.Cohort) -> list[list[StoredMessage]]:
    """The cohort's messages, decoded and archived, page by page."""
    pages = warehouse.decoded(cohort.token, cohort.size)
    return [archive.store(account, None, "orders", page.records) for page in pages]


class Cost(NamedTuple):
    """Seconds that work took by the clock, and in processor time."""

    seconds: float
    cpu: Cpu


def apply(account: Account, pages: Sequence[Sequence[StoredMessage]]) -> Cost:
    """Apply every page and return what it cost: from decoded records to commit, proposals included."""
    counts: Counter[str] = Counter()
    # The pages that wait are the benchmark's: the intake holds one at a time.
    gc.collect()
    gc.freeze()
    before, began = spent(), perf_counter()
    for kept in pages:
        counts += apply_messages(account, kept)
    took = Cost(perf_counter() - began, spent().since(before))
    gc.unfreeze()
    check(counts["applied"], counts["proposed"], sum(map(len, pages)))
    return took


def check(applied: int, proposed: int, size: int) -> None:
    """Stop when anything was left out: a rate of half the work is no rate."""
    if applied != size or proposed != size * 3 // 10:
        raise RuntimeError(f"of {size} updates {applied} were applied, and {proposed} refunds proposed")


@registry.part("apply")
def measure_apply(options: Options) -> Iterator[Figure]:
    """Applying beside the limit, interleaved, on the same database."""
    for size in options.sizes:
        with stage.database("apply"):
            account = stage.make_account("lumen")
            cohorts = [stage.make_orders(account, f"C{n:03d}", size) for n in range(2 * options.rounds + 2)]
            rows = _rows(account, cohorts[0], cohorts[1])
            ours, theirs, costs = [], [], []
            for one, other in zip(cohorts[2::2], cohorts[3::2], strict=True):
                pages = archived(account, one)
                stage.tidy()
                costs.append(cost := apply(account, pages))
                ours.append(size / cost.seconds)
                stage.tidy()
                theirs.append(size / limit.write(rows, other))
            yield beside(f"apply {size:,} updates", ours, theirs, against="COPY and set-based SQL", target=0.5)
            yield _cpu(f"apply {size:,}: CPU seconds per 10,000", size, [cost.cpu for cost in costs])


def _cpu(name: str, size: int, costs: Sequence[Cpu]) -> Figure:
    share = 10_000 / size
    own, database = (median(values) * share for values in zip(*costs, strict=True))
    total = median(cost.total for cost in costs) * share
    return Figure(name, total, "s", note=f"own {own:.2f}, PostgreSQL {database:.2f}")


def _rows(account: Account, one: stage.Cohort, other: stage.Cohort) -> limit.Rows:
    """What applying a cohort writes; checked to be what the limit writes for another."""
    stage.tidy()
    apply(account, archived(account, one))
    rows = limit.taken_from(one)
    limit.write(rows, other)
    if not limit.same(one, other):
        raise RuntimeError("the limit wrote other rows than the product")
    return rows


@registry.part("flat")
def measure_flat(options: Options) -> Iterator[Figure]:
    """Applying with many orders stored beside applying with few, interleaved, in two databases."""
    size, few, many = 10_000, 10_000, options.stored
    with stage.database("few", orders=few), stage.database("many", orders=many):
        rates: dict[str, list[float]] = {"few": [], "many": []}
        accounts, cohorts = {}, {}
        for name in rates:
            stage.use(f"{stage.TEMPLATE}_{name}")
            accounts[name] = stage.make_account("lumen")
            cohorts[name] = [stage.make_orders(accounts[name], f"C{n:03d}", size) for n in range(options.rounds)]
        for n in range(options.rounds):
            for name, found in rates.items():
                stage.use(f"{stage.TEMPLATE}_{name}")
                pages = archived(accounts[name], cohorts[name][n])
                stage.tidy()
                found.append(size / apply(accounts[name], pages).seconds)
    yield beside(
        f"apply with {many:,} orders stored", rates["many"], rates["few"], against=f"{few:,} stored", target=0.8
    )
