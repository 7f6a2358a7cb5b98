"""Who answers in the benchmarks as ProSKU would, but at once? A process of its own, its pages made beforehand."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

from django.db import connection

from integrations.warehouses.prosku import protocol
from tests.benchmarks import warehouse


@contextmanager
def serving(token: str, size: int, form: str) -> Iterator[str]:
    """A server that has the cohort's news to tell, once: whoever asks `since` is told that there is none.

    Its address with /requests says how many it was asked for.
    """
    connection.close()
    ours, theirs = get_context("fork").Pipe()
    process = get_context("fork").Process(target=_serve, args=(theirs, token, size, form), daemon=True)
    process.start()
    try:
        yield str(ours.recv())
    finally:
        process.terminate()
        process.join()


def _serve(to_parent: Connection, token: str, size: int, form: str) -> None:
    pages = list(warehouse.pages(token, size, form)) if size else []
    nothing = {name: next(warehouse.pages(token, 0, form, resource=name)) for name in protocol.RESOURCES}

    count = Counter[str]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1024 * 1024
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            asked = parse_qs(address.query)
            if address.path == "/requests":
                self._answer(str(count["requests"]).encode(), "text/plain")
                return
            count["requests"] += 1
            resource = address.path.rpartition("/")[2]
            news = resource == "orders" and "since" not in asked and pages
            body = pages[int(asked["page"][0]) - 1] if news else nothing[resource]
            self._answer(body, protocol.FORMATS[form])

        def _answer(self, body: bytes, content_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (the base names it)
            """Say nothing: it would be measured."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    to_parent.send(f"http://127.0.0.1:{server.server_address[1]}")
    server.serve_forever()
