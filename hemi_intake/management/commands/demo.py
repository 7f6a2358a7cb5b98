"""How does a newcomer see Hemi Intake at work? `make demo`, and `make demo-reset` to forget it."""

import logging
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from hemi_intake import env
from hemi_intake.demo import load
from hemi_intake.demo.paths import ROLES, InUse, Place
from hemi_intake.demo.processes import Ended, sweep
from hemi_intake.demo.story import CannotStart, Story

MAY = {
    "viewer": "may look at everything",
    "reviewer": "may also propose refunds by hand, reject them and put them on hold",
    "approver": "may also approve refunds",
    "manager": "may set up sellers, connections, limits and API keys, and approves nothing",
    "administrator": "looks after users and their roles, and after nothing else",
}


class Command(BaseCommand):
    """Starts everything a newcomer needs, and stops it again."""

    help = "Run Hemi Intake with demo orders, a warehouse and a payment provider of its own, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One switch."""
        parser.add_argument("--reset", action="store_true", help="forget the demo instead: its data, keys and logs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run or forget the demo in DEMO_DIR."""
        if settings.PRODUCTION:
            raise CommandError("The demo runs with HEMI_ENV=dev only.")
        place = Place(env.directory("DEMO_DIR", Path(settings.BASE_DIR) / ".demo"))
        try:
            if options["reset"]:
                self._forget(place)
            else:
                with place.held():
                    self._run(place, env.number("PORT", 8000))
        except (CannotStart, Ended, InUse, load.NotOurs) as error:
            raise CommandError(str(error)) from None
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from None

    def _run(self, place: Place, port: int) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        _log_into(place.logs / "demo.log")
        story = Story(place, self._say)
        began = time.monotonic()
        try:
            self._say("Hemi Intake, the demo\n")
            story.begin(port)
            self._say(self._box(story, time.monotonic() - began))
            place.announce(_announcement(story))
            story.go_on()
        except KeyboardInterrupt:
            self._say("\nStopping … ")
        finally:
            # A second Ctrl-C must not leave half of it running.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            story.end()
        self._say("everything has stopped. `make demo` goes on from here.\n")

    def _forget(self, place: Place) -> None:
        """Remove the demo's data, keys and logs, and nothing else."""
        with place.held():
            sweep(place.secrets().run)
            if "EMBEDDED_DB_DIR" not in settings.DATABASES["default"] or (settings.EMBEDDED_DB_DIR / "data").exists():
                load.clear()
            place.forget()
        self._say("The demo is forgotten. `make demo` starts a new one.\n")

    def _say(self, text: str) -> None:
        self.stdout.write(text, ending="")
        self.stdout.flush()

    def _box(self, story: Story, seconds: float) -> str:
        passwords = story.secrets.passwords
        lines = [
            f"Hemi Intake is ready after {seconds:.0f} seconds.",
            "",
            f"Open   {story.web_url}/admin/",
            "",
            *(f"  {role:<10}{passwords[role]:<22}{MAY[role]}" for role in ROLES),
            "",
            *_to_try(),
            "",
            f"API    {story.web_url}/api/schema/",
            f"curl -H 'Authorization: Bearer {story.secrets.api_token}' \\",
            f"     '{story.web_url}/api/v1/refunds/?status=proposed'",
            "",
            f"Ctrl-C stops everything. Logs: {story.place.logs}",
        ]
        width = max(len(line) for line in lines)
        middle = "\n".join(f"│ {line:<{width}} │" for line in lines)
        return f"\n╭{'─' * (width + 2)}╮\n{middle}\n╰{'─' * (width + 2)}╯\n\n"


def _to_try() -> list[str]:
    refund = load.to_try()
    if refund is None:
        return ["The warehouse works while you watch: shipments and refunds appear automatically."]
    return [
        f"Try    sign in as approver and open refund {refund.number}: read why it was",
        "       proposed, approve it, and see it paid within a minute.",
        "       The warehouse works while you watch: more will arrive.",
    ]


def _announcement(story: Story) -> dict[str, Any]:
    return {
        "admin_url": f"{story.web_url}/admin/",
        "api_url": f"{story.web_url}/api/v1/",
        "api_token": story.secrets.api_token,
        "prosku_url": story.prosku_url,
        "users": [{"username": role, "password": story.secrets.passwords[role], "role": role} for role in ROLES],
    }


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _log_into(path: Path) -> None:
    """Send this process's log lines to a file: the terminal is for people."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(path.open("a"))
