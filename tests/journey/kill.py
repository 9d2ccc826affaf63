"""Station and service are killed (SIGKILL), again and again, while somebody decides: anywhere, and at named points.

Some lives of the station have their window, the others do without and are faster; the named points need the shim of
`tests.faults`. Whatever the person saw as saved must be accepted by the service, exactly once. Prints one JSON object;
ends with 1 unless nothing was lost and nothing was applied twice.

    python -m tests.journey.kill --kills 50 --decisions 300
    python -m tests.journey.kill --station-kills 1000 --service-kills 300 --decisions 2000
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from modstation.service.server import open_service
from tests.faults.bare import Lives
from tests.faults.shim import NoCompiler, build, environment
from tests.journey.judging import judge
from tests.journey.points import SERVICE_POINTS, STATION_POINTS, Point
from tests.support.live_service import a_code, a_picture, fill, texts
from tests.support.tireless import BUG

AT_THE_START = 0.3  # the share of kills that come while the process is still starting
AT_LEAST_S = 0.8
PATIENCE_S = 120.0
AT_A_POINT = 0.6  # of the lives without a window, those that end at a named point if they reach it
TO_A_POINT_S = 2.0  # how long a station may take to reach its named point; then it is killed where it is
SERVICE_TO_A_POINT_S = 4.0  # it has to wait for somebody to send
SERVICE_AT_A_POINT = 0.4
WINDOW_ONE_IN = 10
GRACE_S = 20.0  # until a decoder that was only just started has seen that its station is dead
PICTURES = 40  # items with a file, so that there is something to purge


def a_life(starts_s: float, rng: random.Random) -> float:
    """Seconds from being ready to being killed: on a slow machine everything takes longer, dying too."""
    return rng.uniform(0, max(AT_LEAST_S, 0.8 * starts_s))


class Service:
    """The service process, killed and started by a thread of its own."""

    def __init__(self, home: Path, kills: int, rng: random.Random, shim: Path | None) -> None:
        self._shim = shim
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
        self._point: Point | None = None
        self._failed: RuntimeError | None = None
        self.points: Counter[str] = Counter()
        self.address = f"http://127.0.0.1:{self._port}"
        self.killed = 0

    def fill(self, items: int) -> str:
        """Queue, policy, person and items; gives a code to join with."""
        service = open_service(self._data)
        fill(service, texts(items), [a_picture(n, 24) for n in range(PICTURES)])
        code = a_code(service)
        service.database.close()
        return code

    def begin(self) -> None:
        self._start()
        self._ready()

    def suffer(self) -> None:
        """From now on it is killed, and started again, at random moments."""
        self._thread.start()

    @property
    def is_suffering(self) -> bool:
        """Whether it is still being killed.

        Raises:
            RuntimeError: it ended by itself.
        """
        if self._failed is not None:
            raise self._failed
        return self._thread.is_alive()

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
        try:
            self._be_killed()
        except RuntimeError as error:
            self._failed = error

    def _be_killed(self) -> None:
        assert self._process is not None
        self._kill(a_life(self._starts_s, self._rng))
        while self.killed < self._kills and not self._stopping.is_set():
            at_the_start = self._point is None and self.killed < self._kills - 1 and self._rng.random() < AT_THE_START
            self._kill(self._rng.uniform(0, self._starts_s) if at_the_start else self._ready())
        self._ready()

    def _kill(self, after_s: float) -> None:
        """Kill it so many seconds from now, and start it again."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(after_s)
            if self._process.returncode != -signal.SIGKILL or self._point is None:
                raise RuntimeError(f"The service ended by itself: {self._log.read_text()[-2000:]}")
            self.points[self._point.name] += 1
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.killed += 1
        self._start()

    def _ready(self) -> float:
        """Wait until it answers; gives the time that it has to live then."""
        assert self._process is not None
        assert self._process.stdout is not None
        if "http://" not in self._process.stdout.readline() and self._process.wait() != -signal.SIGKILL:
            raise RuntimeError(self._log.read_text()[-2000:])
        self._starts_s = time.monotonic() - self._started_at
        return a_life(self._starts_s, self._rng) if self._point is None else SERVICE_TO_A_POINT_S

    def _start(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._started_at = time.monotonic()
        more = self.killed + 1 < self._kills and self._thread.ident is not None
        self._point = self._rng.choice(SERVICE_POINTS) if more and self._rng.random() < SERVICE_AT_A_POINT else None
        env = dict(os.environ)
        if self._point is not None and self._shim is not None:
            env = environment(self._shim, folder=self._data, **self._point.chosen(self._rng))
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "modstation", "serve", "--data", str(self._data), "--port", self._port],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=env,
            )


