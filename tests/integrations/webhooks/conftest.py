"""What has a life here? The receiver of webhooks, at an address that only a test may call."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integrations.webhooks.receiver import Receiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE_NETWORKS = True
    with Receiver() as running:
        yield running
