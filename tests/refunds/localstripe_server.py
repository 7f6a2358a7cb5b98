"""How is localstripe started so that only this machine reaches it? (a process of its own: `python -m`)

By itself it listens on every interface and keeps its books in a file that all its processes share. Says its address.
"""

import socket
import sys

from aiohttp import web
from localstripe.resources import Store
from localstripe.server import app


def main() -> None:
    """Serve on a free port of 127.0.0.1 until SIGTERM; the books are in memory."""
    Store.dump_to_disk = lambda store: None
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        web.run_app(app, sock=listening, print=None, access_log=None)


if __name__ == "__main__":
    main()