class Station:
    """The station process, one life after the other."""

    def __init__(self, home: Path, join: tuple[str, str], rng: random.Random, shim: Path | None) -> None:
        self._home = home
        self._ledger = home / "ledger"
        self._join = join
        self._rng = rng
        self._starts_s = 0.0
        self.lives: list[int] = []
        self.killed = self.windows = 0
        self.points: Counter[str] = Counter()
        self._ledger.touch()
        self._bare = Lives(home) if shim is not None else None

    def notes(self) -> list[tuple[str, str]]:
        """The ledger: (word, id) in order; a torn last line was told to nobody."""
        whole = self._ledger.read_text().rpartition("\n")[0]
        return [(line.split(" ")[0], line.split(" ")[1]) for line in whole.splitlines()]

    def standing(self) -> int:
        """Decisions that were saved and not taken back."""
        noted = Counter(word for word, _ in self.notes())
        return noted["saved"] - noted["undone"]

    def live(self, at_most: int) -> None:
        """Start, decide, and be killed at a random moment or at a named point."""
        if self._bare is not None and len(self.lives) % WINDOW_ONE_IN:
            self._live_bare(self._bare, at_most)
            return
        self.windows += 1
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

    def _live_bare(self, bare: Lives, at_most: int) -> None:
        point = self._rng.choice(STATION_POINTS) if self._rng.random() < AT_A_POINT else None
        chosen = point.chosen(self._rng) if point else {}
        told = bare.one(
            **chosen,
            at_most=max(at_most, 2) if point else at_most,
            seed=len(self.lives),
            at_start=point is None and self._rng.random() < AT_THE_START,
            life_s=TO_A_POINT_S if point else self._rng.uniform(0, 0.8),
        )
        self.lives.append(told["pid"])
        if not told["killed"] or (told["at_its_point"] and point is None):
            raise RuntimeError(f"It ended by itself, or met a bug. {self._said()}")
        if point is not None and told["at_its_point"]:
            self.points[point.name] += 1
        self.killed += 1

    def close(self) -> None:
        if self._bare is not None:
            self._bare.close()

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


def run(home: Path, kills: tuple[int, int], decisions: int, seed: int = 1) -> dict[str, Any]:
    """The whole test in an empty folder.

    Args:
        home: an empty folder.
        kills: of the station, of the service.
        decisions: so many at least.
        seed: of every choice; what the machine does between them is its own.

    Raises:
        RuntimeError: the station ended by itself, met a bug, or its vault could not be opened.
        NoCompiler: the shim can't be made, and without it nobody dies at a named point.
    """
    begun = time.monotonic()
    rng = random.Random(seed)
    of_station, of_service = kills
    shim = build()
    service = Service(home, of_service, random.Random(rng.random()), shim)
    code = service.fill(decisions + 4 * (of_station + of_service) + 20)
    station = Station(home, (service.address, code), random.Random(rng.random()), shim)
    try:
        service.begin()
        with station._run(0) as process:  # joining is not what is tested here: the code works once
            station._wait(process, lambda: station._opened() == 1)
        service.suffer()
        while station.killed < of_station or service.is_suffering:
            left = max(1, of_station - station.killed)
            remaining = decisions - station.standing()
            station.live(max(1, round(remaining / left * 1.5)) if remaining > left else 1)
        service.wait()
        station.finish(max(0, decisions - station.standing()))
    finally:
        service.end()
        station.close()
    notes = station.notes()
    orphans = [process for process in psutil.process_iter() if _session(process.pid) in set(station.lives)]
    _, left_running = psutil.wait_procs(orphans, timeout=GRACE_S)
    return {
        "kills_service": service.killed,
        "kills_station": station.killed,
        "with_window": station.windows,
        **judge(home, notes),
        "left_running": len(left_running),
        "points_station": dict(station.points),
        "points_service": dict(service.points),
        "told": dict(Counter(of for word, of in notes if word == "told")),
        "seconds": round(time.monotonic() - begun, 1),
    }


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="of the service, and as many of the station")
    parser.add_argument("--station-kills", type=int, help="of the station alone")
    parser.add_argument("--service-kills", type=int, help="of the service alone")
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="work in this folder and leave it")
    args = parser.parse_args()
    home = args.keep or Path(tempfile.mkdtemp(prefix="modstation-kill-"))
    home.mkdir(parents=True, exist_ok=True)
    kills = tuple(args.kills if n is None else n for n in (args.station_kills, args.service_kills))
    try:
        found = run(home, (kills[0], kills[1]), args.decisions, args.seed)
    except NoCompiler as why:
        sys.stderr.write(f"kill-test can't run: {why}\n")
        return 2
    sys.stdout.write(json.dumps(found) + "\n")
    sound = found["lost"] == found["applied_twice"] == found["left_running"] == 0
    if sound and not args.keep:
        shutil.rmtree(home)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
