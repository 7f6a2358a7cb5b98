"""How fast does the API read and take in, beside what PostgreSQL alone and the usual serializer need?"""

import io
import json
import uuid
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test.utils import override_settings

from hemi_intake.wsgi import application
from integrations.api import keys as api_keys
from integrations.models import Scope
from orders.models import SalesChannel
from tests.benchmarks import stage
from tests.benchmarks.registry import Figure, Options, Registry, beside

registry = Registry()
PAGES = 40
"""Requests per round."""
URLS = "tests.benchmarks.api_urls"

_PARTS = """
INSERT INTO orders_fulfilmentorder (order_id, warehouse_id, part, whole_order, number, started, external_status, status,
    detail, cancel_reason, report_version, closed_as, listed, listed_version, figures, state, units)
SELECT o.id, w.warehouse_id, 1, false, '', true, '', '', '', '', '', '', '[]', '', '[]', 'in_progress', '{}'
FROM orders_order o JOIN orders_sellerwarehouse w USING (seller_id)
"""
_SHIPMENTS = """
INSERT INTO orders_shipment (order_id, fulfilment_order_id, seller_id, number, carrier, service, tracking_number,
    tracking_url, carrier_text, despatched_at, changed_at, version, withdrawn, planned, message)
SELECT o.id, f.id, seller_id, reference || '-D', 'Royal Mail', 'Tracked 24', reference || '-T',
    'https://track.example/1', '',
    placed_at, placed_at, '1', false, false, 1 FROM orders_order o JOIN orders_fulfilmentorder f ON f.order_id = o.id
"""
_SHIPPED = """
INSERT INTO orders_shipmentitem (shipment_id, sku, quantity)
SELECT s.id, i.sku, sum(i.quantity) FROM orders_shipment s JOIN orders_orderitem i USING (order_id) GROUP BY s.id, i.sku
"""
_EVENTS = """
INSERT INTO orders_orderevent (order_id, seller_id, kind, occurred_at, actor, data)
SELECT id, seller_id, 'order.shipped', placed_at, 'prosku:main', '{"from": "processing", "to": "shipped", "ordered": 4}'
FROM orders_order
"""


class Server:
    """The application as a WSGI server calls it, with one key."""

    def __init__(self) -> None:
        self._application = application
        _, self._key = api_keys.create("bench", scopes=Scope.values, per_minute=1_000_000)

    def ask(self, path: str, body: Any = None) -> bytes:
        """The body of a 2xx answer."""
        path, _, query = path.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        status: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET" if body is None else "POST",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.input": io.BytesIO(sent),
            "wsgi.url_scheme": "http",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(sent)),
            "HTTP_AUTHORIZATION": f"Bearer {self._key}",
            "HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4()),
        }

        def start(line: str, headers: Any, trouble: Any = None) -> Any:
            status.append(line)

        answer: Any = self._application(environ, start)
        found: bytes = b"".join(answer)
        answer.close()
        if not status[0].startswith("2"):
            raise RuntimeError(f"{path}: {status[0]} {found[:300]!r}")
        return found


@registry.part("page")
def measure_page(options: Options) -> Iterator[Figure]:
    """A page of 100 orders with items and shipments, interleaved with the limit and with a ModelSerializer."""
    with stage.database("page"), override_settings(ROOT_URLCONF=URLS):
        stage.make_orders(stage.make_account("lumen"), "P", 200_000)
        with connection.cursor() as cursor:
            cursor.execute(_PARTS)
            cursor.execute(_SHIPMENTS)
            cursor.execute(_SHIPPED)
        stage.tidy()
        server = Server()
        ours, limit, usual = "/api/v1/orders/?page_size=100", "/api/bench/limit/", "/api/bench/usual/"
        mine, least = (json.loads(server.ask(path)) for path in (ours, limit))
        if mine["results"] != least:
            raise RuntimeError("the limit answers something else")
        server.ask(usual)
        rounds: dict[str, list[float]] = {path: [] for path in (ours, limit, usual)}
        for _ in range(options.rounds * PAGES):
            for path, times in rounds.items():
                began = perf_counter()
                server.ask(path)
                times.append((perf_counter() - began) * 1000)
    ratio = median(rounds[ours]) / median(rounds[limit])
    name, value, against = "API page of 100 orders", median(rounds[ours]), "json_agg in one statement"
    yield Figure(name, value, "ms", median(rounds[limit]), against, ratio, 3, at_most=True)
    ratio = median(rounds[usual]) / median(rounds[ours])
    yield Figure(f"{name}, × faster", value, "ms", median(rounds[usual]), "ModelSerializer", ratio, 4)


@registry.part("feed")
def measure_feed(options: Options) -> Iterator[Figure]:
    """The change feed, read from its beginning to its end by one reader."""
    with stage.database("feed"):
        stage.make_orders(stage.make_account("lumen"), "F", 50_000)
        with connection.cursor() as cursor:
            cursor.execute(_EVENTS)
        stage.tidy()
        server, rates = Server(), []
        for _ in range(options.rounds):
            after, events, more = "0.0", 0, True
            began = perf_counter()
            while more:
                page = json.loads(server.ask(f"/api/v1/events/?limit=1000&after={after}"))
                after, more = page["after"], page["more"]
                events += len(page["results"])
            rates.append(events / (perf_counter() - began))
            if events != 50_000:
                raise RuntimeError(f"{events} events were read")
    yield Figure("API change feed, one reader", median(rates), "/s", target=5_000)


