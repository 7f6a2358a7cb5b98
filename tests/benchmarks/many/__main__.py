"""How does one get a database with a million orders? `python -m tests.benchmarks.many`, on the usual database."""

import argparse
import importlib
import os
from datetime import UTC, datetime
from time import perf_counter

import django


def main() -> None:
    """Migrate, make, check, and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.many")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--until", type=datetime.fromisoformat, default=datetime.now(UTC), help="the newest order's moment"
    )
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "hemi_intake.settings"
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    django.setup()
    for command in ("migrate", "apply_roles"):
        importlib.import_module("django.core.management").call_command(command, verbosity=0)
    began = perf_counter()
    importlib.import_module("tests.benchmarks.many.make").make(asked.orders, seed=asked.seed, until=asked.until)
    print(f"{asked.orders:,} orders made and checked in {perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
