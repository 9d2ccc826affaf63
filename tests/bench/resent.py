"""Bytes that travel again after a cut in mid-transfer, beside the bytes of the same transfer that nothing cuts.

The line is slow enough for a cut to fall into the middle of something. Each figure is one cut, at another place; all
connections are reset when that many bytes have passed, then the line is well again, and the station goes on.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from modstation.store import items, outbox
from tests.bench import media
from tests.bench.first_sync import ITEMS
from tests.bench.joined import Joined, furnish, joined, pull, sample
from tests.bench.row import Budget, Pairs, Row
from tests.bench.upload import decide_all
from tests.network.proxy import CLEAN, Line, Proxy

SHARE = 0.05
SLOW = Line(rate=200_000)  # bytes a second: most of the time something is on its way
PLACES = (0.5, 0.2, 0.35, 0.65, 0.8)
DECISIONS = 1_000
FILE = 5_000_000
FAST = Line(rate=2_000_000)


def rows(quick: bool) -> list[Row]:
    places = PLACES[:1] if quick else PLACES
    against = "all bytes of the transfer when nothing is cut"
    budget = Budget(share=SHARE)
    return [
        Row("resent.first_sync", against, budget, lambda: _measure(_first_sync(ITEMS), places), "KB"),
        Row("resent.upload", against, budget, lambda: _measure(_upload(), places), "KB"),
        Row("resent.media", against, budget, lambda: _measure(_file(), places), "KB"),
    ]


@dataclass(frozen=True, slots=True)
class _Job:
    """What is transferred: made in a folder (gives the code), prepared over a clean line, then step by step."""

    furnish: Callable[[Path], str]
    prepare: Callable[[Joined], None]
    step: Callable[[Joined], None]
    done: Callable[[Joined], bool]
    line: Line = SLOW


def _measure(job: _Job, places: tuple[float, ...]) -> Pairs:
    again, whole, cuts = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as name:
        code = job.furnish(Path(name))
        for place in places:
            weight = _carried(Path(name) / "service", code, job, None)
            carried = _carried(Path(name) / "service", code, job, int(place * weight))
            again.append(max(0, carried - weight) / 1e3)
            whole.append(weight / 1e3)
            cuts.append(100 * (carried - weight) / weight)
    told = ", ".join(f"{100 * place:.0f} %: {share:.1f} %" for place, share in zip(places, cuts, strict=True))
    return Pairs(again, whole, {"cut at: sent again": told, "most": max(cuts), "median": statistics.median(cuts)})


def _carried(furnished: Path, code: str, job: _Job, cut_at: int | None) -> int:
    """Bytes that passed in both directions until the transfer was whole."""
    made: list[Proxy] = []

    def through(url: str) -> str:
        made.append(Proxy(int(url.rpartition(":")[2]), Random(1)))
        return made[0].address

    with tempfile.TemporaryDirectory() as name:
        try:
            with joined(furnished, code, Path(name), through) as both:
                proxy = made[0]
                job.prepare(both)
                before = proxy.seen.up + proxy.seen.down
                proxy.line = job.line
                with _cutting(proxy, None if cut_at is None else before + cut_at):
                    while not job.done(both):
                        job.step(both)
                return proxy.seen.up + proxy.seen.down - before
        finally:
            for proxy in made:
                proxy.close()


@contextmanager
def _cutting(proxy: Proxy, at: int | None) -> Iterator[None]:
    """Reset every connection once, when so many bytes have passed."""
    if at is None:
        yield
        return
    over = threading.Event()
    cut = threading.Event()

    def watch() -> None:
        while not over.is_set() and proxy.seen.up + proxy.seen.down < at:
            time.sleep(0.0005)
        if not over.is_set():
            proxy.line = CLEAN
            proxy.reset()
            cut.set()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
        if not cut.is_set():
            raise RuntimeError("it was over before it was cut")
    finally:
        over.set()
        thread.join()


def _first_sync(count: int) -> _Job:
    return _Job(
        lambda folder: furnish(folder / "service", list(sample(count))),
        lambda _: None,
        _try,
        lambda both: len(items.held(both.vault.reader())) == count,
    )


def _upload() -> _Job:
    def prepare(both: Joined) -> None:
        pull(both.engine)
        decide_all(both.vault)

    return _Job(
        lambda folder: furnish(folder / "service", list(sample(DECISIONS))),
        prepare,
        _try,
        lambda both: outbox.next_due(both.vault.reader()) is None,
    )


def _file() -> _Job:
    return _Job(
        lambda folder: media.furnish(folder, [Random(1).randbytes(FILE)])[0],
        lambda both: pull(both.engine),
        _fetch,
        lambda both: both.vault.media.left(both.vault.reader()) == 0,
        FAST,
    )


def _try(both: Joined) -> None:
    both.engine.step()


def _fetch(both: Joined) -> None:
    both.engine.fetcher.step()
