"""After the fault: open the station again on a sound disk, and hold it against what the person was told."""

import shutil
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from modstation.core.problem import Problem
from modstation.core.receipt import Outcome
from modstation.store import items, outbox, vault
from modstation.store.outbox import State
from modstation.store.vault import Vault
from tests.faults.life import Places, Sitting, _seated
from tests.faults.service import PICTURES, Steady, media_id
from tests.support.station import HandClock


@dataclass(slots=True)
class Verdict:
    """What was found.

    Attributes:
        told: codes of the Problems that the person saw.
        reopened: how the vault opened afterwards: opened, rebuilt, not made yet.
        recovered: decisions that came back from the journal.
        wrong: losses, repetitions and bugs, in words; empty when all is well.
    """

    told: list[str] = field(default_factory=list)
    reopened: str = ""
    recovered: int = 0
    wrong: list[str] = field(default_factory=list)


def judge(home: Path) -> dict[str, Any]:
    """Look at what a life in `home` has left behind."""
    places = Places(home)
    lines = places.ledger.lines()
    found = Verdict(told=[line[1] for line in lines if line[0] == "problem"])
    found.wrong += [f"{line[0]}: {line[1]}" for line in lines if line[0] in {"bug", "twice"}]
    clock = HandClock()
    clock.move(200)
    service = Steady(clock, places.books)
    opened = _open(places, found)
    if opened is not None:
        _compare(opened, places, clock, service, found, lines)
    return asdict(found)


def _open(places: Places, found: Verdict) -> Vault | None:
    if not vault.exists(places.folder):
        found.reopened = "not made yet"
        shutil.rmtree(places.folder, ignore_errors=True)
        vault.create(places.folder, places.locks).close()  # and it can be made now
        return None
    try:
        opened = vault.open_(places.folder, places.locks)
        found.reopened = "opened"
    except Problem as problem:
        if problem.code == "vault.damaged":
            found.reopened = "damaged, rebuilt"
            return vault.rebuild(places.folder, places.locks, "aside-1")
        if problem.code != "vault.header_missing":
            raise
        found.reopened = "cut short while being made, kept aside"
        vault.set_aside(places.folder, "aside-1")
        vault.create(places.folder, places.locks).close()
        found.wrong += (
            ["what was made in it is lost"] if any(line[0] == "made" for line in places.ledger.lines()) else []
        )
        return None
    return opened


def _compare(
    opened: Vault, places: Places, clock: HandClock, service: Steady, found: Verdict, lines: list[list[str]]
) -> None:
    reader = opened.reader()
    joined = reader.conn.execute("SELECT 1 FROM meta WHERE key = 'enrolment'").fetchone()
    if not joined:
        made = [line for line in lines if line[0] == "made"]
        found.reopened += ", not joined yet"
        found.wrong += ["the enrolment is gone"] if made else []
        opened.close()
        return
    saved = set(_words(lines, "saved"))
    here = {row.entry_id for row in outbox.rows(reader)}
    found.wrong += [f"{entry_id} was refused and is there" for entry_id in _words(lines, "refused") if entry_id in here]
    reader.close()
    sitting = _seated(opened, clock, service, places.ledger)
    try:
        _go_on(sitting, clock, service)
        _books(sitting, service, saved, set(_words(lines, "undone")), set(_words(lines, "undoing")), found)
        _cache(sitting, service, found)
    finally:
        sitting.close()
    found.wrong += [f"twice: {word}" for word in service.twice]
    found.wrong += [
        f"afterwards: {line[0]} {line[1]}" for line in places.ledger.lines()[len(lines) :] if line[0] == "bug"
    ]
    found.recovered = sitting.engine.status.recovered


def _words(lines: list[list[str]], word: str) -> list[str]:
    return [line[1] for line in lines if line[0] == word]


def _go_on(sitting: Sitting, clock: HandClock, service: Steady) -> None:
    """The next days, on a disk that works."""
    for _ in range(4):
        sitting.exchange()
        clock.move(61)


def _books(
    sitting: Sitting, service: Steady, saved: set[str], undone: set[str], undoing: set[str], found: Verdict
) -> None:
    returned = {row.entry_id for row in outbox.rows(sitting.vault.reader(), State.RETURNED)}
    for entry_id in saved - undoing:
        if entry_id not in service.receipts:
            found.wrong.append(f"LOST: {entry_id} was saved and never reached the service")
        elif service.receipts[entry_id].outcome is Outcome.RETURNED and entry_id not in returned:
            replaced = [i for i in service.receipts if i > entry_id]
            settled = sitting.desk.records.settled()
            if not replaced and entry_id not in {one.entry_id for one in settled}:
                found.wrong.append(f"LOST: {entry_id} was returned and is nowhere")
    found.wrong += [f"{entry_id} was taken back and counts" for entry_id in undone if entry_id in service.receipts]
    accepted = Counter(r.item_id for r in service.receipts.values() if r.outcome is Outcome.ACCEPTED)
    found.wrong += [f"{item_id} counts {n} times" for item_id, n in accepted.items() if n > 1]


def _cache(sitting: Sitting, service: Steady, found: Verdict) -> None:
    """The items and files that the service thinks are here, are; nothing else is."""
    db = sitting.vault.reader()
    held = {item_id for item_id, _, _ in items.held(db)}
    if held != service.open_items:
        found.wrong.append(f"held {sorted(held)}, leased {sorted(service.open_items)}")
    media = sitting.vault.media
    for item_id in held & set(PICTURES):
        wanted = media_id(PICTURES[item_id])
        try:
            if media.read(db, wanted) != PICTURES[item_id]:
                found.wrong.append(f"the file of {item_id} has other bytes")
        except Problem as problem:
            found.wrong.append(f"the file of {item_id}: {problem.code}")
    names = {row[0] for row in db.conn.execute("SELECT name FROM media").fetchall()}
    strays = {path.name for path in (sitting.vault.folder / "media").iterdir()} - names
    found.wrong += [f"{len(strays)} purged files are still there"] if strays else []
    db.close()
