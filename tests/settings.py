"""What is different in tests? Their own database server, and what makes them quick."""

import os
from pathlib import Path

# Before the import below: the settings read the environment when they are imported.
os.environ["HEMI_ENV"] = "dev"
# Workers that test side by side do not share a server: news waits for the oldest transaction of a whole server. The
# processes that a test starts come by here too, and use the server of their worker.
_place = Path(os.environ.get("EMBEDDED_DB_DIR", Path(__file__).resolve().parent.parent / ".test-postgres"))
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ["EMBEDDED_DB_DIR"] = str(_place if _place.name == _worker else _place / _worker)

# Tests that are about undoing say for how long it is possible; in all others what is approved is executed at once.
os.environ.setdefault("UNDO_SECONDS", "0")

from hemi_intake.settings import *  # noqa: E402, F403
from hemi_intake.settings import DATABASES  # noqa: E402

# A crash of the server may lose the last rows of a test; nobody will miss them.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
