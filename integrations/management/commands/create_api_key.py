"""How does an operator make a key for another system?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations import api_keys


class Command(BaseCommand):
    help = "Make a key for the API and print it, once: only the key goes to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="Who will use the key, such as finance.")

    def handle(self, *args: Any, **options: Any) -> None:
        name: str = options["name"].strip()
        if not 1 <= len(name) <= 80:
            raise CommandError("The name of a key has 1 to 80 characters.")
        try:
            _, plain = api_keys.create(name)
        except api_keys.NameTaken as taken:
            raise CommandError(str(taken)) from None
        self.stderr.write(f"The API key {name!r}, shown this once: keep it where only its user can read it.")
        self.stdout.write(plain)
