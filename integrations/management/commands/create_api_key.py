"""How does an operator make a key for another system?"""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from integrations.api import keys
from integrations.api.models import Scope
from integrations.management.refusals import refusals_as_errors
from orders.timeline import audit


class Command(BaseCommand):
    help = "Make a key for the API and print it, once: only the key goes to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="Who will use the key, such as finance.")
        parser.add_argument(
            "--scopes",
            nargs="+",
            choices=Scope.values,
            default=list(keys.READING),
            metavar="SCOPE",
            help=f"Of {', '.join(Scope.values)}; all that read when none is named.",
        )
        parser.add_argument("--sellers", nargs="+", default=[], metavar="CODE", help="It sees only these; else all.")
        parser.add_argument("--networks", nargs="+", default=[], metavar="CIDR", help="It is valid only from there.")
        parser.add_argument("--expires", metavar="DATE", help="The day (UTC) on which it ends, as 2027-01-31.")

        parser.add_argument("--for", dest="person", metavar="USER", help="Who gets it: approves nothing it proposes.")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["person"]).first() if options["person"] else None
        if options["person"] and person is None:
            raise CommandError(f"Nobody has the user name {options['person']}.")
        try:
            expires = datetime.fromisoformat(options["expires"]).replace(tzinfo=UTC) if options["expires"] else None
        except ValueError as wrong:
            raise CommandError(str(wrong)) from None
        with refusals_as_errors(), transaction.atomic():
            key, plain = keys.create(
                options["name"],
                scopes=options["scopes"],
                sellers=keys.sellers_named(options["sellers"]),
                networks=options["networks"],
                expires_at=expires,
                by=person,
            )
            asked = {name: options[name] for name in ("scopes", "sellers", "networks", "expires") if options[name]}
            audit.record(audit.SERVER, f"Created. {audit.changes({}, asked)}", about=f"API key {key.name}")
        self.stderr.write(f"The API key {key.name!r}, shown this once: store it where only its user can read it.")
        self.stdout.write(plain)
