"""How fast, how large and how chatty is a whole sync, from HTTP to commit, in one process and in two?"""

from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

import requests
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.models import Account, SyncRun
from integrations.warehouses.sync import sync
from tests.benchmarks import stage
from tests.benchmarks.children import Child
from tests.benchmarks.intake import apply, archived, check
from tests.benchmarks.registry import Figure, Options, Registry, beside
from tests.benchmarks.server import serving

registry = Registry()
MEGABYTE = 1024 * 1024


@registry.part("end-to-end")
def measure_end_to_end(options: Options) -> Iterator[Figure]:
    """A whole sync over HTTP beside applying alone, in both forms."""
    size = min(options.sizes)
    for form in ("xml", "json"):
        with stage.database("sync"):
            account = stage.make_account("lumen", form=form)
            cohorts = [stage.make_orders(account, f"C{n:03d}", size) for n in range(2 * options.rounds)]
            whole, alone = [], []
            for one, other in zip(cohorts[::2], cohorts[1::2], strict=True):
                stage.tidy()
                with serving(one.token, size, form) as url:
                    whole.append(size / timed_sync(account, url, size))
                pages = archived(account, other)
                stage.tidy()
                alone.append(size / apply(account, pages).seconds)
            yield beside(f"end to end, {form}", whole, alone, against="apply only", target=0.6)


def timed_sync(account: Account, url: str, size: int) -> float:
    """Read everything from the beginning, check that all was applied, and answer the seconds."""
    account.connection.base_url = url
    account.connection.save()
    Account.objects.filter(pk=account.pk).update(orders_cursor=None, despatches_cursor=None)
    account.refresh_from_db()
    began = perf_counter()
    run = sync(account)
    took = perf_counter() - began
    if run is None or run.state != SyncRun.State.SUCCEEDED:
        raise RuntimeError(f"the run did not succeed: {run and run.error}")
    check(run.applied, run.proposed, size)
    return took


@registry.part("memory")
def measure_memory(options: Options) -> Iterator[Figure]:
    """How much the worker holds at most, over few pages and over many."""
    peaks: dict[int, float] = {}
    for size in (min(options.sizes) // 5, max(options.sizes)):
        with stage.database("memory"):
            account = stage.make_account("lumen")
            cohort = stage.make_orders(account, "C000", size)
            stage.tidy()
            with serving(cohort.token, size, "xml") as url:
                peaks[size] = Child(_peak_of_a_sync, account.pk, url, size).wait()
    (few, small), (many, large) = sorted(peaks.items())
    yield Figure(f"memory of a worker, {many:,} updates", large, "MB", target=250, at_most=True)
    yield Figure(
        "memory, many pages beside few", large, "MB", small, f"{few:,} updates", large / small, target=1.1, at_most=True
    )


def _peak_of_a_sync(account_id: int, url: str, size: int, _parent: "Connection[Any, Any]") -> float:
    # The parent's memory counts as ours until it is forgotten.
    Path("/proc/self/clear_refs").write_text("5")
    account = Account.objects.select_related("connection", "seller").get(pk=account_id)
    timed_sync(account, url, size)
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / MEGABYTE


@registry.part("idle")
def measure_idle(options: Options) -> Iterator[Figure]:
    """What a poll costs that finds nothing new, whatever is stored."""
    size = min(options.sizes)
    with stage.database("idle"):
        account = stage.make_account("lumen")
        cohort = stage.make_orders(account, "C000", size)
        with serving(cohort.token, size, "xml") as url:
            timed_sync(account, url, size)
            for name, shipments in (("", True), (", shipments from orders only", False)):
                account.get_shipments = shipments
                before = _requests(url)
                began = perf_counter()
                with CaptureQueriesContext(connection) as queries:
                    sync(account)
                took = perf_counter() - began
                yield Figure(f"requests of an idle poll{name}", _requests(url) - before, "", target=1, at_most=True)
                yield Figure(
                    f"queries of an idle poll{name}",
                    len(queries),
                    "",
                    target=12,
                    at_most=True,
                    note=f"{took * 1000:.0f} ms",
                )


def _requests(url: str) -> int:
    return int(requests.get(f"{url}/requests", timeout=5).text)


@registry.part("workers")
def measure_workers(options: Options) -> Iterator[Figure]:
    """Two workers on two sellers beside one, interleaved; the database shares their cores."""
    size = min(options.sizes)
    with stage.database("workers"):
        accounts = [stage.make_account(code) for code in ("lumen", "tarn")]
        one, two = [], []
        for n in range(options.rounds):
            one.append(size / max(_at_once(accounts[:1], f"A{n:02d}", size)))
            two.append(2 * size / max(_at_once(accounts, f"B{n:02d}", size)))
        yield beside("two workers on two sellers", two, one, against="one worker", target=1.6)


def _at_once(accounts: list[Account], token: str, size: int) -> list[float]:
    cohorts = [stage.make_orders(account, f"{token}{n}", size) for n, account in enumerate(accounts)]
    stage.tidy()
    children = [Child(_apply_at_a_sign, account.pk, cohort) for account, cohort in zip(accounts, cohorts, strict=True)]
    for child in children:
        child.wait()
    for child in children:
        child.tell("go")
    took = [float(child.wait()) for child in children]
    for child in children:
        child.end()
    return took


def _apply_at_a_sign(account_id: int, cohort: stage.Cohort, parent: "Connection[Any, Any]") -> float:
    account = Account.objects.select_related("connection", "seller").get(pk=account_id)
    pages = archived(account, cohort)
    parent.send("ready")
    parent.recv()
    return apply(account, pages).seconds
