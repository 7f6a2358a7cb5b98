"""Can the packages be installed anywhere, and only as they were locked?"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()


def test_the_lock_names_no_package_index_and_no_path_of_a_machine() -> None:
    assert re.findall(r"https?:|file:|index-url|find-links|(?:^|\s)/\S+", LOCK) == []


def test_each_package_is_locked_to_one_version_with_hashes() -> None:
    entries = re.split(r"\n(?=[a-zA-Z0-9])", LOCK.partition("make lock\n")[2])

    assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_each_wanted_package_is_locked_in_the_wanted_version() -> None:
    wanted = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    locked = dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", LOCK, re.MULTILINE))

    assert [name for name, version in wanted if locked.get(name.lower()) != version] == []
