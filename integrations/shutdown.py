"""Was this process asked to stop, so that a run ends after its page instead of in the middle of it?"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def graceful_shutdown() -> Iterator[Callable[[], bool]]:
    """Hold back SIGTERM; what is given says whether it came. At the end the process stops as it was asked to."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may take signals; where it is not ours, somebody else decides when we stop.
        yield asked.is_set
        return
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: asked.set())
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGTERM, before)
        if asked.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
