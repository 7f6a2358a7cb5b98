"""Can the packages be installed anywhere, and only as they were locked?"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {name: (ROOT / name).read_text() for name in ("requirements.lock", "localstripe.lock")}


def test_the_lock_names_no_package_index_and_no_path_of_a_machine() -> None:
    for lock in LOCKS.values():
        assert re.findall(r"https?:|file:|index-url|find-links|(?:^|\s)/\S+", lock) == []


def test_each_package_is_locked_to_one_version_with_hashes() -> None:
    for lock in LOCKS.values():
        entries = re.split(r"\n(?=[a-zA-Z0-9])", lock.partition("make lock\n")[2])

        assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_each_wanted_package_is_locked_in_the_wanted_version() -> None:
    wanted = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", (ROOT / "requirements.in").read_text(), re.MULTILINE)
    locked = dict(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(\S+)", "\n".join(LOCKS.values()), re.MULTILINE))

    assert [name for name, version in wanted if locked.get(name.lower()) != version] == []
