"""The envelope of every reply: protocol header, signature, compression; and reading request bodies within bounds.

`Signed` stands around the whole application, so that errors (404, 405, 500) are signed too: what is not signed was not
said by this service. Media are the exception: they stream, and their bytes are verified by their hash.
"""

import re
from collections.abc import Callable
from typing import Any

import structlog
import zstandard
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modstation.core.problem import Problem
from modstation.service.answers import problem_body
from modstation.wire import PROTOCOL
from modstation.wire.envelope import NONCE_HEADER, PROTOCOL_HEADER, SIGNATURE_HEADER, reply_bytes
from modstation.wire.limits import KIB, MAX_SEGMENT, MAX_UPLOAD

MAX_REQUEST = 2 * MAX_UPLOAD  # decisions, and what stands around them; uncompressed
MAX_JOURNAL_REQUEST = 2 * MAX_SEGMENT  # a segment in base64, and the ids that are wanted of it
_WORTH_PACKING = KIB
_LEVEL = 3
_DEEP = 64  # lists and objects inside each other; nothing of the contract comes near
_MARK = re.compile(rb'"(?:[^"\\]|\\.?)*+(?:"|\Z)|[][{}]', re.DOTALL)  # a whole string, which may hold brackets, or one
_NONCE = re.compile(r"[0-9A-Za-z]{16,64}")

_log = structlog.get_logger(__name__)


class Signed:
    """ASGI middleware that signs what passes through it."""

    def __init__(self, app: ASGIApp, sign: Callable[[bytes], str]) -> None:
        self._app = app
        self._sign = sign

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reply = _Reply(Headers(scope=scope), scope["method"], self._sign, send)
        try:
            await self._app(scope, receive, reply.take)
        except ClientDisconnect:
            return
        except Exception:
            # The service's edge: a bug answers one request with a 500 and never stops the service.
            _log.exception("request_failed", path=scope["path"])
            if reply.begun:
                raise
            await reply.fail()


class _Reply:
    """One reply on its way: held back until it is whole, then packed, signed and sent."""

    def __init__(self, request: Headers, method: str, sign: Callable[[bytes], str], send: Send) -> None:
        nonce = request.get(NONCE_HEADER, "")
        self._nonce = nonce if _NONCE.fullmatch(nonce) else ""
        self._packs = "zstd" in request.get("accept-encoding", "")
        self._bodiless = method == "HEAD"
        self._sign = sign
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()
        self._streams = False
        self.begun = False

    async def take(self, message: Message) -> None:
        """Take what the application sends."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers[PROTOCOL_HEADER] = str(PROTOCOL)
            self._streams = "etag" in headers
            if self._streams:
                self.begun = True
                await self._send({**message, "headers": headers.raw})
            else:
                self._start = {**message, "headers": headers.raw}
        elif self._streams:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()

    async def fail(self) -> None:
        """Answer 500, whatever was being prepared."""
        headers = MutableHeaders({"content-type": "application/problem+json", PROTOCOL_HEADER: str(PROTOCOL)})
        self._start = {"type": "http.response.start", "status": 500, "headers": headers.raw}
        self._body = bytearray(problem_body(Problem("service.failed", "The service has failed. It is logged."), 500))
        await self._finish()

    async def _finish(self) -> None:
        start: dict[str, Any] = dict(self._start or {})
        headers = MutableHeaders(raw=start["headers"])
        body = b"" if self._bodiless else bytes(self._body)
        headers["vary"] = "Accept-Encoding"
        if self._packs and len(body) > _WORTH_PACKING:
            body = zstandard.ZstdCompressor(level=_LEVEL).compress(body)
            headers["content-encoding"] = "zstd"
        if not self._bodiless:
            headers["content-length"] = str(len(body))
        headers[SIGNATURE_HEADER] = self._sign(reply_bytes(self._nonce, start["status"], body))
        headers.setdefault("cache-control", "no-store")
        self.begun = True
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


async def read_body(request: Request, limit: int = MAX_REQUEST) -> bytes:
    """The body of a request, unpacked; never more than `limit` bytes of it, packed or not.

    Raises:
        Problem: ``request.too_large``, ``request.encoding`` (an encoding other than zstd), ``wire.malformed`` (broken
            zstd).
    """
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in {"identity", "zstd"}:
        raise Problem("request.encoding", "Only zstd is understood.", place="Content-Encoding")
    packed = bytearray()
    async for chunk in request.stream():
        packed += chunk
        if len(packed) > limit:
            raise _too_large()
    if encoding == "identity":
        return bytes(packed)
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=8 * MAX_UPLOAD).stream_reader(bytes(packed))
        body = reader.read(limit + 1)
    except zstandard.ZstdError:
        raise Problem("wire.malformed", "The body is not valid zstd.", place="body") from None
    if len(body) > limit:
        raise _too_large()
    return bytes(body)


def shallow(body: bytes) -> bytes:
    """JSON with ``null`` for whatever is nested more deeply than a decoder goes; any other as it is.

    What is cut was no part of the contract: the decision that holds it is refused by itself, and not its whole request.
    """
    kept: list[bytes] = []
    depth = start = 0
    for found in _MARK.finditer(body):
        mark = found[0]
        if mark in {b"[", b"{"}:
            depth += 1
            if depth == _DEEP:
                kept += [body[start : found.start()], b"null"]
                start = len(body)  # until it is closed
        elif mark in {b"]", b"}"}:
            if depth == _DEEP:
                start = found.end()
            depth -= 1
    return b"".join(kept) + body[start:] if kept else body


def _too_large() -> Problem:
    return Problem("request.too_large", "The request is too large.", "Send less at once.")
