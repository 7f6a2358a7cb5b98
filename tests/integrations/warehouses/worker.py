"""Which process may a test kill in the middle of a sync? A child of this one: account in, its pid and end out."""

import os
import sys

import django
from django.conf import settings


def say(what: str | int) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """Fork once for each account named on stdin; say the child's pid, and how it ended once it has."""
    django.setup()
    from integrations.models import Account  # noqa: PLC0415 - only after setup
    from integrations.warehouses.sync import sync  # noqa: PLC0415
    from tests.integrations.warehouses.world import QUICK  # noqa: PLC0415

    settings.PROSKU_PAGE_SIZE = 5
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            account = Account.objects.select_related("connection", "seller").get(pk=int(line))
            sync(account, patience=QUICK)
            os._exit(0)
        say(child)
        say(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    main()
