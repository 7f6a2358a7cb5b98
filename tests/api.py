"""Who uses the API in a test?"""

import uuid
from typing import Any

from django.test import Client

from integrations.api import keys as api_keys
from integrations.models import Scope


def make_reader(name: str = "finance", **options: Any) -> Client:
    """A client that shows a valid key, whose use was noted just now."""
    reader = Client(headers={"Authorization": f"Bearer {api_keys.create(name, **options)[1]}"})
    reader.get("/api/v1/orders/")
    return reader


def make_writer(name: str = "core", **options: Any) -> Client:
    """A client whose key may do everything."""
    return make_reader(name, **({"scopes": Scope.values} | options))


def send(writer: Client, method: str, address: str, body: Any, key: str = "") -> Any:
    """A write as JSON, with an Idempotency-Key of its own unless one is given."""
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return getattr(writer, method)(address, data=body, content_type="application/json", headers=headers)


def rows(reader: Client, address: str) -> list[dict[str, Any]]:
    """What one page of a list holds."""
    response = reader.get(address)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found
