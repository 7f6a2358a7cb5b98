"""Can other systems manage their webhooks, and theirs only?"""

from typing import Any

import pytest
from django.test import Client

from integrations.api import responses
from integrations.models import IdempotentResponse
from integrations.webhooks import endpoints
from integrations.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.api import make_reader, make_writer, rows, send
from tests.builders import make_order, make_seller
from tests.integrations.webhooks.events import deliver, happen, listen, states
from tests.integrations.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"name": "finance", "url": "https://93.184.215.14/hooks", "kinds": ["refund.*"]}
LIST, SENT = "/api/v1/webhooks/", "/api/v1/webhook-deliveries/"


def make(writer: Client, **fields: Any) -> dict[str, Any]:
    answer = send(writer, "post", LIST, BODY | fields)
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def test_an_endpoint_is_made_and_its_secret_is_said_once_and_stored_nowhere_in_clear() -> None:
    writer = make_writer()

    made = send(writer, "post", LIST, BODY, key="one")
    again = send(writer, "post", LIST, BODY, key="one")

    row = WebhookEndpoint.objects.get()
    secret = row.secret.reveal()
    assert (made.status_code, made.json()["secret"]) == (201, secret)
    assert (again.status_code, again.json()) == (201, made.json() | {"secret": None})
    assert secret.encode() not in responses.unpack(bytes(IdempotentResponse.objects.get().body))
    found = writer.get(f"{LIST}{row.pk}/").json()
    assert found == {name: value for name, value in made.json().items() if name != "secret"}
    assert (found["kinds"], found["sellers"], found["active"]) == (["refund.*"], None, True)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "http://93.184.215.14/"}, "url"),
        ({"kinds": ["refund.exploded"]}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"sellers": ["nobody"]}, "sellers"),
        ({"sellers": []}, "sellers"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field_and_nothing_is_made(fields: dict[str, Any], field: str) -> None:
    answer = send(make_writer(), "post", LIST, BODY | fields)

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed_switched_and_removed() -> None:
    writer = make_writer()
    make_seller("lumen")
    address = f"{LIST}{make(writer)['id']}/"

    changed = send(writer, "patch", address, {"sellers": ["lumen"], "kinds": ["*"]}).json()
    off = send(writer, "patch", address, {"active": False}).json()
    on = send(writer, "patch", address, {"active": True}).json()

    assert (changed["name"], changed["sellers"], changed["kinds"]) == ("finance", ["lumen"], ["*"])
    assert (off["active"], off["disabled_reason"]) == (False, "Disabled through the API.")
    assert (on["active"], on["disabled_reason"], on["sellers"]) == (True, "", ["lumen"])
    assert send(writer, "delete", address, {}).status_code == 204
    assert writer.get(address).status_code == 404


def test_a_rotated_secret_is_said_once() -> None:
    writer = make_writer()
    made = make(writer)

    rotated = send(writer, "post", f"{LIST}{made['id']}/rotate/", {}).json()

    row = WebhookEndpoint.objects.get()
    assert (row.secret.reveal(), row.previous_secret.reveal()) == (rotated["secret"], made["secret"])


def test_what_was_sent_is_listed_with_its_tries_and_sent_again(receiver: Receiver) -> None:
    writer = make_writer()
    endpoint = listen(receiver)
    order = make_order("W-1")
    (event,) = happen(order, "order.placed")
    deliver()

    (sent,) = rows(writer, f"{SENT}?order=W-1&state=delivered")
    (tried,) = sent["tries"]
    again = send(writer, "post", f"{SENT}{sent['id']}/resend/", {})

    assert (sent["endpoint_id"], sent["event_id"], sent["order_id"]) == (endpoint.pk, event, order.pk)
    assert (tried["status"], tried["answer"], tried["error"]) == (200, "answer 200\N{REPLACEMENT CHARACTER}", None)
    assert (again.status_code, again.json()["state"]) == (200, "pending")
    deliver()
    assert len(receiver.heard) == 2


def test_a_test_and_everything_since_a_time_are_sent_on_request(receiver: Receiver) -> None:
    writer = make_writer()
    endpoint = listen(receiver)
    happen(make_order(), "order.placed", "order.shipped")
    deliver()

    tested = send(writer, "post", f"{LIST}{endpoint.pk}/test/", {})
    again = send(writer, "post", f"{LIST}{endpoint.pk}/resend/", {"since": "2020-01-01T00:00:00Z"})
    deliver()

    assert (tested.status_code, tested.json()["kind"], tested.json()["event_id"]) == (201, "webhook.test", None)
    assert (again.status_code, again.json()) == (200, {"messages": 2})
    assert len(receiver.heard) == 5
    endpoints.switch_off(endpoint, why="Tried")
    refused = send(writer, "post", f"{LIST}{endpoint.pk}/test/", {})
    assert (refused.status_code, refused.json()["detail"]) == (422, "/ok is disabled: enable it first.")


def test_a_key_without_the_scope_may_not_even_look() -> None:
    reader = make_reader()

    answers = {reader.get(LIST).status_code, reader.get(SENT).status_code, send(reader, "post", LIST, BODY).status_code}

    assert answers == {403}


def test_a_key_of_one_seller_hears_and_sees_only_that_seller(receiver: Receiver) -> None:
    lumen, other = make_seller("lumen"), make_seller("other")
    everyone, theirs, both = (
        listen(receiver, f"/{name}/ok", sellers=sellers)
        for name, sellers in (("all", None), ("other", [other]), ("both", [lumen, other]))
    )
    happen(make_order(seller=other), "order.placed")
    deliver()
    writer = make_writer("lumen", sellers=[lumen])
    hidden = [row.pk for row in (everyone, theirs, both)]

    made = make(writer)
    refused = send(writer, "post", LIST, BODY | {"name": "spy", "sellers": ["other"]})

    assert made["sellers"] == ["lumen"]
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sellers")
    assert [row["id"] for row in rows(writer, LIST)] == [made["id"]]
    assert rows(writer, SENT) == []
    foreign = WebhookDelivery.objects.first()
    assert foreign is not None
    answers = {writer.get(f"{LIST}{pk}/").status_code for pk in hidden}
    answers |= {send(writer, "patch", f"{LIST}{pk}/", {"active": False}).status_code for pk in hidden}
    answers |= {
        send(writer, verb, f"{LIST}{hidden[0]}/{act}", {}).status_code
        for verb, act in (
            ("delete", ""),
            ("post", "rotate/"),
            ("post", "test/"),
        )
    }
    answers.add(send(writer, "post", f"{LIST}{hidden[0]}/resend/", {"since": "2020-01-01T00:00:00Z"}).status_code)
    answers.add(writer.get(f"{SENT}{foreign.pk}/").status_code)
    answers.add(send(writer, "post", f"{SENT}{foreign.pk}/resend/", {}).status_code)
    assert answers == {404}
    assert WebhookEndpoint.objects.filter(active=True).count() == 4
    assert states(everyone) == [("delivered", 1)]
