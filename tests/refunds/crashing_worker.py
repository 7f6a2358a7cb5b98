"""What does a worker do that is killed in the middle of its work? (a process of its own: `python -m`)

Reads lines from its input: at which event to be killed with -9 (0: not at all). For each it forks a worker that does
one round of the clock's tasks, and answers "killed" or how many events the round had, and at which of them a claim was
called and settled. An event is a call of any function, or a line of our own code.
"""

import os
import signal
import sys
from types import FrameType
from typing import Any

import django

django.setup()

from refunds import tasks  # noqa: E402 - only after the setup
from refunds.execution import execute  # noqa: E402

OURS = (f"{os.sep}refunds{os.sep}", f"{os.sep}orders{os.sep}", f"{os.sep}integrations{os.sep}")


class Killer:
    """Counts what happens, and ends the process there and then when the time has come."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0
        self.claimed = self.settled = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event in ("call", "line"):
            self.seen += 1
            if self.seen == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
        if frame.f_code is execute.call.__code__:
            self.claimed, self.settled = self.claimed or self.seen, self.seen
        return self if any(part in frame.f_code.co_filename for part in OURS) else None


def work(at: int) -> str:
    """One round of the tasks; how many events it had, and between which of them a claim was called and settled."""
    killer = Killer(at)
    sys.settrace(killer)
    try:
        tasks.decide_batches()
        tasks.execute_approved()
        tasks.reconcile_doubts()
    finally:
        sys.settrace(None)
    return f"{killer.seen} {killer.claimed} {killer.settled}"


def main() -> None:
    """Fork one worker for each line of the input."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # Loads the gateways: what is loaded before the fork is no place to be killed at.
    execute.automatic_providers()
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        reader, writer = os.pipe()
        worker = os.fork()
        if worker == 0:
            os.write(writer, work(int(line)).encode())
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(worker, 0)
        said = os.read(reader, 100).decode()
        os.close(reader)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        answers.write(f"{'killed' if killed else said or 'broken'}\n")
        answers.flush()


if __name__ == "__main__":
    main()
