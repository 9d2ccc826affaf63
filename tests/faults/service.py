"""A service that remembers, in a few lines: what is judged once stays judged, and everything told is told again.

It keeps its books in a file, so that the process after the fault meets the same service as the one before it.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from modstation.core.content import Image, Media
from modstation.core.ids import MediaId
from modstation.core.receipt import Outcome
from modstation.service.recovery import open_segment
from modstation.sync.enrolment import Keys
from modstation.system.clock import Clock
from modstation.wire.decision import Decision, Receipt
from modstation.wire.envelope import NONCE_HEADER
from modstation.wire.exchange import Change, GoneBecause, ItemGone, Reset, SyncReply, SyncRequest
from modstation.wire.recovery import JournalReply, JournalRequest, ReceiptsReply, ReceiptsRequest
from tests.support.builders import a_media
from tests.support.scripted_service import EPOCH, ScriptedService, leased, published

PAGE = 4
SEALING = X25519PrivateKey.from_private_bytes(b"j" * 32)
LARGE, SMALL = bytes(range(256)) * 1200, b"a small picture" * 40  # two frames, and a part of one
ITEMS = tuple(f"item-{n}" for n in range(8))
PICTURES = {"item-6": LARGE, "item-7": SMALL}


def media_id(content: bytes) -> MediaId:
    return MediaId(hashlib.sha256(content).hexdigest())


class Steady(ScriptedService):
    """Judges by the simplest of rules: the first about an item is accepted, except that `returned` comes back once.

    Attributes:
        books: lines of JSON: what it has said, in order.
        twice: what must never happen, in words.
    """

    def __init__(self, clock: Clock, books: Path, returned: str = "item-2") -> None:
        super().__init__(clock)
        self.keys = Keys(self.keys.signing, SEALING.public_key().public_bytes_raw())
        self.books = books
        self.twice: list[str] = []
        self._returns = returned
        self._bodies: dict[str, str] = {}
        self._numbers: dict[int, str] = {}
        self.receipts: dict[str, Receipt] = {}
        self.gone: set[str] = set()
        self._feed: list[Change] = []
        self._start_feed()
        if books.exists():
            for line in books.read_text().splitlines():
                self._replay(json.loads(line))

    @property
    def open_items(self) -> set[str]:
        return set(ITEMS) - self.gone - self.accepted

    @property
    def accepted(self) -> set[str]:
        return {receipt.item_id for receipt in self.receipts.values() if receipt.outcome is Outcome.ACCEPTED}

    def take_away(self, item_id: str) -> None:
        """The service ends a lease."""
        self._write("gone", item_id)
        self._end(item_id)

    def _start_feed(self) -> None:
        first = len(self._feed) + 1
        self._feed += [Reset(seq=first), published(first + 1)]
        for item_id in ITEMS:
            if item_id in self.open_items:
                self._feed.append(self._lease(item_id, len(self._feed) + 1))

    def _lease(self, item_id: str, seq: int) -> Change:
        content = PICTURES.get(item_id)
        if content is None:
            return leased(seq, item_id, kind="text")
        media: Media = a_media(media_id=media_id(content), size=len(content))
        return leased(seq, item_id, kind="image", content=Image(media))

    def _end(self, item_id: str) -> None:
        self.gone.add(item_id)
        self._feed.append(ItemGone(seq=len(self._feed) + 1, item_id=item_id, because=GoneBecause.EXPIRED))

    def _write(self, what: str, *told: Any) -> None:
        with self.books.open("a") as file:
            file.write(json.dumps([what, *told]) + "\n")

    def _replay(self, line: list[Any]) -> None:
        match line:
            case ["gone", item_id]:
                self._end(item_id)
            case ["judged", decision_id, body_sha256, seq, receipt]:
                self._bodies[decision_id] = body_sha256
                self._number(seq, decision_id)
                self.receipts[decision_id] = msgspec.json.decode(receipt, type=Receipt)

    def _number(self, seq: int, decision_id: str) -> None:
        if seq and self._numbers.setdefault(seq, decision_id) != decision_id:
            self.twice.append(f"two decisions have number {seq}")

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self._nonce = request.headers[NONCE_HEADER]
        path = request.url.path
        if path.startswith("/v1/media/"):
            return self._media(path.rpartition("/")[2], request.headers.get("Range", ""))
        body = request.read()
        if request.headers.get("Content-Encoding") == "zstd":
            body = zstandard.ZstdDecompressor().decompress(body)
        now = self._clock.now()
        if path == "/v1/receipts":
            ids = msgspec.json.decode(body, type=ReceiptsRequest).decision_ids
            known = tuple(self.receipts[i] for i in ids if i in self.receipts)
            told: Any = ReceiptsReply(EPOCH, now, known, tuple(i for i in ids if i not in self.receipts))
        elif path == "/v1/journal":
            told = self._journal(msgspec.json.decode(body, type=JournalRequest))
        else:
            told = self._sync(msgspec.json.decode(body, type=SyncRequest))
        return _streamed(self.signed(msgspec.json.encode(told)))

    def _sync(self, asked: SyncRequest) -> SyncReply:
        self.asked.append(asked)
        given = tuple(self._judge(bytes(sent.decision), sent.seq) for sent in asked.decisions)
        for item_id in asked.release:
            if item_id in self.open_items:
                self.take_away(item_id)
        after = asked.cursor
        if asked.epoch != EPOCH or after > len(self._feed):
            after = len(self._feed) if asked.epoch or after else 0
            if after:
                self._start_feed()
        changes = self._feed[after : after + PAGE]
        end = after + len(changes)
        return SyncReply(EPOCH, self._clock.now(), given, tuple(changes), end, end < len(self._feed))

    def _judge(self, body: bytes, seq: int) -> Receipt:
        told = msgspec.json.decode(body, type=Decision)
        digest = hashlib.sha256(body).hexdigest()
        self._number(seq, told.decision_id)
        if self._bodies.setdefault(told.decision_id, digest) != digest:
            self.twice.append(f"{told.decision_id} has two bodies")
        if told.decision_id not in self.receipts:
            outcome, code = Outcome.ACCEPTED, ""
            if told.item_id == self._returns and not any(r.item_id == told.item_id for r in self.receipts.values()):
                outcome, code = Outcome.RETURNED, "returned.content_changed"
            elif told.item_id in self.accepted:
                self.twice.append(f"{told.item_id} was decided twice")
            receipt = self.receipt(told, outcome, code)
            self.receipts[told.decision_id] = receipt
            self._write("judged", told.decision_id, digest, seq, msgspec.json.encode(receipt).decode())
        return self.receipts[told.decision_id]

    def _journal(self, asked: JournalRequest) -> JournalReply:
        opened = open_segment(base64.b64decode(asked.segment), SEALING.private_bytes_raw(), asked.wanted)
        given = tuple(self._judge(record.body, 0) for record in opened.records)
        return JournalReply(EPOCH, self._clock.now(), given, opened.unreadable)

    def _media(self, name: str, span: str) -> httpx2.Response:
        content = next(c for c in PICTURES.values() if media_id(c) == name)
        start = int(span.removeprefix("bytes=").rstrip("-") or 0)
        headers = {"ETag": f'"{name}"', "Content-Length": str(len(content) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return httpx2.Response(206 if start else 200, headers=headers, stream=_Pieces(content[start:]))


class _Pieces(httpx2.SyncByteStream):
    """Bytes as they come from a socket."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._content), 100_000):
            yield self._content[at : at + 100_000]


def _streamed(told: httpx2.Response) -> httpx2.Response:
    return httpx2.Response(told.status_code, headers=told.headers, stream=httpx2.ByteStream(told.content))
