"""How does an operator make a key for another system?"""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.api import keys
from integrations.api.models import Scope
from orders.models import Seller


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

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["name"].strip()
        if not 1 <= len(name) <= 80:
            raise CommandError("The name of a key has 1 to 80 characters.")
        sellers = list(Seller.objects.filter(code__in=options["sellers"]))
        unknown = set(options["sellers"]) - {seller.code for seller in sellers}
        if unknown:
            raise CommandError(f"No seller has the code {', '.join(sorted(unknown))}.")
        try:
            expires = datetime.fromisoformat(options["expires"]).replace(tzinfo=UTC) if options["expires"] else None
            _, plain = keys.create(
                name,
                scopes=options["scopes"],
                sellers=sellers,
                networks=options["networks"],
                expires_at=expires,
            )
        except (keys.NameTaken, ValueError) as wrong:
            raise CommandError(str(wrong)) from None
        self.stderr.write(f"The API key {name!r}, shown this once: keep it where only its user can read it.")
        self.stdout.write(plain)
