"""What does the sandbox's warehouse know, and what of it changed since when?"""

import json
import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hemi_intake.demo.prosku_server import plans
from hemi_intake.demo.prosku_server.plans import Line, PlannedOrder, Wire

NAMED_BY = {"despatches": ("despatch_number",), "orders": ("order_number", "order_reference")}


@dataclass
class Entry:
    """A record as it stands, and the second in which it last changed."""

    modified: datetime
    record: Wire
    xml: str | None = None


@dataclass
class Account:
    """One seller's records and orders, under one key; those named in `twice` stand in their list as two rows."""

    zone: ZoneInfo
    revoked: bool = False
    records: dict[str, dict[str, Entry]] = field(default_factory=lambda: {name: {} for name in NAMED_BY})
    orders: dict[str, PlannedOrder] = field(default_factory=dict)
    by_time: dict[str, list[Entry]] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)

    def put(self, resource: str, record: Wire, modified: datetime) -> None:
        """Keep a record; one of the same name is replaced."""
        name = next((str(record[key]) for key in NAMED_BY[resource] if record.get(key)), "")
        self.records[resource][name] = Entry(modified.replace(microsecond=0), record)
        self.by_time.pop(resource, None)

    def changed(self, resource: str, since: datetime | None) -> list[Entry]:
        """The records that changed after `since`, oldest change first."""
        if resource not in self.by_time:
            rows = [
                entry for name, entry in self.records[resource].items() for _ in range(2 if name in self.twice else 1)
            ]
            self.by_time[resource] = sorted(rows, key=lambda entry: entry.modified)
        entries = self.by_time[resource]
        return entries if since is None else entries[bisect_right(entries, since, key=lambda entry: entry.modified) :]

    def next_number(self, resource: str) -> str:
        """A number that no record of this resource has yet."""
        taken = self.records[resource]
        count = len(taken) + 1
        while f"{count:06d}" in taken:
            count += 1
        return f"{count:06d}"

    def touch_first(self, resource: str, since: datetime | None, now: datetime) -> None:
        """Change the record that has been left alone longest, so that all others move up by one place."""
        for entry in self.changed(resource, since)[:1]:
            record = entry.record | {"updated_at": plans.local(now, self.zone)}
            self.put(resource, record, now)


