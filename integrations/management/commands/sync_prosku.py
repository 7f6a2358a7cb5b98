"""Read what ProSKU has changed, now, and print what came of it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.connections.accounts import choose
from integrations.connections.models import PROSKU, Account
from integrations.connections.resume import resume
from integrations.management.refusals import refusals_as_errors
from integrations.management.timestamps import moment_of
from integrations.warehouses.models import SyncRun
from integrations.warehouses.sync import sync

COUNTS = ("pages", "messages", "duplicates", "applied", "parked", "rejected", "proposed")


class Command(BaseCommand):
    help = "Sync ProSKU accounts now and print a JSON summary. Exit code 1 when a run failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", help="the code of one seller; all active ones without it")
        parser.add_argument("--since", help="read from this time on (ISO 8601), whatever the cursor says")

    def handle(self, *args: Any, **options: Any) -> None:
        since = moment_of(options["since"])
        with refusals_as_errors():
            accounts = choose(kind=PROSKU, seller_code=options["seller"] or "")
            for account in accounts:
                resume(account)
        runs = [(account, sync(account, since=since)) for account in accounts]
        self.stdout.write(json.dumps({"runs": [_summary(account, run) for account, run in runs]}, indent=2))
        if any(run is not None and run.state != SyncRun.State.SUCCEEDED for _, run in runs):
            raise CommandError("A run failed; see its error above.")


def _summary(account: Account, run: SyncRun | None) -> dict[str, Any]:
    named = {"connection": account.connection.name, "seller": account.seller.code}
    if run is None:
        return {**named, "state": "skipped", "error": "another run is reading this seller"}
    return {**named, "state": run.state, **{name: getattr(run, name) for name in COUNTS}, "error": run.error}
