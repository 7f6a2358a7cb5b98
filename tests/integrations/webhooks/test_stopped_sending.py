"""Do webhooks wait while sending is stopped, for one seller or for everyone, and go out afterwards?"""

import pytest

from integrations.outbox.claim import claim
from integrations.outbox.publish import publish
from integrations.webhooks.outbox import WEBHOOKS
from refunds import sending
from tests.builders import make_order, make_staff
from tests.integrations.webhooks.events import happen, listen, states
from tests.integrations.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


def sellers_claimed() -> list[str]:
    return sorted(one.event.seller for one in claim(WEBHOOKS, lambda rows: {row.pk: 9 for row in rows}, []))


def test_events_of_a_stopped_seller_wait_and_those_of_others_go(receiver: Receiver) -> None:
    endpoint = listen(receiver)
    north, south = make_order(seller__code="north"), make_order(seller__code="south")
    for order in (north, south):
        happen(order, "order.placed")
    publish(WEBHOOKS)
    mia = make_staff("mia", permissions=["refunds.stop_sending", "refunds.resume_sending"])

    sending.stop(None, by=mia, why="so")
    assert sellers_claimed() == []
    sending.stop(north.seller, by=mia, why="so")
    sending.resume(None, by=mia, why="so")
    assert sellers_claimed() == ["south"]
    sending.resume(north.seller, by=mia, why="so")
    assert sellers_claimed() == ["north"]

    assert {state for state, _ in states(endpoint)} == {"pending"}
