"""Which process may a test kill in the middle of a delivery? This one: it delivers until it is ended."""

import os
import subprocess
import sys
import time

import django
from django.conf import settings
from django.db import connection


def worker(seconds: float) -> "subprocess.Popen[str]":
    """Start it on the test's own database."""
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.integrations.webhooks.worker", name, str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def main() -> None:
    """Deliver on the database named first, for so many seconds as named second; 0 is one run as the clock starts it."""
    django.setup()
    from integrations.webhooks.deliver import deliver, deliver_until  # noqa: PLC0415 - only after setup

    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    seconds = float(sys.argv[2])
    ends = time.monotonic() + seconds
    sys.stdout.write(f"{deliver_until(lambda: time.monotonic() > ends) if seconds else deliver()}\n")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    main()
