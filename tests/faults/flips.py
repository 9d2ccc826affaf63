"""One bit of a file is the other way round: it is found, or mended, or it was in use by nobody. Never silent.

Each kind of file has a template, a station's folder made once by a station at work; each flip gets a copy of it.
"""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import structlog

from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.core.receipt import Outcome
from modstation.service.recovery import open_segment
from modstation.store import checkup, meta, vault
from modstation.store.driver import Database, DatabaseError
from modstation.store.journal import segments
from modstation.store.vault import Vault
from modstation.store.writer import explained
from modstation.sync import enrolment
from tests.faults.life import Places, Sitting, an_enrolment
from tests.faults.service import PICTURES, SEALING, Steady, media_id
from tests.support.builders import NOW
from tests.support.station import HandClock

KINDS = ("database", "log", "journal", "media")
_LEFT_OUT = shutil.ignore_patterns("ballast", "*-shm", "lock")


@dataclass(slots=True)
class Flipped:
    """What came of the flips in one kind of file: how many of each outcome; `wrong` names each silent one."""

    kind: str
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    recovered: int = 0


@dataclass(frozen=True, slots=True)
class Template:
    """A station's folder and what is true about it.

    Attributes:
        saved: decisions that the person saw saved and did not take back.
        undone: those that were.
        content: everything in the database.
        records: every record of the journal, opened with the service's key.
    """

    home: Path
    saved: frozenset[str]
    undone: frozenset[str]
    content: dict[str, list[Any]]
    records: dict[str, bytes]


