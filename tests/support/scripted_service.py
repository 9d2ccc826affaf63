"""A service of a few lines that follows a script: for the answers that the real one never gives."""

import base64
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.core.receipt import Outcome
from modstation.sync.enrolment import Keys
from modstation.sync.transport import Transport
from modstation.system.clock import Clock
from modstation.wire.decision import Decision, Receipt
from modstation.wire.envelope import NONCE_HEADER, PROTOCOL_HEADER, SIGNATURE_HEADER, receipt_bytes, reply_bytes
from modstation.wire.exchange import (
    Change,
    ItemLeased,
    PolicyPublished,
    ProblemDetails,
    Reset,
    SyncReply,
    SyncRequest,
)
from modstation.wire.item import Lease
from modstation.wire.translate import dump, to_wire
from tests.support.builders import NOW, a_lease, a_policy, an_item

EPOCH = "0" * 32
Answer = Callable[[SyncRequest], SyncReply | httpx2.Response]


class ScriptedService:
    """Answers each exchange with the next `script` entry; with an empty, signed reply when there is none."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
        self.script: deque[Answer] = deque()
        self.asked: list[SyncRequest] = []
        self.client = httpx2.Client(transport=httpx2.MockTransport(self._handle))
        self.keys = Keys(self._key.public_key().public_bytes_raw(), b"x" * 32)
        self._nonce = ""

    def transport(self) -> Transport:
        return Transport("http://127.0.0.1:9", self.keys, "token-of-this-device", self._clock, self.client)

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self._nonce = request.headers[NONCE_HEADER]
        body = request.read()
        if request.headers.get("Content-Encoding") == "zstd":
            body = zstandard.ZstdDecompressor().decompress(body)
        asked = msgspec.json.decode(body, type=SyncRequest)
        self.asked.append(asked)
        told = self.script.popleft()(asked) if self.script else self.reply(asked)
        if isinstance(told, SyncReply):
            told = self.signed(msgspec.json.encode(told))
        # As it comes from a socket: not read yet.
        return httpx2.Response(told.status_code, headers=told.headers, stream=httpx2.ByteStream(told.content))

    def signed(self, body: bytes, status: int = 200, *, key: Ed25519PrivateKey | None = None) -> httpx2.Response:
        headers = {PROTOCOL_HEADER: "1"}
        if len(body) > 1024:
            body = zstandard.ZstdCompressor().compress(body)
            headers["Content-Encoding"] = "zstd"
        signature = (key or self._key).sign(reply_bytes(self._nonce, status, body))
        headers[SIGNATURE_HEADER] = base64.b64encode(signature).decode()
        return httpx2.Response(status, headers=headers, content=body)

    def problem(self, status: int, code: str = "request.refused") -> httpx2.Response:
        return self.signed(msgspec.json.encode(ProblemDetails(code=code, title="No.", status=status)), status)

    def reply(self, asked: SyncRequest, changes: Iterable[Change] = (), **over: Any) -> SyncReply:
        listed = tuple(changes)
        if asked.epoch != EPOCH and not listed:
            listed = (Reset(seq=1),)
        given: dict[str, Any] = {
            "epoch": EPOCH,
            "server_time": self._clock.now(),
            "receipts": (),
            "changes": listed,
            "next_cursor": listed[-1].seq if listed else asked.cursor,
            "more": False,
        }
        return SyncReply(**(given | over))

    def accepts(self, asked: SyncRequest, outcome: Outcome = Outcome.ACCEPTED) -> SyncReply:
        """A receipt for every decision."""
        return self.reply(asked, receipts=tuple(self.receipt(told, outcome) for told in decisions_in(asked)))

    def receipt(self, decision: Decision, outcome: Outcome = Outcome.ACCEPTED, code: str = "") -> Receipt:
        unsigned = Receipt(
            decision_id=decision.decision_id, item_id=decision.item_id, outcome=outcome, code=code or outcome, at=NOW
        )
        signature = base64.b64encode(self._key.sign(receipt_bytes(unsigned))).decode()
        return msgspec.structs.replace(unsigned, signature=signature)


def decisions_in(asked: SyncRequest) -> list[Decision]:
    return [msgspec.json.decode(sent.decision, type=Decision) for sent in asked.decisions]


def leased(seq: int, item_id: str, *, lease_gen: int = 1, **over: Any) -> ItemLeased:
    given = {"content_sha256": "c" * 64, "queue": "reviews-en", "teams": ()}
    item = an_item(**(given | over), item_id=item_id)
    lease: Lease = to_wire(a_lease(item_id, lease_gen=lease_gen, expires_at=NOW + timedelta(hours=8)))
    return ItemLeased(seq=seq, lease=lease, item=msgspec.Raw(dump(item)))


def published(seq: int) -> PolicyPublished:
    return PolicyPublished(seq=seq, policy=msgspec.Raw(dump(a_policy())))
