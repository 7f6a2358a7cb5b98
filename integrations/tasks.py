"""What does the clock call? Tasks without arguments: they find their rows, and a second run does no harm."""

import time

from django.conf import settings

from integrations import heartbeat, schedules
from integrations import prune as prune_past
from integrations.api import writing
from integrations.gateways import compare_refunds as compare_with_providers
from integrations.gateways import process_events
from integrations.outbox import deliver
from integrations.outbox import prune as prune_deliveries
from integrations.warehouses import compare as compare_with_prosku
from integrations.warehouses import poll, silence
from integrations.warehouses.files import folder
from integrations.warehouses.poll import LONGEST
from integrations.webhooks.outbox import WEBHOOKS
from orders.backoffice import export
from refunds.decisions import bulk


def poll_prosku() -> int:
    """Sync the ProSKU sellers that are due; every minute."""
    return poll.poll()


def apply_waiting() -> int:
    """Apply messages whose order or status word has come; every minute."""
    return poll.apply_everywhere()


def read_shipping_files() -> int:
    """Read the shipping files that lie in their folder; every minute."""
    return folder.read_all()


def process_provider_events() -> int:
    """Process what payment providers sent by themselves; every minute."""
    return process_events.process_events()


def listen() -> int:
    """Say which connections have been silent for longer than they usually are; every five minutes."""
    return silence.detect_silence()


def deliver_webhooks() -> int:
    """Publish and deliver until the next run begins; every minute, so that somebody is always listening."""
    return deliver.deliver(WEBHOOKS)


def compare() -> int:
    """Ask ProSKU for all open orders and store the discrepancies; hourly, each account once after nightfall."""
    return compare_with_prosku.compare_due(since=schedules.nightfall(), ends=time.monotonic() + LONGEST)


def compare_refunds() -> int:
    """Ask payment providers for the refunds that they made; hourly, each provider once after nightfall."""
    return compare_with_providers.compare_due(since=schedules.nightfall(), ends=time.monotonic() + LONGEST)


def prune() -> dict[str, int]:
    """Remove what nobody needs any more of the archive, the runs, the log-ins and the queue; every night."""
    return {
        **prune_past.prune(),
        "deliveries": prune_deliveries.delete_finished(WEBHOOKS, days=settings.WEBHOOK_KEEP_DAYS),
        "answers": writing.forget(),
        "exports": export.delete_expired(),
        "batches": bulk.forget(),
        "log-ins": prune_past.prune_log_ins(),
        "results": schedules.forget_results(),
    }


def beat() -> None:
    """Prove that the queue is alive; every minute. The readiness check looks for it."""
    heartbeat.beat()
