"""Which process may a test kill in the middle of a delivery? This one: it delivers until it is ended."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.conf import settings
from django.db import connection


@contextmanager
def worker(how: str = "for ever") -> Iterator["subprocess.Popen[str]"]:
    """Start it on the test's own database; it is gone at the end, whatever became of it."""
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.integrations.webhooks.worker", name, how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def main() -> None:
    """Deliver on the database named first: "for ever", or in "one run" as the clock starts it."""
    django.setup()
    from integrations.outbox.deliver import deliver, deliver_until  # noqa: PLC0415 - only after setup
    from integrations.webhooks.outbox import WEBHOOKS  # noqa: PLC0415 - only after setup

    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if sys.argv[2] == "one run":
        deliver(WEBHOOKS)
    else:
        deliver_until(WEBHOOKS, lambda: False)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    main()
