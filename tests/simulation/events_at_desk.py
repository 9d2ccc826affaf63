"""Events: what a person does at the desk."""

from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulation import person
from tests.simulation.station import Station

if TYPE_CHECKING:
    from tests.simulation.world import World


def does(world: "World", at: Station, chance: Random, does: Any) -> None:
    """Let a person do something; it may be the last thing their program does."""
    said: list[str] = []
    drains = chance.random() < 0.9

    def act() -> None:
        said.append(does(at, chance))
        if drains:
            at.executor.drain()

    if not at.alive(act):
        said.append(f"and dies {at.disk.reached[-1]}")
        world.faults[f"killed {at.disk.reached[-1]}"] += 1
        world.met["killed in mid-write"] += 1
    world.note(f"{at.person} " + " ".join(said))


def decide(world: "World", at: Station, chance: Random) -> None:
    does(world, at, chance, person.decide)


def compose(world: "World", at: Station, chance: Random) -> None:
    does(world, at, chance, person.compose)


def skip(world: "World", at: Station, chance: Random) -> None:
    does(world, at, chance, person.skip)


def undo(world: "World", at: Station, chance: Random) -> None:
    does(world, at, chance, person.undo)


def answer_returned(world: "World", at: Station, chance: Random) -> None:
    does(world, at, chance, person.answer_returned)


def strange_decision(world: "World", at: Station, chance: Random) -> None:
    """Another version of the program has left a decision here that nobody can read."""
    does(world, at, chance, person.decide_strangely)
