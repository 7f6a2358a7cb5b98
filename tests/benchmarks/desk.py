"""How quickly do the desk's lists, searches and pages answer with a million orders?

Beside the stock Django changelist over the same table, and beside themselves with few orders, in the same run.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.admin.order_list import OrderList
from orders.backoffice import export, lists
from orders.backoffice.export.columns import PER_ITEM
from orders.models import Export, Order
from refunds.models import Refund
from tests.benchmarks import desk_stock, stage
from tests.benchmarks.desk_lists import LISTS, ROWS, Listed
from tests.benchmarks.many import ground
from tests.benchmarks.registry import Figure, Options, Registry

registry = Registry()
FEW = 10_000
EXPORTED = 20_000
EACH = 5
"""So often each address is asked in each round."""
KILOBYTES, LIST_QUERIES, PAGE_QUERIES = 200, 15, 30
SLACK = 1.2


class Desk:
    """One database with orders, and somebody who is logged in there."""

    def __init__(self, database: str, name: str = ground.PEOPLE[0]) -> None:
        self.database = database
        self.enter()
        self.client = Client(headers={"host": "localhost"})
        self.person = User.objects.get(username=name)
        self.client.force_login(self.person)

    def enter(self) -> None:
        """Let the next requests go to this database."""
        if stage.name_in_use() != self.database:
            stage.use(self.database)
            connection.ensure_connection()

    def ask(self, address: str) -> float:
        """The milliseconds until the whole answer is here."""
        began = perf_counter()
        answer = self.client.get(address, follow=True)
        took = (perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return took

    def weigh(self, address: str) -> tuple[int, int]:
        """Bytes of the answer, and the queries that it took."""
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(address)
        return len(answer.content), len(queries)

    def deep(self, listed: Listed) -> str:
        """The address of a page nine tenths down the list of everything."""
        page: Any = admin.site.get_model_admin(listed.model)
        sort = page.order(dict.fromkeys((one.name for one in page.filters), ""))
        rows = listed.model.objects.order_by(*sort)
        row = rows[rows.count() * 9 // 10]
        return f"{listed.everything}after={lists._key(row, [name.lstrip('-') for name in sort])}"


def timed(rounds: int, asked: dict[str, tuple[Desk, str]]) -> dict[str, float]:
    """The median of each address, asked in turn; before each round of a desk one request that does not count."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for desk in {id(desk): desk for desk, _ in asked.values()}.values():
            desk.enter()
            mine = {name: address for name, (one, address) in asked.items() if one is desk}
            for address in mine.values():
                desk.ask(address)
            for _ in range(EACH):
                for name, address in mine.items():
                    times[name].append(desk.ask(address))
    return {name: median(found) for name, found in times.items()}


@contextmanager
def desks(options: Options) -> Iterator[tuple[Desk, Desk]]:
    """The desk with many orders and the one with few, every list with as many rows as stock's."""
    with stage.stored(FEW) as small, stage.stored(options.stored) as large, override_settings(**desk_stock.SETTINGS):
        sizes = {listed.model: admin.site.get_model_admin(listed.model) for listed in LISTS}
        before = {page: page.size for page in sizes.values()}  # type: ignore[attr-defined]
        for page in sizes.values():
            page.size = ROWS  # type: ignore[attr-defined]
        yield Desk(large), Desk(small)
        for page, size in before.items():
            page.size = size  # type: ignore[attr-defined]


@registry.part("lists")
def measure_lists(options: Options) -> Iterator[Figure]:
    """First pages, deep pages, their size and their queries."""
    with desks(options) as (large, small):
        for listed in LISTS:
            large.enter()
            asked = {
                "ours": (large, listed.everything),
                "deep": (large, large.deep(listed)),
                "stock": (large, listed.stock),
                "few": (small, listed.everything),
            }
            found = timed(options.rounds, asked)
            yield _beside(f"{listed.name}: first page", found["ours"], found["stock"], "stock", 1)
            yield _beside(f"{listed.name}: first page", found["ours"], found["few"], f"{FEW:,} orders", SLACK)
            yield _beside(f"{listed.name}: deep page", found["deep"], found["ours"], "first page", SLACK)
            large.enter()
            size, queries = large.weigh(listed.everything)
            theirs, _ = large.weigh(listed.stock)
            note = f"{theirs / 1000:.0f} KB stock"
            yield Figure(f"{listed.name}: HTML", size / 1000, "KB", target=KILOBYTES, at_most=True, note=note)
            yield Figure(f"{listed.name}: queries", queries, "", target=LIST_QUERIES, at_most=True)


