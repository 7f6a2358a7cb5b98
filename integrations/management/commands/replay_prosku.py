"""Rebuild orders from the archive of ProSKU's messages."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations.connections.accounts import choose
from integrations.connections.models import PROSKU
from integrations.management.refusals import refusals_as_errors
from integrations.management.timestamps import moment_of
from integrations.warehouses.replay import replay
from orders.timeline import audit


class Command(BaseCommand):
    help = "Rebuild shipments, quantities and statuses from the archived messages, and print a JSON summary."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", help="the code of one seller; all without it")
        parser.add_argument("--since", help="only orders with messages received from this time on (ISO 8601)")

    def handle(self, *args: Any, **options: Any) -> None:
        since = moment_of(options["since"])
        with refusals_as_errors():
            accounts = choose(kind=PROSKU, seller_code=options["seller"] or "")
        sellers = dict.fromkeys(account.seller for account in accounts)
        since_then = f" since {since.isoformat()}" if since else ""
        audit.record(audit.SERVER, f"Rebuilt orders from the archive{since_then}", about=options["seller"] or "")
        counts = replay(sellers, since=since, progress=self._progress)
        self.stdout.write(json.dumps(counts, indent=2))

    def _progress(self, counts: Counter[str]) -> None:
        self.stderr.write(f"{counts['orders']} orders, {counts['messages']} messages")
