"""What is different in tests? Their own database server, and what makes them quick."""

import os
from pathlib import Path

# Before the import below: the settings read the environment when they are imported.
os.environ["HEMI_ENV"] = "dev"
os.environ.setdefault("EMBEDDED_DB_DIR", str(Path(__file__).resolve().parent.parent / ".test-postgres"))

# Tests that are about undoing say for how long it is possible; in all others what is approved is executed at once.
os.environ.setdefault("UNDO_SECONDS", "0")

from hemi_intake.settings import *  # noqa: F403
from hemi_intake.settings import DATABASES

# A crash of the server may lose the last rows of a test; nobody will miss them.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
