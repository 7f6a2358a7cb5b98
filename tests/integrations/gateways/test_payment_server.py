"""Does the sandbox provider keep its books, whatever happens to its process?"""

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.gateways.conftest import KEY, payment_server
from tests.waiting import WITHIN, until_ended

REFUND = {"payment": "pay-1", "amount": 1999, "currency": "GBP", "metadata": {"hemi_key": "k-1"}}


def call(
    url: str, method: str, path: str, body: dict[str, Any] | None = None, *, token: str = KEY, key: str = "k-1"
) -> tuple[int, dict[str, Any]]:
    asked = urllib.request.Request(  # noqa: S310 - our own loopback server
        url + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )
    try:
        with urllib.request.urlopen(asked, timeout=WITHIN) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def paid_back(url: str) -> list[tuple[str, int]]:
    _, ledger = call(url, "GET", "/_sandbox/ledger", token="control")
    return [(refund["id"], refund["amount"]) for refund in ledger["refunds"]]


def test_what_was_paid_and_answered_survives_a_killed_process(tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "ledger"))
    with payment_server(*state) as (ready, process):
        call(ready["url"], "POST", "/payments", {"reference": "pay-1", "amount": 5997, "currency": "GBP"})
        _, first = call(ready["url"], "POST", "/refunds", REFUND)
        process.send_signal(signal.SIGKILL)
        process.wait()

    with payment_server(*state) as (ready, _):
        status, again = call(ready["url"], "POST", "/refunds", REFUND)

        assert (status, again) == (201, first)
        assert paid_back(ready["url"]) == [(first["id"], 1999)]
        assert call(ready["url"], "GET", "/payments/pay-1") == (
            200,
            {"reference": "pay-1", "amount": 5997, "currency": "GBP", "refunded": 1999},
        )


def test_it_ends_by_sigterm_in_peace() -> None:
    with payment_server() as (_, process):
        process.terminate()

        assert until_ended(process) == 0


@pytest.fixture
def url(payment_server_ready: dict[str, Any]) -> str:
    url: str = payment_server_ready["url"]
    return url


def test_a_key_used_for_another_request_is_a_conflict_and_pays_nothing(url: str) -> None:
    call(url, "POST", "/payments", {"reference": "pay-conflict", "amount": 5997, "currency": "GBP"})
    call(url, "POST", "/refunds", {**REFUND, "payment": "pay-conflict"}, key="conflict")
    before = paid_back(url)

    status, answer = call(url, "POST", "/refunds", {**REFUND, "payment": "pay-conflict", "amount": 1}, key="conflict")

    assert (status, answer["error"]["code"]) == (409, "key_reused")
    assert paid_back(url) == before


def test_a_payment_registered_twice_is_one_and_with_other_figures_refused(url: str) -> None:
    payment = {"reference": "pay-twice", "amount": 5997, "currency": "GBP"}

    statuses = [
        call(url, "POST", "/payments", payment)[0],
        call(url, "POST", "/payments", payment)[0],
        call(url, "POST", "/payments", {**payment, "amount": 1})[0],
    ]

    assert statuses == [201, 200, 409]
    assert call(url, "GET", "/payments/pay-twice")[1]["amount"] == 5997


@pytest.mark.parametrize(
    ("method", "path", "token"),
    [("POST", "/refunds", "control"), ("GET", "/refunds", ""), ("GET", "/_sandbox/ledger", KEY)],
)
def test_without_the_right_key_nothing_is_told(url: str, method: str, path: str, token: str) -> None:
    before = paid_back(url)

    status, answer = call(url, method, path, REFUND if method == "POST" else None, token=token)

    assert (status, answer["error"]["code"]) == (401, "unauthorised")
    assert paid_back(url) == before


@pytest.mark.parametrize(
    "body",
    [
        {**REFUND, "amount": 0},
        {**REFUND, "amount": -1},
        {**REFUND, "amount": 19.99},
        {**REFUND, "amount": "1999"},
        {"payment": "pay-1"},
        {**REFUND, "surprise": 1},
    ],
)
def test_a_refund_that_is_none_is_refused(url: str, body: dict[str, Any]) -> None:
    before = paid_back(url)

    assert call(url, "POST", "/refunds", body)[0] == 400
    assert paid_back(url) == before


def test_a_switch_spoils_as_many_requests_as_it_says(url: str) -> None:
    call(url, "POST", "/payments", {"reference": "pay-s", "amount": 5997, "currency": "GBP"})
    switch = {"on": "refund", "do": "decline", "times": 2, "payment": "pay-s"}
    call(url, "POST", "/_sandbox/misbehave", switch, token="control")

    asked = {**REFUND, "payment": "pay-s"}
    statuses = [call(url, "POST", "/refunds", asked, key=f"s-{number}")[0] for number in range(3)]

    assert statuses == [402, 402, 201]
    call(url, "DELETE", "/_sandbox/misbehave", token="control")


def test_an_unknown_switch_is_refused(url: str) -> None:
    status, answer = call(url, "POST", "/_sandbox/misbehave", {"on": "refund", "do": "dance"}, token="control")

    assert (status, answer["error"]["code"]) == (400, "bad_switch")
    assert call(url, "GET", "/_sandbox/misbehave", token="control") == (200, {"switches": []})
