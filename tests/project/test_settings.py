"""Does the start refuse what is missing or bad in the environment, with a sentence?"""

import json
import os
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "HEMI_ENV": "production",
    "DATABASE_URL": "postgresql://intake:secret@db.example:5433/intake",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "intake.example",
}


def start(command: list[str], environment: dict[str, str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a management command in a process that sees this environment only."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env={"PATH": os.environ["PATH"], "EMBEDDED_DB_DIR": str(directory / "postgres"), **environment},
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("missing", ["DATABASE_URL", "SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS"])
def test_production_does_not_start_when_something_is_missing(missing: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}

    result = start(["check"], environment, tmp_path)

    assert result.returncode == 1
    assert result.stderr == (
        f"Hemi Intake cannot start: {missing} is not set. Put it in the environment (docs/operations.md says how).\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HEMI_ENV", "live", "HEMI_ENV is 'live'; it must be one of dev, production."),
        ("DEBUG", "maybe", "DEBUG is 'maybe'; it must be one of 1, true, yes, on, 0, false, no, off."),
        ("QUEUE_WORKERS", "two", "QUEUE_WORKERS is 'two'; it must be a whole number."),
        ("QUEUE_WORKERS", "0", "QUEUE_WORKERS is 0; it must be at least 2."),
        ("FIELD_KEYS", "nonsense", "FIELD_KEYS: key number 1 is not a Fernet key."),
        ("FIELD_KEYS", ",", "FIELD_KEYS is empty."),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must be a postgresql:// URL; PostgreSQL is the only database."),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str, sentence: str, tmp_path: Path) -> None:
    result = start(["check"], PRODUCTION | {name: value}, tmp_path)

    assert result.returncode == 1
    assert result.stderr == f"Hemi Intake cannot start: {sentence}\n"


def test_development_starts_without_any_environment_and_keeps_its_own_secrets(tmp_path: Path) -> None:
    first = start(["check"], {}, tmp_path)
    path = tmp_path / "postgres" / "secrets.json"
    kept = json.loads(path.read_text())
    second = start(["check"], {}, tmp_path)

    assert (first.returncode, second.returncode) == (0, 0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(kept) == ["FIELD_KEYS", "SECRET_KEY"]
    assert json.loads(path.read_text()) == kept
    # A check needs no database, so no server was started.
    assert list((tmp_path / "postgres").iterdir()) == [path]


def test_production_is_clean_for_the_deployment_checks(tmp_path: Path) -> None:
    paypal = {"PAYPAL_CLIENT_ID": "A", "PAYPAL_CLIENT_SECRET": "E"}
    ready = PRODUCTION | {"STRIPE_API_KEY": "rk_live_1"} | paypal

    result = start(["check", "--deploy", "--fail-level", "WARNING"], ready, tmp_path)

    assert (result.returncode, result.stderr) == (0, "")


def test_the_deployment_checks_name_a_payment_provider_that_is_not_set_up(tmp_path: Path) -> None:
    result = start(["check", "--deploy", "--fail-level", "WARNING"], PRODUCTION, tmp_path)

    assert result.returncode == 0
    assert "Refunds at stripe will wait: STRIPE_API_KEY is not set." in result.stderr


def test_a_first_person_made_without_questions_needs_a_good_password(tmp_path: Path) -> None:
    environment = PRODUCTION | {"DJANGO_SUPERUSER_PASSWORD": "short", "DJANGO_SUPERUSER_USERNAME": "root"}

    result = start(["createsuperuser", "--noinput", "--email", "root@example.com"], environment, tmp_path)

    assert result.returncode == 1
    assert "This password is too short. It must contain at least 12 characters." in result.stderr


@pytest.mark.parametrize(
    ("given", "seconds", "subdomains"),
    [({}, 31536000, True), ({"HSTS_SECONDS": "60", "HSTS_SUBDOMAINS": "no"}, 60, False)],
)
def test_how_long_browsers_insist_on_https_can_be_set(
    given: dict[str, str], seconds: int, subdomains: bool, tmp_path: Path
) -> None:
    code = "from django.conf import settings as s; print([s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_PRELOAD])"

    result = start(["shell", "--no-imports", "--command", code], PRODUCTION | given, tmp_path)

    assert result.stdout.strip() == f"[{seconds}, {subdomains}]"
