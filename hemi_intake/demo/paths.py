"""Where does the demo keep its own things, and who may use them at a time? All in one directory, DEMO_DIR."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROLES = ("viewer", "reviewer", "approver", "manager", "administrator")
# Letters that nobody confuses when reading them from a screen.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class InUse(Exception):
    """Another demo runs in this directory."""


@dataclass
class Secrets:
    """What only this demo knows; new for each one."""

    seed: int = field(default_factory=lambda: secrets.randbelow(10**6))
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    passwords: dict[str, str] = field(default_factory=lambda: {role: _password() for role in ROLES})
    prosku_keys: dict[str, str] = field(default_factory=dict)
    prosku_token: str = field(default_factory=secrets.token_urlsafe)
    payment_key: str = field(default_factory=secrets.token_urlsafe)
    payment_token: str = field(default_factory=secrets.token_urlsafe)
    api_token: str = ""
    placed: int = 0


class Place:
    """The directory and what lies in it. Only its owner can look inside."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.logs = directory / "logs"
        self.warehouse = directory / "prosku.json"
        self.payments = directory / "payments.sqlite3"
        self.shipping_files = directory / "shipping-files"
        self._secrets = directory / "secrets.json"
        self._ready = directory / "ready.json"
        self._lock = directory / "lock"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other demos out for as long as this process lives. Raises InUse with a sentence."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse(f"A demo runs in {self.directory} already: stop it with Ctrl-C first.") from None
            yield

    def secrets(self) -> Secrets:
        """What was kept, or new ones that are not kept yet."""
        with suppress(FileNotFoundError):
            return Secrets(**json.loads(self._secrets.read_text()))
        return Secrets()

    def keep(self, made: Secrets) -> None:
        """Write the secrets down."""
        _write(self._secrets, vars(made))

    def announce(self, content: Mapping[str, Any]) -> None:
        """Say to programs where everything is; the file is there only while the demo is ready."""
        _write(self._ready, content)

    def withdraw(self) -> None:
        """Take the announcement back. A second call does nothing."""
        self._ready.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove what the demo wrote here, and the directory if nothing else lies in it."""
        for path in (self._ready, self.warehouse, self.payments, *self.logs.glob("*.log"), self._secrets, self._lock):
            path.unlink(missing_ok=True)
        for path in (self.logs, self.directory):
            with suppress(OSError):
                path.rmdir()


def _write(path: Path, content: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)


def _password() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
