"""A real service in a folder, and scripted posts (stations without a store) that talk to it over its HTTP interface."""

import base64
import random
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.testclient import TestClient

from modstation.core.decision import ChosenAction, Decision, Draft, Finding, Verdict
from modstation.core.ids import ActionId, ClauseId, DecisionId, ItemId, uuid7
from modstation.core.item import Item
from modstation.core.policy import Policy
from modstation.service import catalogue, devices, stats
from modstation.service.app import make_app
from modstation.service.server import open_service
from modstation.wire import translate
from modstation.wire.decision import Receipt
from modstation.wire.envelope import digest, receipt_bytes, reply_bytes
from modstation.wire.exchange import (
    Held,
    ItemGone,
    ItemLeased,
    PolicyPublished,
    Reset,
    Sent,
    SyncReply,
    SyncRequest,
)
from tests.support.builders import NOW, a_policy, an_item
from tests.support.station import HandClock

QUEUE = "market"
ACCEPT_ZSTD = {"Accept-Encoding": "zstd"}


class Central:
    """The service, its database and a client for it."""

    def __init__(self, folder: Path, database: str | None = None, **options: Any) -> None:
        self.clock = HandClock()
        self.rng = random.Random(7)
        self.service = open_service(folder, database=database, clock=self.clock, random=self.rng.randbytes, **options)
        self.database = self.service.database
        self.client = TestClient(make_app(self.service), raise_server_exceptions=False)
        self.client.__enter__()  # one event loop for all requests, as in a real process
        self.verifier = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.service.keys.signing_public))

    def close(self) -> None:
        self.client.__exit__()
        self.database.close()

    def write(self, unit: Any) -> Any:
        return self.database.write(unit)

    def furnish(self, items: int = 0, policy: Policy | None = None, **person: Any) -> None:
        """A queue, a policy, two people who may work on it, and some items."""

        def unit(conn: Any) -> None:
            catalogue.add_queue(conn, QUEUE, lease_ttl_s=3600)
            catalogue.publish_policy(conn, policy or a_policy())
            for who in ("ann", "ben"):
                catalogue.add_person(conn, who, who.title(), self.clock.now(), **({"queues": [QUEUE]} | person))

        self.write(unit)
        self.add(*(one_item(n) for n in range(items)))

    def add(self, *items: Item) -> catalogue.Added:
        now = self.clock.now()
        return self.write(lambda conn: catalogue.add_items(conn, items, self.service.files, now))

    def publish(self, policy: Policy) -> bool:
        return self.write(lambda conn: catalogue.publish_policy(conn, policy))

    def code(self, person: str = "ann") -> str:
        return self.write(lambda conn: devices.issue_code(conn, person, self.clock.now(), self.rng.randbytes))

    def post(self, person: str = "ann") -> "Post":
        body = {"code": self.code(person), "device_name": "Desk", "device_key": "AAAA"}
        made = self.client.post("/v1/enrol", json=body)
        assert made.status_code == 200, made.text
        return Post(self, made.json()["device_id"], made.json()["token"])

    def stats(self) -> stats.Stats:
        return self.database.read(stats.collect)

    def ask(self, method: str, path: str, **given: Any) -> Any:
        """A request whose reply must be ours: signed, with the protocol. Gives (status, headers, plain body)."""
        nonce = self.rng.randbytes(16).hex()
        headers = {"ModStation-Nonce": nonce} | given.pop("headers", {})
        with self.client.stream(method, path, headers=headers, **given) as reply:
            body = b"".join(reply.iter_raw())
        assert reply.headers["ModStation-Protocol"] == "1"
        signature = base64.b64decode(reply.headers["ModStation-Signature"])
        self.verifier.verify(signature, reply_bytes(nonce, reply.status_code, body))
        if reply.headers.get("content-encoding") == "zstd":
            body = zstandard.ZstdDecompressor().decompress(body)
        return reply.status_code, reply.headers, body


def one_item(n: int = 1, **over: Any) -> Item:
    created = NOW - timedelta(days=1) + timedelta(seconds=n)
    given = {"item_id": ItemId(f"item-{n:05}"), "queue": QUEUE, "created_at": created, "content_sha256": "0" * 64}
    return without_media(**(given | over))


def without_media(**over: Any) -> Item:
    return an_item("text", **over)


