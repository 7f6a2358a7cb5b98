"""Does the receiver of docs/webhooks.md work as it stands there?"""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from integrations.webhooks import endpoints
from integrations.webhooks.models import WebhookEndpoint
from tests.builders import make_order
from tests.integrations.webhooks.events import deliver, happen, states, tries
from tests.ports import free_port
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"


def example() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    return str(code)


def test_the_documented_receiver_takes_what_is_genuine_once_and_refuses_the_rest(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    port = free_port()
    endpoint, secret = endpoints.create(endpoints.EndpointSpec("docs", f"http://127.0.0.1:{port}/", ("*",), None))
    command = [sys.executable, "-c", example()]
    environment = os.environ | {"WEBHOOK_SECRET": secret, "PORT": str(port)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            until(lambda: listens(port), "the receiver listens")
            happen(make_order("W-1"), "refund.executed", refund="W-1-R1")
            deliver()
            endpoints.resend(endpoint.deliveries.get())
            deliver()
            WebhookEndpoint.objects.update(secret="whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCwgbm90IG91cnM=")
            happen(make_order("W-2"), "order.placed")
            deliver()
        finally:
            process.terminate()
        assert process.stdout
        heard = process.stdout.read().splitlines()

    assert [("W-1-R1" in line, "refund.executed" in line) for line in heard] == [(True, True)]
    assert (states(endpoint), tries(endpoint)) == (
        [("delivered", 1), ("pending", 1)],
        [(204, ""), (204, ""), (400, "")],
    )


def test_the_documented_receiver_has_twenty_lines() -> None:
    assert len(example().splitlines()) - 1 <= 20


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
