"""Does every answer end that was made to be read for ever?"""

import subprocess
import sys

import pytest

from tests.integrations.warehouses.bombs import BOMBS


@pytest.mark.parametrize("name", BOMBS)
def test_an_answer_made_to_exhaust_its_reader_is_read_or_refused_within_a_budget(name: str) -> None:
    command = [sys.executable, "-m", "tests.integrations.warehouses.bombs", name]

    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    assert (ended.returncode, ended.stderr) == (0, "")
