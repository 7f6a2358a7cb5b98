"""Can everybody use every page of the admin? (axe-core, no sideways scrolling, light and dark, 1440 and 390)

Pages are found by following links from the landing page: a new page is walked as soon as something leads to it.
"""

from collections import Counter, deque
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Error, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.nasty import nasty_world
from tests.builders import PASSWORD, make_staff
from tests.project.test_every_admin_page import world
from tests.waiting import WITHIN

pytestmark = pytest.mark.django_db(transaction=True)
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Neither is serious, and both are of the theme's tables within forms.
THEIRS = {"landmark-unique": {"enabled": False}, "empty-table-header": {"enabled": False}}
# What dark may change are the colours.
RULES: dict[str, dict[str, Any]] = {
    "light": {"runOnly": LEVELS, "rules": THEIRS},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
# The machinery's rows are other packages', seen by superusers alone; a way out would end the walk.
ASIDE = ("admin:logout", "admin:django_q", "admin:axes", "admin:jsi18n")
EACH = 2
"""So many pages of each kind: an empty or narrowed one may look otherwise than the first."""

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
OPEN_ALL = "document.querySelectorAll('details:not([name])').forEach((one) => { one.open = true; })"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_phone(browser: Browser, live_server: LiveServer, scheme: Any) -> None:
    world()
    nasty_world()
    make_staff("root", is_superuser=True)
    # The browser's tools are put into the page by the test: the policy of the page would refuse them.
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce"
    )
    context.set_default_timeout(WITHIN * 1000)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/login/")
    found = _look(page, scheme)
    page.fill("input[name=username]", "root")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/admin/")

    seen: Counter[tuple[str, bool]] = Counter()
    ways = deque(["/admin/", "/admin/nothing-here/"])
    while ways:
        way = ways.popleft()
        if not _worth(way, seen):
            continue
        try:
            page.goto(f"{live_server.url}{way}")
        except Error as error:
            if "Download" not in str(error) and "ERR_ABORTED" not in str(error):
                raise
            continue
        found += _look(page, scheme)
        ways.extend(_links(page, live_server.url))
    context.close()

    assert len(seen) > 50
    assert not found, "\n".join(dict.fromkeys(found))


def _worth(way: str, seen: Counter[tuple[str, bool]]) -> bool:
    """Whether this is a page of a kind that has not been looked at often enough."""
    try:
        name = resolve(urlsplit(way).path).view_name
    except Resolver404:
        return False
    kind = name, bool(urlsplit(way).query)
    if not name.startswith("admin:") or name.startswith(ASIDE) or seen[kind] >= EACH:
        return False
    seen[kind] += 1
    return True


def _links(page: Page, root: str) -> list[str]:
    hrefs = page.evaluate("[...document.links].map((link) => link.href)")
    return [href.removeprefix(root) for href in dict.fromkeys(hrefs) if href.startswith(root)]


def _look(page: Page, scheme: str) -> list[str]:
    """What is wrong with the page, wide as it came and narrow with everything unfolded."""
    where = urlsplit(page.url).path
    faults = []
    for width in (1440, 390) if scheme == "light" else (1440,):
        page.set_viewport_size({"width": width, "height": 900})
        if width == 390:
            page.evaluate(OPEN_ALL)
        if page.evaluate(WIDER):
            faults.append(f"{where} scrolls sideways at {width}")
        for fault in Axe().run(page, options={**RULES[scheme], "resultTypes": ["violations"]}).response["violations"]:
            shown = "; ".join(node["html"][:160] for node in fault["nodes"][:2])
            faults.append(f"{where} at {width}: {fault['impact']} {fault['id']} ({len(fault['nodes'])}): {shown}")
    return faults
