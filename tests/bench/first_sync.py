"""The first sync of 10,000 items into the encrypted cache, beside the least that could do it.

Ours: the service process on a real socket, leasing included, the engine, the vault. Baseline: the same bodies as one
ready-made zstd body from a bare HTTP server in another process, cut into lines and inserted by `executemany` into an
empty SQLCipher table with our cipher settings, one commit for as many items as one of our pages carries.
"""

import gc
import logging
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

import structlog
import zstandard

from modstation.core.ids import ItemId
from modstation.core.item import Item
from modstation.service import catalogue
from modstation.service.ingest.form import form
from modstation.service.server import open_service
from modstation.store import cipher, items
from modstation.store.vault import Vault
from modstation.sync import enrol
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.transport import Transport
from modstation.system.clock import SystemClock
from modstation.wire import translate
from modstation.wire.limits import MAX_PAGE
from tests.bench.row import Budget, Pairs, Row
from tests.support import live_service
from tests.support.builders import a_policy
from tests.support.station import a_vault

SAMPLE = Path(__file__).parents[2] / "resources/sample/items.jsonl"
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
        code = furnish(furnished, count)
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
        "station's CPU / baseline's": statistics.median(one.cpu_s / other.cpu_s for one, other in both),
        "baseline's body, MB": len(body) / 1e6,
    }
    return Pairs([1e3 * one.wall_s for one in mine], [1e3 * one.wall_s for one in theirs], notes)


def sample(count: int) -> Iterator[Item]:
    """The sample's items again and again under other ids."""
    made = [form(line, SAMPLE.parent).item for line in SAMPLE.read_bytes().splitlines()]
    for n in range(count):
        item = made[n % len(made)]
        yield replace(item, item_id=ItemId(f"{item.item_id}-{n // len(made):04}"))


def bodies(count: int) -> bytes:
    """What the bare server sends: a line for each item, its id, a tab, its body."""
    lines = b"".join(b"%s\t%s\n" % (item.item_id.encode(), translate.dump(item)) for item in sample(count))
    # A window smaller than the sample, so that these texts pack as that many different ones would.
    how = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=19)
    return zstandard.ZstdCompressor(compression_params=how).compress(lines)


def furnish(folder: Path, count: int) -> str:
    """A service's data folder with `count` items waiting; gives an enrolment code."""
    service = open_service(folder)
    now = service.clock.now()
    for line in SAMPLE.read_bytes().splitlines():
        for path in form(line, SAMPLE.parent).files.values():
            service.files.add(path)
    wanted = list(sample(count))
    queues = sorted({item.queue for item in wanted})

    def unit(conn: Any) -> None:
        for queue in queues:
            catalogue.add_queue(conn, queue)
        catalogue.add_person(conn, "person-1", "Robin", now, queues=queues)
        catalogue.publish_policy(conn, a_policy())
        catalogue.add_items(conn, wanted, service.files, now)

    service.database.write(unit)
    code = live_service.a_code(service)
    service.database.close()
    return code


def ours(furnished: Path, code: str, count: int) -> Took:
    """One first sync from a fresh copy of the furnished service into a new vault."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(furnished, folder / "service")
        with (
            live_service.as_process(folder / "service") as (url, child),
            _station(folder, url, code) as (
                engine,
                vault,
            ),
        ):
            before = _cpu_of(child.pid)
            took = _timed(lambda: _pull(engine))
            after = _cpu_of(child.pid)
            reader = vault.reader()
            held = len(items.held(reader))
            if held != count:
                raise RuntimeError(f"{held} of {count} items arrived")
        return replace(took, service_cpu_s=after - before)


def _cpu_of(pid: int) -> float:
    """Processor seconds of another process so far; 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _station(folder: Path, url: str, code: str) -> Iterator[tuple[Engine, Vault]]:
    clock = SystemClock()
    joined = enrol.enrol(enrol.card(url, clock), code, "Bench", clock)
    vault = a_vault(folder / "vault")
    transport = Transport(url, joined.keys, joined.token, clock)
    settings = EngineSettings(hold_items=20_000, wait_s=0, fetch_media=False)
    engine = Engine(vault, transport, clock, Random(1), lambda _: None, lambda _: None, settings)
    try:
        yield engine, vault
    finally:
        transport.close()
        vault.close()


def _pull(engine: Engine) -> None:
    while (stepped := engine.step()).more:
        pass
    if stepped.problem:
        raise stepped.problem


def raw(body: bytes, count: int) -> Took:
    """The baseline; see the module."""
    with tempfile.TemporaryDirectory() as name, _bare_server(body) as url:
        db = cipher.open_database(Path(name) / "raw.db", KEY, "new")
        db.conn.execute("CREATE TABLE items (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        took = _timed(lambda: _stream(url, db.conn))
        if (held := db.conn.execute("SELECT count(*) FROM items").fetchone()[0]) != count:
            raise RuntimeError(f"{held} of {count} items arrived")
        db.close()
        return took


def _stream(url: str, conn: Any) -> None:
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


def _serve(body: bytes, address: Connection) -> None:
    class Bare(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Bare)
    address.send(server.server_port)
    server.serve_forever()


@contextmanager
def _bare_server(body: bytes) -> Iterator[str]:
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_serve, args=(body, there), daemon=True)
    child.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/"
    finally:
        child.kill()
        child.join()
