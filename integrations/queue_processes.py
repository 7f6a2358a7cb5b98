"""The queue's processes, so that they end in good order however a supervisor stops them.

systemd and others send SIGTERM to every process at once. The queue's own processes die of it while they hold locks
that the others wait for, and the rest hangs. Here only the first process takes it: it tells the sentinel, which lets
the workers finish what they are at. A worker that is sent SIGTERM itself ends after its task and is replaced. When the
first process is killed, the others end.
"""

import os
import queue
import signal
import time
from multiprocessing import Event
from typing import Any

from django_q import cluster
from django_q.conf import Conf
from django_q.signals import post_spawn
from django_q.status import Stat

POLL = 0.1
MONITOR_WITHIN = 30.0


class _Stop:
    """Says that it is time to stop: the first process said so, or is there no more."""

    def __init__(self, event: Any) -> None:
        self._event, self._first = event, os.getppid()

    def is_set(self) -> bool:
        return self._event.is_set() or os.getppid() != self._first

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds) or self.is_set()


class Sentinel(cluster.Sentinel):  # type: ignore[misc]  # django-q2 says nothing of its types
    """Starts the workers and watches over them; stops when the first process says so, and by no signal."""

    stop_event: Any
    pool: list[Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, start=False)
        self.stop_event = _Stop(self.stop_event)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        post_spawn.connect(_end_after_task_when_asked, dispatch_uid="end-after-task")
        self.start()

    def stop(self) -> None:
        """Let every worker finish its task, then let the results be written. Never waits for one that is dead."""
        self.event_out.set()
        while self.pool or self.pusher.is_alive():
            self.pool = [worker for worker in self.pool if worker.is_alive()]
            if not self.pool:
                # What it still holds nobody would take: the rows stay in the database.
                self.pusher.kill()
                self.pusher.join()
                break
            if not self.pusher.is_alive():
                _offer(self.task_queue)
            Stat(self).save()
            time.sleep(POLL)
        self.task_queue.cancel_join_thread()
        self.task_queue.close()
        self.result_queue.put("STOP")
        self.monitor.join(MONITOR_WITHIN)
        if self.monitor.is_alive():
            self.monitor.kill()
            self.result_queue.cancel_join_thread()
        self.result_queue.close()
        Stat(self).save()


class Cluster(cluster.Cluster):  # type: ignore[misc]
    """The first process. SIGTERM and SIGINT are remembered, however often they come, and acted upon outside of them."""

    asked = False

    def sig_handler(self, signum: int, frame: Any) -> None:
        """Remember that it is to stop."""
        self.asked = True

    def run(self) -> bool:
        """Work until asked to stop, then stop in good order; False when the sentinel ended by itself."""
        self.stop_event, self.start_event = Event(), Event()
        # The child must not die, or take itself for the first process, before it has its own way with the signal.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        self.sentinel = cluster.get_mp_context().Process(
            target=Sentinel, args=(self.stop_event, self.start_event, self.cluster_id, self.broker, self.timeout)
        )
        self.sentinel.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        while not self.asked and self.sentinel.is_alive():
            time.sleep(POLL)
        if self.asked:
            self.stop_event.set()
        self.sentinel.join()
        return self.asked


def _offer(tasks: Any) -> None:
    try:
        tasks.put_nowait("STOP")
    except queue.Full:
        return


def _end_after_task_when_asked(**_: object) -> None:
    """In a worker: SIGTERM lets it be recycled after its task, as one is that has grown too large."""

    def recycle(_number: int, _frame: Any) -> None:
        Conf.MAX_RSS = 1

    signal.signal(signal.SIGTERM, recycle)
