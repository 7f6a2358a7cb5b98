"""On which database is measured, and what stands in it beforehand?

Each part gets a database of its own, copied from one that is migrated once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from hemi_intake import embedded
from integrations.models import Account, Connection
from orders.models import SalesChannel
from tests.benchmarks.many.make import make
from tests.builders import make_seller

TEMPLATE = "hemi_bench"
KEY = "bench-key"
_stored: list[str] = []


@dataclass(frozen=True, slots=True)
class Cohort:
    """Orders of one seller that stand in the database and have not been spoken of yet; ids are consecutive.

    `token` begins every reference and number of the cohort, and is as long in every cohort.
    """

    token: str
    seller_id: int
    size: int
    first_order: int
    first_item: int


@contextmanager
def template(*, keep: bool = False) -> Iterator[None]:
    """Make the migrated database that all others are copied from. `keep` those with stored orders afterwards."""
    with _database(TEMPLATE, "template0"):
        _migrate()
        try:
            yield
        finally:
            for name in _stored if not keep else ():
                _drop(name)


@contextmanager
def database(name: str, *, orders: int = 0) -> Iterator[None]:
    """A fresh database, with so many orders stored; the connection that was used before is back afterwards."""
    if orders:
        with stored(orders) as source:
            pass
    with _database(f"{TEMPLATE}_{name}", source if orders else TEMPLATE):
        yield


@contextmanager
def stored(orders: int) -> Iterator[str]:
    """A database with so many orders and all that belongs to them, for parts that leave it as it is.

    It is made once in a run, and migrated when it was kept from an earlier one.
    """
    name, before = f"{TEMPLATE}_{orders}", name_in_use()
    if name not in _stored:
        use("postgres")
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            kept = cursor.fetchone() is not None
            if not kept:
                cursor.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        _stored.append(name)
        use(name)
        if kept:
            _migrate()
        else:
            make(orders)
    use(name)
    try:
        yield name
    finally:
        use(before)


def _migrate() -> None:
    """What `upgrade` does, without the schedules: nothing but what is measured runs."""
    call_command("migrate", verbosity=0)
    call_command("apply_roles", verbosity=0)


@contextmanager
def _database(name: str, copy_of: str) -> Iterator[None]:
    before = settings.DATABASES["default"]["NAME"]
    server = "postgres"
    use(server)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {copy_of} STRATEGY file_copy")
    use(name)
    try:
        yield
    finally:
        _drop(name)
        use(before)


def _drop(name: str) -> None:
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def use(name: str) -> None:
    """Let the next statement go to this database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def name_in_use() -> str:
    """The database that statements go to now."""
    return str(connection.settings_dict["NAME"])


def version() -> str:
    """The server's version."""
    use("postgres")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def stop() -> None:
    """Stop the embedded server, so that its files can go."""
    connection.close()
    embedded.stop(settings.EMBEDDED_DB_DIR)


def make_account(code: str, base_url: str = "http://127.0.0.1:9", form: str = "xml") -> Account:
    """A seller with access to a ProSKU of its own."""
    warehouse = Connection.objects.create(name=code, base_url=base_url, format=form)
    seller = make_seller(code, name=code)
    SalesChannel.objects.get_or_create(code="bench", defaults={"name": "Bench", "kind": "web"})
    account = Account.objects.create(connection=warehouse, seller=seller, key=KEY)
    return Account.objects.select_related("connection", "seller").get(pk=account.pk)


_ORDERS = """
INSERT INTO orders_order (seller_id, channel_id, reference, source, placed_at, currency, prices_include_tax,
    customer_name, customer_email, customer_phone, shipping_address, billing_address, shipping_method, notes,
    shipping_charge, discounts, rounding, total, total_paid, ordered_units,
    shipped_units, cancelled_units, outstanding_units, started, on_hold, status_detail, committed_amount,
    committed_shipping)
SELECT %(seller)s, (SELECT id FROM orders_saleschannel WHERE code = 'bench'), %(token)s || '-' || i, 'web',
    timestamptz '2026-03-02 09:00Z' + i * interval '1 second', 'GBP', true,
    'Ada Lovelace', 'ada' || i || '@example.com', '', '{"city": "London", "postcode": "N1 9GU"}', '{}', 'Standard', '',
    495, '[]', 0, 495 + 1999 * units, 0, units, 0, 0, units, false, false, '', 0, 0
FROM generate_series(0, %(size)s - 1) i
CROSS JOIN LATERAL (SELECT sum(units_of(i, p)) AS units FROM generate_series(1, lines_of(i)) p) u
ORDER BY i RETURNING id
"""
_PAYMENTS = """
WITH fresh AS MATERIALIZED (
    SELECT o.id AS order_id, total, seller_id, currency, nextval(pg_get_serial_sequence('orders_payment', 'id')) AS id
    FROM orders_order o WHERE o.id BETWEEN %(first)s AND %(first)s + %(size)s - 1),
made AS (INSERT INTO orders_payment (id, seller_id, provider, automatic, reference, currency)
    SELECT id, seller_id, 'manual', false, '', currency FROM fresh)
INSERT INTO orders_paymentshare (order_id, payment_id, amount) SELECT order_id, id, total FROM fresh
"""
_ITEMS = """
INSERT INTO orders_orderitem (order_id, position, sku, name, quantity, unit_price, discount, discount_share, tax, paid,
    shipped_quantity, cancelled_quantity, started, on_hold, committed_quantity, committed_unshipped, committed_amount,
    committed_tax)
SELECT %(first)s + i, p, 'SKU-' || (i * 7 + p) %% 5000, 'A thing', units_of(i, p), 1999, 0, 0,
    333 * units_of(i, p), 1999 * units_of(i, p), 0, 0, false, false, 0, 0, 0, 0
FROM generate_series(0, %(size)s - 1) i CROSS JOIN generate_series(1, lines_of(i)) p ORDER BY i, p RETURNING id
"""
_RULES = """
CREATE OR REPLACE FUNCTION lines_of(i int) RETURNS int LANGUAGE sql IMMUTABLE RETURN 1 + (i / 10) % 4;
CREATE OR REPLACE FUNCTION units_of(i int, p int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p = 1 THEN 2 ELSE 1 + (i + p) % 3 END;
"""


def make_orders(account: Account, token: str, size: int) -> Cohort:
    """Store orders of 1 to 4 items of which nothing has been heard yet."""
    values: dict[str, int | str] = {"seller": account.seller_id, "token": token, "size": size}
    with connection.cursor() as cursor:
        cursor.execute(_RULES)
        cursor.execute(f"WITH made AS ({_ORDERS}) SELECT min(id), max(id) - min(id) + 1 FROM made", values)
        first_order, span = cursor.fetchone()
        cursor.execute(_PAYMENTS, values | {"first": first_order})
        cursor.execute(f"WITH made AS ({_ITEMS}) SELECT min(id) FROM made", values | {"first": first_order})
        (first_item,) = cursor.fetchone()
    if span != size:
        raise RuntimeError("somebody else writes into this database")
    return Cohort(token, account.seller_id, size, first_order, first_item)


def tidy() -> None:
    """Leave nothing for the background to do while it is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
