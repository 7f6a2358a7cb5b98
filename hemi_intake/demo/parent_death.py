"""How does a child process learn that the demo was killed? The kernel tells it: `python parent_death.py PID COMMAND …`.

It becomes the command itself, which is ended with SIGTERM as soon as the process PID, its parent, is no more.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606 - the very command that the demo gave