@registry.part("limited")
def measure_limited(options: Options) -> Iterator[Figure]:
    """The lists of somebody who sees one small seller, beside those of somebody who sees all."""
    with desks(options) as (large, _):
        limited = Desk(large.database, ground.LIMITED)
        for listed in LISTS:
            asked = {"theirs": (limited, listed.everything), "all": (large, listed.everything)}
            found = timed(options.rounds, asked)
            yield _beside(f"{listed.name}: one small seller's", found["theirs"], found["all"], "all sellers", SLACK)


@registry.part("filters")
def measure_filters(options: Options) -> Iterator[Figure]:
    """The slowest choice of each filter alone, and usual combinations, beside the same with few orders."""
    with desks(options) as (large, small):
        for listed in LISTS:
            page: Any = admin.site.get_model_admin(listed.model)
            large.enter()
            alone = [[f"{one.name}={value}" for value, _ in one.choices(large.person)] for one in page.filters]
            for queries in (*alone, *listed.together):
                if figure := _slowest(large, small, listed, queries, options.rounds):
                    yield figure


def _slowest(large: Desk, small: Desk, listed: Listed, queries: Sequence[str], rounds: int) -> Figure | None:
    large.enter()
    once = {}
    for query in queries:
        large.ask(f"{listed.address}?{query}")
        once[query] = min(large.ask(f"{listed.address}?{query}") for _ in range(2))
    if not once:
        return None
    worst = max(once, key=lambda query: once[query])
    address = f"{listed.address}?{worst}"
    found = timed(rounds, {"ours": (large, address), "few": (small, address)})
    return _beside(f"{listed.name}: {worst}", found["ours"], found["few"], f"{FEW:,} orders", None)


@registry.part("search")
def measure_search(options: Options) -> Iterator[Figure]:
    """What people type, beside the stock search for the same over fewer columns."""
    with desks(options) as (large, _):
        for listed in LISTS:
            for kind, query in listed.searches.items():
                large.enter()
                with connection.cursor() as cursor:
                    cursor.execute(query)
                    (text,) = cursor.fetchone()
                asked = {
                    "ours": (large, f"{listed.everything}q={text}"),
                    "stock": (large, f"{listed.stock}?q={text}"),
                }
                found = timed(1, asked)
                ratio = found["stock"] / found["ours"]
                name = f"{listed.name}: search by {kind}, × faster"
                yield Figure(name, found["ours"], "ms", found["stock"], "stock", ratio, 10)


@registry.part("pages")
def measure_pages(options: Options) -> Iterator[Figure]:
    """The page of an order and of a refund, the landing page and the numbers."""
    with desks(options) as (large, small):
        for model in (Order, Refund):
            found = timed(
                options.rounds, {"ours": (large, _page_of(large, model)), "few": (small, _page_of(small, model))}
            )
            name = f"page of {model._meta.verbose_name}"
            yield _beside(name, found["ours"], found["few"], f"{FEW:,} orders", SLACK)
            large.enter()
            _, queries = large.weigh(_page_of(large, model))
            yield Figure(f"{name}: queries", queries, "", target=PAGE_QUERIES, at_most=True)
        for name in ("index", "refunds_reports", "activity", "orders_order_export"):
            address = reverse(f"admin:{name}")
            found = timed(options.rounds, {"ours": (large, address), "few": (small, address)})
            yield _beside(f"page {name}", found["ours"], found["few"], f"{FEW:,} orders", None)


@registry.part("exports")
def measure_exports(options: Options) -> Iterator[Figure]:
    """Orders a second of what somebody takes along: the list's columns, and a line per item with all there are."""
    with desks(options) as (large, _):
        large.enter()
        for kind in Export.Kind.values:
            for what, columns in (("list's columns", list(OrderList.list_display)), ("line per item", [PER_ITEM])):
                rates = []
                for _ in range(options.rounds):
                    began = perf_counter()
                    for _ in export.stream(Order.objects.filter(pk__lte=EXPORTED), columns, kind):
                        pass
                    rates.append(EXPORTED / (perf_counter() - began))
                yield Figure(f"export: {kind}, {what}", median(rates), "/s", note=f"{EXPORTED:,} orders")


def _page_of(desk: Desk, model: Any) -> str:
    desk.enter()
    rows = model.objects.filter(status="proposed") if model is Refund else model.objects.filter(shipped_units__gt=2)
    row = rows.order_by("id")[rows[:1000].count() // 2]
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])


def _beside(name: str, value: float, other: float, against: str, target: float | None) -> Figure:
    note = f"beside {against}"
    return Figure(name, value, "ms", other, against, value / other, target, at_most=True, note=note)
