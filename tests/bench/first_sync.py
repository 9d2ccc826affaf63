"""The first sync of 10,000 items into the encrypted cache, beside the least that could do it.

Ours: the service process on a real socket, leasing included, the engine, the vault. Baseline: the same bodies as one
ready-made zstd body from a bare HTTP server in another process, cut into lines and inserted by `executemany` into an
empty SQLCipher table with our cipher settings, one commit for as many items as one of our pages carries.
"""

import gc
import logging
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
import zstandard

from modstation.store import cipher, items
from modstation.wire import translate
from modstation.wire.limits import MAX_PAGE
from tests.bench import bare
from tests.bench.joined import cpu_of, furnish, joined, pull, sample
from tests.bench.row import Budget, Pairs, Row

KEY = bytes(range(32))
LEVEL = 3
ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one run: on the wall; of this process's processors; of the service's."""

    wall_s: float
    cpu_s: float
    service_cpu_s: float = 0.0


def rows(quick: bool) -> list[Row]:
    """Five pairs, or one. The budget is for all of it: leasing, sending, checking, encrypting."""
    pairs = 1 if quick else 5
    against = "one ready-made zstd body from a bare HTTP server, inserted in pages into plain SQLCipher"
    return [Row("first_sync", against, Budget(ratio=1.3), lambda: measure(ITEMS, pairs))]


def measure(count: int, pairs: int) -> Pairs:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))  # as the app does
    with tempfile.TemporaryDirectory() as name:
        furnished = Path(name) / "service"
        code = furnish(furnished, list(sample(count)))
        body = bodies(count)
        gc.collect()
        gc.freeze()  # so that neither side pays for the objects of other benchmarks
        raw(body, count)
        both = [(ours(furnished, code, count), raw(body, count)) for _ in range(pairs)]
    mine, theirs = [one for one, _ in both], [other for _, other in both]
    notes = {
        "items": float(count),
        "station, CPU ms": 1e3 * statistics.median(one.cpu_s for one in mine),
        "service, CPU ms (leasing included)": 1e3 * statistics.median(one.service_cpu_s for one in mine),
        "baseline, CPU ms": 1e3 * statistics.median(one.cpu_s for one in theirs),
        "baseline's server, CPU ms": 1e3 * statistics.median(one.service_cpu_s for one in theirs),
        "both, CPU / baseline's": statistics.median(
            (one.cpu_s + one.service_cpu_s) / (other.cpu_s + other.service_cpu_s) for one, other in both
        ),
        "station's CPU / baseline's": statistics.median(one.cpu_s / other.cpu_s for one, other in both),
        "baseline's body, MB": len(body) / 1e6,
    }
    return Pairs([1e3 * one.wall_s for one in mine], [1e3 * one.wall_s for one in theirs], notes)


def bodies(count: int) -> bytes:
    """What the bare server sends: a line for each item, its id, a tab, its body."""
    lines = b"".join(b"%s\t%s\n" % (item.item_id.encode(), translate.dump(item)) for item in sample(count))
    # A window smaller than the sample, so that these texts pack as that many different ones would.
    how = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=19)
    return zstandard.ZstdCompressor(compression_params=how).compress(lines)


def ours(furnished: Path, code: str, count: int) -> Took:
    """One first sync from a fresh copy of the furnished service into a new vault."""
    with tempfile.TemporaryDirectory() as name, joined(furnished, code, Path(name)) as both:
        before = cpu_of(both.pid)
        took = _timed(lambda: pull(both.engine))
        after = cpu_of(both.pid)
        held = len(items.held(both.vault.reader()))
        if held != count:
            raise RuntimeError(f"{held} of {count} items arrived")
        return replace(took, service_cpu_s=after - before)


def raw(body: bytes, count: int) -> Took:
    """The baseline; see the module."""
    with tempfile.TemporaryDirectory() as name, bare.server(lambda: lambda _path, _asked: body) as (port, server):
        db = cipher.open_database(Path(name) / "raw.db", KEY, "new")
        db.conn.execute("CREATE TABLE items (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        before = cpu_of(server)
        took = _timed(lambda: stream(f"http://127.0.0.1:{port}/", db.conn))
        took = replace(took, service_cpu_s=cpu_of(server) - before)
        if (held := db.conn.execute("SELECT count(*) FROM items").fetchone()[0]) != count:
            raise RuntimeError(f"{held} of {count} items arrived")
        db.close()
        return took


def stream(url: str, conn: Any) -> None:
    """Fetch the ready-made body and insert what is in it, page by page."""
    page: list[list[bytes]] = []
    rest = b""
    with urllib.request.urlopen(url) as response:
        for chunk in zstandard.ZstdDecompressor().read_to_iter(response, read_size=1 << 20):
            *lines, rest = (rest + chunk).split(b"\n")
            page += [line.split(b"\t", 1) for line in lines]
            while len(page) >= MAX_PAGE:
                _insert(conn, page[:MAX_PAGE])
                del page[:MAX_PAGE]
    _insert(conn, page)


def _insert(conn: Any, page: list[list[bytes]]) -> None:
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany("INSERT INTO items VALUES (?, ?)", [(one.decode(), body) for one, body in page])
    conn.execute("COMMIT")


def _timed(work: Callable[[], None]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)
