"""500 files of 100 KB, beside a raw get, AES-GCM and a write of each from the same service process.

Ours: the station's fetcher until nothing is missing: verified against the file's name, sealed, on the disk, noted in
the database. Baseline: one kept-alive connection, one AES-256-GCM of the whole file, one write without waiting for the
disk.
"""

import http.client
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from modstation.core.content import Image
from modstation.core.ids import ItemId, MediaId
from modstation.core.item import Item
from modstation.service.app import Service
from modstation.service.server import open_service
from tests.bench import joined
from tests.bench.joined import Joined, cpu_of, pull
from tests.bench.row import Budget, Pairs, Row
from tests.support import live_service
from tests.support.builders import a_media

FILES = 500
SIZE = 100_000


def rows(quick: bool) -> list[Row]:
    files, pairs = (100, 2) if quick else (FILES, 5)
    against = "raw get, AES-GCM and write of each file, on one kept-alive connection to the same process"
    return [Row("media", against, Budget(ratio=1.2), lambda: measure(files, pairs))]


def measure(files: int, pairs: int) -> Pairs:
    ours, theirs = [], []
    cpu: list[tuple[float, float, float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        code, ids = furnish(Path(name), [Random(n).randbytes(SIZE) for n in range(files)])
        for n in range(pairs):
            with (
                tempfile.TemporaryDirectory() as home,
                joined.joined(Path(name) / "service", code, Path(home)) as both,
            ):
                pull(both.engine)
                acts: list[Callable[[], None]] = [
                    lambda both=both: fetch(both),  # type: ignore[misc] # bound at once
                    lambda both=both: _raw(both, ids),  # type: ignore[misc] # bound at once
                ]
                took = [_timed(both.pid, acts[k]) for k in ((0, 1) if n % 2 else (1, 0))]
                mine, other = took if n % 2 else reversed(took)
            ours.append(1e3 * mine[0])
            theirs.append(1e3 * other[0])
            cpu.append((*mine[1:], *other[1:]))
    names = "station, CPU ms", "service, CPU ms", "baseline, CPU ms", "service for the baseline, CPU ms"
    notes = {
        name: 1e3 * statistics.median(figures) for name, figures in zip(names, zip(*cpu, strict=True), strict=True)
    }
    return Pairs(ours, theirs, {"files": float(files), "bytes of each": float(SIZE), **notes})


def furnish(home: Path, contents: list[bytes]) -> tuple[str, list[MediaId]]:
    """The data folder ``home/service`` with an item for each file; gives an enrolment code and the files' ids."""
    service = open_service(home / "service")
    ids = []
    made = []
    for item, content in zip(joined.sample(len(contents)), contents, strict=True):
        media_id = _add(service, content)
        ids.append(media_id)
        made.append(_about(item, media_id, len(content)))
    joined.fill(service, made)
    code = live_service.a_code(service)
    service.database.close()
    return code, ids


def _add(service: Service, content: bytes) -> MediaId:
    path = service.files.folder.parent / "new.bin"
    path.write_bytes(content)
    media_id, _ = service.files.add(path)
    path.unlink()
    return media_id


def _about(item: Item, media_id: MediaId, size: int) -> Item:
    content = Image(a_media(media_id=media_id, size=size))
    return replace(item, item_id=ItemId(f"file-{media_id[:8]}"), content=content, flags=(), severity=0)


def fetch(both: Joined) -> None:
    """Fetch until nothing is missing."""
    while (fetched := both.engine.fetcher.step()).left:
        if fetched.problem:
            raise fetched.problem


def _raw(both: Joined, ids: list[MediaId]) -> None:
    place = urlsplit(both.transport.base_url)
    cipher = AESGCM(bytes(32))
    folder = both.folder / "raw"
    folder.mkdir()
    with closing(http.client.HTTPConnection(str(place.hostname), place.port)) as line:
        for media_id in ids:
            line.request("GET", f"/v1/media/{media_id}", headers={"Authorization": f"Bearer {both.transport.token}"})
            answer = line.getresponse()
            body = answer.read()
            if answer.status != 200 or len(body) != SIZE:
                raise RuntimeError(f"{answer.status}, {len(body)} bytes")
            nonce = os.urandom(12)
            (folder / media_id).write_bytes(nonce + cipher.encrypt(nonce, body, None))


def _timed(pid: int, work: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds on the wall, of this process's processors, of the service's."""
    wall, cpu, there = time.perf_counter(), time.process_time(), cpu_of(pid)
    work()
    return time.perf_counter() - wall, time.process_time() - cpu, cpu_of(pid) - there
