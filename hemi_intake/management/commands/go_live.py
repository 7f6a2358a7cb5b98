"""Let this installation send refunds and webhooks from now on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hemi_intake.going_live import checklist, go_live
from integrations.management.refusals import refusals_as_errors
from orders.models import Seller
from orders.timeline import audit
from refunds import sending


class Command(BaseCommand):
    help = (
        "Let this installation send, once two people have confirmed the limits under “Going live”. Until then, and in "
        "a copy of its database, no refund and no webhook is sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anyway", action="store_true", help="Go live although something is missing.")

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [f"{check.title}: no. {check.missing}" for check in checklist(Seller.objects.all()) if check.missing]
        for sentence in missing:
            self.stdout.write(sentence)
        if missing and not options["anyway"]:
            raise CommandError(f"Not live: {len(missing)} of the checks above failed. --anyway goes live all the same.")
        with refusals_as_errors(), transaction.atomic():
            was_not = go_live()
            without = "; failed checks: " + "; ".join(missing) if missing else ""
            audit.record(audit.SERVER, f"{'Went live' if was_not else 'Went live again'}{without}", about="sending")
        self.stdout.write("Live: refunds and webhooks are sent from now on." if was_not else "Was live already.")
        for row in sending.stops():
            self.stdout.write(f"{row} is stopped by {row.stopped_by}: {row.why}")
