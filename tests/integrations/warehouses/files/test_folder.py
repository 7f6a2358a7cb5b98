"""Do two workers at once read the folder of shipping files once?"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from integrations.warehouses.files import folder

pytestmark = pytest.mark.django_db(transaction=True)


def read_elsewhere() -> int:
    """Read the folder as another worker does, over a connection of its own."""
    try:
        return folder.read_all()
    finally:
        connection.close()


def test_while_one_worker_reads_the_folder_another_leaves_it(settings: LazySettings, tmp_path: Path) -> None:
    settings.SHIPPING_FILES_DIR = str(tmp_path)
    file = tmp_path / "nobody" / "today.csv"
    file.parent.mkdir()
    file.write_text("nonsense")
    os.utime(file, (time.time() - 60, time.time() - 60))
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as other:
        cursor.execute("SELECT pg_advisory_lock(%s)", [folder.LOCK])

        assert other.submit(read_elsewhere).result() == 0
        assert file.exists()

        cursor.execute("SELECT pg_advisory_unlock(%s)", [folder.LOCK])
        assert other.submit(read_elsewhere).result() == 1
        assert not file.exists()
    assert folder.read_all() == 0
