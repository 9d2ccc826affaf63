"""Station and service are killed (SIGKILL) at random moments, again and again, while somebody decides.

Whatever the window called saved must be accepted by the service, exactly once. Prints one JSON object; ends with 1
unless nothing was lost and nothing was applied twice.

    python -m tests.journey.kill --kills 50 --decisions 300
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from modstation.core.receipt import ACCEPTED
from modstation.demo.process import admin
from modstation.service.server import open_service
from tests.support.live_service import a_code, fill, texts
from tests.support.tireless import BUG

AT_THE_START = 0.3  # the share of kills that come while the process is still starting
AT_LEAST_S = 1.5
PATIENCE_S = 120.0


def a_life(starts_s: float, rng: random.Random) -> float:
    """Seconds from being ready to being killed: on a slow machine everything takes longer, dying too."""
    return rng.uniform(0, max(AT_LEAST_S, 1.5 * starts_s))


class Service:
    """The service process, killed and started by a thread of its own."""

    def __init__(self, home: Path, kills: int, rng: random.Random) -> None:
        self._data = home / "service"
        self._log = home / "service.log"
        self._kills = kills
        self._rng = rng
        self._held = socket.socket()  # keeps the port while nobody listens at it
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self._port = str(self._held.getsockname()[1])
        self._thread = threading.Thread(target=self._suffer, name="service-killer")
        self._process: subprocess.Popen[str] | None = None
        self._stopping = threading.Event()
        self._starts_s = 0.0
        self.address = f"http://127.0.0.1:{self._port}"
        self.killed = 0

    def fill(self, items: int) -> str:
        """Queue, policy, person and items; gives a code to join with."""
        service = open_service(self._data)
        fill(service, texts(items))
        code = a_code(service)
        service.database.close()
        return code

    def begin(self) -> None:
        self._start()
        self._ready()

    def suffer(self) -> None:
        """From now on it is killed, and started again, at random moments."""
        self._thread.start()

    def wait(self) -> None:
        """Until it was killed as often as wanted, and is up again."""
        self._thread.join()

    def end(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
        self._held.close()

    def _suffer(self) -> None:
        assert self._process is not None
        self._kill(a_life(self._starts_s, self._rng))
        while self.killed < self._kills and not self._stopping.is_set():
            at_the_start = self.killed < self._kills - 1 and self._rng.random() < AT_THE_START
            self._kill(self._rng.uniform(0, self._starts_s) if at_the_start else self._ready())
        self._ready()

    def _kill(self, after_s: float) -> None:
        """Kill it so many seconds from now, and start it again."""
        assert self._process is not None
        self._stopping.wait(after_s)
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.killed += 1
        self._start()

    def _ready(self) -> float:
        """Wait until it answers; gives the time that it has to live then."""
        assert self._process is not None
        assert self._process.stdout is not None
        assert "http://" in self._process.stdout.readline(), self._log.read_text()[-2000:]
        self._starts_s = time.monotonic() - self._started_at
        return a_life(self._starts_s, self._rng)

    def _start(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._started_at = time.monotonic()
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "modstation", "serve", "--data", str(self._data), "--port", self._port],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )


class Station:
    """The station process, one life after the other."""

    def __init__(self, home: Path, join: tuple[str, str], rng: random.Random) -> None:
        self._home = home
        self._ledger = home / "ledger"
        self._join = join
        self._rng = rng
        self._starts_s = 0.0
        self.lives: list[int] = []
        self.killed = 0
        self._ledger.touch()

    def notes(self) -> list[tuple[str, str]]:
        """The ledger: (word, id) in order; a torn last line was told to nobody."""
        whole = self._ledger.read_text().rpartition("\n")[0]
        return [(line.split(" ")[0], line.split(" ")[1]) for line in whole.splitlines()]

    def standing(self) -> int:
        """Decisions that were saved and not taken back."""
        noted = Counter(word for word, _ in self.notes())
        return noted["saved"] - noted["undone"]

    def live(self, at_most: int) -> None:
        """Start, decide, and be killed at a random moment."""
        before = self._opened()
        with self._run(at_most) as process:
            if self._rng.random() > AT_THE_START:
                self._wait(process, lambda: self._opened() > before)
                time.sleep(a_life(self._starts_s, self._rng))
            else:
                time.sleep(self._rng.uniform(0, self._starts_s))
            self._still(process)
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.killed += 1

    def finish(self, at_most: int) -> dict[str, int]:
        """A life that ends by itself, when everything is answered."""
        with self._run(at_most, "--finish") as process:
            told, _ = process.communicate(timeout=600)
            if process.returncode:
                raise RuntimeError(self._said())
        found: dict[str, int] = json.loads(told)
        return found

    @contextmanager
    def _run(self, at_most: int, *more: str) -> Iterator["subprocess.Popen[str]"]:
        given = ["--home", self._home, "--at-most", at_most, "--done", self.standing(), "--seed", len(self.lives)]
        command = [sys.executable, "-m", "tests.support.tireless", *map(str, given), "--join", *self._join, *more]
        with (self._home / "station.log").open("a") as log:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
                env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
            )  # fmt: skip
        self.lives.append(process.pid)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _opened(self) -> int:
        return sum(word == "desk" for word, _ in self.notes())

    def _wait(self, process: "subprocess.Popen[str]", ready) -> None:
        begun = time.monotonic()
        while not ready():
            self._still(process)
            if time.monotonic() > begun + PATIENCE_S:
                raise RuntimeError(f"The vault was not opened. {self._said()}")
            time.sleep(0.02)
        self._starts_s = time.monotonic() - begun

    def _still(self, process: "subprocess.Popen[str]") -> None:
        if process.poll() is not None:
            why = "It met a bug." if process.returncode == BUG else "It ended by itself."
            raise RuntimeError(f"{why} {self._said()}")

    def _said(self) -> str:
        return (self._home / "station.log").read_text()[-4000:]


def run(home: Path, kills: int, decisions: int, seed: int = 1) -> dict[str, float]:
    """The whole test in an empty folder.

    Raises:
        RuntimeError: the station ended by itself, met a bug, or its vault could not be opened.
    """
    begun = time.monotonic()
    rng = random.Random(seed)
    service = Service(home, kills, random.Random(rng.random()))
    station = Station(home, (service.address, service.fill(decisions + 4 * kills + 20)), random.Random(rng.random()))
    try:
        service.begin()
        with station._run(0) as process:  # joining is not what is tested here: the code works once
            station._wait(process, lambda: station._opened() == 1)
        service.suffer()
        for left in range(kills, 0, -1):
            remaining = decisions - station.standing()
            station.live(max(1, round(remaining / left * 1.5)) if remaining > left else 0)
        service.wait()
        station.finish(max(0, decisions - station.standing()))
    finally:
        service.end()
    found = judge(home, station.notes())
    left_running = [pid for pid in psutil.pids() if _session(pid) in set(station.lives)]
    return {
        "kills_service": service.killed,
        "kills_station": station.killed,
        **found,
        "left_running": len(left_running),
        "seconds": round(time.monotonic() - begun, 1),
    }


def judge(home: Path, notes: list[tuple[str, str]]) -> dict[str, float]:
    """Hold what the person was told against what the service has."""
    told: dict[str, set[str]] = {word: set() for word in ("made", "saved", "undoing", "undone")}
    for word, entry_id in notes:
        told.setdefault(word, set()).add(entry_id)
    counted = admin(home / "service", "stats")
    rows = _decisions(home / "service")
    accepted = Counter(decision_id for decision_id, _, outcome in rows if outcome in set(ACCEPTED))
    items = Counter(item_id for _, item_id, outcome in rows if outcome in set(ACCEPTED))
    # Killed in the middle of an undo it may or may not be taken back; both are what the person may expect.
    owed = told["saved"] - told["undoing"]
    owed |= {entry_id for entry_id in told["saved"] & told["undoing"] if _too_late(entry_id, notes)}
    ghosts = [entry_id for entry_id in told["undone"] if accepted[entry_id]]
    twice = sum(n - 1 for n in items.values()) + sum(n - 1 for n in accepted.values())
    return {
        "decided": len(told["made"]),
        "saved": len(told["saved"]),
        "undone": len(told["undone"]),
        "owed": len(owed),
        "accepted": sum(accepted.values()),
        "lost": len([entry_id for entry_id in owed if accepted[entry_id] != 1]),
        "applied_twice": max(twice, int(counted["applied_twice"])) + len(ghosts),
        "accepted_items": int(counted["accepted_items"]),
    }


def _too_late(entry_id: str, notes: list[tuple[str, str]]) -> bool:
    """Whether the window said that it can't be undone any more: more was noted after the wish, and no undo."""
    at = notes.index(("undoing", entry_id))
    after = [word for word, other in notes[at + 1 :] if other != entry_id]
    return ("undone", entry_id) not in notes and bool(after) and after[0] == "made"


def _decisions(data: Path) -> list[tuple[str, str, str]]:
    (path,) = [one for one in data.glob("*.db") if one.is_file()]
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        found = db.execute("SELECT decision_id, item_id, outcome FROM decision").fetchall()
    db.close()
    return found


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="of the service, and as many of the station")
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    args = parser.parse_args()
    home = args.keep or Path(tempfile.mkdtemp(prefix="modstation-kill-"))
    home.mkdir(parents=True, exist_ok=True)
    found = run(home, args.kills, args.decisions, args.seed)
    sys.stdout.write(json.dumps(found) + "\n")
    sound = found["lost"] == found["applied_twice"] == found["left_running"] == 0
    if sound and not args.keep:
        shutil.rmtree(home)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