class State:
    """Every account, moved on by a clock that gives the same story for the same seed."""

    def __init__(self, *, seed: int = 1, zone: str = "Europe/London", file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.seed = seed
        self.zone = ZoneInfo(zone)
        self.pace = 0.0
        self.accounts: dict[str, Account] = {}
        self._file = file
        self._changed = False
        if file and file.exists():
            self._restore(json.loads(file.read_text()))

    def account(self, key: str) -> Account:
        """The account of this key, opened when it is new."""
        if key not in self.accounts:
            self.accounts[key] = Account(self.zone)
            self._changed = True
        return self.accounts[key]

    def set_revoked(self, key: str, *, revoked: bool) -> None:
        """Refuse a key from now on, or accept it (again)."""
        with self.lock:
            self.account(key).revoked = revoked
            self._changed = True

    def load(self, orders: Iterable[Mapping[str, object]], *, at: datetime | None = None) -> int:
        """Take orders in, now or as if it were `at`; one whose reference its account already has is left as it is.

        Returns how many are new.
        """
        new = 0
        now = at or datetime.now(UTC)
        with self.lock:
            for document in orders:
                account = self.account(str(document["key"]))
                reference = str(document["order_reference"])
                if reference in account.orders:
                    continue
                order = self._planned(document, reference, len(account.orders) + 1, account.zone)
                order.due = now.timestamp() + 2 * self.pace * self._rng(reference, "start").random()
                account.orders[reference] = order
                account.put("orders", plans.order_record(order, now, account.zone), now)
                new += 1
            self._changed |= bool(new)
        return new

    def put(self, key: str, resource: str, records: Iterable[Wire], modified: datetime | None = None) -> int:
        """Keep records just as they are given, changed at `modified` or now."""
        with self.lock:
            account = self.account(key)
            count = 0
            for record in records:
                account.put(resource, record, modified or datetime.now(UTC))
                count += 1
            self._changed = True
        return count

    def set_pace(self, seconds: float) -> None:
        """Let orders move every so many seconds, starting now; 0 stops them."""
        if not 0 <= seconds <= 86_400:
            raise ValueError("the pace is a number of seconds from 0 to a day")
        now = datetime.now(UTC).timestamp()
        with self.lock:
            self.pace = seconds
            for account in self.accounts.values():
                for order in account.orders.values():
                    order.due = now + 2 * seconds * self._rng(order.reference, "pace").random()

    def tick(self) -> int:
        """Move on the orders whose time has come; nothing while the pace is 0. Returns how many moved."""
        if not self.pace:
            return 0
        now = datetime.now(UTC)
        with self.lock:
            due = [
                (account, order)
                for account in self.accounts.values()
                for order in account.orders.values()
                if not order.finished and order.due <= now.timestamp()
            ]
            for account, order in due:
                self._step(account, order, now)
        return len(due)

    def advance(self, steps: int = 1, references: Iterable[str] | None = None, *, at: datetime | None = None) -> int:
        """Move orders on by so many steps, all of them or those named, now or as if it were `at`.

        Returns how many steps were taken.
        """
        wanted = None if references is None else set(references)
        taken = 0
        with self.lock:
            for account in self.accounts.values():
                for order in account.orders.values():
                    for _ in range(steps if wanted is None or order.reference in wanted else 0):
                        if not order.finished:
                            self._step(account, order, at or datetime.now(UTC))
                            taken += 1
        return taken

    def save(self) -> None:
        """Write everything to the state file, if there is one and something changed since."""
        if self._file is None or not self._changed:
            return
        with self.lock:
            content = json.dumps({key: _account_as_json(account) for key, account in self.accounts.items()})
            self._changed = False
        draft = self._file.with_suffix(".draft")
        draft.write_text(content)
        draft.replace(self._file)

    def _planned(self, document: Mapping[str, object], reference: str, count: int, zone: ZoneInfo) -> PlannedOrder:
        rows = document["lines"]
        if not isinstance(rows, list) or not rows:
            raise ValueError(f"order {reference} has no lines")
        lines = [Line(str(row["product_code"]), int(row["quantity"])) for row in rows]
        units = sum(line.quantity for line in lines)
        plan = str(document.get("plan") or plans.choose(self._rng(reference, "plan"), units))
        if plan not in plans.PLANS or (units < 2 and plan not in plans.FOR_ONE_UNIT):
            raise ValueError(f"order {reference} cannot follow the plan {plan!r}")
        return PlannedOrder(
            reference=reference,
            number=str(document.get("order_number") or f"{count:06d}"),
            order_date=str(document.get("order_date") or plans.local(datetime.now(UTC), zone)),
            plan=plan,
            lines=lines,
            deliver_to=str(document.get("deliver_to") or ""),
        )

    def _step(self, account: Account, order: PlannedOrder, now: datetime) -> None:
        rng = self._rng(order.reference, str(order.step))
        leaving = plans.advance(order, rng)
        if leaving:
            number = account.next_number("despatches")
            order.notes.append(number)
            note = plans.note_record(order, number, leaving, now=now, zone=account.zone, rng=rng)
            account.put("despatches", note, now)
        account.put("orders", plans.order_record(order, now, account.zone), now)
        order.due = now.timestamp() + self.pace * (0.5 + rng.random())
        self._changed = True

    def _rng(self, reference: str, what: str) -> Random:
        return Random(f"{self.seed}/{reference}/{what}")  # noqa: S311 - a story, no secret

    def _restore(self, content: Mapping[str, dict[str, object]]) -> None:
        for key, stored in content.items():
            self.accounts[key] = _account_from_json(stored)


def _account_as_json(account: Account) -> dict[str, object]:
    return {
        "zone": account.zone.key,
        "revoked": account.revoked,
        "orders": [asdict(order) for order in account.orders.values()],
        "records": {
            resource: [[entry.modified.isoformat(), entry.record] for entry in entries.values()]
            for resource, entries in account.records.items()
        },
    }


def _account_from_json(stored: Mapping[str, object]) -> Account:
    account = Account(ZoneInfo(str(stored["zone"])), bool(stored["revoked"]))
    orders, records = stored["orders"], stored["records"]
    assert isinstance(orders, list) and isinstance(records, dict)  # noqa: S101, PT018 - our own file
    for row in orders:
        order = PlannedOrder(**{**row, "lines": [Line(**line) for line in row["lines"]]})
        account.orders[order.reference] = order
    for resource, entries in records.items():
        for modified, record in entries:
            account.put(resource, record, datetime.fromisoformat(modified))
    return account
