"""A short life of a station: it joins, fetches, decides, takes back, is answered, purges, closes and opens again.

Everything is the product's, only the window and the socket are missing. What a person would have been told is written
to a ledger outside the station's folder, before the next step: that is what is held against the disk afterwards.
"""

import json
import queue
import random
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modstation.core.changes import Changes
from modstation.core.decision import Draft, Verdict
from modstation.core.ids import DecisionId, DeviceId, ItemId, PersonId
from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.session.around import Around
from modstation.session.desk import Desk
from modstation.store import meta, vault
from modstation.store.driver import DatabaseError
from modstation.store.outbox import State
from modstation.store.vault import Locks, Vault
from modstation.store.writer import explained
from modstation.sync import enrolment
from modstation.sync.engine import Engine, EngineSettings, Stepped
from modstation.sync.enrolment import Enrolment
from tests.faults.service import Steady
from tests.support.keyring_file import FileKeyring
from tests.support.station import HandClock

SURELY_NOT = frozenset({"store.disk_full", "store.not_saved"})  # of all Problems only these say that nothing was saved
SAVED_YET = "store.journal_failed"  # and this one that it was


class Ended(Exception):
    """The station has closed its vault and told the person why: this life is over."""


class Ledger:
    """What the person was told, and what nobody should ever be told."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, word: str, *of: str) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps([word, *of]) + "\n")

    def lines(self) -> list[list[str]]:
        return [json.loads(line) for line in self._path.read_text().splitlines()] if self._path.exists() else []


class Places:
    """Where things are: the station's folder, and beside it what survives whatever happens to it."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "station"
        self.locks = Locks(keyring=FileKeyring(home / "keyring"))
        self.ledger = Ledger(home / "ledger")
        self.books = home / "books"


class Sitting:
    """An open vault, with a person before it and the service behind it; both take turns on this one thread."""

    def __init__(self, opened: Vault, clock: HandClock, service: Steady, ledger: Ledger, seed: int = 1) -> None:
        self._ledger = ledger
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._clock = clock
        self.vault = opened
        self.ended = False
        self._made: dict[ItemId, DecisionId] = {}  # on their way to the disk
        self._refused: DecisionId | None = None
        self._saved: set[DecisionId] = set()
        db = opened.reader()
        joined = enrolment.load(meta.get(db, enrolment.META_KEY) or "")
        db.close()
        opened.open_journal(joined.sealing_key, joined.signer())
        around = Around(
            clock, random.Random(seed).randbytes, lambda: 30, self._jobs.put, self._moved, lambda: None, self.told
        )
        self.desk = Desk(opened, around)
        rng, settings = random.Random(seed), EngineSettings(hold_items=20, wait_s=0)
        self.engine = Engine(opened, service.transport(), clock, rng, self._synced, self._status, settings)

    def told(self, problem: Problem) -> None:
        """What the window would show."""
        self._ledger.note("problem", problem.code)
        if self._refused is not None:
            saved = problem.code == SAVED_YET
            self._ledger.note(
                "saved" if saved else "refused" if problem.code in SURELY_NOT else "unsure", self._refused
            )
            self._saved |= {self._refused} if saved else set()
            self._refused = None
        self.ended = self.ended or problem.code == "vault.damaged"

    def decide(self, item_id: str, supersedes: DecisionId | None = None) -> DecisionId | None:
        """A decision, saved or refused."""
        if supersedes is None:
            self.desk.open(ItemId(item_id))
        else:
            self.desk.amend(supersedes)
        if self.desk.current is None:
            return None
        self.desk.compose(Draft(verdict=Verdict.NO_VIOLATION, rationale=f"about {item_id}"))
        entry_id = self.desk.decide()
        self._ledger.note("made", entry_id, item_id)
        self._made[ItemId(item_id)] = entry_id
        self._until(lambda: entry_id not in self.desk.saving)
        return entry_id if entry_id in self._saved else None

    def skip(self, item_id: str) -> None:
        if self.desk.open(ItemId(item_id)) is not None:
            entry_id = self.desk.skip()
            self._until(lambda: entry_id not in self.desk.saving)

    def undo(self, entry_id: DecisionId) -> None:
        self._ledger.note("undoing", entry_id)
        done: list[ItemId] = []
        self.desk.undo(entry_id, done.append)
        self._until(lambda: entry_id not in self.desk.undoing)
        if done:
            self._ledger.note("undone", entry_id)

    def exchange(self, rounds: int = 30) -> None:
        """Until there is no more to say, files included."""
        for _ in range(rounds):
            stepped = self.engine._safely(self.engine.step)
            self._hear(stepped)
            if not stepped.more:
                break
        self.fetch()

    def fetch(self) -> None:
        self.engine.fetcher._passed_over.clear()
        for _ in range(10):
            if not self._safely_fetch():
                break
        self._turn()

    def close(self) -> None:
        self.desk.close()
        self.vault.close()

    def returned(self) -> list[DecisionId]:
        return [entry.entry_id for entry in self.desk.records.entries(State.RETURNED)]

    def _safely_fetch(self) -> int:
        try:
            fetched = self.engine.fetcher.step()
        except DatabaseError as error:
            problem = explained(error, self.vault.ballast.free())
            if not isinstance(problem, Problem):
                raise
            self.told(problem)
            return 0
        except Problem as problem:
            self.told(problem)
            return 0
        if fetched.problem is not None:
            self.told(fetched.problem)
            return 0
        return fetched.arrived

    def _hear(self, stepped: Stepped) -> None:
        if stepped.problem is not None:
            self.told(stepped.problem)
        if stepped.problem is not None and stepped.problem.code == "sync.bug":
            self._ledger.note("bug", "in the engine")
        self._turn()

    def _until(self, done: Callable[[], bool]) -> None:
        """Let the writer work until this is so."""
        while not done():
            self._jobs.get(timeout=30)()
        self._turn()

    def _moved(self, changes: Changes) -> None:
        """What the desk tells the window: a decision that is durable, or an item that came back with a Problem."""
        for entry_id in changes.decisions & set(self._made.values()):
            self._ledger.note("saved", entry_id)
            self._saved.add(entry_id)
        for item_id in changes.items & set(self._made):
            entry_id = self._made.pop(item_id)
            self._refused = None if entry_id in changes.decisions else entry_id

    def _turn(self) -> None:
        while not self._jobs.empty():
            self._jobs.get()()
        if self.ended:
            raise Ended

    def _synced(self, changes: Changes) -> None:
        self._jobs.put(lambda: self.desk.absorb(changes))

    def _status(self, status: SyncStatus) -> None:
        pass


