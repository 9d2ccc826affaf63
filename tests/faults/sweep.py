"""Every call that changes the disk fails once in every way; after each, the station must be whole: no sampling."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from tests.faults import shim

AT_ONCE = 2


class Worker:
    """A process that does one thing after the other, see `tests.faults.worker`."""

    def __init__(self, env: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, **what: Any) -> dict[str, Any]:
        """Have something done, and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass(frozen=True, slots=True)
class Pair:
    """A process under the shim, and one that never saw it and looks at what is left."""

    lives: Worker
    judges: Worker


@dataclass(slots=True)
class Swept:
    """What a sweep found.

    Attributes:
        points: calls that change the disk, of the undisturbed life.
        calls: how many of each kind.
        outcomes: how many ended how, for each fault.
        wrong: what must not be: each with its fault and its place.
    """

    points: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[dict[str, Any]] = field(default_factory=list)
    runs: int = 0
    recovered: int = 0


@contextmanager
def pairs(many: int = AT_ONCE) -> Iterator["SimpleQueue[Pair]"]:
    """Processes to work with.

    Raises:
        NoCompiler: the shim can't be made.
    """
    env = shim.environment(shim.build())
    with ExitStack() as open_:
        free: SimpleQueue[Pair] = SimpleQueue()
        for _ in range(many):
            free.put(Pair(open_.enter_context(Worker(env)), open_.enter_context(Worker())))
        yield free


def sweep(home: Path, faults: Sequence[str] = shim.FAULTS, every: int = 1) -> Swept:
    """Let each call fail in each way; only every so manieth in the short form."""
    found = Swept()
    with pairs() as free:
        trace = _trace(home, free)
        found.points = len(trace)
        found.calls = Counter(call for call, _ in trace)
        wanted = [
            (fault, at, call, name)
            for fault in faults
            for at, (call, name) in enumerate(trace, 1)
            if (fault != "short" or call == "write") and at % every == 0
        ]

        def one(what: tuple[str, int, str, str]) -> tuple[tuple[str, int, str, str], dict[str, Any]]:
            fault, at, _, _ = what
            return what, run(home / f"{fault}-{at}", free, fault, at)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            for what, told in threads.map(one, wanted):
                _count(found, what, told)
    return found


def _trace(home: Path, free: "SimpleQueue[Pair]") -> list[tuple[str, str]]:
    """The undisturbed life: its calls, in order. It must find nothing wrong."""
    log = home / "trace"
    told = run(home / "undisturbed", free, "trace", 0, log=str(log))
    if told["wrong"] or told["told"]:
        raise RuntimeError(f"The undisturbed life is not sound: {told}")
    return [(line.split(" ")[1], line.split(" ")[2]) for line in log.read_text().splitlines()]


def run(home: Path, free: "SimpleQueue[Pair]", fault: str, at: int, **more: str) -> dict[str, Any]:
    """One life with one fault, and the look at it afterwards."""
    home.mkdir(parents=True)
    pair = free.get()
    try:
        lived = pair.lives.ask(do="live", home=str(home), fault=fault, at=at, **more)
        told = pair.judges.ask(do="judge", home=str(home))
    finally:
        free.put(pair)
    if "signal" in lived and not fault.startswith("kill"):
        told["wrong"].append(f"the station ended by signal {lived['signal']}")
    if "raised" in lived:
        told["wrong"].append(lived["raised"])
    if lived.get("seen", at) < at:
        told["wrong"].append(f"the fault was not reached: {lived['seen']} calls")
    if not told["wrong"]:
        shutil.rmtree(home)
    return told


def _count(found: Swept, what: tuple[str, int, str, str], told: dict[str, Any]) -> None:
    fault, at, call, name = what
    found.runs += 1
    found.recovered += told.get("recovered", 0)
    if told["wrong"]:
        outcome = "WRONG"
        found.wrong.append({"fault": fault, "at": at, "call": call, "file": name, "why": told["wrong"]})
    elif told["told"]:
        outcome = f"told: {told['told'][0]}"
    else:
        outcome = "not felt"
    if told.get("reopened", "opened") != "opened":
        outcome += f" ({told['reopened']})"
    found.outcomes.setdefault(fault, Counter())[outcome] += 1
