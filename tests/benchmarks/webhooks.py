"""How many messages leave in a second, and how long do dead endpoints delay a live one?"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from integrations.outbox.deliver import deliver_until
from integrations.webhooks import endpoints
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from integrations.webhooks.outbox import WEBHOOKS
from tests.benchmarks import stage
from tests.benchmarks.registry import Figure, Options, Registry

registry = Registry()
ORDERS, NEWS = 1_000, 4_000
DEAD = 50
LONGEST = 120

_NEWS = """
INSERT INTO orders_orderevent (order_id, seller_id, kind, occurred_at, actor, data)
SELECT %(first)s + n %% %(orders)s, %(seller)s, 'order.changed', now(), 'system', '{}'
FROM generate_series(1, %(news)s) n
"""


@registry.part("webhooks")
def measure_webhooks(options: Options) -> Iterator[Figure]:
    """One worker, one receiver in a process of its own that verifies every signature."""
    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    with stage.database("webhooks"):
        cohort = stage.make_orders(stage.make_account("hooks"), "HOOK", ORDERS)
        yield from _measure(cohort, options)


def _measure(cohort: stage.Cohort, options: Options) -> Iterator[Figure]:
    live, secret = endpoints.create(endpoints.EndpointSpec("live", "http://127.0.0.1:9/", ("*",), None))
    with _receiver(secret) as url, _silent() as dead:
        WebhookEndpoint.objects.update(url=url)
        rates = [NEWS / _deliver(cohort, live, NEWS) for _ in range(options.rounds)]
        yield Figure("webhooks delivered by one worker", sorted(rates)[len(rates) // 2], "/s", target=200)
        alone = _deliver(cohort, live, 200)
        for n in range(DEAD):
            endpoints.create(endpoints.EndpointSpec(f"dead {n}", dead, ("*",), None))
        beside = _deliver(cohort, live, 200)
        delay = (beside - alone) * 1000
        note = f"200 messages: {alone * 1000:.0f} ms alone, {beside * 1000:.0f} ms beside {DEAD} that never answer"
        yield Figure("delay by dead endpoints", delay, "ms", target=2000, at_most=True, note=note)


def _deliver(cohort: stage.Cohort, live: WebhookEndpoint, news: int) -> float:
    """Let so much happen, and answer the seconds until the live endpoint has accepted all of it."""
    values = {"first": cohort.first_order, "orders": ORDERS, "seller": cohort.seller_id, "news": news}
    with connection.cursor() as cursor:
        cursor.execute(_NEWS, values)
    before = live.deliveries.count()
    waiting = WebhookDelivery.objects.filter(endpoint=live, state="pending")
    began = time.monotonic()
    took = 0.0

    def over() -> bool:
        nonlocal took
        # Afterwards the worker waits for what is still on its way to the dead ones.
        took = time.monotonic() - began
        return took > LONGEST or not waiting.exists()

    deliver_until(WEBHOOKS, over)
    if took > LONGEST or live.deliveries.count() - before != news:
        raise RuntimeError("the live endpoint did not get everything")
    return took


@contextmanager
def _receiver(secret: str) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.integrations.webhooks.receiver", secret]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        yield process.stdout.readline().strip() + "/ok"
        process.stdin.close()


@contextmanager
def _silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
