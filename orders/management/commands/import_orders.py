"""How do operators bring a file of orders in?"""

import json
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from django.core.management.base import BaseCommand, CommandError

from orders.documents import Document, Faulty, check, import_files
from orders.intake.upsert import Outcome, upsert_orders

CHUNK = 1_000


class Command(BaseCommand):
    help = f"""Take in orders from a file: JSON Lines or CSV, in UTF-8.

JSON Lines: one order document per line.
CSV: one row per item; the rows of an order follow one another, and what belongs to the order stands in the first of
them (the others may repeat it or leave it empty). Amounts are decimals such as 12.50, times ISO 8601 with their zone.
Required columns: {", ".join(import_files.REQUIRED)}.
All columns: {", ".join(import_files.COLUMNS)}.

Taking the same file in again changes nothing. A JSON summary goes to the standard output; orders that are refused go,
with the reasons, to FILE.refused.jsonl. Exit code: 0 all taken in, 1 some refused, 2 nothing could be read."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the paragraphs of the help text."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, and what may be made for it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=("jsonl", "csv"), help="when the file's name does not say it")
        parser.add_argument("--create-sellers", action="store_true", help="make sellers and channels that are unknown")
        parser.add_argument("--refused", type=Path, help="where refused orders go (default: FILE.refused.jsonl)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check and take in, a thousand orders at a time."""
        path: Path = options["file"]
        refused_path: Path = options["refused"] or path.with_name(f"{path.name}.refused.jsonl")
        try:
            kind = options["format"] or import_files.kind_of(path)
            if refused_path.resolve() == path.resolve():
                raise import_files.Unusable("refused orders cannot go into the file that is being read")
            with path.open("rb") as file, _kept_if_used(refused_path) as refused:
                counts = self._import(file, kind, refused, options["create_sellers"], f"import:{path.name}"[:160])
        except (OSError, import_files.Unusable) as error:
            raise CommandError(f"{path} cannot be imported: {error}", returncode=2) from error
        self.stdout.write(json.dumps(counts))
        if counts["refused"]:
            raise CommandError(f"{counts['refused']} of {counts['read']} orders were refused: see {refused_path}")

    def _import(self, file: BinaryIO, kind: str, refused: TextIO, create: bool, actor: str) -> dict[str, int]:
        counts = dict.fromkeys(("read", *Outcome), 0)
        progress = _Progress(self.stderr, file)
        entries = import_files.read(file, kind)
        while chunk := list(islice(entries, CHUNK)):
            for entry, outcome, reasons in _take(chunk, create, actor):
                counts["read"] += 1
                counts[outcome] += 1
                if outcome == Outcome.REFUSED:
                    refused.write(json.dumps({"line": entry.line, "reasons": reasons, "raw": entry.raw}) + "\n")
            progress.show(counts["read"])
        progress.end(counts["read"])
        return {str(name): count for name, count in counts.items()}


@contextmanager
def _kept_if_used(path: Path) -> Iterator[TextIO]:
    try:
        with path.open("w", encoding="utf-8") as file:
            yield file
    finally:
        if path.is_file() and not path.stat().st_size:
            path.unlink()


def _take(
    chunk: list[import_files.Entry], create: bool, actor: str
) -> Iterator[tuple[import_files.Entry, Outcome, list[dict[str, str]]]]:
    checked: list[tuple[import_files.Entry, Document | None, list[dict[str, str]]]] = []
    for entry in chunk:
        document, reasons = None, [{"field": "", "message": entry.why}]
        if not entry.why:
            try:
                document = check(entry.document)
            except Faulty as faulty:
                reasons = [{"field": fault.field, "message": fault.message} for fault in faulty.faults]
        checked.append((entry, document, reasons))
    taken = iter(upsert_orders([d for _, d, _ in checked if d is not None], create_sellers=create, actor=actor))
    for entry, document, reasons in checked:
        if document is None:
            yield entry, Outcome.REFUSED, reasons
        else:
            result = next(taken)
            yield entry, result.outcome, [{"field": fault.field, "message": fault.message} for fault in result.faults]


class _Progress:
    """One line on the standard error, written over and over: how many, how fast, how long still."""

    def __init__(self, out: Any, file: BinaryIO) -> None:
        self._out = out
        self._file = file
        self._size = max(Path(file.name).stat().st_size, 1)
        self._began = self._shown = time.monotonic()

    def show(self, orders: int) -> None:
        """Say how far it is, at most twice a second."""
        now = time.monotonic()
        if now - self._shown >= 0.5:
            self._shown = now
            passed = now - self._began
            done = self._file.tell() / self._size
            left = passed / done - passed if done else 0
            self._out.write(
                f"\r{done:4.0%}  {orders:,} orders  {orders / passed:,.0f}/s  {left:,.0f} s left ", ending=""
            )

    def end(self, orders: int) -> None:
        """Say how it went."""
        passed = time.monotonic() - self._began
        self._out.write(f"\r{orders:,} orders read in {passed:,.0f} s".ljust(60), style_func=str)
