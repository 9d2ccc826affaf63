"""The network between a station and the service: one fault at a time, each with the look it has in real life."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import httpx2

from tests.simulation.hosting import Answered, Host, ServiceCrash

PORTAL = b"<!doctype html><title>Welcome</title><h1>Sign in to use this network</h1>"

BLOCKS = frozenset(
    {"portal", "redirect", "proxy wants a password", "network sign-in", "garbage", "forged", "old reply"}
)
"""Faults that a person is told of as: something answers in the service's place."""

LOSES = frozenset({"request lost", "reply lost", "delayed", "cut", "gateway down", "too late"})
"""Faults that look as if nobody answered."""

SPOILS = frozenset({"truncated", "bit flipped", "stranger's error"})
"""Faults that spoil a reply; what the person is told depends on where."""

FAULTS = (*sorted(BLOCKS), *sorted(LOSES), *sorted(SPOILS), "sent twice")


class _Cut(httpx2.SyncByteStream):
    """Half of a body, then a broken connection."""

    def __init__(self, body: bytes) -> None:
        self._half = body[: len(body) // 2]

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise httpx2.ReadError("cut in the middle")


class Network(httpx2.BaseTransport):
    """A station's way to the service.

    Attributes:
        due: faults for the next requests, one each.
        on_its_way: requests that were held up and arrive later.
        met: faults that a request really met.
    """

    def __init__(self, host: Host, chance: Random) -> None:
        self._host = host
        self._chance = chance
        self.due: list[str] = []
        self.on_its_way: list[httpx2.Request] = []
        self.met: Counter[str] = Counter()
        self.last_met = ""
        self.unplugged = False
        self._old: list[Answered] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        if self.unplugged:
            raise httpx2.ConnectError("no network")
        fault = self.due.pop(0) if self.due else ""
        if fault:
            self.met[fault] += 1
        self.last_met = fault
        before = self._without_the_service(fault)
        if before is not None:
            return before
        if fault in {"request lost", "delayed"}:
            if fault == "delayed":
                self.on_its_way.append(request)
            raise httpx2.ConnectError(fault) if fault == "request lost" else httpx2.ReadTimeout(fault)
        told = self._deliver(request)
        if fault == "sent twice":
            told = self._deliver(request)
        return self._on_the_way_back(fault, told)

    def arrive(self) -> int:
        """What was held up arrives now; nobody waits for its reply any more."""
        arrived, self.on_its_way = self.on_its_way, []
        for request in arrived:
            try:
                self._host.answer(request.method, request.url.path, list(request.headers.raw), request.content)
            except ServiceCrash:
                continue
        return len(arrived)

    def _deliver(self, request: httpx2.Request) -> Answered:
        try:
            told = self._host.answer(request.method, request.url.path, list(request.headers.raw), request.content)
        except ServiceCrash as crash:
            self.met[f"service crashed {crash}"] += 1
            self.last_met = "reply lost"
            raise httpx2.ReadError("the service has gone") from None
        if request.url.path == "/v1/sync":
            self._old = [*self._old[-3:], told]
        return told

    def _without_the_service(self, fault: str) -> httpx2.Response | None:
        """What answers in the service's place; None when nothing does."""
        if fault == "redirect":
            headers = {"Location": "http://portal.invalid/"}
            return httpx2.Response(302, headers=headers, stream=httpx2.ByteStream(b""))
        if fault == "old reply" and self._old:
            return _response(self._chance.choice(self._old))
        pages = {
            "portal": (200, PORTAL),
            "old reply": (200, PORTAL),
            "proxy wants a password": (407, PORTAL),
            "network sign-in": (511, PORTAL),
            "garbage": (200, self._chance.randbytes(300)),
            "stranger's error": (500, b"oops"),
            "gateway down": (self._chance.choice([502, 503, 504]), b"bad gateway"),
        }
        return _page(*pages[fault]) if fault in pages else None

    def _on_the_way_back(self, fault: str, told: Answered) -> httpx2.Response:
        match fault:
            case "reply lost":
                raise httpx2.ReadError(fault)
            case "too late":
                raise httpx2.ReadTimeout(fault)
            case "cut":
                return httpx2.Response(told.status, headers=told.headers, stream=_Cut(told.body))
            case "truncated":
                return _response(Answered(told.status, told.headers, told.body[: len(told.body) // 2]))
            case "bit flipped":
                body = bytearray(told.body or b"\0")
                body[self._chance.randrange(len(body))] ^= 1 << self._chance.randrange(8)
                return _response(Answered(told.status, told.headers, bytes(body)))
            case "forged":
                return _response(self._forge(told))
        return _response(told)

    def _forge(self, told: Answered) -> Answered:
        """What somebody in between would like to say, well formed but for the signature."""
        body = (
            b'{"epoch":"' + b"ab" * 16 + b'","server_time":"2026-11-20T10:00:00Z","receipts":[],'
            b'"changes":[{"change":"reset","seq":1}],"next_cursor":1,"more":false}'
        )
        headers = [
            (name, value) for name, value in told.headers if name not in {b"content-encoding", b"content-length"}
        ]
        return Answered(200, headers, body)


def _page(status: int, body: bytes) -> httpx2.Response:
    return httpx2.Response(status, headers={"Content-Type": "text/html"}, stream=httpx2.ByteStream(body))


def _response(told: Answered) -> httpx2.Response:
    headers = [(name, value) for name, value in told.headers if name.lower() != b"content-length"]
    return httpx2.Response(told.status, headers=headers, stream=httpx2.ByteStream(told.body))
