"""Can foreign text keep one of our regular expressions busy for ever?"""

import json
import subprocess
import sys

from tests.project.regular_expressions import expressions, nested


def test_no_expression_holds_a_repetition_within_a_repetition() -> None:
    assert [place for place, pattern in expressions().items() if nested(pattern)] == []


def test_every_expression_ends_soon_with_text_made_against_it() -> None:
    found = expressions()
    assert len(found) > 30

    command = [sys.executable, "-m", "tests.project.regular_expressions"]
    tried = subprocess.run(command, input=json.dumps(found), capture_output=True, text=True, check=False, timeout=600)

    assert tried.returncode == 0, f"ended by the kernel at {tried.stdout.splitlines()[-1]}"
    assert len(tried.stdout.splitlines()) == len(found)
