"""Does every command that docs/api.md shows a newcomer work?"""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from orders.models import Order, OrderEvent
from refunds.models import Refund
from tests.builders import make_channel, make_seller

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.django_db(transaction=True)
def test_a_newcomer_gets_from_a_key_to_the_change_feed(live_server: LiveServer) -> None:
    make_seller("acme")
    make_channel("shop")
    # The key is made in this test's database, the server is this test's own.
    script = "\n".join(COMMANDS).replace("export HEMI=http://127.0.0.1:8000", f"export HEMI={live_server.url}")
    name = str(connection.settings_dict["NAME"])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.project.docs_settings", "DOCS_DATABASE": name}

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr[-2000:]
    order = Order.objects.get(reference="WEB-1001")
    assert (order.customer_email, order.held_because, order.status) == ("ada@example.com", "", "new")
    assert Refund.objects.get().number == "WEB-1001-R1"
    assert set(OrderEvent.objects.values_list("actor", flat=True)) == {"key:first-steps"}
    assert '"kind":"refund.proposed"' in done.stdout
