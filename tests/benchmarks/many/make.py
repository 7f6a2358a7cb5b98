"""How are a million orders made in minutes? Set by set, with triggers paused, and checked afterwards."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from hemi_intake.demo import catalogue
from orders.models import Order
from tests.benchmarks.many import around, check, desk, ground, plan, rows

UNTIL = datetime.now(UTC)
_TABLES = (
    *("orders_order", "orders_payment", "orders_paymentshare"),
    *("orders_orderitem", "orders_fulfilmentorder", "orders_shipment", "refunds_refund"),
    *("integrations_archivedmessage", "integrations_syncrun"),
)


class Broken(RuntimeError):
    """What was made breaks a rule of the house; the message says which."""


def make(orders: int, *, seed: int = 1, until: datetime = UNTIL) -> None:
    """Fill an empty database, and leave it as it would be found on any morning. Raises Broken."""
    fill(orders, seed=seed, until=until)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE, ANALYZE)")
    # With it go the temporary tables.
    connection.close()


def fill(orders: int, *, seed: int, until: datetime) -> None:
    """Write so many orders placed before `until`, and all that belongs to them, into an empty database.

    The same seed and moment make the same rows. Raises Broken when they do not hold what they must.
    """
    if Order.objects.exists():
        raise Broken("There are orders already: data is made in an empty database only.")
    laid = ground.lay()
    values: dict[str, Any] = {
        "orders": orders,
        "until": until,
        "limit": ground.SECOND_APPROVER_ABOVE,
        "brands": laid.brands,
        "channels": laid.channels,
        "countries": json.dumps(laid.countries),
        "accounts": laid.accounts,
        "person_ids": laid.people,
        "people": list(ground.PEOPLE),
        "payloads": laid.payloads,
        "first_names": list(ground.FIRST_NAMES),
        "last_names": list(ground.LAST_NAMES),
        "towns": [town for town, _ in catalogue.BRITISH_TOWNS],
        "areas": [area for _, area in catalogue.BRITISH_TOWNS],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Foreign keys and triggers would ask about each of millions of rows; `check` asks once about all of them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(plan.PICK.format(seed=seed))
        cursor.execute(plan.DRAW)
        for statement in plan.STATEMENTS:
            cursor.execute(statement, values)
        for index in plan.INDEXED:
            cursor.execute(f"CREATE INDEX ON {index}")
        cursor.execute("ANALYZE")
        for statement in (*rows.STATEMENTS, *around.STATEMENTS):
            cursor.execute(statement, values)
        desk.furnish(laid.people)
        for table in _TABLES:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        cursor.execute("ANALYZE")
        if broken := check.broken():
            raise Broken("; ".join(f"{rule}: broken by {many} rows" for rule, many in broken.items()))
