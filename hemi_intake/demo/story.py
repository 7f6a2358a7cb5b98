"""In which order does the demo come to life, go on, and end?"""

import logging
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from secrets import token_urlsafe

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection

from hemi_intake.demo import catalogue, data, load, showcase
from hemi_intake.demo.paths import Place, Secrets
from hemi_intake.demo.processes import Children, sweep
from hemi_intake.demo.sandboxes import Sandboxes
from integrations import schedules
from integrations.gateways.http import NoAnswer, send

READY_WITHIN = 90
NUDGE_EVERY = 5
ORDER_EVERY = 30

log = logging.getLogger(__name__)


class CannotStart(Exception):
    """The demo cannot start; the message is a sentence."""


class Story:
    """One run of the demo. `say` writes a piece of text to the person who started it."""

    def __init__(self, place: Place, say: Callable[[str], None]) -> None:
        self.place = place
        self.secrets = place.secrets()
        self.web_url = ""
        self._say = say
        self._children = Children(place.logs, self.secrets.run)
        self._sandboxes = Sandboxes(place, self.secrets)

    @property
    def prosku_url(self) -> str:
        return self._sandboxes.prosku_url

    def begin(self, port: int) -> None:
        """Bring everything up, and return when all of it answers. Raises CannotStart, Ended, NotOurs."""
        self.place.withdraw()
        if left := sweep(self.secrets.run):
            self._say(f"  {left} processes that an earlier demo had left behind were ended\n")
        port = _free(port)
        with self._step("Preparing the database"):
            new = not load.loaded()
            call_command("upgrade", verbosity=0)
        orders = self._furnish() if new else self._furnished()
        with self._step("Starting the warehouse (a ProSKU sandbox) and the payment provider"):
            self._sandboxes.start(self._children)
        if new:
            with self._step(f"Loading {len(orders)} orders of {data.DAYS} days"):
                load.load(orders, self.secrets.prosku_keys, self.prosku_url)
        load.connect(self.prosku_url)
        self.place.keep(load.admit(self.secrets))
        if load.unread():
            self._read_for_the_first_time()
        if new:
            with self._step("Deciding on the older refunds"):
                load.decide_the_past()
            with self._step("Bringing about what an ordinary month may not show"):
                showcase.show(self._sandboxes, self.place.shipping_files, self.secrets.seed)
        self._serve(port)
        if new:
            showcase.show_provider_event(self._sandboxes, self.web_url)

    def go_on(self) -> None:
        """Keep everything running until interrupted. Raises Ended when a process ends for the second time."""
        nudged = ordered = time.monotonic()
        while True:
            time.sleep(0.5)
            for name in self._children.watch():
                self._say(f"  The process {name!r} ended by itself and was started again\n")
                if name == "prosku":
                    self._sandboxes.run_clock()
            now = time.monotonic()
            if now - nudged >= NUDGE_EVERY:
                nudged = now
                _nudge()
            if now - ordered >= ORDER_EVERY:
                ordered = now
                self._order()

    def end(self) -> None:
        """Stop what was started, and take the announcement back. A second call does nothing."""
        self.place.withdraw()
        self._children.stop()
        # What a process started in a group of its own and left behind.
        sweep(self.secrets.run)
        connection.close()

    def _furnish(self) -> list[data.DemoOrder]:
        keys = {brand.code: f"demo-{token_urlsafe(12)}" for brand in catalogue.BRANDS}
        self.secrets = Secrets(run=self.secrets.run, prosku_keys=keys)
        self.place.keep(self.secrets)
        self._sandboxes = Sandboxes(self.place, self.secrets)
        now = datetime.now(UTC)
        orders = data.orders(now, seed=self.secrets.seed)
        with self._step("Writing what the warehouse did so far"):
            self._sandboxes.furnish(orders, now=now)
        return orders

    def _furnished(self) -> list[data.DemoOrder]:
        if not self.place.warehouse.exists():
            raise CannotStart(
                f"The database holds a demo that {self.place.directory} knows nothing of; `make demo-reset` forgets it."
            )
        return []

    def _read_for_the_first_time(self) -> None:
        with self._step("Reading from the warehouse"):
            for run in load.sync_once():
                if run.error:
                    raise CannotStart(f"The first sync failed: {run.error}.")

    def _serve(self, port: int) -> None:
        environment = {
            "HEMI_ENV": "dev",
            "ENVIRONMENT_LABEL": "Demo",
            "DEMO": "true",
            # The processes start in another directory than this one may have done.
            "EMBEDDED_DB_DIR": str(settings.EMBEDDED_DB_DIR),
            # A receiver of this machine's own may be told.
            "WEBHOOK_ALLOW_PRIVATE_NETWORKS": "true",
            "SHIPPING_FILES_DIR": str(self.place.shipping_files),
            "PAYMENT_SANDBOX_URL": self._sandboxes.payment_url,
            "PAYMENT_SANDBOX_KEY": self.secrets.payment_key,
        }
        bind = f"127.0.0.1:{port}"
        web = ["-m", "gunicorn", "--config", "python:hemi_intake.web_server", "hemi_intake.wsgi", "--bind", bind]
        with self._step("Starting the web server and the background work"):
            self._children.start("cluster", [sys.executable, "manage.py", "qcluster"], environment, grace=30)
            self._children.start("web", [sys.executable, *web, "--no-control-socket"], environment, grace=10)
            schedules.trigger_soon("heartbeat")
            _nudge()
            self.web_url = f"http://{bind}"
            self._wait()

    def _wait(self) -> None:
        ends = time.monotonic() + READY_WITHIN
        while time.monotonic() < ends:
            self._children.insist()
            with suppress(NoAnswer):
                if send("GET", f"{self.web_url}/readyz", headers={}, seconds=5).status == 200:
                    return
            time.sleep(0.2)
        raise CannotStart(f"{self.web_url}/readyz did not get ready; {self.place.logs} says more.")

    def _order(self) -> None:
        """Somebody places a new order. What goes wrong now may go right the next time."""
        number = data.COUNT + self.secrets.placed + 1
        order = data.order(self.secrets.seed, number, datetime.now(UTC), live=True)
        try:
            self._sandboxes.place_order(order)
            close_old_connections()
            load.take([order])
        except (NoAnswer, DatabaseError):
            log.exception("no new order this time")
            return
        self.secrets.placed += 1
        self.place.keep(self.secrets)

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        self._say(f"  {what} … ")
        yield
        self._say(f"{time.monotonic() - began:.1f} s\n")


def _nudge() -> None:
    """Have the clock's next minute come at once, so that there is something to watch."""
    try:
        close_old_connections()
        schedules.trigger_soon("poll ProSKU")
        schedules.trigger_soon("execute approved refunds")
    except DatabaseError:
        log.exception("no nudge this time")


def _free(port: int) -> int:
    """The port itself, or a free one for 0. Raises CannotStart when somebody listens there."""
    with socket.socket() as probe:
        # As the web server does: a connection that has just ended is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CannotStart(
                f"Port {port} is taken. Choose another one, for example: make demo PORT={port + 1}"
            ) from None
        return int(probe.getsockname()[1])
