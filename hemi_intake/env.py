"""How is a setting read from the environment, and what is said when it is missing or bad?"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()


def text(name: str, default: str | None = None) -> str:
    """The text in the environment, or the default; without a default it must be there and not be empty."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Put it in the environment (docs/operations.md says how).")
    return default


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One word out of a fixed list."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(allowed)}.")
    return value


def flag(name: str, default: bool) -> bool:
    """Yes or no."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    value = text(name, str(default)).lower()
    if value not in words:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(words)}.")
    return words[value]


def number(name: str, default: int, *, at_least: int = 0) -> int:
    """A whole number that is not below the given one."""
    value = text(name, str(default))
    try:
        result = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number.") from None
    if result < at_least:
        raise ImproperlyConfigured(f"{name} is {result}; it must be at least {at_least}.")
    return result


def listing(name: str, default: str | None = None) -> list[str]:
    """Words separated by commas; at least one, unless the default is none."""
    words = [word for word in (word.strip() for word in text(name, default).split(",")) if word]
    if not words and default != "":
        raise ImproperlyConfigured(f"{name} is empty.")
    return words


def directory(name: str, default: Path) -> Path:
    """An absolute path; a relative one starts at the working directory."""
    return Path(text(name, str(default))).expanduser().resolve()


def database(name: str) -> dict[str, Any]:
    """A PostgreSQL database as Django's DATABASES wants it, from a URL."""
    url = text(name)
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(f"{name} must be a postgresql:// URL; PostgreSQL is the only database.")
    try:
        return dict(_env.db_url(name))
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} cannot be read as a database URL.") from None


def field_keys(name: str, default: str | None = None) -> list[str]:
    """Fernet keys separated by commas; the first one encrypts, all of them decrypt."""
    keys = listing(name, default)
    for position, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            # The key itself stays out of the sentence: it may be a good one with a typing mistake.
            raise ImproperlyConfigured(f"{name}: key number {position} is not a Fernet key.") from None
    return keys


def development_secrets(path: Path) -> dict[str, str]:
    """The secrets of a development copy; made once, kept in a file that only its owner can read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = {"SECRET_KEY": secrets.token_urlsafe(64), "FIELD_KEYS": Fernet.generate_key().decode()}
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh))
        try:
            # A link is made by one process only, so two first starts agree on the same secrets.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return dict(json.loads(path.read_text()))
