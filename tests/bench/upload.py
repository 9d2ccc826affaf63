"""10,000 decisions on their way up, beside the same bodies as raw batches of 500.

Ours: the station sends what is due until its outbox is empty: numbers given, judged, recorded with receipt and effect,
signed, verified, moved to the history, the items purged. Baseline: a bare HTTP server in another process inserts the
bodies, zstd batches of 500, with a receipt and an effect each, into the service's own tables in a file of their own,
with the service's settings, one commit a batch; nothing is judged, signed or answered.
"""

import http.client
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import zstandard

from modstation.core.decision import Decision, Verdict
from modstation.core.ids import DecisionId, uuid7
from modstation.core.item import Item
from modstation.service.database import open_database
from modstation.store import items, outbox
from modstation.store.driver import Database
from modstation.store.outbox import OutboxRow, What
from modstation.store.vault import Vault
from modstation.system.clock import SystemClock
from modstation.wire import translate
from tests.bench import bare
from tests.bench.first_sync import ITEMS, LEVEL
from tests.bench.joined import Joined, cpu_of, furnish, joined, pull, sample
from tests.bench.row import Budget, Pairs, Row

BATCH = 500
NOTE = "Reads like a private sale; the text names no seller and no price. Left as it is."
RECEIPT = (
    b'{"decision_id":"%s","item_id":"%s","outcome":"accepted","code":"accepted","at":"2026-11-22","signature":"%s"}'
)


