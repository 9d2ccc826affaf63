"""What will happen in a world: drawn from its seed beforehand, each event with a chance of its own.

Dropping an event from a plan leaves the others as they are; that is what makes a failing plan smaller.
"""

from dataclasses import dataclass
from random import Random

COMMON = {
    "decide": 16,
    "exchange": 18,
    "wait a little": 8,
    "compose": 3,
    "skip": 2,
    "undo": 4,
    "answer returned": 6,
    "revise": 3,
    "take away": 2,
    "add": 1,
    "publish": 2,
    "wait": 3,
    "faulty exchange": 8,
    "restart": 1,
    "fetch": 3,
}
RARE = {
    "crash": 4,
    "disk full": 3,
    "log tail lost": 3,
    "log bit flipped": 3,
    "database damaged": 3,
    "key missing": 2,
    "second instance": 2,
    "downgraded": 2,
    "service crash": 3,
    "back up": 3,
    "restore": 4,
    "delete": 3,
    "remove device": 2,
    "late arrival": 3,
    "clock": 4,
    "reboot": 1,
    "suspend": 2,
    "spoilt item": 2,
    "torn feed": 2,
    "strange decision": 3,
    "apply twice": 3,
    "unplugged": 3,
}
STEPS = 46


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens; `chance` is all it draws from."""

    n: int
    kind: str
    station: int
    chance: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole world's events."""

    seed: int
    stations: int
    items: int
    events: tuple[Event, ...]


def draw(seed: int) -> Plan:
    """The plan of a seed. Each world knows some of the rare events only, and those more often (swarm testing)."""
    rng = Random(f"plan/{seed}")
    stations = rng.choice([2, 2, 3])
    rare = rng.sample(sorted(RARE), 6)
    weights = COMMON | {kind: RARE[kind] for kind in rare}
    kinds = rng.choices(sorted(weights), [weights[kind] for kind in sorted(weights)], k=STEPS)
    if "restore" in rare and "back up" not in kinds[: STEPS // 2]:
        kinds[rng.randrange(4, STEPS // 2)] = "back up"
    events = [Event(n, kind, rng.randrange(stations), rng.getrandbits(48)) for n, kind in enumerate(kinds)]
    return Plan(seed, stations, rng.randrange(6, 13), tuple(events))
