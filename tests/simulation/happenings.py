"""Which event does what, and the end of a world, when nothing goes wrong any more."""

from random import Random
from typing import TYPE_CHECKING

from tests.simulation import events_at_desk, events_at_service, events_of_computer, events_outside, remains
from tests.simulation.plan import Event
from tests.simulation.station import Station

if TYPE_CHECKING:
    from tests.simulation.world import World

ROOMS = (events_at_desk, events_outside, events_of_computer, events_at_service)

NEEDS_STATION = frozenset(
    {
        "decide", "compose", "skip", "undo", "answer returned", "strange decision", "exchange", "fetch",
        "faulty exchange",
        "late arrival", "apply twice", "restart", "crash", "disk full", "log tail lost", "log bit flipped",
        "database damaged", "key missing", "second instance", "downgraded", "service crash", "remove device",
        "torn feed", "take away",
    }
)  # fmt: skip


def do(world: "World", event: Event, at: Station) -> None:
    """Do one event; see `plan` for their kinds. One that has no sense now does nothing."""
    name = event.kind.replace(" ", "_")
    act = next(getattr(room, name) for room in ROOMS if hasattr(room, name))
    if not at.is_on and event.kind in NEEDS_STATION:
        world.revive(at)
        if not at.is_on:
            return
    at.alive(lambda: act(world, at, Random(event.chance)))


def mend_everything(world: "World") -> None:
    """Nothing goes wrong any more."""
    world.host.crash_at = ""
    for at in world.stations:
        at.network.due.clear()
        at.network.unplugged = False
        at.network.arrive()
        at.disk.full, at.disk.crash_at, at.twice = False, "", False
        at.clock.correct()
        if at.is_on:
            at.executor.drain()


def look_for_remains(world: "World") -> None:
    """I5, in one world of eight: it reads every page of every vault."""
    if world.plan.seed % 8 == 0:
        for at in world.stations:
            remains.search(at)
