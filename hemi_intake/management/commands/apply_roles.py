"""Give each role what the table of roles says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hemi_intake.roles import UnknownPermission, apply_roles


class Command(BaseCommand):
    help = "Give each role exactly the permissions of the table in hemi_intake/roles.py, and print what changed."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changes = apply_roles()
        except UnknownPermission as error:
            raise CommandError(f"There is no such permission: {error}. Migrate first.") from None
        if options["verbosity"]:
            for line in changes or ["The roles are what they should be."]:
                self.stdout.write(line)
