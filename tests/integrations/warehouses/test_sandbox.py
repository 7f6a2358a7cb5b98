"""Does the sandbox tell a whole and repeatable story, as a process of its own?"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests

from hemi_intake.demo.prosku_server.plans import PLANS
from hemi_intake.demo.prosku_server.state import State
from integrations.warehouses.prosku.client import ProSkuClient
from integrations.warehouses.prosku.parse import DEFAULT_STATUSES, snapshot
from orders.fulfilment.messages import LineReport, ReportedStatus, WarehouseMessage
from tests.waiting import WITHIN, until, until_ended

LONDON = ZoneInfo("Europe/London")
KEY = "seller-one-key"
TOKEN = "control-token"


@contextmanager
def process(*arguments: str) -> Iterator[str]:
    """The sandbox as its own process; gives its address and stops it kindly."""
    command = [sys.executable, "-m", "hemi_intake.demo.prosku_server", "--key", KEY, *arguments]
    environment = os.environ | {"PROSKU_SANDBOX_TOKEN": TOKEN}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as started:
        assert started.stdout
        try:
            ready = json.loads(started.stdout.readline())
            assert ready["control_token"] == TOKEN
            yield ready["url"]
        finally:
            started.terminate()
            assert until_ended(started) == 0


def control(url: str, command: str, *, token: str = TOKEN, **content: object) -> tuple[int, dict[str, object]]:
    answer = requests.post(
        f"{url}/_sandbox/{command}", json=content, headers={"Authorization": f"Bearer {token}"}, timeout=WITHIN
    )
    return answer.status_code, answer.json()


def order(reference: str, plan: str = "", **quantities: int) -> dict[str, object]:
    lines = [{"product_code": code, "quantity": units} for code, units in quantities.items()]
    return {"key": KEY, "order_reference": reference, "plan": plan, "lines": lines}


def told(url: str, resource: str, form: str = "xml") -> list[WarehouseMessage]:
    with ProSkuClient(url, KEY, form=form) as client:
        records = [record for fetched in client.pages(resource, None, LONDON) for record in fetched.page.records]
    return [snapshot(record, message=0, zone=LONDON, statuses=DEFAULT_STATUSES) for record in records]


STORIES = [
    ("whole", ReportedStatus.DESPATCHED, [[2, 1]], [(2, 2, 0), (1, 1, 0)]),
    ("short", ReportedStatus.DESPATCHED, [[1, 1]], [(2, 1, 1), (1, 1, 0)]),
    ("part_then_rest", ReportedStatus.DESPATCHED, [[1], [1, 1]], [(2, 2, 0), (1, 1, 0)]),
    ("part_then_short", ReportedStatus.DESPATCHED, [[1]], [(2, 1, 1), (1, 0, 1)]),
    ("cancelled", ReportedStatus.CANCELLED, [], [(2, 0, 2), (1, 0, 1)]),
    ("waiting", ReportedStatus.PROCESSING, [], [(2, 0, 0), (1, 0, 0)]),
    ("on_hold", ReportedStatus.ON_HOLD, [], [(2, 0, 0), (1, 0, 0)]),
]


@pytest.mark.parametrize("form", ["xml", "json"])
def test_every_plan_is_told_to_its_end_in_both_forms_by_a_process_of_its_own(form: str) -> None:
    with process() as url:
        control(url, "orders", orders=[order(plan, plan, A=2, B=1) for plan, *_ in STORIES])
        control(url, "advance", steps=9)

        reports = {said.reference: said.report for said in told(url, "orders", form)}
        notes: dict[str, list[list[int]]] = {}
        for said in told(url, "despatches", form):
            notes.setdefault(said.reference, []).append([line.quantity for line in said.notes[0].lines])

    assert {name for name, *_ in STORIES} == set(PLANS)
    for plan, meaning, shipped, figures in STORIES:
        report = reports[plan]
        assert report
        assert (plan, report.meaning) == (plan, meaning)
        assert report.lines == tuple(LineReport(sku, *row) for sku, row in zip("AB", figures, strict=True))
        assert bool(report.cancel_reason) == any(row[2] for row in figures)
        assert notes.get(plan, []) == shipped


def test_an_order_moves_one_step_at_a_time_and_only_when_it_is_meant() -> None:
    with process() as url:
        control(url, "orders", orders=[order("one", "whole", A=2), order("two", "whole", A=2)])

        words = []
        for _ in range(5):
            words.append({said.reference: said.report.word for said in told(url, "orders") if said.report})
            control(url, "advance", references=["one"])

    assert [seen["one"] for seen in words] == ["imported", "allocated", "picking", "packed", "despatched"]
    assert {seen["two"] for seen in words} == {"imported"}


def test_the_same_seed_tells_the_same_story() -> None:
    def story(seed: int) -> object:
        state = State(seed=seed)
        state.load([order(f"R{number}", A=2, B=3) for number in range(50)])
        state.advance(9)
        account = state.accounts[KEY]
        return {name: (planned.plan, planned.status) for name, planned in account.orders.items()}

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_a_second_start_goes_on_where_the_first_stopped_and_knows_its_orders(tmp_path: Path) -> None:
    file = str(tmp_path / "warehouse.json")
    with process("--state", file) as url:
        control(url, "orders", orders=[order("one", "part_then_rest", A=2, B=1)])
        control(url, "advance", steps=4)
        before = told(url, "orders"), told(url, "despatches")

    with process("--state", file) as url:
        again = control(url, "orders", orders=[order("one", "whole", A=9)])
        after = told(url, "orders"), told(url, "despatches")
        control(url, "advance")
        end = told(url, "despatches")

    assert again == (200, {"new": 0})
    assert after == before
    assert [[line.quantity for line in said.notes[0].lines] for said in end] == [[1], [1, 1]]


def test_the_clock_moves_orders_by_itself_when_it_has_a_pace() -> None:
    with process("--pace", "0.01") as url:
        control(url, "orders", orders=[order("one", "short", A=2)])

        until(lambda: told(url, "despatches"), "the despatch")
        reports = [said.report for said in told(url, "orders")]

    assert [report.lines for report in reports if report] == [(LineReport("A", 2, 1, 1),)]


def test_control_needs_its_token_and_answers_what_makes_no_sense_in_words() -> None:
    with process() as url:
        answers = [
            control(url, "advance", token="wrong"),
            control(url, "nothing"),
            control(url, "misbehave", mode="politely"),
            control(url, "orders", orders=[order("one", "no such plan", A=1)]),
            control(url, "orders", orders=[order("two", "short", A=1)]),
            control(url, "put", key=KEY, resource="stock", records=[]),
        ]
        with ProSkuClient(url, KEY) as client:
            pages = list(client.pages("orders", None, LONDON))

    assert [status for status, _ in answers] == [401, 404, 400, 400, 400, 404]
    assert answers[3][1] == {"error": "order one cannot follow the plan 'no such plan'"}
    assert [fetched.page.total for fetched in pages] == [0]


def test_a_record_put_there_is_served_as_it_was_given() -> None:
    record = {"despatch_number": "0007", "additional_ref": "W<1>&", "confirmed_at": "25/10/2026 01:30:00", "x": None}
    with process() as url:
        control(url, "put", key=KEY, resource="despatches", records=[record], modified="2026-10-25T00:30:00+00:00")
        control(url, "misbehave", mode="status", status=503, times=1)
        with ProSkuClient(url, KEY) as client:
            page = next(client.pages("despatches", None, LONDON)).page
        state = requests.get(
            f"{url}/_sandbox/state", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=WITHIN
        ).json()

    assert dict(page.records[0].fields) == {key: value for key, value in record.items() if value}
    assert page.last_change == "25/10/2026 01:30:00"
    assert state["counts"] == {"despatches 503": 1, "despatches 200": 1}
    assert state["records"] == {"despatches": 1, "orders": 0}
