"""How is the sandbox payment provider started? `python -m hemi_intake.demo.payment_server --port 0`"""

import argparse
import json
import os
import secrets
import signal
import threading
from pathlib import Path

from hemi_intake.demo.payment_server.ledger import Ledger
from hemi_intake.demo.payment_server.server import PaymentServer


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; print one line of JSON (url, key, control_token) when ready."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that keeps the ledger; without it nothing survives the end")
    options = parser.parse_args()
    key = os.environ.get("PAYMENT_SANDBOX_KEY") or secrets.token_urlsafe(24)
    control_token = os.environ.get("PAYMENT_SANDBOX_CONTROL_TOKEN") or secrets.token_urlsafe(24)
    ledger = Ledger(str(options.state) if options.state else ":memory:")
    server = PaymentServer(options.port, ledger, key=key, control_token=control_token)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop that this very thread runs, so it is called from another one.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(json.dumps({"url": server.url, "key": key, "control_token": control_token}), flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
