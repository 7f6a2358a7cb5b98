"""Does a newcomer get what `make demo` promises: everything up, a refund to decide, and nothing left behind?"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from hemi_intake.demo import processes
from hemi_intake.demo.paths import ROLES
from tests.waiting import WITHIN, until, until_ended

READY_WITHIN = 300


@contextmanager
def demo(directory: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """The real command, with a database and a directory of its own, until its block ends."""
    ours = {
        "HEMI_ENV": "dev",
        "PORT": "0",
        "DEMO_DIR": str(directory / "demo"),
        "EMBEDDED_DB_DIR": str(directory / "pg"),
    }
    theirs = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    ready = directory / "demo" / "ready.json"
    with (directory / "output.txt").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=settings.BASE_DIR,
            env=theirs | ours,
            stdout=output,
            stderr=output,
        )
    try:
        until(lambda: ready.exists() or process.poll() is not None, "the demo is ready", within=READY_WITHIN)
        assert process.poll() is None, (directory / "output.txt").read_text()
        yield process, json.loads(ready.read_text())
    finally:
        process.send_signal(signal.SIGINT)
        until_ended(process)


def marked(directory: Path) -> list[int]:
    """The processes that this demo started and that are still there."""
    return list(processes._marked(json.loads((directory / "demo" / "secrets.json").read_text())["run"]))


def sign_in(ready: dict[str, Any], role: str) -> requests.Response:
    person = next(user for user in ready["users"] if user["role"] == role)
    with requests.Session() as browser:
        page = browser.get(f"{ready['admin_url']}login/", timeout=WITHIN)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"username": person["username"], "password": person["password"], "csrfmiddlewaretoken": token[1]}
        return browser.post(f"{ready['admin_url']}login/?next=/admin/", data=form, timeout=WITHIN)


def refunds_that_are(status: str, ready: dict[str, Any]) -> list[dict[str, Any]]:
    answer = requests.get(
        f"{ready['api_url']}refunds/",
        params={"status": status},
        headers={"Authorization": f"Bearer {ready['api_token']}"},
        timeout=WITHIN,
    )
    assert answer.status_code == 200
    return list(answer.json()["results"])


def external(ready: dict[str, Any]) -> list[dict[str, Any]]:
    return [refund for refund in refunds_that_are("executed", ready) if refund["origin"] == "external"]


def test_a_demo_comes_up_shows_a_refund_to_decide_stops_without_a_trace_and_goes_on(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, ready):
        assert [user["role"] for user in ready["users"]] == list(ROLES)
        page = sign_in(ready, "approver")
        assert (page.status_code, page.url) == (200, ready["admin_url"])
        refunds = refunds_that_are("proposed", ready)
        assert refunds
        assert requests.get(ready["prosku_url"] + "/orders", timeout=WITHIN).status_code == 401
        until(lambda: len(marked(tmp_path)) > 4, "the servers, the clock and their workers")
        # One of each state that an ordinary month may not show.
        until(lambda: len(refunds_that_are("failed", ready)) == 1, "a refund that its provider refused")
        until(lambda: len(refunds_that_are("in_doubt", ready)) == 1, "a refund whose outcome nobody knows")
        until(lambda: len(external(ready)) == 1, "a refund that somebody made at the provider")
        assert [refund["provider"] for refund in refunds_that_are("approved", ready)].count("manual") >= 1

    assert process.returncode == 0
    assert marked(tmp_path) == []
    assert not (tmp_path / "demo" / "ready.json").exists()
    assert not (tmp_path / "pg" / "data" / "postmaster.pid").exists()

    with demo(tmp_path) as (process, again):
        assert again["users"] == ready["users"]
        assert again["api_token"] == ready["api_token"]
        assert {refund["number"] for refund in refunds} & {
            refund["number"] for refund in refunds_that_are("proposed", again)
        }

    assert process.returncode == 0
    assert marked(tmp_path) == []
    assert (tmp_path / "output.txt").read_text().count("Loading 600 orders") == 1
