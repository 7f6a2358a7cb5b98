"""Connect a seller to a ProSKU installation, or give it a new key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from integrations import http
from integrations.connections.models import Account, Connection
from orders.models import Seller


class Command(BaseCommand):
    help = "Connect a seller to a ProSKU installation. Called again it changes the address or the key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="name of the connection, such as main")
        parser.add_argument("--url", required=True, help="where its API lives; HTTPS, or plain HTTP to this machine")
        parser.add_argument("--seller", required=True, help="the code of the seller")
        parser.add_argument("--key", required=True, help="the seller's company reference")
        parser.add_argument("--format", choices=("xml", "json"), default="xml", help="what ProSKU is asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            url = http.check_address(options["url"])
        except http.NotAllowed as error:
            raise CommandError(str(error)) from None
        seller = Seller.objects.filter(code=options["seller"]).first()
        if seller is None:
            raise CommandError(f"There is no seller {options['seller']}: add it in the admin, or import its orders.")
        with transaction.atomic():
            place = {"base_url": url, "format": options["format"]}
            connection, _ = Connection.objects.update_or_create(name=options["name"], defaults=place)
            access = {"key": options["key"], "paused_because": "", "failures": 0}
            account, new = Account.objects.update_or_create(connection=connection, seller=seller, defaults=access)
        self.stdout.write(f"{'Connected' if new else 'Updated'} {account}.")
