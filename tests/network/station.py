"""A station process without a window, told what to do line by line: ``decide 5``, ``tell``, ``dns off``, ``end``.

Everything behind the window is the product's. ``tell`` is answered by one line of JSON.
"""

import json
import queue
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.app import joining
from modstation.app.running import Running, Told
from modstation.core.decision import Draft, Verdict
from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.session.views import State
from modstation.store import vault
from modstation.store.vault import Locks
from modstation.sync import enrol
from modstation.system import log
from modstation.system.clock import SystemClock
from modstation.system.paths import private
from modstation.system.settings import Settings
from tests.support.keyring_file import FileKeyring

OWN = Settings(undo_hold_s=0, hold_items=12, wait_s=5)
_resolve = socket.getaddrinfo


class Unattended:
    """The running station, and what it was told."""

    def __init__(self, home: Path, address: str, code: str) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.ended = False
        self._status = SyncStatus()
        self._states: list[str] = []
        self._problems: list[str] = []
        folder, clock = private(home / "station"), SystemClock()
        log.configure(folder)
        locks = Locks(keyring=FileKeyring(home / "keyring"))
        key = Ed25519PrivateKey.generate()
        joining.join(folder, enrol.card(address, clock), code, "Unattended", locks, clock, key)
        told = Told(lambda _: None, self._synced, self._stands, self._failed)
        opened = vault.open_(folder, locks)
        (home / "device.json").write_text(json.dumps(joining.enrolment_of(opened).device_id))
        self.running = Running(opened, clock, lambda: OWN, self.jobs.put, told)
        self.running.start()

    def obey(self, line: str) -> None:
        """One line of what a person, or fate, does."""
        word, _, rest = line.strip().partition(" ")
        match word:
            case "decide":
                self._decide(int(rest))
            case "tell":
                sys.stdout.write(json.dumps(self._told()) + "\n")
                sys.stdout.flush()
            case "dns":
                socket.getaddrinfo = _resolve if rest == "on" else _unknown
            case "forget":
                self._states.clear()
                self._problems.clear()
            case _:
                self.running.close()
                self.ended = True

    def _decide(self, count: int) -> None:
        desk = self.running.desk
        for _ in range(count):
            desk.open(desk.waiting[0])
            desk.compose(Draft(verdict=Verdict.NO_VIOLATION))
            desk.decide()

    def _told(self) -> dict[str, Any]:
        desk = self.running.desk
        tally = desk.records.tally()
        return {
            "state": self._status.state.value,
            "states": self._states,
            "problems": self._problems,
            "waiting": len(desk.waiting),
            "saving": len(desk.saving),
            "saved_here": tally.saved_here,
            "accepted": tally.accepted,
            "returned": len(desk.records.entries(State.RETURNED)),
        }

    def _synced(self, changes: Any) -> None:
        self.running.desk.absorb(changes)

    def _stands(self, status: SyncStatus) -> None:
        self._status = status
        _note(self._states, status.state.value)
        if status.problem is not None:
            _note(self._problems, status.problem.code)

    def _failed(self, problem: Problem) -> None:
        _note(self._problems, problem.code)


def _note(into: list[str], word: str) -> None:
    if word not in into:
        into.append(word)


def _unknown(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def main() -> None:
    home, address, code = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    station = Unattended(home, address, code)

    def listen() -> None:
        for line in sys.stdin:
            station.jobs.put(lambda line=line: station.obey(line))  # type: ignore[misc] # bound at once
        station.jobs.put(lambda: station.obey("end"))

    threading.Thread(target=listen, name="stdin", daemon=True).start()
    while not station.ended:
        station.jobs.get()()


if __name__ == "__main__":
    main()
