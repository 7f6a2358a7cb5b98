"""Can a person decide a long queue by keyboard, two keys at most for each, without a mistake?

Counted are keys and pages, not seconds. DECISIONS says how many refunds: 24 here, 200 in `make nightly`.
"""

import os
import re
from collections import Counter

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from orders.models import Order
from refunds.models import Refund
from tests.browser.people import look, open_refund, sign_in
from tests.builders import make_channel, make_seller
from tests.refunds.people import make_refund

pytestmark = pytest.mark.django_db(transaction=True)

DECISIONS = int(os.environ.get("DECISIONS", "24"))
WAYS = {
    "a": ("approved", ""),
    "r4": ("rejected", "Warehouse figures are wrong"),
    "h2": ("on_hold", "Waiting for customer"),
}
KEYS = ("a", "a", "a", "r4", "a", "a", "a", "h2")
"""Most are approved."""


def test_a_long_queue_is_decided_with_two_keys_at_most_and_one_page_each(page: Page, live_server: LiveServer) -> None:
    if page.viewport_size != {"width": 1440, "height": 900}:
        pytest.skip("a queue of this length is decided at a desk")
    seller, channel = make_seller(), make_channel()
    queue = [make_refund(reference=f"Q-{n}", seller=seller, channel=channel) for n in range(DECISIONS)]
    sign_in(page, live_server)
    shown: list[str] = []
    page.on(
        "response",
        lambda answer: shown.append(answer.url) if answer.request.is_navigation_request() and answer.ok else None,
    )
    open_refund(page, live_server, queue[0])
    meant, keys = {}, Counter[int]()

    for n, refund in enumerate(queue):
        # The oldest first, one after the other: nobody chooses, and none is shown twice.
        assert page.locator("h1.d-title").inner_text().startswith(refund.number)
        way = KEYS[n % len(KEYS)]
        look(page)
        for key in way:
            page.keyboard.press(key)
        page.wait_for_url(re.compile(rf"\?undo={refund.pk}$"), wait_until="domcontentloaded")
        meant[refund.pk] = WAYS[way]
        keys[len(way)] += 1

    decided = {pk: (status, why) for pk, status, why in Refund.objects.values_list("pk", "status", "why")}
    assert decided == meant
    assert set(keys) <= {1, 2}
    assert len(shown) == DECISIONS + 1
    assert page.get_by_text("That was the last one: no other refund is waiting for your decision.").is_visible()
    assert Order.objects.count() == DECISIONS
