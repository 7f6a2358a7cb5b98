"""Answers made to exhaust whoever reads them, and a child process that reads one within a budget of CPU and memory."""

import resource
import sys
from collections.abc import Callable, Mapping

from integrations.warehouses.port import Unreadable
from integrations.warehouses.prosku.protocol import decode

SIZE = 15 * 1024 * 1024
CPU_SECONDS = 15
"""Of a busy machine's slow core; what a bomb took before its cure was many times as much, or for ever."""
MEMORY = 2 * 1024 * 1024 * 1024


def _xml(inner: str, head: str = "") -> bytes:
    return f"{head}<APIResponse><Despatch_notes>{inner}</Despatch_notes></APIResponse>".encode()


def _filled(piece: str, share: int = 1) -> str:
    return piece * (SIZE // share // len(piece))


def _lists(piece: str, share: int) -> str:
    return f"<Despatch_note><despatch_number>1</despatch_number>{_filled(piece, share)}</Despatch_note>"


BOMBS: Mapping[str, Callable[[], tuple[bytes, str]]] = {
    "comments": lambda: (b"<!---->" * 60 + b"<x/>", "xml"),
    "instructions": lambda: (b"<?a?>" * 380 + b"<x/>", "xml"),
    "comments and blanks": lambda: (b"<!-- --> \n" * 190 + b"<htm", "xml"),
    "megabytes of comments": lambda: (_xml("", _filled("<!---->")), "xml"),
    "one comment": lambda: (_xml(f"<!--{_filled('a')}-->"), "xml"),
    "one attribute": lambda: (_xml(f"<Despatch_note a='{_filled('a')}'/>"), "xml"),
    "many attributes": lambda: (_xml("<n " + " ".join(f"a{n}=''" for n in range(900_000)) + "/>"), "xml"),
    "pieces of CDATA": lambda: (_xml(f"<Despatch_note><a>{_filled('<![CDATA[a]]>')}</a></Despatch_note>"), "xml"),
    "references to characters": lambda: (_xml(f"<Despatch_note><a>{_filled('&#65;')}</a></Despatch_note>"), "xml"),
    "a long namespace": lambda: (_xml(f"<r xmlns:b='{_filled('u', 4)}'>{_filled('<b:c/>', 8)}</r>"), "xml"),
    "empty elements": lambda: (_xml(_filled("<a/>")), "xml"),
    "a list over and over": lambda: (_xml(_lists("<despatch_lines>a</despatch_lines>", 1)), "xml"),
    "a long name": lambda: (_xml(f"<{_filled('a')}/>"), "xml"),
    "long names": lambda: (_xml("".join(f"<{'a' * 4000}{n}/>" for n in range(3500))), "xml"),
    "a prefix without end": lambda: (_xml(f"<Despatch_note>{_filled('<a.b.c.', 4)}"), "xml"),
    "zeros": lambda: (b'{"Despatch_notes":[' + _filled("0,").encode() + b"0]}", "json"),
    "records of nothing": lambda: (b'{"Despatch_notes":[' + _filled("{},").encode() + b"{}]}", "json"),
    "keys": lambda: (("{" + ",".join(f'"{n}":1' for n in range(1_200_000)) + "}").encode(), "json"),
    "long numbers": lambda: (b'{"Despatch_notes":[' + _filled("9" * 4299 + ",").encode() + b"0]}", "json"),
    "one number": lambda: (b'{"total_despatches":' + _filled("9").encode() + b"}", "json"),
    "brackets": lambda: (_filled("[").encode(), "json"),
    "escapes": lambda: (b'{"a":"' + _filled("\\u0041").encode() + b'"}', "json"),
    "spellings of a list": lambda: (
        b'{"Despatch_notes":[{' + _filled('"despatch-lines":[1,1],"despatch_lines":[1,1],').encode() + b'"a":1}]}',
        "json",
    ),
}


def main() -> None:
    body, form = BOMBS[sys.argv[1]]()
    used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + 1
    # The kernel's own limit: it ends a process that runs no more Python code as well.
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, used + CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        decode(body, f"application/{form}", "despatches")
    except Unreadable as refused:
        sys.stdout.write(str(refused))


if __name__ == "__main__":
    main()
