"""Does every command that docs/api.md shows a newcomer work?"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from orders.models import Order, OrderEvent
from refunds.models import Refund
from tests.builders import make_channel, make_seller
from tests.integrations.webhooks.worker import worker
from tests.ports import free_port
from tests.waiting import WITHIN

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_a_newcomer_gets_from_a_key_to_the_first_webhook(live_server: LiveServer, settings: Any) -> None:
    # As the demo has them.
    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    make_seller("northfold")
    make_channel("web-shop")
    name = str(connection.settings_dict["NAME"])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.project.docs_settings", "DOCS_DATABASE": name}

    with worker():
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script(live_server)],  # noqa: S607
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr[-2000:]
    order = Order.objects.get(reference="WEB-1001")
    assert (order.customer_email, order.held_because, order.status) == ("ada@example.com", "", "new")
    assert Refund.objects.get().number == "WEB-1001-R1"
    assert set(OrderEvent.objects.values_list("actor", flat=True)) == {"key:first-steps"}
    assert '"kind":"refund.proposed"' in done.stdout
    heard = re.findall(r"^{'type': '([a-z_.]+)'", done.stdout, re.MULTILINE)
    assert heard == ["webhook.test", "order.noted"]


def script(server: LiveServer) -> str:
    """The commands, at this test's own server, and with a port that is free."""
    port = free_port()
    commands = "\n".join(COMMANDS).replace("127.0.0.1:9000", f"127.0.0.1:{port}").replace("PORT=9000", f"PORT={port}")
    assert commands.count(str(port)) == 3
    return commands.replace("export HEMI=http://127.0.0.1:8000", f"export HEMI={server.url}")
