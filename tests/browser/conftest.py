"""How does a test get a real browser? Debian's Chromium, without a window, on a server of the test's own."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.waiting import WITHIN, until

# The browser is driven from a thread that has an event loop; the tests ask the database from that thread too.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=WITHIN * 1000)

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["wide-light", "narrow-dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails the test when the browser complains, or when it is wider than the screen."""
    width, scheme = request.param
    with answered():
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.set_default_timeout(WITHIN * 1000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        try:
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        finally:
            context.close()
        assert complaints == []


@contextmanager
def answered() -> Iterator[None]:
    """Whatever was asked meanwhile is answered at the end: pages ask by themselves, and the tables are emptied next."""
    count = Counter[str]()

    def begun(**_: Any) -> None:
        count["begun"] += 1

    def ended(**_: Any) -> None:
        count["ended"] += 1

    request_started.connect(begun)
    request_finished.connect(ended)
    try:
        yield
    finally:
        quiet = 0

        def is_quiet() -> bool:
            nonlocal quiet
            quiet = quiet + 1 if count["ended"] >= count["begun"] else 0
            return quiet == 3

        until(is_quiet, "answers to all that the pages asked for")
        request_started.disconnect(begun)
        request_finished.disconnect(ended)
