"""Which parts are measured, how large, and where do the figures go?"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import api, desk, intake, stage, sync, webhooks
from tests.benchmarks.registry import Figure, Options, Part

REGISTRIES = (api.registry, desk.registry, intake.registry, sync.registry, webhooks.registry)
"""One per module that measures something."""


def main(arguments: Sequence[str]) -> None:
    """Run the parts that were asked for, print a table as it grows, and write JSON."""
    parts: dict[str, Part] = {name: part for registry in REGISTRIES for name, part in registry.parts.items()}
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(parts)}; all of them when none is named")
    parser.add_argument("--sizes", type=int, nargs="+", default=Options().sizes, help="updates per round")
    parser.add_argument("--rounds", type=int, default=Options().rounds)
    parser.add_argument("--stored", type=int, default=Options().stored, help="orders already stored, for flatness")
    parser.add_argument("--keep", action="store_true", help="leave the databases with stored orders for the next run")
    parser.add_argument("--json", type=Path, default=Path("benchmarks.json"), help="where the figures go")
    asked = parser.parse_args(arguments)
    unknown = set(asked.parts) - set(parts)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    options = Options(tuple(asked.sizes), asked.rounds, asked.stored)
    sys.stdout.write(_row("figure", "value", "limit", "ratio", "target", "", "") + "\n")
    figures: list[Figure] = []
    with stage.template(keep=asked.keep):
        for name in asked.parts or parts:
            for figure in parts[name](options):
                figures.append(figure)
                sys.stdout.write(_shown(figure) + "\n")
                sys.stdout.flush()
    asked.json.write_text(json.dumps(_document(options, figures), indent=1) + "\n")
    sys.stdout.write(f"\nwritten to {asked.json}\n")


def _document(options: Options, figures: Sequence[Figure]) -> dict[str, object]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": sys.platform},
        "postgresql": stage.version(),
        "options": asdict(options),
        "figures": [asdict(figure) | {"met": figure.met} for figure in figures],
    }


def _shown(figure: Figure) -> str:
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    sign = "≤" if figure.at_most else "≥"
    return _row(
        figure.name,
        f"{figure.value:,.2f} s" if figure.unit == "s" else f"{figure.value:,.0f} {figure.unit}",
        f"{figure.limit:,.0f} {figure.unit}" if figure.limit is not None else "",
        f"{figure.ratio:.2f}" if figure.ratio is not None else "",
        f"{sign} {figure.target:g}" if figure.target is not None else "",
        verdict,
        figure.note,
    )


def _row(*cells: str) -> str:
    name, value, limit, ratio, target, met, note = cells
    return f"{name:<50} {value:>12} {limit:>12} {ratio:>6} {target:>8} {met:<6} {note}".rstrip()
