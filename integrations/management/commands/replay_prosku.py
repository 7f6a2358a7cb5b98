"""Make orders anew from the archive of ProSKU's messages."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.management.timestamps import moment_of
from integrations.warehouses.replay import replay
from orders.models import Seller


class Command(BaseCommand):
    help = "Rebuild shipments, quantities and statuses from the archived messages, and print a JSON summary."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", help="the code of one seller; all without it")
        parser.add_argument("--since", help="only orders with messages received from this time on (ISO 8601)")

    def handle(self, *args: Any, **options: Any) -> None:
        sellers = Seller.objects.filter(warehouse_accounts__isnull=False).distinct()
        if options["seller"]:
            sellers = sellers.filter(code=options["seller"])
        if not sellers:
            raise CommandError("There is no such seller with a ProSKU.")
        counts = replay(sellers, since=moment_of(options["since"]), progress=self._progress)
        self.stdout.write(json.dumps(counts, indent=2))

    def _progress(self, counts: Counter[str]) -> None:
        self.stderr.write(f"{counts['orders']} orders, {counts['messages']} messages")
