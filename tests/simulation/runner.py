"""Runs worlds, one after the other, in this process."""

import gc
import os
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from unittest import mock

import httpx2

from modstation.store import ballast
from tests.simulation import template
from tests.simulation.hosting import Host
from tests.simulation.network import Network
from tests.simulation.plan import Plan, draw
from tests.simulation.rows import Met
from tests.simulation.stage import staged
from tests.simulation.template import Template, person_at
from tests.simulation.world import World

COLLECT_EVERY = 50  # worlds


@dataclass(slots=True)
class Found:
    """A seed whose world broke an invariant."""

    seed: int
    what: str
    events: int
    trace: list[str]


@dataclass(slots=True)
class Tally:
    """What many worlds came to."""

    seeds: int = 0
    steps: int = 0
    cpu_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    met: Met = field(default_factory=Met)
    found: list[Found] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.seeds += other.seeds
        self.steps += other.steps
        self.cpu_s += other.cpu_s
        self.faults.update(other.faults)
        self.met.update(other.met)
        self.found += other.found


class Runner:
    """Keeps what worlds share: the template, the compiled statements of the service, the way of a request to it."""

    def __init__(self, folder: Path, loop: object) -> None:
        self._folder = folder
        self._loop = loop
        self._networks: dict[str, Network] = {}
        self.template: Template

    def client_of(self, base_url: str) -> httpx2.Client:
        """The HTTP client of the station with this address."""
        return httpx2.Client(transport=self._networks[person_at(base_url)], trust_env=False)

    def begin(self, loop: object) -> None:
        self._loop = loop

        def serve(host: Host) -> None:
            self._networks = {person: Network(host, Random(person)) for person in template.PEOPLE}

        self.template = template.make(self._folder / "template", loop, serve)

    def world(self, plan: Plan) -> World:
        made = World(plan, self.template, self._folder / "world", self._loop)  # type: ignore[arg-type]
        self._networks = made.networks
        return made

    def run(self, seeds: Iterable[int], *, stop_at: int = 10, shrink: bool = True) -> Tally:
        """Run the worlds of these seeds; at the `stop_at`-th that breaks an invariant it ends."""
        tally = Tally()
        began = time.process_time()
        for n, seed in enumerate(seeds):
            if n % COLLECT_EVERY == 0:
                gc.collect()
                gc.freeze()  # what is left is kept for good: no need to look through it again
            self.one(draw(seed), tally, shrink=shrink)
            if len(tally.found) >= stop_at:
                break
        tally.cpu_s = time.process_time() - began
        return tally

    def one(self, plan: Plan, tally: Tally, *, shrink: bool) -> None:
        world = self.world(plan)
        try:
            violation = world.run()
        finally:
            world.close()
        tally.seeds += 1
        tally.steps += world.steps
        tally.faults.update(world.faults)
        tally.met.update(world.met)
        if violation is not None:
            smaller, trace = self._shrink(plan, str(violation), world.trace) if shrink else (plan, world.trace)
            tally.found.append(Found(plan.seed, str(violation), len(smaller.events), [*trace, f"!! {violation}"]))

    def _shrink(self, plan: Plan, what: str, trace: list[str]) -> tuple[Plan, list[str]]:
        """Leave out events, many at a time and then one by one, as long as the same thing goes wrong."""
        size = len(plan.events) // 2
        tries = 0
        while size and tries < 120:
            at = 0
            while at < len(plan.events) and tries < 120:
                tries += 1
                smaller = replace(plan, events=plan.events[:at] + plan.events[at + size :])
                world = self.world(smaller)
                try:
                    violation = world.run()
                finally:
                    world.close()
                if violation is not None and _same(str(violation), what):
                    plan, trace = smaller, world.trace
                else:
                    at += size
            size //= 2
        return plan, trace


def _same(one: str, other: str) -> bool:
    """Whether two violations are of one kind: the same words, whatever ids and names stand in them."""
    return _kind(one) == _kind(other)


def _kind(what: str) -> str:
    return re.sub(r"[0-9a-f]{6}|\d+|" + "|".join(template.PEOPLE), "#", what)[:60]


@contextmanager
def running() -> Iterator[Runner]:
    """Everything that worlds need, in memory where there is a file system for that; it is gone afterwards."""
    base = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="modstation-worlds-", dir=base if os.access(base, os.W_OK) else None))
    runner = Runner(folder, None)
    try:
        with staged(runner.client_of) as loop, mock.patch.object(ballast, "BYTES", 64 * 1024):
            runner.begin(loop)
            gc.collect()
            gc.freeze()
            gc.disable()  # it would look through every statement that is kept compiled, hundreds of times a world
            yield runner
    finally:
        gc.enable()
        gc.unfreeze()
        shutil.rmtree(folder, ignore_errors=True)
