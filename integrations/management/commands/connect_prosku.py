"""Connect a seller to a ProSKU installation, or give it a new key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from integrations.connections.connect import connect
from integrations.connections.models import PROSKU, Connection
from integrations.management.refusals import refusals_as_errors
from orders.timeline import audit


class Command(BaseCommand):
    help = "Connect a seller to a ProSKU installation. Called again it changes the address or the key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="name of the connection, such as main")
        parser.add_argument("--url", required=True, help="where its API lives; HTTPS, or plain HTTP to this machine")
        parser.add_argument("--seller", required=True, help="the code of the seller")
        parser.add_argument("--key", required=True, help="the seller's company reference")
        parser.add_argument("--format", choices=("xml", "json"), default="xml", help="what ProSKU is asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_errors(), transaction.atomic():
            before: Any = Connection.objects.filter(name=options["name"]).values("base_url", "format").first() or {}
            account, new = connect(
                kind=PROSKU,
                name=options["name"],
                base_url=options["url"],
                form=options["format"],
                seller_code=options["seller"],
                key=options["key"],
            )
            changed = audit.changes(before, {"base_url": options["url"], "format": options["format"]})
            act = f"{'Connected' if new else 'Entered the key again'}. {changed}".rstrip(". ")
            audit.record(audit.SERVER, act, about=f"account {account}")
        self.stdout.write(f"{'Connected' if new else 'Updated'} {account}.")