@registry.part("batch")
def measure_batch(options: Options) -> Iterator[Figure]:
    """Orders taken in by the thousand, beside the same rows written by COPY and one INSERT each."""
    with stage.database("batch"):
        stage.make_account("lumen")
        server = Server()
        server.ask("/api/v1/orders/batch/", {"orders": [_order("W", n) for n in range(100)]})
        ours, theirs = [], []
        for number in range(options.rounds):
            batches = [{"orders": [_order(f"R{number}-{b}", n) for n in range(1000)]} for b in range(5)]
            began = perf_counter()
            for batch in batches:
                server.ask("/api/v1/orders/batch/", batch)
            ours.append(5_000 / (perf_counter() - began))
            theirs.append(5_000 / _copied(f"R{number}-"))
    yield beside("API bulk order intake", ours, theirs, against="COPY, INSERT … SELECT", target=1 / 3)


def _order(token: str, number: int) -> dict[str, Any]:
    lines = [
        {"sku": f"SKU-{number * 7 + line}", "name": "A thing", "quantity": 2, "unit_price": "19.99", "tax": "6.66"}
        for line in range(1 + number % 4)
    ]
    return {
        "reference": f"{token}-{number}",
        "seller": "lumen",
        "channel": "bench",
        "placed_at": "2026-03-02T09:30:00Z",
        "currency": "GBP",
        "customer": {"name": "Ada Lovelace", "email": f"ada{number}@example.com"},
        "shipping_address": {"city": "London", "postcode": "N1 9GU"},
        "shipping_charge": "4.95",
        "items": lines,
        "total_paid": f"{4.95 + 39.98 * len(lines):.2f}",
    }


def _copy_payments(cursor: Any) -> None:
    cursor.execute(
        "ALTER TABLE t_orders_paymentshare ADD id bigint "
        "DEFAULT nextval(pg_get_serial_sequence('orders_payment', 'id'))"
    )
    of_payment = "id, seller_id, provider, automatic, reference, currency"
    cursor.execute(f"INSERT INTO orders_payment ({of_payment}) SELECT {of_payment} FROM t_orders_paymentshare")
    cursor.execute(
        "INSERT INTO orders_paymentshare (order_id, payment_id, amount) SELECT o.id, r.id, r.amount "
        "FROM t_orders_paymentshare r JOIN t_orders_order o USING (was)"
    )


def _copied(token: str) -> float:
    """Write the finished rows of these orders once more, under another channel, and answer the seconds it took."""
    channel = SalesChannel.objects.create(code=f"copy-{token}", name="Copy", kind="web")
    orders = _columns("orders_order", "channel_id")
    items = _columns("orders_orderitem", "order_id")
    events = _columns("orders_orderevent", "order_id", "transaction_id", "recorded_at")
    mine = f"SELECT id FROM orders_order WHERE reference LIKE '{token}%'"
    tables = {
        "orders_order": f"SELECT id AS was, {orders} FROM orders_order WHERE id IN ({mine})",
        "orders_orderitem": f"SELECT order_id AS was, {items} FROM orders_orderitem WHERE order_id IN ({mine})",
        "orders_paymentshare": f"""
            SELECT s.order_id AS was, s.amount, p.seller_id, p.provider, p.automatic, p.reference, p.currency
            FROM orders_paymentshare s JOIN orders_payment p ON p.id = s.payment_id WHERE s.order_id IN ({mine})""",
        "orders_orderevent": f"SELECT order_id AS was, {events} FROM orders_orderevent WHERE order_id IN ({mine})",
    }
    plain: Any = connection.connection
    with plain.cursor() as cursor:
        texts = {}
        for table, rows in tables.items():
            with cursor.copy(f"COPY ({rows}) TO STDOUT") as copy:
                texts[table] = b"".join(bytes(block) for block in copy)
        began = perf_counter()
        with plain.transaction():
            for table, rows in tables.items():
                cursor.execute(f"CREATE TEMP TABLE t_{table} ON COMMIT DROP AS {rows} LIMIT 0")
                with cursor.copy(f"COPY t_{table} FROM STDIN") as copy:
                    copy.write(texts[table])
            cursor.execute(
                "ALTER TABLE t_orders_order ADD id bigint DEFAULT nextval(pg_get_serial_sequence('orders_order', 'id'))"
            )
            cursor.execute(
                f"INSERT INTO orders_order (id, channel_id, {orders}) "
                f"SELECT id, {channel.pk}, {orders} FROM t_orders_order"
            )
            _copy_payments(cursor)
            for table, columns in (("orders_orderitem", items), ("orders_orderevent", events)):
                inner = ", ".join(f"r.{name}" for name in columns.split(", "))
                cursor.execute(
                    f"INSERT INTO {table} (order_id, {columns}) SELECT o.id, {inner} FROM t_{table} r "
                    "JOIN t_orders_order o USING (was)"
                )
    return perf_counter() - began


def _columns(table: str, *but: str) -> str:
    """The columns of a table that are written, without its id and `but`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
            " AND column_name <> 'id' ORDER BY ordinal_position",
            [table],
        )
        return ", ".join(name for (name,) in cursor.fetchall() if name not in but)
