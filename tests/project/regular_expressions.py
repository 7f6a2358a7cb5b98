"""Which regular expressions does the product hold, and how long does one of them take with text made against it?"""

import ast
import json
import random
import re
import resource
import string
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from re import _parser as parser
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGES = ("hemi_intake", "orders", "refunds", "integrations")
FUNCTIONS = {"compile", "match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn"}
LONG = 3_000
CPU_SECONDS = 5
UNENDING = int(parser.MAXREPEAT)
REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


def expressions() -> dict[str, str]:
    """Each expression that stands in the product, by where it stands; `x` is for what one is composed of."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if (pattern := _pattern(node)) is not None:
                    found[f"{path.relative_to(ROOT)}:{node.lineno}"] = pattern  # type: ignore[attr-defined]
    return found


def _pattern(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[first, *_]) if name in FUNCTIONS:
            return _text(first)
        case ast.Call(func=ast.Attribute(attr="RegexField") | ast.Name(id="RegexField"), args=[first, *_]):
            return _text(first)
    return None


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(raw)):
            return raw.decode("latin-1")
        case ast.JoinedStr(values=values):
            return "".join(_text(value) or "x" for value in values)
        case ast.BinOp(left=left, right=right):
            return (_text(left) or "") + (_text(right) or "")
    return None


def nested(pattern: str) -> bool:
    """Whether a repetition without end stands inside another: text exists for which that takes for ever."""
    return _nested(parser.parse(pattern), inside=False)


def _nested(parsed: Any, *, inside: bool) -> bool:
    for name, argument in parsed:
        repeats = str(name) in REPEATS and int(argument[1]) == UNENDING
        if repeats and inside:
            return True
        if any(_nested(part, inside=inside or repeats) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for inner in argument:
            yield from _parts(inner)


def _samples(parsed: Any) -> list[str]:
    """Some short texts that a part of an expression matches."""
    texts = [""]
    for name, argument in parsed:
        match str(name):
            case "LITERAL":
                more = [chr(argument)]
            case "IN":
                more = [chr(inner[1] if isinstance(inner[1], int) else inner[1][0]) for inner in argument[:1]
                        if str(inner[0]) in ("LITERAL", "RANGE")] or ["a"]  # fmt: skip
            case "BRANCH":
                more = [text for option in argument[1] for text in _samples(option)]
            case "SUBPATTERN":
                more = _samples(argument[3])
            case "MAX_REPEAT" | "MIN_REPEAT":
                more = [text * max(int(argument[0]), 0) for text in _samples(argument[2])]
            case "ANY" | "NOT_LITERAL" | "CATEGORY":
                more = ["a"]
            case _:
                more = [""]
        texts = [text + one for text in texts for one in more][:16]
    return texts


def _repeated(parsed: Any) -> Iterator[str]:
    """What an expression repeats, as texts."""
    for name, argument in parsed:
        if str(name) in REPEATS:
            yield from _samples(argument[2])
        for part in _parts(argument):
            yield from _repeated(part)


def attacks(pattern: str) -> Iterator[str]:
    """Long text made of what the expression repeats and of its own characters, ended by what it cannot match."""
    letters = "".join(dict.fromkeys(char for char in pattern if char in string.printable))
    chosen = random.Random(pattern).sample(letters, min(len(letters), 10))  # noqa: S311 - no secret
    parsed = parser.parse(pattern)
    pieces = [*"a0 -_.,<", *chosen, *filter(None, _repeated(parsed))]
    starts = {"", "<!--", '"', "(", *_samples(parsed)}
    for piece in dict.fromkeys([*pieces, *map("".join, product(pieces[:8], pieces[8:]))]):
        for start in starts:
            yield start + piece * (LONG // len(piece)) + "\0"


def main() -> None:
    """Try every expression of stdin (JSON, by place), saying each place before it is tried."""
    for place, pattern in json.load(sys.stdin).items():
        sys.stdout.write(f"{place}\n")
        sys.stdout.flush()
        used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 1
        # The kernel ends it: a signal handler of Python's waits until the expression is done, that is for ever.
        resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, resource.RLIM_INFINITY))
        compiled = re.compile(pattern)
        for text in attacks(pattern):
            compiled.search(text)
            compiled.fullmatch(text)


if __name__ == "__main__":
    main()
