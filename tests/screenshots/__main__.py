"""How are the pictures of docs/guide.md renewed? (`make screenshots`: a demo of its own, a real browser)"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.screenshots.shots import SHOTS, Shot

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "guide"
READY_WITHIN = 180
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--font-render-hinting=none")


def main() -> None:
    """Start the demo, take every picture, stop the demo."""
    PICTURES.mkdir(exist_ok=True)
    with (
        TemporaryDirectory(prefix="hemi-screenshots-") as place,
        _demo(Path(place)) as ready,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        for shot in SHOTS:
            print(f"  {_take(browser, ready, shot)}", flush=True)
        browser.close()
    wanted = {f"{shot.name}.png" for shot in SHOTS}
    for old in PICTURES.glob("*.png"):
        if old.name not in wanted:
            old.unlink()
    print(f"{sum(one.stat().st_size for one in PICTURES.glob('*.png')) / 1e6:.1f} MB")


@contextmanager
def _demo(place: Path) -> Iterator[dict[str, Any]]:
    """A demo that knows nothing of any other one."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SECRET_KEY")}
    environment |= {
        "HEMI_ENV": "dev",
        "PORT": "0",
        "EMBEDDED_DB_DIR": str(place / "database"),
        "DEMO_DIR": str(place / "demo"),
    }
    with (place / "demo.log").open("w") as log:
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield _ready(demo, place)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(timeout=60)


def _ready(demo: subprocess.Popen[bytes], place: Path) -> dict[str, Any]:
    announcement = place / "demo" / "ready.json"
    ends = time.monotonic() + READY_WITHIN
    while time.monotonic() < ends and demo.poll() is None:
        if announcement.exists():
            told: dict[str, Any] = json.loads(announcement.read_text())
            return told
        time.sleep(0.5)
    raise SystemExit(f"The demo did not start:\n{(place / 'demo.log').read_text()}")


def _take(browser: Browser, ready: dict[str, Any], shot: Shot) -> str:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    _log_in(page, ready, shot.who)
    shot.show(page, ready["admin_url"].rstrip("/"))
    picture = PICTURES / f"{shot.name}.png"
    page.screenshot(path=picture, animations="disabled", caret="hide")
    context.close()
    return f"{picture.relative_to(ROOT)} {picture.stat().st_size // 1000} KB"


def _log_in(page: Page, ready: dict[str, Any], who: str) -> None:
    password = next(user["password"] for user in ready["users"] if user["username"] == who)
    page.goto(ready["admin_url"])
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_selector("#now")


if __name__ == "__main__":
    main()