@dataclass
class Post:
    """A device: keeps its cursor and what it holds as a station does, and checks what it is told."""

    central: Central
    device_id: str
    token: str
    epoch: str = ""
    cursor: int = 0
    seq: int = 0
    held: dict[str, ItemLeased] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    policies: list[tuple[str, int]] = field(default_factory=list)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def holding(self) -> Held:
        rows = [(i, one.lease.lease_gen, self.items[i].rev) for i, one in self.held.items()]
        return Held(len(rows), digest(rows))

    def request(self, **over: Any) -> SyncRequest:
        return SyncRequest(**({"epoch": self.epoch, "cursor": self.cursor, "room": 0, "held": self.holding()} | over))

    def send(self, request: SyncRequest) -> SyncReply:
        """One exchange whose reply is lost on the way: nothing is applied."""
        status, _, body = self.central.ask(
            "POST", "/v1/sync", headers=self.bearer | ACCEPT_ZSTD, content=msgspec.json.encode(request)
        )
        assert status == 200, body
        return msgspec.json.decode(body, type=SyncReply, strict=True)

    def sync(self, **over: Any) -> SyncReply:
        """One exchange, applied."""
        request = self.request(**over)
        reply = self.send(request)
        self.apply(request, reply)
        return reply

    def pull(self, **over: Any) -> None:
        """Exchanges until there is no more."""
        while self.sync(**over).more:
            over = {name: value for name, value in over.items() if name != "room"}

    def apply(self, request: SyncRequest, reply: SyncReply) -> None:
        first = request.cursor + 1
        if reply.changes and isinstance(reply.changes[0], Reset) and reply.epoch != request.epoch:
            first = reply.changes[0].seq
        elif reply.changes and isinstance(reply.changes[0], Reset):
            first = reply.changes[0].seq
            assert first > request.cursor
        assert [change.seq for change in reply.changes] == list(range(first, first + len(reply.changes)))
        assert reply.next_cursor == first + len(reply.changes) - 1
        for change in reply.changes:
            self._apply(change)
        self.epoch, self.cursor = reply.epoch, reply.next_cursor

    def _apply(self, change: Any) -> None:
        match change:
            case Reset():
                self.held.clear()
            case ItemLeased():
                item = translate.load(Item, bytes(change.item))
                self.held[item.item_id], self.items[item.item_id] = change, item
                self.gone.pop(item.item_id, None)
            case ItemGone():
                self.held.pop(change.item_id, None)
                self.gone[change.item_id] = change.because.value
            case PolicyPublished():
                policy = translate.load(Policy, bytes(change.policy))
                self.policies.append((policy.policy_id, policy.version))

    def decision(self, item_id: str, **over: Any) -> Decision:
        """A decision on an item this post holds or held; `over` changes fields of it."""
        item = self.items[item_id]
        given = {
            "decision_id": DecisionId(uuid7(1_790_000_000_000, int.from_bytes(self.central.rng.randbytes(10)))),
            "item_id": item.item_id,
            "item_rev": item.rev,
            "content_sha256": item.content_sha256,
            "lease_gen": self.held[item_id].lease.lease_gen if item_id in self.held else 1,
            "policy_id": item.policy_id,
            "policy_version": max((v for p, v in self.policies if p == item.policy_id), default=0),
            "verdict": Verdict.NO_VIOLATION,
            "decided_at": self.central.clock.now(),
        }
        return Decision(**(given | over))

    def sent(self, decision: Decision | bytes, seq: int | None = None) -> Sent:
        if seq is None:
            self.seq += 1
        body = decision if isinstance(decision, bytes) else translate.dump(decision)
        return Sent(seq or self.seq, msgspec.Raw(body))

    def decide(self, *made: Decision | bytes) -> list[Receipt]:
        """Send decisions in one exchange; their receipts, signatures checked."""
        reply = self.sync(decisions=tuple(self.sent(one) for one in made))
        for receipt in reply.receipts:
            self.central.verifier.verify(base64.b64decode(receipt.signature), receipt_bytes(receipt))
        return list(reply.receipts)


VIOLATION = Draft(
    verdict=Verdict.VIOLATION,
    findings=(Finding(ClauseId("c42"), 2),),
    actions=(ChosenAction(ActionId("remove")),),
)


def as_violation(**over: Any) -> dict[str, Any]:
    """Fields of a complete violation decision under `a_policy`."""
    return {"verdict": VIOLATION.verdict, "findings": VIOLATION.findings, "actions": VIOLATION.actions} | over