def flip_all(home: Path, flips: int, kinds: tuple[str, ...] = KINDS, at_once: int = 2, seed: int = 1) -> list[Flipped]:
    """So many random flips in each kind of file."""
    with ProcessPoolExecutor(at_once) as pool:
        share = -(-flips // at_once)
        jobs = [
            (kind, pool.submit(flip, home / f"{kind}-{n}", kind, min(share, flips - n * share), seed * 1000 + n))
            for kind in kinds
            for n in range(at_once)
        ]
        found = {kind: Flipped(kind) for kind in kinds}
        for kind, job in jobs:
            part = job.result()
            found[kind].outcomes += part.outcomes
            found[kind].wrong += part.wrong
            found[kind].recovered += part.recovered
    return list(found.values())


def flip(home: Path, kind: str, flips: int, seed: int) -> Flipped:
    """So many flips in one kind of file."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    home.mkdir(parents=True)
    template = _make(home / "template", in_log=kind == "log")
    rng = random.Random(seed)
    found = Flipped(kind)
    for n in range(flips):
        places = _copy(template, home / "flipped")
        path = rng.choice(_files(places.folder, kind))
        content = bytearray(path.read_bytes())
        bit = rng.randrange(len(content) * 8)
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        try:
            outcome, recovered = _LOOKS[kind](template, places)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the finding
            outcome, recovered = f"SILENT: {type(error).__name__} {error}", 0
        found.outcomes[outcome if not outcome.startswith("SILENT") else "SILENT"] += 1
        found.recovered += recovered
        if outcome.startswith("SILENT"):
            found.wrong.append(f"{kind} {path.name} bit {bit} of {len(content) * 8}, flip {n}: {outcome}")
    return found


def _files(folder: Path, kind: str) -> list[Path]:
    named = {
        "database": [folder / "vault.db"],
        "log": [folder / "vault.db-wal"],
        "journal": segments(folder / "journal"),
    }
    return named.get(kind) or sorted((folder / "media").iterdir())


def _copy(template: Template, home: Path) -> Places:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template.home, home, ignore=_LEFT_OUT)
    return Places(home)


# The template


def _make(home: Path, *, in_log: bool) -> Template:
    """A station in the middle of its day; with `in_log`, killed before anything since its start left the log."""
    home.mkdir()
    places, clock = Places(home / "at-work"), HandClock()
    places.folder.parent.mkdir()
    service = Steady(clock, places.books)
    made = vault.create(places.folder, places.locks)
    made.writer.run(lambda db: meta.put(db, enrolment.META_KEY, enrolment.dump(an_enrolment(service))))
    made.keep_enrolment(enrolment.dump(an_enrolment(service)))
    made.close()
    sitting = Sitting(vault.open_(places.folder, places.locks), clock, service, places.ledger)
    with _log_kept() if in_log else nullcontext():
        _work(sitting, clock)
    killed = home / "killed"
    if in_log:
        shutil.copytree(home / "at-work", killed, ignore=_LEFT_OUT)
    sitting.close()
    if not in_log:
        shutil.copytree(home / "at-work", killed, ignore=_LEFT_OUT)
    lines = places.ledger.lines()
    said = {word: frozenset(line[1] for line in lines if line[0] == word) for word in ("saved", "undone")}
    looked = _copy(Template(killed, frozenset(), frozenset(), {}, {}), home / "looked")
    opened = vault.open_(looked.folder, looked.locks)
    content = _content(opened.reader())
    opened.close()
    saved = said["saved"] - said["undone"]
    return Template(killed, saved, said["undone"], content, _records(looked.folder))


@contextmanager
def _log_kept() -> Iterator[None]:
    """Nothing is moved from the log into the database."""
    with patch("modstation.store.writer.checkpoint"), patch("modstation.store.sweep.checkpoint"):
        yield


def _work(sitting: Sitting, clock: HandClock) -> None:
    sitting.exchange()
    sitting.decide("item-0")
    sitting.decide("item-2")
    clock.move(31)
    sitting.exchange()  # one is accepted, one comes back
    undone = sitting.decide("item-1")
    assert undone is not None
    sitting.undo(undone)
    sitting.decide("item-3")
    sitting.decide("item-4")


def _content(db: Database) -> dict[str, list[Any]]:
    """Everything in the database, read page by page."""
    if db.conn.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise DatabaseError("malformed")
    tables = [row[0] for row in db.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    found = {name: sorted(db.conn.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}
    db.close()
    return found


def _records(folder: Path) -> dict[str, bytes]:
    """Every record of a decision in the journal that the service could read."""
    found: dict[str, bytes] = {}
    for path in segments(folder / "journal"):
        try:
            whole = path.read_bytes()
            named = {i for i in checkup.copies(folder / "journal").whole if not i.startswith("-")}
            found |= {r.decision_id: r.body for r in open_segment(whole, SEALING.private_bytes_raw(), named).records}
        except Problem:
            continue
    return found


# What comes of a flip


def _in_database(template: Template, places: Places) -> tuple[str, int]:
    try:
        opened = vault.open_(places.folder, places.locks)
    except Problem as problem:
        if problem.code != "vault.damaged":
            return f"SILENT: {problem.code}", 0
        return _rebuilt(template, places, "told at the start; rebuilt, every decision found again")
    try:
        content = _content(opened.reader())
    except DatabaseError as error:
        problem = explained(error, opened.ballast.free())
        opened.close()
        if not isinstance(problem, Problem) or problem.code != "vault.damaged":
            return f"SILENT: {problem!r}", 0
        return _rebuilt(template, places, "told when the page was read; rebuilt, every decision found again")
    opened.close()
    return ("nobody used it: all is equal" if content == template.content else "SILENT: other content"), 0


def _rebuilt(template: Template, places: Places, outcome: str) -> tuple[str, int]:
    made = vault.rebuild(places.folder, places.locks, "aside-1")
    return _go_on(template, places, made, outcome)


def _go_on(template: Template, places: Places, opened: Vault, outcome: str) -> tuple[str, int]:
    """The rest of the day: what was saved must reach the service once, what was taken back never."""
    clock = HandClock()
    clock.move(100)
    service = Steady(clock, places.books)
    sitting = Sitting(opened, clock, service, places.ledger)
    before = len(places.ledger.lines())
    for _ in range(3):
        sitting.exchange()
        clock.move(31)
    recovered = sitting.engine.status.recovered
    sitting.close()
    bugs = [line for line in places.ledger.lines()[before:] if line[0] == "bug"]
    lost = template.saved - set(service.receipts)
    back = template.undone & {i for i, r in service.receipts.items() if r.outcome is Outcome.ACCEPTED}
    if lost or back or service.twice or bugs:
        return f"SILENT: lost {len(lost)}, taken back and counted {len(back)}, {service.twice} {bugs}", recovered
    return outcome, recovered


def _in_log(template: Template, places: Places) -> tuple[str, int]:
    opened = vault.open_(places.folder, places.locks)
    content, told = _content(opened.reader()), opened.was_cut
    if content == template.content:
        opened.close()
        return ("told; nothing is missing" if told else "nobody used it: all is equal"), 0
    if not told:
        opened.close()
        return "SILENT: commits are gone", 0
    return _go_on(template, places, opened, "told at the start; every decision found again")


def _in_journal(template: Template, places: Places) -> tuple[str, int]:
    opened = vault.open_(places.folder, places.locks)
    told: list[Problem] = []
    joined = an_enrolment(Steady(HandClock(), places.books))
    opened.open_journal(joined.sealing_key, joined.signer())
    copied = checkup.begin(opened, told.append, NOW).result(30)
    opened.writer.run(lambda _: None)
    waiting = {row[0] for row in opened.reader().conn.execute("SELECT entry_id FROM outbox WHERE what = 'decision'")}
    opened.close()
    records = _records(places.folder)
    lacking = {i for i in waiting if records.get(i) != template.records[i]}
    if lacking:
        return f"SILENT: {len(lacking)} decisions on their way have no copy", copied
    if not told:
        equal = records == template.records
        return ("nobody used it: every record is equal" if equal else "SILENT: a copy is gone"), copied
    return ("told; copied again" if copied else "told; only answered decisions were in it"), copied


def _in_media(template: Template, places: Places) -> tuple[str, int]:
    del template
    clock = HandClock()
    service = Steady(clock, places.books)
    opened = vault.open_(places.folder, places.locks)
    sitting = Sitting(opened, clock, service, places.ledger)
    reader = opened.reader()
    outcome = "nobody used it: all is equal"
    for item_id, whole in PICTURES.items():
        wanted = media_id(whole)
        try:
            if opened.media.read(reader, wanted) != whole:
                outcome = f"SILENT: {ItemId(item_id)} has other bytes"
        except Problem as problem:
            opened.writer.run(lambda db, wanted=wanted: opened.media.spoil(db, wanted))
            sitting.fetch()
            again = opened.media.read(reader, wanted) == whole
            outcome = "told; fetched again" if again and problem.code == "media.damaged" else f"SILENT: {problem.code}"
    sitting.close()
    return outcome, 0


_Look = Callable[[Template, Places], tuple[str, int]]
_LOOKS: dict[str, _Look] = {"database": _in_database, "log": _in_log, "journal": _in_journal, "media": _in_media}
