"""A station without its window, with somebody tireless at it, one life after the other, each killed.

The process that starts the lives has everything loaded already, and the shim; a life is a child of its own. It keeps
the same ledger as `tests.support.tireless`: ``desk``, ``made``, ``saved``, ``undoing``, ``undone``; and ``late`` for an
undo that came too late, ``told`` with the code of a Problem.
"""

import json
import os
import queue
import random
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modstation.app.running import Running, Told
from modstation.core.changes import Changes
from modstation.core.decision import Draft, Verdict
from modstation.core.ids import DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.store import vault
from modstation.store.vault import Locks
from modstation.sync import engine, transport
from modstation.system import log, settings
from modstation.system.clock import SystemClock
from modstation.system.paths import private
from modstation.system.settings import Settings
from tests.faults import shim
from tests.support.keyring_file import FileKeyring

BUG = 70
UNDO_ONE_IN = 10
OWN = Settings(undo_hold_s=1, hold_items=40, wait_s=5)
PATIENCE_S = 120.0
_BUGS = frozenset({"vault.damaged", "sync.bug"})
_LOADED = (engine, transport)  # with what they import, before the first life


class Bare:
    """One life."""

    def __init__(self, home: Path, rng: random.Random) -> None:
        self._rng = rng
        self._ledger = os.open(home / "ledger", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._made: set[DecisionId] = set()
        folder = private(home / "station")
        settings.save(folder, OWN)
        log.configure(folder)
        opened = vault.open_(folder, Locks(keyring=FileKeyring(home / "keyring")))
        told = Told(self._decided, self._synced, lambda _: None, self._failed)
        self.running = Running(opened, SystemClock(), lambda: OWN, self._jobs.put, told)
        self.running._decoder.warm = lambda: None  # type: ignore[method-assign] # nothing is looked at here
        self.running.start()
        self.note("desk")

    def note(self, word: str, of: str = "") -> None:
        os.write(self._ledger, f"{word} {of}\n".encode())
        os.fsync(self._ledger)

    def work(self, at_most: int) -> None:
        for _ in range(at_most):
            self._wait(lambda: bool(self.running.desk.waiting))
            entry_id = self._decide(self.running.desk.waiting[0])
            if entry_id is not None and self._rng.randrange(UNDO_ONE_IN) == 0:
                self._take_back(entry_id)
            self._pause()

    def idle(self) -> None:
        """Until killed."""
        while True:
            self._jobs.get()()

    def _decide(self, item_id: ItemId) -> DecisionId | None:
        desk = self.running.desk
        if desk.open(item_id) is None:
            return None
        desk.compose(Draft(verdict=Verdict.NO_VIOLATION))
        entry_id = desk.decide()
        self._made.add(entry_id)
        self.note("made", entry_id)
        return entry_id

    def _take_back(self, entry_id: DecisionId) -> None:
        desk = self.running.desk
        if self._rng.random() < 0.5:
            self._pause()
        self.note("undoing", entry_id)
        back: list[ItemId] = []
        desk.undo(entry_id, back.append)
        self._wait(lambda: entry_id not in desk.undoing and not desk.saving)
        if back:
            self.note("undone", entry_id)
            self._decide(back[0])
        else:
            self.note("late", entry_id)

    def _pause(self) -> None:
        until = time.monotonic() + self._rng.uniform(0, 0.05)
        while (left := until - time.monotonic()) > 0:
            try:
                self._jobs.get(timeout=left)()
            except queue.Empty:
                return

    def _wait(self, ready: Callable[[], bool]) -> None:
        while not ready():
            self._jobs.get(timeout=PATIENCE_S)()

    def _decided(self, changes: Changes) -> None:
        for entry_id in sorted(changes.decisions & self._made):
            self._made.discard(entry_id)
            self.note("saved", entry_id)

    def _synced(self, changes: Changes) -> None:
        self.running.desk.absorb(changes)

    def _failed(self, problem: Problem) -> None:
        self.note("told", problem.code)
        if problem.code in _BUGS:
            raise problem


def _live(asked: dict[str, Any], ready: int) -> None:
    """In the child: never comes back."""
    try:
        os.setsid()
        home = Path(asked["home"])
        if asked.get("fault"):
            shim.arm(home / "station", None, asked["fault"], asked["at"], asked["calls"], asked["suffix"])
        someone = Bare(home, random.Random(asked["seed"]))
        os.write(ready, b".")
        someone.work(asked["at_most"])
        someone.idle()
    except BaseException:  # noqa: BLE001 - whatever it is, it is the finding
        traceback.print_exc()
        os._exit(BUG)


def _one(asked: dict[str, Any]) -> dict[str, Any]:
    """Start a life and end it: at its point, or so long after its start, or after it was ready."""
    reads, writes = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reads)
        sys.stdout = sys.stderr
        _live(asked, writes)
    os.close(writes)
    if not asked["at_start"]:  # a child that dies before it is ready closes the pipe
        select.select([reads], [], [], PATIENCE_S)
    until = time.monotonic() + asked["life_s"]
    ended = 0
    while not ended and time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if not ended:
            time.sleep(0.002)
    by_itself = bool(ended)
    if not ended:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    os.close(reads)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {
        "pid": child,
        "at_its_point": by_itself and killed,
        "killed": killed,
        "seconds": round(time.monotonic() - begun, 3),
    }


class Lives:
    """The process that starts them.

    Raises:
        NoCompiler: the shim can't be made.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._log = (home / "station.log").open("a")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.bare"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=self._log, env=shim.environment(shim.build()),
        )  # fmt: skip

    def one(self, **asked: Any) -> dict[str, Any]:
        """A life, see `_one`; killed when this returns, or it met a bug."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"home": str(self._home)} | asked) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def close(self) -> None:
        self._process.communicate()
        self._log.close()


def main() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_one(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
