"""How does something run in a process of its own, as a worker does?"""

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection


class Child:
    """A forked process that runs `act(*given, pipe)` and sends what it answers."""

    def __init__(self, act: Callable[..., float], *given: Any) -> None:
        # A connection must not be used from two processes.
        connection.close()
        fork = get_context("fork")
        self._pipe, theirs = fork.Pipe()
        self._process = fork.Process(target=_run, args=(act, given, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def tell(self, word: str) -> None:
        """Send the child a word that it waits for."""
        self._pipe.send(word)

    def wait(self) -> Any:
        """The next thing that the child sends. Raises EOFError when it died."""
        return self._pipe.recv()

    def end(self) -> None:
        """Wait until the process is gone."""
        self._process.join()


def _run(act: Callable[..., float], given: tuple[Any, ...], pipe: "Connection[Any, Any]") -> None:
    pipe.send(act(*given, pipe))
    connection.close()
