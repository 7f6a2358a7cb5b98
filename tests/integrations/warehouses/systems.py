"""Each warehouse system as the shared suite drives it: how its side is given something to say, and how it goes away."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pytest_django import Settings

from hemi_intake.demo.prosku_server import Sandbox
from hemi_intake.demo.prosku_server.answers import Fault
from integrations.models import Account, Connection
from tests.builders import make_seller
from tests.integrations.warehouses.world import DISTURBED, know_words, note

Line = tuple[str, str, int | str]
"""A despatch number, an order reference and the units of TEE that left."""


class Warehouse(Protocol):
    """The other side of one account."""

    account: Account

    def despatch(self, *lines: Line, at: str = "03/03/2026 10:00:00") -> None:
        """Say that these units left, one despatch each."""

    def go_away(self) -> None:
        """Answer nobody any more."""


class ProSkuWarehouse:
    """The ProSKU sandbox."""

    def __init__(self, sandbox: Sandbox, form: str) -> None:
        self.sandbox = sandbox
        connection = Connection.objects.create(name="main", base_url=sandbox.url, format=form)
        self.account = Account.objects.create(connection=connection, seller=make_seller("lumen"), key=DISTURBED)

    def despatch(self, *lines: Line, at: str = "03/03/2026 10:00:00") -> None:
        notes = [note(number, reference, at, TEE=units) for number, reference, units in lines]
        self.sandbox.state.put(DISTURBED, "despatches", notes)

    def go_away(self) -> None:
        self.sandbox.faults.append(Fault("status", times=-1, status=503))


class FileWarehouse:
    """A folder of shipping files."""

    def __init__(self, folder: Path) -> None:
        connection = Connection.objects.create(name="main", kind="files")
        self.account = Account.objects.create(connection=connection, seller=make_seller("lumen"), key="none")
        self.folder = folder / self.account.seller.code
        self.folder.mkdir()
        self.files = 0

    def despatch(self, *lines: Line, at: str = "03/03/2026 10:00:00") -> None:
        self.files += 1
        file = self.folder / f"{self.files}.csv"
        rows = [f"{reference},TEE,{units},DPD,T1,{at},{number}" for number, reference, units in lines]
        header = "order reference,SKU,quantity,carrier,tracking number,despatch time,despatch number"
        file.write_text("\n".join((header, *rows)))
        os.utime(file, (time.time() - 60, time.time() - 60))

    def go_away(self) -> None:
        self.folder.rename(self.folder.with_name("elsewhere"))

    def reports(self) -> list[dict[str, object]]:
        """What was written down about the files that were read."""
        return [json.loads(file.read_text()) for file in sorted(self.folder.glob("*/*.json"))]


@contextmanager
def open_warehouse(name: str, settings: Settings, folder: Path) -> Iterator[Warehouse]:
    """The other side of one kind of system."""
    know_words()
    if name == "files":
        settings.SHIPPING_FILES_DIR = str(folder)
        yield FileWarehouse(folder)
        return
    with Sandbox(keys=(DISTURBED,)) as sandbox:
        yield ProSkuWarehouse(sandbox, name.removeprefix("prosku-"))
