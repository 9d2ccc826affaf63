"""Bytes to the service and back. Nothing that the service did not sign gets past this module.

Every failure is one of the three kinds in `failures`. The libraries that speak HTTP are imported where they are first
used, on the thread that talks to the service: they take longer to load than the first item takes to be shown.
"""

import base64
import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from modstation.core.problem import Problem
from modstation.sync.enrolment import Keys
from modstation.sync.failures import Refused, blocked, impostor, other_protocol, stranger, told, unusable_proxy
from modstation.sync.lines import Lines
from modstation.system.clock import Clock
from modstation.wire import PROTOCOL
from modstation.wire.decision import Receipt
from modstation.wire.envelope import NONCE_HEADER, PROTOCOL_HEADER, SIGNATURE_HEADER, receipt_bytes, reply_bytes
from modstation.wire.exchange import (
    CheckReply,
    CheckRequest,
    EnrolReply,
    EnrolRequest,
    ProblemDetails,
    ServiceCard,
    SyncReply,
    SyncRequest,
)
from modstation.wire.limits import KIB, MAX_BODY
from modstation.wire.recovery import JournalReply, JournalRequest, ReceiptsReply, ReceiptsRequest
from modstation.wire.translate import strictly

if TYPE_CHECKING:
    import httpx2

log = structlog.get_logger(__name__)
T = TypeVar("T")

CONNECT_S = 10.0
STALL_S = (
    30.0  # no byte moved for this long: by bytes moving, never by total time, so that a slow line still gets there
)
WORTH_COMPRESSING = 1 * KIB
MAX_CARD = 64 * KIB
_KEY_BYTES = 32  # Ed25519 and X25519
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_CARD = msgspec.json.Decoder(ServiceCard, strict=True)
_CHECK_REPLY = msgspec.json.Decoder(CheckReply, strict=True)
_ENROL_REPLY = msgspec.json.Decoder(EnrolReply, strict=True)
_SYNC_REPLY = msgspec.json.Decoder(SyncReply, strict=True)
_RECEIPTS_REPLY = msgspec.json.Decoder(ReceiptsReply, strict=True)
_JOURNAL_REPLY = msgspec.json.Decoder(JournalReply, strict=True)
_PROBLEM = msgspec.json.Decoder(ProblemDetails, strict=True)


def keys_of(card: ServiceCard) -> Keys:
    """The keys that a service's card names.

    Raises:
        Problem: ``sync.malformed_reply`` when they are none.
    """
    return Keys(_key(card.signing_key, "signing_key"), _key(card.sealing_key, "sealing_key"))


