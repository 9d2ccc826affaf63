"""Bare HTTP servers in processes of their own: what a baseline talks to."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection

Took = Callable[[str, bytes], bytes]  # path and body of a request -> body of the answer


def _serve(make: Callable[[], Took], address: Connection) -> None:
    took = make()

    class Bare(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave together

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            self._answer(b"")

        def _answer(self, asked: bytes) -> None:
            body = took(self.path, asked)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Bare)
    address.send(server.server_port)
    server.serve_forever()


@contextmanager
def server(make: Callable[[], Took]) -> Iterator[tuple[int, int]]:
    """Serve what the function that `make` makes, in the new process, answers. Gives port and process id."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_serve, args=(make, there), daemon=True)
    child.start()
    assert child.pid is not None
    try:
        yield here.recv(), child.pid
    finally:
        child.kill()
        child.join()
