"""Deliver what is due: one thread speaks to the database, many to the targets, so that none waits for another."""

import logging
import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic

from django.db import connection

from integrations import shutdown
from integrations.outbox.claim import claim
from integrations.outbox.outbox import Channel, Claimed, Outbox, Target
from integrations.outbox.publish import publish
from integrations.outbox.record_attempts import Done, record_attempts
from integrations.outbox.retry import Ended

FIRST, WIDE, AILING = 64, 64, 64
"""Threads for the first message to a target, for what goes to it at the same time, and for targets that have not proved
lately that they answer. So neither a slow target nor many dead ones hold up the others."""
AT_ONCE = 16
"""So many messages are on their way to one target at most; one to a target that has just failed."""
POLL = 0.5
RUN = 150
"""Seconds after which a run ends by itself if no other has begun; well below the time-out of a task."""

log = logging.getLogger(__name__)

_BEGIN = """
INSERT INTO integrations_outboxmark AS m (name, run) VALUES (%s, 1)
ON CONFLICT (name) DO UPDATE SET run = m.run + 1 RETURNING run
"""


def deliver(outbox: Outbox[Target]) -> int:
    """Publish and deliver until the next run has begun, and return how many attempts were made.

    The clock starts a run every minute, and each run ends when it sees a younger one: so somebody always
    delivers, and an extra run costs nothing. Without any active target a run ends at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [outbox.name])
        (run,) = cursor.fetchone()
    ends = time.monotonic() + RUN

    def over() -> bool:
        if asked_to_stop() or time.monotonic() >= ends:
            return True
        with connection.cursor() as cursor:
            cursor.execute("SELECT run FROM integrations_outboxmark WHERE name = %s", [outbox.name])
            if cursor.fetchone()[0] != run:
                return True
        return not outbox.target._default_manager.filter(active=True).exists()  # noqa: SLF001

    with shutdown.graceful_shutdown() as asked_to_stop:
        return deliver_until(outbox, over, asked_to_stop=asked_to_stop)


def deliver_until(
    outbox: Outbox[Target], over: Callable[[], bool], *, asked_to_stop: Callable[[], bool] = lambda: False
) -> int:
    """Publish and deliver until `over` says so, then wait for what is on its way and record it.

    Nothing more is begun once `asked_to_stop` holds, not even where an answer has just made room.
    """
    courier = _Courier(outbox)
    try:
        while True:
            publish(outbox)
            started = 0 if asked_to_stop() else courier.start()
            if over():
                break
            record_attempts(outbox, courier.collect(0.0 if started else POLL))
        while courier.busy:
            record_attempts(outbox, courier.collect(POLL))
    finally:
        courier.close()
    return courier.tries


@dataclass(slots=True)
class _Lane(Generic[Target]):
    """The way to one target. It widens with each accepted message, and narrows to one at a failure."""

    channel: Channel[Target]
    busy: int = 0
    limit: int = 1
    proven: bool = False


@dataclass
class _Courier(Generic[Target]):
    """What is on its way. Only the thread of the database touches this; the others hand back how attempts ended."""

    outbox: Outbox[Target]
    tries: int = 0
    busy: int = 0
    _lanes: dict[int, _Lane[Target]] = field(default_factory=dict)
    _back: "queue.SimpleQueue[Done[Target]]" = field(default_factory=queue.SimpleQueue)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(FIRST + WIDE + AILING, "outbox"))

    def __post_init__(self) -> None:
        self._open = self.outbox.opener()

    def start(self) -> int:
        """Claim what is due and there is room for, and send it off; say how much."""
        claimed = claim(self.outbox, self._shares, [pk for pk, lane in self._lanes.items() if lane.busy >= lane.limit])
        for one in claimed:
            lane = self._lanes[one.target.pk]
            lane.busy += 1
            self._pool.submit(self._try, lane.channel, one)
        self.busy += len(claimed)
        self.tries += len(claimed)
        return len(claimed)

    def collect(self, wait: float) -> list[Done[Target]]:
        """The attempts that have ended; waits so many seconds for the first one."""
        done: list[Done[Target]] = []
        try:
            done.append(self._back.get(timeout=wait) if wait else self._back.get_nowait())
            while True:
                done.append(self._back.get_nowait())
        except queue.Empty:
            pass
        for lane in self._lanes.values():
            lane.channel.cut_overdue()
        for one in done:
            lane = self._lanes[one.claimed.target.pk]
            lane.busy -= 1
            lane.proven = one.ended.accepted
            lane.limit = min(2 * lane.limit, AT_ONCE) if lane.proven else 1
        self.busy -= len(done)
        return done

    def close(self) -> None:
        """Wait for the threads, and give back the connections that were kept."""
        self._pool.shutdown()
        for lane in self._lanes.values():
            lane.channel.close()

    def _shares(self, rows: Sequence[Target]) -> dict[int, int]:
        """How many messages each of these targets may take now."""
        lanes = {row.pk: self._lane(row) for row in rows}
        every = self._lanes.values()
        first = FIRST - sum(lane.proven and lane.busy > 0 for lane in every)
        wide = WIDE - sum(lane.busy - 1 for lane in every if lane.proven and lane.busy)
        ailing = AILING - sum(lane.busy for lane in every if not lane.proven)
        shares: dict[int, int] = {}
        for pk, lane in sorted(lanes.items(), key=lambda item: item[1].busy):
            if not lane.proven:
                shares[pk] = int(lane.busy == 0 and ailing > 0)
                ailing -= shares[pk]
                continue
            one = int(lane.busy == 0 and first > 0)
            more = max(min(lane.limit - lane.busy - one, wide, WIDE // len(lanes)), 0) if lane.busy or one else 0
            first, wide = first - one, wide - more
            shares[pk] = one + more
        return shares

    def _lane(self, row: Target) -> _Lane[Target]:
        lane = self._lanes.get(row.pk)
        if lane is None:
            lane = self._lanes[row.pk] = _Lane(self._open(row))
        elif not lane.channel.leads_to(row):
            lane.channel.close()
            lane.channel, lane.limit, lane.proven = self._open(row), 1, False
        return lane

    def _try(self, channel: Channel[Target], one: Claimed[Target]) -> None:
        # Whatever happens to one message, its thread must hand something back.
        try:
            ended = channel.send(one)
        except Exception as error:
            log.exception("a message could not be sent", extra={"outbox": self.outbox.name})
            ended = Ended(0, error=f"Our own fault: {type(error).__name__}.")
        self._back.put(Done(one, ended))
