"""The station when there is nothing to do: its processor time in the long poll, and its memory beside an empty window.

CPU: the engine with its own settings in a process of its own, against a service that has nothing to say, after the
first sync is over. Memory: the resident set of the offscreen station, as its command line starts it, some seconds after
the first item is painted with 10,000 in the vault, beside a process that shows one label.
"""

import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from modstation.sync import enrol
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.transport import Transport
from modstation.system.clock import SystemClock
from tests.bench import furnished
from tests.bench.joined import cpu_of, furnish, sample
from tests.bench.row import Budget, Pairs, Row
from tests.bench.start import BARE, OURS, PAINTED
from tests.support import live_service
from tests.support.station import a_vault

ITEMS = 10_000
HELD = 500  # what the engine of the first row holds: its own setting
CPU_MS = 100  # a minute: two long polls, each some ms, and the look after leases
SETTLED_S = 8.0


def rows(quick: bool) -> list[Row]:
    minutes = 0.25 if quick else 2.0
    pairs = 1 if quick else 3
    against = "an empty PySide6 window that shows a label"
    return [
        Row("idle.cpu", "nothing", Budget(p50=CPU_MS), lambda: cpu(minutes), "ms/min"),
        Row("idle.memory", against, Budget(ratio=2.0), lambda: memory(pairs), "MB"),
    ]


def cpu(minutes: float) -> Pairs:
    """One figure for each half minute."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        code = furnish(home / "service", list(sample(HELD)))
        url, service = stack.enter_context(live_service.as_process(home / "service"))
        here, there = multiprocessing.Pipe()
        station = multiprocessing.get_context("spawn").Process(target=_station, args=(home, url, code, there))
        station.start()
        stack.callback(station.join)
        stack.callback(station.kill)
        here.recv()
        time.sleep(SETTLED_S)
        assert station.pid is not None
        ours, theirs = [], []
        for _ in range(max(1, round(2 * minutes))):
            before, beside = cpu_of(station.pid), cpu_of(service.pid)
            time.sleep(30.0 if minutes >= 1 else 60 * minutes)
            scale = 1e3 * (2.0 if minutes >= 1 else 1 / minutes)
            ours.append(scale * (cpu_of(station.pid) - before))
            theirs.append(scale * (cpu_of(service.pid) - beside))
    return Pairs(ours, (), {"service meanwhile, ms a minute": statistics.median(theirs), "items held": float(HELD)})


def _station(home: Path, url: str, code: str, ready: Connection) -> None:
    """Until it is killed."""
    clock = SystemClock()
    known = enrol.enrol(enrol.card(url, clock), code, "Bench", clock)
    vault = a_vault(home / "vault")
    transport = Transport(url, known.keys, known.token, clock)
    settings = EngineSettings(hold_items=HELD)
    engine = Engine(vault, transport, clock, Random(1), lambda _: None, lambda _: None, settings)
    engine.start()
    reader = vault.reader()
    while vault.media.left(reader) or reader.conn.execute("SELECT count(*) FROM items").fetchone()[0] < HELD:
        time.sleep(0.1)
    ready.send("idle")
    while True:
        time.sleep(3600)


def memory(pairs: int) -> Pairs:
    """MB resident, in turn."""
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as home:
        furnished.furnish(Path(home), ITEMS)
        for _ in range(pairs):
            ours.append(_resident(_stays(OURS, "os._exit(0)", "pass"), home))
            bare.append(_resident(_stays(BARE, "QApplication.exit(0)", "pass"), home))
    return Pairs(ours, bare, {"items held": float(ITEMS), "seconds after the first paint": SETTLED_S})


def _stays(code: str, ends: str, instead: str) -> str:
    """The program of the row `start`, without its end."""
    if ends not in code:
        raise RuntimeError("the program of the row `start` ends otherwise now")
    return code.replace(ends, instead)


def _resident(code: str, home: str) -> float:
    around = {**os.environ, "PYTHONPYCACHEPREFIX": f"{home}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", code, home, "x", f"{home}/compiled"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        time.sleep(SETTLED_S)
        try:
            status = Path(f"/proc/{child.pid}/status").read_text()
        finally:
            child.kill()
    if line.strip() != PAINTED:
        raise RuntimeError(f"the process said {line!r}")
    return float(status.split("VmRSS:")[1].split()[0]) / 1024
