"""What has the demo's warehouse done with the orders before anybody looks? It is told to the sandbox, day by day."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hemi_intake.demo.data import DemoOrder
from hemi_intake.demo.prosku_server import plans
from hemi_intake.demo.prosku_server.state import State

ZONE = "Europe/London"
ARRIVES_AFTER = timedelta(minutes=6)


def furnish(file: Path, orders: Iterable[DemoOrder], keys: Mapping[str, str], *, now: datetime, seed: int) -> None:
    """Write the sandbox's state: past orders as far as they ever come, live ones still on their way.

    `keys` are the sellers' keys by seller code. An earlier state is replaced.
    """
    file.unlink(missing_ok=True)
    state = State(seed=seed, zone=ZONE, file=file)
    moves: list[tuple[datetime, str]] = []
    for order in orders:
        state.load([as_loaded(order, keys)], at=order.placed_at + ARRIVES_AFTER)
        moves += [(at, order.reference) for at in _moments(order, now, seed)]
    # In the order of time, so that despatch numbers rise with it.
    for at, reference in sorted(moves):
        state.advance(1, [reference], at=at)
    _leave_puzzles(state, list(orders), keys, now)
    state.save()


def as_loaded(order: DemoOrder, keys: Mapping[str, str]) -> dict[str, object]:
    """The order as the sandbox takes it in."""
    address = order.document["shipping_address"]
    return {
        "key": keys[order.document["seller"]],
        "order_reference": order.reference,
        "order_date": plans.local(order.placed_at, ZoneInfo(ZONE)),
        "plan": order.plan,
        "deliver_to": ", ".join(address[part] for part in ("name", "line1", "city", "postcode")),
        "lines": [{"product_code": sku, "quantity": quantity} for sku, quantity in order.lines],
    }


def _moments(order: DemoOrder, now: datetime, seed: int) -> list[datetime]:
    """When the order took each of the steps that it has taken so far."""
    rng = Random(f"{seed}/{order.reference}/past")  # noqa: S311 - a story, no secret
    steps = plans.PLANS[order.plan][1]
    # A live order has at least one step left, which somebody can then watch; some are shipped in part meanwhile.
    taken = len(steps)
    if order.live:
        taken = steps.index("despatch_part") + 1 if "despatch_part" in steps else rng.randrange(len(steps))
    moment, moments = order.placed_at + ARRIVES_AFTER, []
    for _ in range(taken):
        moment = min(moment + timedelta(minutes=rng.uniform(40, 420)), now - timedelta(minutes=5))
        moments.append(moment)
    return moments


def _leave_puzzles(state: State, orders: list[DemoOrder], keys: Mapping[str, str], now: datetime) -> None:
    """Three things that a person must look at: an unknown order, one unit too many, a word that nobody knows."""
    zone = ZoneInfo(ZONE)
    shipped = next((order for order in orders if order.plan == "whole" and not order.live), None)
    waiting = next((order for order in orders if order.plan == "waiting" and not order.live), None)
    if shipped is None or waiting is None:
        return
    key = keys[shipped.document["seller"]]
    at = now - timedelta(hours=3)
    for number, reference, sku in (
        ("900001", "PHONE-0417", shipped.lines[0][0]),
        ("900002", shipped.reference, shipped.lines[0][0]),
    ):
        note: plans.Wire = {
            "despatch_number": number,
            "order_number": "",
            "delivery_date": plans.local(at, zone)[:16],
            "carrier_data": "collected by hand",
            "additional_ref": reference,
            "deliver_to": "",
            "confirmed_at": plans.local(at, zone),
            "despatch_lines": [{"product_code": sku, "quantity": 1}],
        }
        state.put(key, "despatches", [note], at)
    account = state.account(keys[waiting.document["seller"]])
    record = plans.order_record(account.orders[waiting.reference], at.astimezone(UTC), zone)
    state.put(keys[waiting.document["seller"]], "orders", [record | {"status": "quarantined"}], at)
