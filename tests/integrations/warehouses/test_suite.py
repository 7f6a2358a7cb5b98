"""Does every warehouse system pass the shared suite?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from integrations.models import SyncRun
from tests.integrations.warehouses.suite import CASES, Case, place, read
from tests.integrations.warehouses.systems import FileWarehouse, Warehouse, open_warehouse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["prosku-xml", "prosku-json", "files"])
def warehouse(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Warehouse]:
    with open_warehouse(request.param, settings, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_every_warehouse_system(case: Case, warehouse: Warehouse) -> None:
    case(warehouse)


def test_files_that_are_polled_leave_the_folder_with_a_report(settings: Settings, tmp_path: Path) -> None:
    with open_warehouse("files", settings, tmp_path) as warehouse:
        assert isinstance(warehouse, FileWarehouse)
        place(warehouse)
        warehouse.despatch(("000123", "W-1", 2))
        (warehouse.folder / "0.csv").write_bytes((warehouse.folder / "1.csv").read_bytes()[:20])

        read(warehouse)
        run = SyncRun.objects.get()

        assert (run.state, run.applied, run.file) == ("succeeded", 1, "")
        reports = [(report["name"], report["rows"], report["applied"]) for report in warehouse.reports()]
        assert reports == [("1.csv", 1, 1)]
        assert [file.name for file in warehouse.folder.iterdir() if file.is_file()] == ["0.csv"]
