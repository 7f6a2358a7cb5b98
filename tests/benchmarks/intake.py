"""How fast does the intake apply what a warehouse says, beside the least work that the database must do?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from time import perf_counter

from integrations.models import ProSkuSeller
from integrations.prosku import archive
from integrations.prosku.archive import Kept
from integrations.prosku.settle import settle
from integrations.prosku.wire import Record
from tests.benchmarks import limit, stage, warehouse
from tests.benchmarks.registry import Figure, Options, Registry, beside

registry = Registry()
BATCH = 200
"""Messages that are settled together: a page, as the intake reads them."""


def archived(account: ProSkuSeller, token: str, size: int) -> list[list[Kept]]:
    """The cohort's messages, decoded and archived, page by page."""
    pages = warehouse.decoded(token, size, per_page=BATCH)
    return [archive.keep(account, None, "orders", page.records) for page in pages]


def apply(account: ProSkuSeller, pages: Sequence[Sequence[Kept]]) -> float:
    """Settle every page and answer the seconds it took: from decoded records to commit, proposals included."""
    counts: Counter[str] = Counter()
    began = perf_counter()
    for kept in pages:
        counts += settle(account, kept)
    took = perf_counter() - began
    total = sum(map(len, pages))
    if counts["applied"] != total or counts["proposed"] != total * 3 // 10:
        raise RuntimeError(f"not everything was applied: {dict(counts)}")
    return took


@registry.part("apply")
def measure_apply(options: Options) -> Iterator[Figure]:
    """Applying beside the limit, interleaved, on the same database."""
    for size in options.sizes:
        with stage.database("apply"):
            account = stage.make_account("lumen")
            cohorts = [stage.make_orders(account, f"C{n:03d}", size) for n in range(2 * options.rounds + 2)]
            stage.tidy()
            apply(account, archived(account, cohorts[0].token, size))
            rows = limit.taken_from(cohorts[0])
            limit.write(rows, cohorts[1])
            if not limit.same(cohorts[0], cohorts[1]):
                raise RuntimeError("the limit wrote other rows than the product")
            ours, theirs = [], []
            for one, other in zip(cohorts[2::2], cohorts[3::2], strict=True):
                pages = archived(account, one.token, size)
                stage.tidy()
                ours.append(size / apply(account, pages))
                theirs.append(size / limit.write(rows, other))
            yield beside(f"apply {size:,} updates", "/s", ours, theirs, "COPY and set-based SQL", 0.5)
