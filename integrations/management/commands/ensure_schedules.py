"""Make the schedules of the task queue what the code says."""

from typing import Any

from django.core.management.base import BaseCommand

from integrations import schedules


class Command(BaseCommand):
    help = "Make the schedules of the task queue what the code says. Changes nothing when they already are."

    def handle(self, *args: Any, **options: Any) -> None:
        schedules.ensure()
