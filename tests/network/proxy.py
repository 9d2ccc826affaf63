"""A TCP proxy that spoils a connection on purpose: slow, lossy, cut, silent, or somebody else who answers.

It knows nothing of HTTP except for canned answers. What real lines do to TCP is told to it as delay: a lost segment
comes again after a retransmission timeout (RFC 6298 asks for 1 s at least; Linux waits 200 ms), and nothing overtakes.
"""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from random import Random

SEGMENT = 1_400  # bytes of payload in an Ethernet frame, about
RETRANSMIT_S = 0.2
_UNDER_WAY = 16  # pieces on the line at once: what a window would allow
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Line:
    """What the line does.

    Attributes:
        delay_s: one way.
        rate: bytes per second in each direction; None: as fast as it goes.
        loss: share of segments that have to be sent again.
        cut_up, cut_down: bytes of a connection after which it is reset, towards the service and back.
        hole_down: bytes of a connection's answer after which nothing comes any more, and nothing is said.
        answer: bytes that are sent back in the service's place to whatever is asked.
        garbage: every byte of the answer is inverted.
        refuse: connections are closed at once.
    """

    delay_s: float = 0.0
    rate: float | None = None
    loss: float = 0.0
    cut_up: int | None = None
    cut_down: int | None = None
    hole_down: int | None = None
    answer: bytes | None = None
    garbage: bool = False
    refuse: bool = False


CLEAN = Line()


@dataclass(slots=True)
class Seen:
    """What went through: connections, bytes to the service and back."""

    connections: int = 0
    up: int = 0
    down: int = 0


@dataclass(slots=True)
class _Way:
    """One direction of a connection: when its line is free again, and how much has passed."""

    free_at: float = 0.0
    passed: int = 0


class Proxy:
    """Listens on a loopback port and passes on to the service; `line` may be changed at any time.

    Args:
        port: the service's.
        rng: decides which segments are lost.
        tls: when given, the proxy ends TLS itself, as an intercepting box does.
    """

    def __init__(self, port: int, rng: Random, tls: ssl.SSLContext | None = None) -> None:
        self.line = CLEAN
        self.seen = Seen()
        self._port = port
        self._rng = rng
        self._tls = tls
        self._open: set[asyncio.StreamWriter] = set()
        self._stalled: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._listening: list[int] = []
        self._thread = threading.Thread(target=self._run, args=(ready,), name="proxy")
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the proxy did not start")
        self.port = self._listening[0]

    @property
    def address(self) -> str:
        """Where the station finds the service."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Cut every connection that is open."""
        self._loop.call_soon_threadsafe(lambda: [_reset(writer) for writer in list(self._open)])

    def sleep(self) -> None:
        """What a suspended computer finds when it wakes: its connections look open, and nothing comes through them."""
        self._loop.call_soon_threadsafe(lambda: self._stalled.update(self._open))

    def close(self) -> None:
        """Stop listening and cut everything."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls))
        self._listening.append(server.sockets[0].getsockname()[1])
        ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            for writer in list(self._open):
                _reset(writer)
            pending = asyncio.all_tasks(self._loop)
            self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
            self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen.connections += 1
        line = self.line
        if line.refuse:
            _reset(writer)
            return
        if line.answer is not None:
            await _answer(reader, writer, line.answer)
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, back}
        try:
            up = asyncio.ensure_future(self._pass((reader, back), writer, up=True))
            down = asyncio.ensure_future(self._pass((there, writer), writer, up=False))
            with contextlib.suppress(asyncio.CancelledError):  # the proxy is closing
                await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            for task in (up, down):
                task.cancel()
        finally:
            self._open -= {writer, back}
            self._stalled.discard(writer)
            for one in (writer, back):
                with contextlib.suppress(OSError):
                    one.close()

    async def _pass(self, ends: Pair, client: asyncio.StreamWriter, *, up: bool) -> None:
        source, sink = ends
        way = _Way()
        arrived: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_UNDER_WAY)
        reading = asyncio.ensure_future(_read(source, arrived))
        try:
            with contextlib.suppress(ConnectionError, OSError):
                while (came := await arrived.get())[1]:
                    line = self.line
                    if client in self._stalled:
                        continue  # swallowed: who sent it believes that it is on its way
                    limit = line.cut_up if up else line.cut_down
                    hole = None if up else line.hole_down
                    if hole is not None and way.passed >= hole:
                        continue
                    at, chunk = came
                    keep = min([len(chunk), *(most - way.passed for most in (limit, hole) if most is not None)])
                    await self._deliver((at, chunk[: max(0, keep)]), sink, way, line, up=up)
                    if limit is not None and way.passed >= limit:
                        _reset(client)
                        return
        finally:
            reading.cancel()

    async def _deliver(
        self, came: tuple[float, bytes], sink: asyncio.StreamWriter, way: _Way, line: Line, *, up: bool
    ) -> None:
        """Pass on what was read at a time. Delays overlap; only what the line needs for each segment adds up."""
        loop = asyncio.get_running_loop()
        at, chunk = came
        for start in range(0, len(chunk), SEGMENT):
            part = chunk[start : start + SEGMENT]
            took = len(part) / line.rate if line.rate else 0.0
            while line.loss and self._rng.random() < line.loss:
                took += max(RETRANSMIT_S, 3 * line.delay_s)
            way.free_at = max(way.free_at, at) + took
            if (wait := way.free_at + line.delay_s - loop.time()) > 0:
                await asyncio.sleep(wait)
            sink.write(bytes(255 - byte for byte in part) if line.garbage and not up else part)
            await sink.drain()
            way.passed += len(part)
            if up:
                self.seen.up += len(part)
            else:
                self.seen.down += len(part)


async def _read(source: asyncio.StreamReader, arrived: "asyncio.Queue[tuple[float, bytes]]") -> None:
    """Note when each piece came; an empty one at the end, however it ends."""
    loop = asyncio.get_running_loop()
    try:
        while chunk := await source.read(64 * 1024):
            await arrived.put((loop.time(), chunk))
    except (ConnectionError, OSError):
        pass
    await arrived.put((loop.time(), b""))


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST, as a box that forgot about it does."""
    with contextlib.suppress(OSError, AttributeError):
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, canned: bytes) -> None:
    with contextlib.suppress(ConnectionError, OSError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(canned)
        await writer.drain()
        writer.close()
