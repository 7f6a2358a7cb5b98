"""Which addresses, headers and log lines does every answer have?"""

import json
import logging

import pytest
from django.test import Client

from hemi_intake import logs


def test_the_root_leads_to_the_admin(client: Client) -> None:
    response = client.get("/")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


@pytest.mark.django_db
def test_the_admin_may_evaluate_but_run_no_inline_script(client: Client) -> None:
    policy = client.get("/admin/login/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval';" in f"{policy};"
    assert "style-src 'self' 'unsafe-inline';" in f"{policy};"


@pytest.mark.parametrize("path", ["/healthz", "/api/nothing-here", "/administration"])
def test_everything_else_is_strict(path: str, client: Client) -> None:
    policy = client.get(path)["Content-Security-Policy"]

    assert "script-src 'self';" in f"{policy};"
    assert "default-src 'none';" in f"{policy};"
    assert "unsafe" not in policy


def test_a_log_line_is_json_with_the_request_and_without_its_query(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    # Once more, so that the handler writes to what this test captures.
    logs.configure({"level": "INFO"})
    client.get("/healthz?q=jane@example.com")
    root.handlers = before

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["request"]) for line in lines] == [
        ("request_started", "GET /healthz"),
        ("request_finished", "GET /healthz"),
    ]
    assert len({line["request_id"] for line in lines}) == 1
    assert "jane" not in json.dumps(lines)
    assert "127.0.0.1" not in json.dumps(lines)