def rows(quick: bool) -> list[Row]:
    count, pairs = (2_000, 1) if quick else (ITEMS, 3)
    against = "the same bodies in raw zstd batches of 500, inserted into the same tables, one commit a batch"
    return [Row("upload", against, Budget(ratio=1.5), lambda: measure(count, pairs))]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds: on the wall, of the sender's processors, of the receiver's."""

    wall_s: float
    cpu_s: float
    there_s: float


def measure(count: int, pairs: int) -> Pairs:
    with tempfile.TemporaryDirectory() as name:
        code = furnish(Path(name) / "service", list(sample(count)))
        both = [_pair(Path(name) / "service", code, count) for _ in range(pairs)]
    mine, theirs = [one for one, _ in both], [other for _, other in both]
    notes = {
        "decisions": float(count),
        "station, CPU ms": 1e3 * statistics.median(one.cpu_s for one in mine),
        "service, CPU ms": 1e3 * statistics.median(one.there_s for one in mine),
        "baseline, CPU ms": 1e3 * statistics.median(one.cpu_s for one in theirs),
        "baseline's server, CPU ms": 1e3 * statistics.median(one.there_s for one in theirs),
        "both, CPU / baseline's": statistics.median(
            (one.cpu_s + one.there_s) / (other.cpu_s + other.there_s) for one, other in both
        ),
    }
    return Pairs([1e3 * one.wall_s for one in mine], [1e3 * one.wall_s for one in theirs], notes)


def _pair(furnished: Path, code: str, count: int) -> tuple[Took, Took]:
    with tempfile.TemporaryDirectory() as name, joined(furnished, code, Path(name)) as both:
        pull(both.engine)
        made = decide_all(both.vault)
        took = _timed(both.pid, lambda: send_all(both))
        accepted = outbox.counts(both.vault.reader()).accepted
        if (len(made), accepted) != (count, count):
            raise RuntimeError(f"{accepted} of {len(made)} decisions about {count} items were accepted")
    return took, _raw(made)


def decide_all(vault: Vault, at_most: int = ITEMS) -> list[OutboxRow]:
    """Put a decision on every item held into the outbox, due at once; gives the rows."""
    db, clock, rng = vault.reader(), SystemClock(), Random(3)
    now = clock.now()
    made = []
    for n, item_id in enumerate(items.queue_ids(db, now)[:at_most]):
        item = translate.load(Item, items.body(db, item_id) or b"")
        gen = items.cards(db, [item_id])[item_id].lease.lease_gen
        entry_id = DecisionId(uuid7(int(now.timestamp() * 1000) + n, rng.getrandbits(80)))
        decision = Decision(
            entry_id, item.item_id, item.rev, item.content_sha256, gen, item.policy_id, 1, Verdict.NO_VIOLATION, now,
            rationale=NOTE,
        )  # fmt: skip
        body = translate.dump(decision)
        made.append(OutboxRow(entry_id, What.DECISION, item.item_id, body, item.summary, item.kind, now, now))

    def unit(db: Database) -> None:
        for row in made:
            outbox.add(db, row)

    vault.writer.run(unit)
    return made


def send_all(both: Joined) -> None:
    """Exchange until nothing waits to be sent."""
    db = both.vault.reader()
    while outbox.next_due(db) is not None:
        stepped = both.engine.step()
        if stepped.problem:
            raise stepped.problem


def _raw(made: list[OutboxRow]) -> Took:
    lines = [b"%s\t%s\t%s\n" % (row.entry_id.encode(), row.item_id.encode(), row.body) for row in made]
    with tempfile.TemporaryDirectory() as name:
        with bare.server(lambda: _taker(Path(name))) as (port, pid):
            line = http.client.HTTPConnection("127.0.0.1", port)
            with closing(line):
                line.request("GET", "/")
                line.getresponse().read()
                took = _timed(pid, lambda: _post(line, lines))
        database = open_database(Path(name))
        with closing(database):
            there = database.read(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM effect").scalar())
    if there != len(made):
        raise RuntimeError(f"{there} of {len(made)} arrived")
    return took


def _post(line: http.client.HTTPConnection, lines: list[bytes]) -> None:
    for start in range(0, len(lines), BATCH):
        body = zstandard.ZstdCompressor(level=LEVEL).compress(b"".join(lines[start : start + BATCH]))
        line.request("POST", "/", body)
        line.getresponse().read()


def _taker(folder: Path) -> bare.Took:
    """In the server's process: the service's tables, with the one person and device that the rows refer to."""
    conn: Any = open_database(folder).engine.raw_connection().driver_connection
    conn.execute("INSERT INTO person VALUES ('person-1', 'Robin', 0)")
    conn.execute(
        """INSERT INTO device (device_id, person_id, name, device_key, token_sha256, created_at, feed_head, feed_floor,
               reset_seq, decision_seq) VALUES ('device-1', 'person-1', '', '', '', 0, 0, 0, 0, 0)"""
    )

    def took(_path: str, asked: bytes) -> bytes:
        if asked:
            found = [line.split(b"\t", 2) for line in zstandard.ZstdDecompressor().decompress(asked).splitlines()]
            _insert(conn, [(one.decode(), item_id.decode(), body) for one, item_id, body in found])
        return b"taken"

    return took


def _insert(conn: Any, batch: list[tuple[str, str, bytes]]) -> None:
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany(
        """INSERT INTO decision (decision_id, item_id, item_rev, lease_gen, device_id, person_id, device_seq, policy_id,
               policy_version, verdict, outcome, code, decided_at, received_at, body_sha256, body)
           VALUES (?, ?, 1, 1, 'device-1', 'person-1', 1, 'github-site-policy', 1, 'no_violation', 'accepted',
               'accepted', 1, 1, ?, ?)""",
        [(one, item_id, "0" * 64, body) for one, item_id, body in batch],
    )
    conn.executemany(
        "INSERT INTO effect (decision_id, item_id, created_at) VALUES (?, ?, 1)", [row[:2] for row in batch]
    )
    receipts = [(one, RECEIPT % (one.encode(), item_id.encode(), b"0" * 88)) for one, item_id, _ in batch]
    conn.executemany("INSERT INTO receipt VALUES (?, ?)", receipts)
    conn.execute("COMMIT")


def _timed(there: int, work: Any) -> Took:
    wall, cpu, theirs = time.perf_counter(), time.process_time(), cpu_of(there)
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu, cpu_of(there) - theirs)
