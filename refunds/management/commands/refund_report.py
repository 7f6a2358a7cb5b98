"""Write the payments of a period as CSV, for finance to match against the provider's statement."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.models import Seller
from orders.timeline import audit
from refunds.reports import payments_csv


class Command(BaseCommand):
    help = "Write one CSV line per refund that was paid, the oldest first, to the standard output. Days are UTC."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="first", required=True, metavar="DAY", help="the first day, such as 2026-11-01"
        )
        parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="the last day, itself included")
        parser.add_argument("--seller", help="the code of one seller; all of them without it")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = _day(options["first"]), _day(options["last"])
        if first > last:
            raise CommandError(f"{first} is after {last}")
        sellers = None
        if options["seller"]:
            sellers = list(Seller.objects.values_list("pk", flat=True).filter(code=options["seller"]))
            if not sellers:
                raise CommandError(f"There is no seller {options['seller']}.")
        of = f"the seller {options['seller']}" if options["seller"] else "every seller"
        act = f"Wrote the payments of {of}"
        audit.record(audit.SERVER, act, about=f"{first} to {last}", kind=audit.Kind.EXPORT)
        for line in payments_csv.lines(first, last, sellers=sellers):
            self.stdout.write(line, ending="")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is not a day such as 2026-11-21") from None
