"""Start the sandbox as a process of its own: `python -m hemi_intake.demo.prosku_server --port 0 --state FILE`."""

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from hemi_intake.demo.prosku_server.server import Sandbox


def main() -> None:
    """Serve until told to stop; the first line on stdout is JSON and says where: `url`, `control_token`."""
    parser = argparse.ArgumentParser(description="A ProSKU of our own, for demos and tests.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="a file to go on from, and to save to")
    parser.add_argument("--key", action="append", default=[], help="a seller's key; may be given more than once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pace", type=float, default=0, help="seconds between two steps of an order; 0: no clock")
    parser.add_argument("--zone", default="Europe/London")
    given = parser.parse_args()
    sandbox = Sandbox(
        port=given.port,
        keys=tuple(given.key),
        token=os.environ.get("PROSKU_SANDBOX_TOKEN", ""),
        seed=given.seed,
        pace=given.pace,
        zone=given.zone,
        file=given.state,
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    sandbox.start()
    print(json.dumps({"url": sandbox.url, "control_token": sandbox.token}), flush=True)
    ended.wait()
    sandbox.stop()


if __name__ == "__main__":
    main()