def _key(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise _malformed(place, 200)
    return key


@dataclass(frozen=True, slots=True)
class MediaBytes:
    """A file on its way: `chunks` begin at byte `start`."""

    start: int
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes  # as sent, possibly compressed
    nonce: str


@dataclass(slots=True)
class Transport:
    """The one place that speaks HTTP for the station. Thread-safe, as its client is.

    Attributes:
        keys: pinned; None only before enrolment, when nothing but `card` may be asked for.
        client: injectable; Starlette's TestClient is one. Made here when None.
        nonce: fresh random text for every request, 16 to 64 hex digits.
    """

    base_url: str
    keys: Keys | None
    token: str
    clock: Clock
    client: "httpx2.Client | None" = None
    nonce: Callable[[], str] = field(default=lambda: secrets.token_hex(16))
    _made: "httpx2.Client | None" = field(default=None, init=False, repr=False)
    _lines: Lines = field(default_factory=Lines, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.client is None and self.keys is None:  # just typed; one that was joined is looked at again by `_http`
            _is_local(self.base_url)
        self.base_url = self.base_url.rstrip("/")

    @property
    def _http(self) -> "httpx2.Client":
        """Made when it is first used, and with it the address is looked at: nothing is sent to one without protection.

        Raises:
            Problem: ``sync.insecure_address``.
        """
        if self.client is not None:
            return self.client
        if self._made is None:
            self._made = _client(self.base_url)
        return self._made

    def cut(self) -> None:
        """End whatever waits for the service on another thread, at once, as `Offline`; nothing is asked any more."""
        self._lines.cut()

    def close(self) -> None:
        """Close the connections this object made."""
        if self._made is not None:
            self._made.close()

    def card(self) -> ServiceCard:
        """Ask who the service is. Its answer must be signed by the very key it names; the person compares the rest.

        Raises:
            Problem: `Offline`, `Blocked`, `Refused`.
        """
        answer = self._ask("GET", "/v1/service", limit=MAX_CARD)
        try:
            card = strictly(_CARD.decode, _plain(answer, MAX_CARD))
            key = base64.b64decode(card.signing_key, validate=True)
        except (Problem, ValueError):
            raise stranger(answer.status) from None
        _verify(answer, key)
        if card.protocol != PROTOCOL:
            raise other_protocol(answer.status)
        return card

    def check(self, request: CheckRequest) -> CheckReply:
        """Ask what a one-time code would do. Raises `Offline`, `Blocked`, `Refused` (404: asked too old a service)."""
        return self._post("/v1/enrol/check", msgspec.json.encode(request), _CHECK_REPLY.decode)

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Trade a one-time code for a device. Raises `Offline`, `Blocked`, `Refused`."""
        return self._post("/v1/enrol", msgspec.json.encode(request), _ENROL_REPLY.decode)

    def sync(self, request: SyncRequest) -> SyncReply:
        """One exchange. A long poll may stay silent for `wait_s` before the stall clock starts.

        Raises:
            Problem: `Offline`, `Blocked`, `Refused`.
        """
        return self._post("/v1/sync", msgspec.json.encode(request), _SYNC_REPLY.decode, request.wait_s)

    def receipts(self, request: ReceiptsRequest) -> ReceiptsReply:
        """Ask what became of decisions. Raises `Offline`, `Blocked`, `Refused`."""
        return self._post("/v1/receipts", msgspec.json.encode(request), _RECEIPTS_REPLY.decode)

    def journal(self, request: JournalRequest) -> JournalReply:
        """Send up a segment of the journal. Raises `Offline`, `Blocked`, `Refused`."""
        return self._post("/v1/journal", msgspec.json.encode(request), _JOURNAL_REPLY.decode)

    def receipt_is_ours(self, receipt: Receipt) -> bool:
        """Whether the pinned key signed `receipt`."""
        try:
            signature = base64.b64decode(receipt.signature, validate=True)
            Ed25519PublicKey.from_public_bytes(self._pinned().signing).verify(signature, receipt_bytes(receipt))
        except (InvalidSignature, ValueError):
            return False
        return True

    @contextmanager
    def media(self, media_id: str, start: int = 0) -> Iterator[MediaBytes]:
        """Fetch a file from byte `start` on. What arrives is not signed: the caller verifies its sha256.

        The service may answer with the whole file; `MediaBytes.start` says where the chunks begin.

        Raises:
            Problem: `Offline`, `Blocked`, `Refused` (404: not ours any more; 416: `start` lies outside the file).
        """
        etag = f'"{media_id}"'
        headers = {"Range": f"bytes={start}-", "If-Range": etag} if start else {}
        with self._stream("GET", f"/v1/media/{media_id}", headers=headers) as (response, nonce):
            if response.status_code not in {200, 206} or response.headers.get("ETag") != etag:
                body = _collect(response, MAX_CARD)
                raise self._refusal(_Answer(response.status_code, response.headers, body, nonce))
            yield MediaBytes(_start(response), _guarded(response.iter_raw()))

    def _pinned(self) -> Keys:
        if self.keys is None:
            raise RuntimeError("only the card may be asked for before the service's keys are known")
        return self.keys

    def _post(self, path: str, body: bytes, decode: Callable[[bytes | memoryview], T], wait_s: int = 0) -> T:
        headers = {"Content-Type": "application/json"}
        if len(body) > WORTH_COMPRESSING:
            import zstandard  # noqa: PLC0415 - see the top

            body = zstandard.ZstdCompressor(level=3).compress(body)
            headers["Content-Encoding"] = "zstd"
        answer = self._ask("POST", path, headers=headers, body=body, wait_s=wait_s)
        if answer.status != 200:
            raise self._refusal(answer)
        _verify(answer, self._pinned().signing)
        try:
            return strictly(decode, _plain(answer, MAX_BODY))
        except Problem as error:
            # Signed by the service, yet not what the contract says: a newer or a broken service, not a stranger.
            log.warning("reply_malformed", path=path, place=error.place)
            raise _malformed(error.place, answer.status) from None

    def _refusal(self, answer: _Answer) -> Problem:
        """The error for an answer that is not a success: `Refused` when the service signed it."""
        _verify(answer, self._pinned().signing)
        try:
            said = strictly(_PROBLEM.decode, _plain(answer, MAX_CARD))
        except Problem:
            return Refused("sync.refused", "The service refused this request.", status=answer.status)
        wait = answer.headers.get("Retry-After", "")
        asked_s = min(300.0, float(wait)) if wait.isascii() and wait.isdigit() else 0.0
        return Refused(said.code, said.title, said.detail, said.place, status=answer.status, asked_s=asked_s)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        wait_s: int = 0,
        limit: int = MAX_BODY,
    ) -> _Answer:
        with self._stream(method, path, headers=headers or {}, body=body, wait_s=wait_s) as (response, nonce):
            return _Answer(response.status_code, response.headers, _collect(response, limit), nonce)

    @contextmanager
    def _stream(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"", wait_s: int = 0
    ) -> "Iterator[tuple[httpx2.Response, str]]":
        import httpx2  # noqa: PLC0415 - see the top

        self._lines.check()
        nonce = self.nonce()
        sent = {NONCE_HEADER: nonce, PROTOCOL_HEADER: str(PROTOCOL), "Accept-Encoding": "zstd", **headers}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        request = self._http.build_request(
            method,
            self.base_url + path,
            content=body or None,
            headers=sent,
            timeout=httpx2.Timeout(STALL_S, connect=CONNECT_S, read=STALL_S + wait_s),
            extensions={"trace": self._lines.heed},
        )
        with told():
            response = self._http.send(request, stream=True, follow_redirects=False)
        try:
            yield response, nonce
        finally:
            response.close()


def _malformed(place: str, status: int) -> Refused:
    title, advice = "The service's answer could not be read.", "Check whether a newer ModStation is available."
    return Refused("sync.malformed_reply", title, advice, place, status=status)


def _is_local(base_url: str) -> bool:
    """Whether the address is of this very machine, for which alone plain HTTP is good enough.

    Raises:
        Problem: ``sync.insecure_address``.
    """
    import httpx2  # noqa: PLC0415 - see the top

    url = httpx2.URL(base_url)
    local = url.host in LOOPBACK
    if url.scheme != "https" and not (url.scheme == "http" and local):
        raise Problem(
            "sync.insecure_address",
            "This address is not protected.",
            "Ask for an address that begins with https://. Only a service on this computer needs none: http://127.0.0.1:…",
            base_url,
        )
    return local


def _client(base_url: str) -> "httpx2.Client":
    """A client that trusts what the machine trusts, and goes through the proxy that it names.

    Raises:
        Problem: ``sync.insecure_address``; ``sync.proxy_setting``, for the client looks at the proxy when it is made.
    """
    import ssl  # noqa: PLC0415 - see the top

    import httpx2  # noqa: PLC0415
    import truststore  # noqa: PLC0415

    is_local = _is_local(base_url)
    try:
        return httpx2.Client(
            verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=not is_local,  # a proxy never stands between this machine and itself
            limits=httpx2.Limits(keepalive_expiry=45.0),  # longer than a poll, so that one connection serves the day
        )
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise unusable_proxy() from error


def _guarded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    with told():
        yield from chunks


def _collect(response: "httpx2.Response", limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in _guarded(response.iter_raw()):
        size += len(chunk)
        if size > limit:
            raise blocked(response.status_code)
        parts.append(chunk)
    return b"".join(parts)


def _verify(answer: _Answer, key: bytes) -> None:
    """Prove, before its body is looked at, that the service gave this answer to this request.

    Raises:
        Problem: `Blocked`, or `Offline` when a gateway says that the service behind it is down.
    """
    try:
        signature = base64.b64decode(answer.headers.get(SIGNATURE_HEADER, ""), validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, reply_bytes(answer.nonce, answer.status, answer.body))
    except (InvalidSignature, ValueError):
        raise (impostor if SIGNATURE_HEADER in answer.headers else stranger)(answer.status) from None
    if answer.headers.get(PROTOCOL_HEADER) != str(PROTOCOL):
        raise other_protocol(answer.status)


def _plain(answer: _Answer, limit: int) -> bytes:
    """The body, decompressed, at most `limit` bytes of it.

    Raises:
        Problem: ``wire.malformed`` when it is longer or damaged.
    """
    body = answer.body
    if answer.headers.get("Content-Encoding") == "zstd":
        import zstandard  # noqa: PLC0415 - see the top

        try:
            # Read through a stream: the one-shot call ignores its limit when the frame names a size.
            with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)) as reader:
                body = reader.read(limit + 1)
        except zstandard.ZstdError:
            raise Problem("wire.malformed", "The compressed body is damaged.") from None
    if len(body) > limit:
        raise Problem("wire.malformed", "The body is too long.")
    return body


def _start(response: "httpx2.Response") -> int:
    """Where the bytes of a media answer begin."""
    if response.status_code == 200:
        return 0
    unit, _, span = response.headers.get("Content-Range", "").partition(" ")
    begins, _, rest = span.partition("-")
    if unit != "bytes" or not (begins.isdigit() and rest.partition("/")[2].isdigit()):
        raise blocked(response.status_code)
    return int(begins)
