"""Does news reach who wants it: at least once, in order per order, signed, and said again until it is accepted?"""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.webhooks import endpoints
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.builders import make_order, make_seller
from tests.integrations.webhooks.events import deliver, happen, listen, states, tries, wait_is_over
from tests.integrations.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


def test_news_arrive_signed_and_thin(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    order = make_order("W-1", seller=make_seller("lumen"))
    (event,) = happen(order, "refund.approved", refund="W-1-R1", why="ada@example.com asked", amount="12.00")

    deliver()

    (heard,) = receiver.heard
    assert heard.genuine
    assert heard.id == f"evt_{event}"
    assert heard.headers["content-type"] == "application/json"
    assert heard.message.pop("timestamp").endswith("+00:00")
    assert heard.message == {
        "type": "refund.approved",
        "data": {
            "order": "W-1",
            "order_id": order.pk,
            "seller": "lumen",
            "event_id": event,
            "version": event,
            "refund": "W-1-R1",
        },
    }
    assert (states(endpoint), tries(endpoint)) == ([("delivered", 1)], [(200, "")])
    assert endpoint.deliveries.get().tries.get().answer == "answer 200\N{REPLACEMENT CHARACTER}"


def test_a_second_run_delivers_nothing_again(receiver: Receiver) -> None:
    listen(receiver)
    happen(make_order(), "order.placed")
    deliver()

    assert deliver() == 0
    assert len(receiver.heard) == 1


def test_each_endpoint_hears_its_kinds_and_sellers_only(receiver: Receiver) -> None:
    lumen, other = make_seller("lumen"), make_seller("other")
    listen(receiver, "/all/ok")
    listen(receiver, "/refunds/ok", "refund.*")
    listen(receiver, "/shipped/ok", "order.shipped", sellers=[lumen])
    off = listen(receiver, "/off/ok")
    endpoints.switch_off(off, why="tried")
    for seller in (lumen, other):
        happen(make_order(seller=seller), "order.shipped", "refund.executed")

    deliver()

    def heard(path: str) -> list[tuple[str, str]]:
        return sorted((one.message["type"], one.message["data"]["seller"]) for one in receiver.of(path))

    everything = [(kind, code) for kind in ("order.shipped", "refund.executed") for code in ("lumen", "other")]
    assert heard("/all") == everything
    assert heard("/refunds") == [("refund.executed", "lumen"), ("refund.executed", "other")]
    assert heard("/shipped") == [("order.shipped", "lumen")]
    assert heard("/off") == []


def test_what_happened_before_an_endpoint_was_made_is_not_for_it(receiver: Receiver) -> None:
    happen(make_order(), "order.placed")
    listen(receiver)

    assert deliver() == 0


def test_news_of_an_order_wait_for_its_earlier_ones_and_other_orders_do_not(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/once/400")
    stuck, free = make_order("W-1"), make_order("W-2")
    happen(stuck, "order.placed", "order.shipped", "order.delivered")
    happen(free, "order.placed")

    deliver()

    assert sorted(one.message["data"]["order"] for one in receiver.heard) == ["W-1", "W-2"]
    assert states(endpoint) == [("pending", 1), ("pending", 0), ("pending", 0), ("pending", 1)]
    assert WebhookDelivery.objects.filter(next_attempt_at__gt=timezone.now()).count() == 4
    wait_is_over(endpoint)
    receiver.seen.update(f"evt_{pk}" for pk in WebhookDelivery.objects.values_list("event_id", flat=True))
    deliver()
    told = [one.message["type"] for one in receiver.heard if one.message["data"]["order"] == "W-1"]
    assert told == ["order.placed", "order.placed", "order.shipped", "order.delivered"]
    assert {state for state, _ in states(endpoint)} == {"delivered"}


@pytest.mark.parametrize("answer", [201, 204, 299])
def test_every_2xx_is_success(receiver: Receiver, answer: int) -> None:
    endpoint = listen(receiver, f"/status/{answer}")
    happen(make_order(), "order.placed")

    deliver()

    assert states(endpoint) == [("delivered", 1)]


@pytest.mark.parametrize("answer", [304, 400, 404, 500])
def test_any_other_answer_is_a_failure_that_is_tried_again(receiver: Receiver, answer: int) -> None:
    endpoint = listen(receiver, f"/status/{answer}")
    happen(make_order(), "order.placed")

    deliver()

    endpoint.refresh_from_db()
    assert (states(endpoint), tries(endpoint)) == ([("pending", 1)], [(answer, "")])
    assert (endpoint.failures, endpoint.active, endpoint.paused_until) == (1, True, None)
    assert timedelta() < endpoint.deliveries.get().next_attempt_at - timezone.now() < timedelta(seconds=6)


def test_a_redirect_is_a_failure_and_never_followed(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/redirect")
    happen(make_order(), "order.placed")

    deliver()

    assert (tries(endpoint), receiver.of("/landed")) == ([(307, "")], [])


def test_410_switches_the_endpoint_off_and_what_waits_goes_on_when_it_is_on_again(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/once/410")
    happen(make_order(), "order.placed")

    deliver()

    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_reason) == (False, "The receiver answered 410 Gone.")
    wait_is_over(endpoint)
    assert deliver() == 0
    endpoints.switch_on(endpoint)
    deliver()
    assert states(endpoint) == [("delivered", 2)]


@pytest.mark.parametrize("answer", [429, 502, 503, 504])
def test_a_busy_endpoint_is_spared_as_long_as_it_asks(receiver: Receiver, answer: int) -> None:
    endpoint = listen(receiver, f"/status/{answer}")
    receiver.retry_after = "7200"
    for _ in range(3):
        happen(make_order(), "order.placed")

    deliver()

    endpoint.refresh_from_db()
    assert endpoint.paused_until is not None
    assert timedelta(hours=1.9) < endpoint.paused_until - timezone.now() <= timedelta(hours=2)
    assert len(receiver.heard) == 1
    tried = endpoint.deliveries.get(attempts=1)
    assert tried.next_attempt_at - timezone.now() > timedelta(hours=1.9)


def test_an_endpoint_that_is_not_there_rests_before_the_next_message(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    WebhookEndpoint.objects.update(url="http://127.0.0.1:1/")
    for _ in range(3):
        happen(make_order(), "order.placed")

    deliver(once=lambda: WebhookEndpoint.objects.get().failures > 0)

    endpoint.refresh_from_db()
    assert tries(endpoint) == [(None, "The connection was refused.")]
    assert endpoint.paused_until is not None


def test_a_delivery_is_given_up_after_its_last_try_and_the_next_one_of_the_order_goes(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/status/400")
    happen(make_order(), "order.placed", "order.shipped")
    for _ in range(10):
        deliver()
        wait_is_over(endpoint)

    assert states(endpoint) == [("failed", 10), ("pending", 1)]


def test_an_endpoint_that_accepts_nothing_for_three_days_is_switched_off(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/status/500")
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=3))
    happen(make_order(), "order.placed")

    deliver()

    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_reason) == (False, "It has accepted nothing for three days.")


def test_while_a_secret_rotates_both_sign_and_afterwards_only_the_new_one(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    (old,) = receiver.secrets
    new = endpoints.rotate(endpoint)

    happen(make_order(), "order.placed")
    deliver()
    receiver.secrets = [new]
    happen(make_order(), "order.placed")
    deliver()

    assert [one.genuine for one in receiver.heard] == [True, True]
    receiver.secrets = [old]
    WebhookEndpoint.objects.update(previous_until=timezone.now())
    happen(make_order(), "order.placed")
    deliver()
    assert [one.genuine for one in receiver.heard] == [True, True, False]
    assert states(endpoint)[-1] == ("pending", 1)


def test_a_secret_that_cannot_be_opened_is_said_and_stops_nobody_else(receiver: Receiver) -> None:
    sealed, well = listen(receiver, "/sealed/ok"), listen(receiver, "/well/ok")
    WebhookEndpoint.objects.filter(pk=sealed.pk).update(secret=_garbled())
    happen(make_order(), "order.placed")

    deliver()

    assert tries(sealed)[0][1].startswith("None of FIELD_KEYS opens this key")
    assert states(well) == [("delivered", 1)]


def _garbled() -> object:
    from integrations.secrets import Secret  # noqa: PLC0415

    return Secret("gAAAAAB")