def an_enrolment(service: Steady) -> Enrolment:
    return Enrolment(
        base_url="http://127.0.0.1:9",
        service_name="Tests",
        device_id=DeviceId("device-1"),
        person_id=PersonId("person-1"),
        person_name="Robin",
        signing_key=service.keys.signing,
        sealing_key=service.keys.sealing,
        token="token-of-this-device",
        device_key=b"d" * 32,
    )


def live(places: Places) -> None:
    """The whole life. A Problem ends a step, as it would for a person; only a bug is anything else."""
    clock = HandClock()
    service = Steady(clock, places.books)
    try:
        _join(places, service)
        _first(places, clock, service)
        _second(places, clock, service)
        places.ledger.note("end")
    except Problem as problem:
        places.ledger.note("problem", problem.code)
    except Ended:
        pass
    except BaseException:  # noqa: BLE001 - whatever it is, it is the finding
        places.ledger.note("bug", traceback.format_exc())
    for word in service.twice:
        places.ledger.note("twice", word)


def _join(places: Places, service: Steady) -> None:
    opened = vault.create(places.folder, places.locks)
    try:
        text = enrolment.dump(an_enrolment(service))
        opened.writer.run(lambda db: meta.put(db, enrolment.META_KEY, text))
        opened.keep_enrolment(text)
    finally:
        opened.close()


def _sit(places: Places, clock: HandClock, service: Steady, work: Callable[[Sitting], None]) -> None:
    opened = vault.open_(places.folder, places.locks)
    sitting = _seated(opened, clock, service, places.ledger)
    try:
        work(sitting)
    except DatabaseError as error:  # as the window's handler does
        problem = explained(error, opened.ballast.free())
        if not isinstance(problem, Problem):
            raise
        sitting.told(problem)
        if problem.code == "vault.damaged":
            raise Ended from error
    finally:
        sitting.close()


def _seated(opened: Vault, clock: HandClock, service: Steady, ledger: Ledger) -> Sitting:
    try:
        return Sitting(opened, clock, service, ledger)
    except DatabaseError as error:
        problem = explained(error, opened.ballast.free())
        opened.close()
        raise problem from error
    except BaseException:
        opened.close()
        raise


def _first(places: Places, clock: HandClock, service: Steady) -> None:
    def work(sitting: Sitting) -> None:
        sitting.exchange()
        sitting.decide("item-0")
        undone = sitting.decide("item-1")
        if undone is not None:
            sitting.undo(undone)
        sitting.decide("item-2")
        sitting.skip("item-3")
        clock.move(61)
        sitting.exchange()
        sitting.decide("item-7")
        clock.move(31)
        sitting.exchange()

    _sit(places, clock, service, work)


def _second(places: Places, clock: HandClock, service: Steady) -> None:
    def work(sitting: Sitting) -> None:
        for entry_id in sitting.returned():
            sitting.decide("item-2", supersedes=entry_id)
        service.take_away("item-6")
        sitting.exchange()
        sitting.decide("item-1")

    _sit(places, clock, service, work)


def told(places: Places, word: str) -> list[Any]:
    """The first thing said with each `word`, in order."""
    return [line[1] for line in places.ledger.lines() if line[0] == word]
