"""A worker's task that never comes back from C: no signal handler of Python's can end it."""

import os
import re

import django
from django.conf import settings


def main() -> None:
    django.setup()
    from django_q.signals import pre_execute  # noqa: PLC0415 - only after setup

    from integrations import schedules  # noqa: PLC0415

    settings.Q_CLUSTER["timeout"], schedules.GRACE = 1, 1
    pre_execute.send(sender="django_q", func=None, task={})
    re.match(r"(a+)+$", "a" * 60 + "b")


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    main()
