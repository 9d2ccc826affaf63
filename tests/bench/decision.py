"""A durable decision, beside the same writes done raw in the same run, 10,000 items in both databases.

Ours: `Writer.save` as `Desk.decide` calls it, until its future is done: outbox, commit, sealed journal record on the
disk, emptied log. Baseline: one INSERT of the same bytes and a full commit into a SQLCipher table with our cipher
settings, AES-256-GCM of them appended to a file and synced, a checkpoint. ``decision.saved`` is what a person waits
for: from the call of `Desk.decide` to its callback on the desk's own thread.
"""

import os
import queue
import secrets
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from modstation.core.decision import Decision, Draft, Verdict
from modstation.core.ids import DecisionId, ItemId, uuid7
from modstation.core.item import Item
from modstation.session.around import Around
from modstation.session.desk import Desk
from modstation.store import cipher, items, outbox
from modstation.store.outbox import OutboxRow, What
from modstation.store.vault import Vault
from modstation.system.clock import SystemClock
from modstation.wire import translate
from tests.bench import furnished
from tests.bench.row import Budget, Pairs, Row

ITEMS = 10_000
NOTE = "Reads like a private sale; the text names no seller and no price. Left as it is. " * 3


def rows(quick: bool) -> list[Row]:
    times = 50 if quick else 400
    against = "the same writes done raw: SQLCipher insert, AES-GCM append, two syncs, checkpoint"
    return [
        Row("decision", against, Budget(ratio=1.5), lambda: durable(times)),
        Row("decision.saved", "nothing", Budget(p99=50), lambda: saved(times)),
    ]


class Raw:
    """The same writes without a product around them."""

    def __init__(self, folder: Path, bodies: list[tuple[str, bytes]]) -> None:
        key = secrets.token_bytes(32)
        self._conn: Any = cipher.open_database(folder / "raw.db", key, "new").conn
        self._conn.execute("CREATE TABLE items (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        self._conn.execute("CREATE TABLE decisions (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        self._conn.execute("BEGIN")
        self._conn.executemany("INSERT INTO items VALUES (?, ?)", bodies)
        self._conn.execute("COMMIT")
        self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._seal = AESGCM(key)
        self._file = os.open(folder / "raw.journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, entry_id: str, body: bytes) -> None:
        self._conn.execute("BEGIN IMMEDIATE")
        self._conn.execute("INSERT INTO decisions VALUES (?, ?)", (entry_id, body))
        self._conn.execute("COMMIT")
        nonce = secrets.token_bytes(12)
        os.write(self._file, nonce + self._seal.encrypt(nonce, body, None))
        os.fsync(self._file)
        self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        os.close(self._file)
        self._conn.close()


def durable(times: int) -> Pairs:
    """Alternating: one of ours, one raw; who goes first changes every time."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        vault = _vault(home, stack)
        reader = vault.reader()
        ids = items.queue_ids(reader, SystemClock().now())
        raw = stack.enter_context(closing(Raw(home, [(i, items.body(reader, i) or b"") for i in ids])))
        made = [_row(translate.load(Item, items.body(reader, i) or b""), n) for n, i in enumerate(ids[: times + 20])]
        ours: list[float] = []
        theirs: list[float] = []
        for n, row in enumerate(made):
            acts: list[tuple[list[float], Callable[[], None]]] = [
                (ours, lambda row=row: _save(vault, row)),  # type: ignore[misc] # bound at once
                (theirs, lambda row=row: raw.write(row.entry_id, row.body)),  # type: ignore[misc] # as above
            ]
            for figures, act in acts if n % 2 else reversed(acts):
                figures.append(_ms(act))
        return Pairs(ours[20:], theirs[20:], {"bytes of a decision": float(len(made[0].body))})


def saved(times: int) -> Pairs:
    """Decide one item after the other at the desk, each when the one before is saved, as a person does."""
    with ExitStack() as stack:
        vault = _vault(Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        around = Around(
            SystemClock(), secrets.token_bytes, lambda: 30.0, posted.put, lambda _: None, lambda: None, _fail
        )
        desk = stack.enter_context(closing(Desk(vault, around)))
        desk.open(desk.waiting[0])
        figures: list[float] = []
        calls: list[float] = []
        for _ in range(times + 20):
            desk.compose(Draft(verdict=Verdict.NO_VIOLATION, rationale=NOTE))
            began = time.perf_counter()
            desk.decide()
            calls.append((time.perf_counter() - began) * 1e3)
            while desk.saving:
                posted.get()()
            figures.append((time.perf_counter() - began) * 1e3)
        calls.sort()
        return Pairs(figures[20:], (), {"call alone, p50 ms": calls[len(calls) // 2]})


def _vault(home: Path, stack: ExitStack) -> Vault:
    furnished.furnish(home, ITEMS)
    return stack.enter_context(closing(furnished.open_furnished(home)))


def _save(vault: Vault, row: OutboxRow) -> None:
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()


def _row(item: Item, n: int) -> OutboxRow:
    now = SystemClock().now()
    decision = Decision(
        decision_id=DecisionId(uuid7(int(now.timestamp() * 1000) + n, secrets.randbits(80))),
        item_id=ItemId(item.item_id),
        item_rev=item.rev,
        content_sha256=item.content_sha256,
        lease_gen=1,
        policy_id=item.policy_id,
        policy_version=1,
        verdict=Verdict.NO_VIOLATION,
        decided_at=now,
        rationale=NOTE,
    )
    return OutboxRow(
        decision.decision_id, What.DECISION, item.item_id, translate.dump(decision), item.summary, item.kind,
        now, now + timedelta(seconds=30),
    )  # fmt: skip


def _ms(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1e3


def _fail(problem: Exception) -> None:
    raise problem
