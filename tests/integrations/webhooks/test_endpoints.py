"""Do the acts of people and keys do what their buttons say, and refuse what makes no sense?"""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.outbox.outbox import PublishedEvent
from integrations.outbox.prune import delete_finished
from integrations.webhooks import endpoints
from integrations.webhooks.endpoints import EndpointSpec
from integrations.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from integrations.webhooks.outbox import WEBHOOKS
from integrations.webhooks.payload import body
from orders.models import AttentionItem, OrderEvent
from tests.builders import PLACED_AT, make_order, make_seller
from tests.integrations.webhooks.events import deliver, happen, listen, states, tries
from tests.integrations.webhooks.receiver import Receiver
from tests.refusals import refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_test_message_arrives_signed_and_says_nothing(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/ok", "refund.executed")

    delivery = endpoints.test(endpoint)
    deliver()

    (heard,) = receiver.heard
    assert (heard.id, heard.genuine) == (f"test_{delivery.pk}", True)
    assert (heard.message["type"], heard.message["data"]) == ("webhook.test", {})


def test_a_test_goes_at_once_though_the_endpoint_rests(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    WebhookEndpoint.objects.update(paused_until=timezone.now() + timedelta(hours=1))

    endpoints.test(endpoint)

    assert deliver() == 1


def test_what_is_switched_off_is_neither_tested_nor_sent_again(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    happen(make_order(), "order.placed")
    deliver()
    endpoints.switch_off(endpoint, why="Tried")

    for act in (
        lambda: endpoints.test(endpoint),
        lambda: endpoints.resend(endpoint.deliveries.get()),
        lambda: endpoints.resend_since(endpoint, PLACED_AT),
    ):
        with refused("endpoint_off"):
            act()

    assert states(endpoint) == [("delivered", 1)]


def test_an_endpoint_that_was_switched_off_asks_for_attention_until_it_is_on_again(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/status/410", name="finance")
    for _ in range(2):
        happen(make_order(), "order.placed")
        deliver()

        (item,) = AttentionItem.objects.filter(closed_at=None)
        assert (item.kind, item.subject) == ("webhook_off", f"webhook:{endpoint.pk}")
        assert item.summary == (
            "The webhook endpoint finance was disabled. The receiver answered 410 Gone. Pending deliveries are kept."
        )
        endpoint.refresh_from_db()
        assert (endpoint.active, endpoints.switch_on(endpoint)) == (False, True)
        assert not AttentionItem.objects.filter(closed_at=None).exists()

    assert endpoints.switch_off(endpoint, why="Not needed any more.")
    assert not AttentionItem.objects.filter(closed_at=None).exists()


def test_one_message_is_sent_again_under_its_own_id_with_all_its_tries(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    happen(make_order(), "order.placed")
    deliver()

    endpoints.resend(endpoint.deliveries.get())
    assert states(endpoint) == [("pending", 0)]
    deliver()

    assert (len({one.id for one in receiver.heard}), len(receiver.heard)) == (1, 2)
    assert tries(endpoint) == [(200, ""), (200, "")]


def test_everything_since_a_time_is_sent_again_also_what_it_missed_while_it_was_off(receiver: Receiver) -> None:
    endpoint = listen(receiver, "/ok", "order.*")
    order = make_order()
    happen(order, "order.placed")
    deliver()
    since = OrderEvent.objects.latest("id").recorded_at + timedelta(microseconds=1)
    endpoints.switch_off(endpoint, why="Tried")
    happen(order, "order.shipped", "refund.proposed")
    deliver()
    endpoints.switch_on(endpoint)
    happen(order, "order.delivered")
    deliver()
    assert [one.message["type"] for one in receiver.heard] == ["order.placed", "order.delivered"]

    assert endpoints.resend_since(endpoint, since) == 2
    deliver()

    assert [one.message["type"] for one in receiver.heard[2:]] == ["order.shipped", "order.delivered"]


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"kinds": ["order.exploded"]}, "kinds", "unknown_event_kind"),
        ({"kinds": ["nothing.*"]}, "kinds", "unknown_event_kind"),
        ({"kinds": []}, "kinds", "unknown_event_kind"),
        ({"sellers": []}, "sellers", "sellers_required"),
        ({"url": "http://10.0.0.1/"}, "url", "address_not_allowed"),
        ({"name": "first"}, "name", "name_taken"),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(
    settings: Any, fields: dict[str, Any], field: str, code: str
) -> None:
    wish = {"name": "second", "url": "https://93.184.215.14/", "kinds": ["*"], "sellers": None}
    endpoints.create(EndpointSpec(**wish | {"name": "first"}))  # type: ignore[arg-type]

    with refused(code) as caught:
        endpoints.create(EndpointSpec(**wish | fields))

    assert caught.value.field == field
    assert [row.name for row in WebhookEndpoint.objects.all()] == ["first"]


def test_a_changed_endpoint_keeps_its_secret_and_its_health(receiver: Receiver) -> None:
    endpoint = listen(receiver, name="old")
    lumen = make_seller("lumen")
    WebhookEndpoint.objects.update(failures=3)

    endpoints.change(endpoint, EndpointSpec("new", receiver.url + "/other/ok", ["refund.*"], [lumen]))

    row = WebhookEndpoint.objects.get()
    assert (row.name, row.kinds, row.every_seller, list(row.sellers.all())) == ("new", ["refund.*"], False, [lumen])
    assert ([row.secret.reveal()], row.failures) == (receiver.secrets, 3)


def test_a_removed_endpoint_takes_its_deliveries_along(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    happen(make_order(), "order.placed")
    deliver()

    endpoints.remove(endpoint)

    assert (WebhookDelivery.objects.count(), WebhookAttempt.objects.count()) == (0, 0)


def test_what_was_settled_long_ago_is_forgotten_and_what_waits_is_not(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    for _ in range(3):
        happen(make_order(), "order.placed")
    deliver()
    old, waiting, _ = endpoint.deliveries.order_by("id").values_list("pk", flat=True)
    long_ago = timezone.now() - timedelta(days=31)
    WebhookDelivery.objects.filter(pk__in=(old, waiting)).update(finished_at=long_ago)
    WebhookDelivery.objects.filter(pk=waiting).update(state="pending")

    assert delete_finished(WEBHOOKS, days=30) == 1

    assert not WebhookDelivery.objects.filter(pk=old).exists()
    assert WebhookAttempt.objects.count() == 2


def test_a_message_stays_small_whatever_stands_in_an_event() -> None:
    news = PublishedEvent("refund.executed", PLACED_AT, 1, 2, "W" * 100, "s" * 60, "R" * 50_000, "N" * 50_000)

    assert len(body(news)) < 1000
    assert len(json.loads(body(news))["data"]["refund"]) == 120
