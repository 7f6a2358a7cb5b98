"""Who reads the API in a test?"""

from typing import Any

from django.test import Client

from integrations import api_keys


def make_reader(name: str = "finance") -> Client:
    """A client that shows a valid key, whose use was noted just now."""
    reader = Client(headers={"Authorization": f"Bearer {api_keys.create(name)[1]}"})
    reader.get("/api/v1/orders/")
    return reader


def rows(reader: Client, address: str) -> list[dict[str, Any]]:
    """What one page of a list holds."""
    response = reader.get(address)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found
