"""A station that closes does not wait for a connection that has fallen silent."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from modstation.core.problem import Problem
from modstation.sync.enrolment import Keys
from modstation.sync.failures import Offline
from modstation.sync.transport import Transport
from modstation.wire.exchange import Held, SyncRequest
from tests.network import certificates
from tests.support.station import HandClock

WAIT = 20  # a test that needs it has failed: a line may be silent for 30 s before the station gives it up
IDLE = SyncRequest(epoch="", cursor=0, room=0, held=Held(0, "0" * 64))
FILE = "f" * 64
BEGUN = b'HTTP/1.1 200 OK\r\nETag: "%s"\r\nContent-Length: 1000\r\n\r\nabc' % FILE.encode()


class Silent:
    """Takes one request, says `first`, and nothing more."""

    def __init__(self, first: bytes, context: ssl.SSLContext | None) -> None:
        self._first, self._context = first, context
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.asked = threading.Event()
        self._kept = ExitStack()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        line = self._door.accept()[0]
        if self._context is not None:
            line = self._context.wrap_socket(line, server_side=True)
        self._kept.enter_context(line)
        line.recv(65_536)
        line.sendall(self._first)
        self.asked.set()

    def close(self) -> None:
        self._thread.join(WAIT)
        self._kept.close()
        self._door.close()


@pytest.fixture(params=["plain", "tls"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, httpx2.Client, ssl.SSLContext | None]]:
    if request.param == "plain":
        with httpx2.Client() as client:
            yield "http://127.0.0.1", client, None
    else:
        made = certificates.made(tmp_path / "certificates")
        with httpx2.Client(verify=ssl.create_default_context(cafile=made.authority), trust_env=False) as client:
            yield "https://localhost", client, made.context


@pytest.mark.parametrize(("first", "read"), [(b"", "exchange"), (BEGUN, "file")])
def test_a_read_from_a_silent_line_ends_at_once_when_it_is_cut(way, first: bytes, read: str) -> None:
    scheme, client, context = way
    server = Silent(first, context)
    transport = Transport(f"{scheme}:{server.port}", Keys(b"s" * 32, b"x" * 32), "token", HandClock(), client)
    ended: list[Problem] = []
    begun = threading.Event()

    def ask() -> None:
        try:
            if read == "exchange":
                begun.set()
                transport.sync(IDLE)
            else:
                with transport.media(FILE) as coming:
                    for _ in coming.chunks:
                        begun.set()
        except Problem as problem:
            ended.append(problem)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    assert server.asked.wait(WAIT)
    assert begun.wait(WAIT)
    transport.cut()
    asking.join(WAIT)
    assert not asking.is_alive()
    assert [type(problem) for problem in ended] == [Offline]
    server.close()


def test_nothing_is_asked_over_what_was_cut() -> None:
    asked: list[httpx2.Request] = []
    client = httpx2.Client(transport=httpx2.MockTransport(lambda request: asked.append(request)))  # type: ignore[arg-type, return-value] # noqa: PLW0108
    transport = Transport("http://127.0.0.1:9", Keys(b"s" * 32, b"x" * 32), "token", HandClock(), client)
    transport.cut()
    with pytest.raises(Offline):
        transport.sync(IDLE)
    assert not asked
