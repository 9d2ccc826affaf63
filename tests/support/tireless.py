"""A station of its own with somebody tireless at its keys, for the test that kills it.

Every decision is written to a ledger, synced to the disk: ``made`` when it leaves the desk, ``saved`` in the moment in
which the window treats it as saved, ``undoing`` before it is taken back and ``undone`` after. ``desk`` says that the
vault could be opened. Ends by itself only when it was told to finish, and then everything is answered.
"""

import argparse
import json
import os
import random
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEventLoop, Qt

from modstation.app.station import Station, application
from modstation.core.changes import Changes
from modstation.core.ids import DecisionId
from modstation.core.problem import Problem
from modstation.demo.headless import Shift
from modstation.session.views import State
from modstation.system import log, settings
from modstation.system.clock import SystemClock
from modstation.system.paths import private
from modstation.system.settings import Settings
from tests.support import member
from tests.support.keyring_file import FileKeyring

OWN = Settings(theme="light", undo_hold_s=1, repeat_guard_ms=0, hold_items=2_000, wait_s=5)
BUG = 70
UNDO_ONE_IN = 10


class Ledger:
    """What a person was told, on the disk before the next key is pressed."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, word: str, of: str = "") -> None:
        os.write(self._file, f"{word} {of}\n".encode())
        os.fsync(self._file)


class Tireless:
    """Decides so many items at a random pace."""

    def __init__(self, home: Path, ledger: Ledger, rng: random.Random) -> None:
        self._ledger = ledger
        self._rng = rng
        self._made: set[DecisionId] = set()
        self.station = Station(private(home / "station"), SystemClock(), lambda: FileKeyring(home / "keyring"))
        self.shift = Shift(self.station)
        shell = self.station.shell
        tell = shell.person_moved

        def person_moved(changes: Changes) -> None:
            tell(changes)
            for entry_id in sorted(changes.decisions & self._made):
                self._made.discard(entry_id)
                ledger.note("saved", entry_id)

        show = shell.show_failed

        def show_failed(problem: Problem) -> None:
            ledger.note("told", problem.code)
            show(problem)
            if problem.code == "vault.log_cut":  # it comes before the first key; the person reads it
                self.shift.press(Qt.Key.Key_Return)

        shell.show_failed = show_failed  # type: ignore[method-assign] # what the person is told is noted down
        shell.person_moved = person_moved  # type: ignore[method-assign] # where the window hears that a write is durable

    def open(self, join: tuple[str, str] | None) -> None:
        if join is not None and not (self.station._folder / "vault.json").exists():
            member.join(self.station, *join)
        self.station.shell.show()
        self.station.begin()
        self.shift.wait("the desk", lambda: self.station.running is not None or self._refused(), patience_s=60)
        if self._refused():
            raise RuntimeError(self.station.shell.entrance.problem.accessibleName())
        self._ledger.note("desk")
        place = self.station.shell.workplace
        assert place is not None
        place.control.left.connect(self._left)

    def work(self, at_most: int, done_before: int) -> None:
        running = self.station.running
        assert running is not None
        desk = running.desk
        for n in range(done_before, done_before + at_most):
            self.shift.wait("an item", lambda: desk.current is not None)
            self._decide(n)
            if self._rng.randrange(UNDO_ONE_IN) == 0:
                self._take_back(n)
            self._pause()

    def finish(self) -> dict[str, int]:
        """Wait until everything is answered, and close."""
        running = self.station.running
        assert running is not None
        records = running.desk.records
        self.shift.wait("every answer", lambda: not running.desk.saving and not records.tally().saved_here)
        told = {"accepted": records.tally().accepted, "returned": len(records.entries(State.RETURNED))}
        self.station.shell.close()
        return told

    def idle(self) -> None:
        """Until killed."""
        while True:
            self.shift.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def _refused(self) -> bool:
        entrance = self.station.shell.entrance
        return entrance.currentWidget() in {entrance.problem, entrance.unlock}

    def _left(self, entry_id: DecisionId) -> None:
        self._made.add(entry_id)
        self._last = entry_id
        self._ledger.note("made", entry_id)

    def _decide(self, n: int) -> None:
        running = self.station.running
        assert running is not None
        assert running.desk.current is not None
        if running.desk.current.draft.is_empty:
            self.shift.decide(n % 24)  # the shift undoes each 25th by itself; here that is noted down
            return
        if running.desk.lacks:  # a draft from before a kill, or of what was just taken back
            self.shift.press(Qt.Key.Key_N)
        self.shift._commit()

    def _take_back(self, n: int) -> None:
        """Undo the last one, sometimes before it is durable, and decide the item again if the undo came in time."""
        running = self.station.running
        assert running is not None
        desk, entry_id = running.desk, self._last
        if self._rng.random() < 0.5:
            self._pause()
        self._ledger.note("undoing", entry_id)
        self.shift.press(Qt.Key.Key_U)
        self.shift.wait("the undo", lambda: entry_id not in desk.undoing and not desk.saving)
        if desk.records.entry(entry_id) is None and entry_id not in {d.entry_id for d in desk.records.settled()}:
            self._ledger.note("undone", entry_id)
            self._decide(n)
        else:  # too late; the window says so
            self.shift.press(Qt.Key.Key_Escape)

    def _pause(self) -> None:
        self.shift.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, self._rng.randrange(1, 60))


def end_at_a_bug(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error.with_traceback(trace), trace)
    os._exit(BUG)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--join", nargs=2, metavar=("ADDRESS", "CODE"))
    parser.add_argument("--at-most", type=int, default=0)
    parser.add_argument("--done", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--finish", action="store_true")
    args = parser.parse_args()
    application()
    folder = private(args.home / "station")
    settings.save(folder, OWN)
    log.configure(folder)
    someone = Tireless(args.home, Ledger(args.home / "ledger"), random.Random(args.seed))
    sys.excepthook = end_at_a_bug
    someone.open(tuple(args.join) if args.join else None)
    someone.work(args.at_most, args.done)
    if not args.finish:
        someone.idle()
    sys.stdout.write(json.dumps(someone.finish()))


if __name__ == "__main__":
    main()
