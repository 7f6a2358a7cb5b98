"""Start the background work: `manage.py qcluster`, until it is asked to stop by SIGTERM or SIGINT."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from integrations.queue_processes import Cluster


class Command(BaseCommand):
    help = "Starts the background work, and ends it in good order when it is asked to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 when it ended by itself, so that a supervisor starts it again."""
        if not Cluster().run():
            sys.exit(1)
