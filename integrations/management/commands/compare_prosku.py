"""Ask ProSKU for all open orders, and print where it and we disagree."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.connections.accounts import choose
from integrations.connections.models import PROSKU, Account
from integrations.management.refusals import refusals_as_errors
from integrations.warehouses.compare import NotCompared, compare
from integrations.warehouses.models import Discrepancy


class Command(BaseCommand):
    help = "Compare the open orders with ProSKU's and print the discrepancies as JSON. Changes no order."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", help="the code of one seller; all active ones without it")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_errors():
            accounts = choose(kind=PROSKU, seller_code=options["seller"] or "")
        compared = [_compared(account) for account in accounts]
        self.stdout.write(json.dumps({"compared": compared}, indent=2))
        if any(one["error"] for one in compared):
            raise CommandError("A seller could not be compared; see its error above.")


def _compared(account: Account) -> dict[str, Any]:
    error = ""
    try:
        compare(account)
    except NotCompared as refused:
        error = str(refused)
    rows = Discrepancy.objects.filter(account=account, resolved_at__isnull=True)
    found = [
        {"order": row.reference, "about": row.kind, "ours": row.ours, "theirs": row.theirs} for row in rows.defer("raw")
    ]
    named = {"connection": account.connection.name, "seller": account.seller.code}
    return {**named, "error": error, "discrepancies": found}
