"""Events: what the network does, and time."""

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

from modstation.core.problem import Problem
from modstation.core.status import Link
from modstation.store import outbox
from modstation.store.outbox import State
from modstation.sync.failures import Blocked
from tests.simulation.checks import require
from tests.simulation.network import BLOCKS, FAULTS, LOSES
from tests.simulation.station import Station

if TYPE_CHECKING:
    from tests.simulation.world import World

JUMPS = {"+10 min": 600, "-10 min": -600, "+1 day": 86_400, "-1 day": -86_400}
DATES = {"1970": datetime(1970, 1, 2, tzinfo=UTC), "2038": datetime(2038, 1, 20, tzinfo=UTC)}


def exchange(world: "World", at: Station, chance: Random) -> None:
    if chance.random() < 0.5:
        world.true.move(35)
    world.exchange(at, chance.choice([1, 2, 4]))


def faulty_exchange(world: "World", at: Station, chance: Random) -> None:
    fault = chance.choice(FAULTS)
    if chance.random() < 0.6:
        world.true.move(35)
    if chance.random() < 0.2:
        at.network.due.append("")
    at.network.due.append(fault)
    world.note(f"the network of {at.person} will do: {fault}")
    world.exchange(at, 1)


def told_right(world: "World", at: Station, problem: Problem | None) -> None:
    """What the person is told fits the fault."""
    met = at.network.last_met
    at.network.last_met = ""
    if at.is_on and at.engine._is_ahead:  # it met the look ahead: it is told with the next exchange, or never
        return
    if met and met not in {"sent twice", "old reply"}:
        world.faults[met] += 1
    if at.status.state is Link.SIGNED_OUT:  # that is what counts, and was told
        return
    if met in BLOCKS:
        require(isinstance(problem, Blocked), f"{met}: {at.person} is told {problem and problem.code}")
        require(at.status.state is Link.BLOCKED or _is_removed(at), f"{met}: {at.person} is shown {at.status.state}")
        world.met["captive portal"] += 1
    elif met in LOSES:
        told = problem is not None and (at.status.state is Link.OFFLINE or _is_removed(at))
        require(told, f"{met}: {at.person} is told nothing")
    elif met in {"truncated", "bit flipped", "stranger's error"}:
        require(problem is not None, f"{met}: {at.person} believed it")
    if met in LOSES - {"request lost", "gateway down"}:
        rows = outbox.rows(at.reader, State.SENDING)
        at.unanswered |= {row.entry_id for row in rows}


def _is_removed(at: Station) -> bool:
    """Whether the service said that it removed this computer: that stays on the screen, whatever the line does then."""
    shown = at.status.problem
    return at.status.state is Link.SIGNED_OUT and shown is not None and shown.code == "sync.revoked"


def late_arrival(world: "World", at: Station, chance: Random) -> None:
    for network in world.networks.values():
        if network.on_its_way:
            world.faults["late arrival"] += network.arrive()
            world.note("what was held up arrives now")
            return
    at.network.due.append("delayed")
    world.true.move(35)
    world.exchange(at, 1)


def fetch(world: "World", at: Station, chance: Random) -> None:
    """Files are fetched ahead, now and then over a bad line."""
    fault = chance.choice(["", "", *FAULTS])
    at.network.due.extend([fault] if fault else [])
    fetched = at.fetch()
    at.network.due.clear()
    at.network.last_met = ""
    if fault:
        world.faults[f"file, {fault}"] += 1
    world.note(
        f"{at.person} fetches {fetched.arrived} files, {fetched.left} are left" + (f": {fault}" if fault else "")
    )


def unplugged(world: "World", at: Station, chance: Random) -> None:
    at.network.unplugged = not at.network.unplugged
    world.faults["unplugged"] += at.network.unplugged
    world.note(f"{at.person} is {'without' if at.network.unplugged else 'with'} a network")


def apply_twice(world: "World", at: Station, chance: Random) -> None:
    at.twice = True
    world.exchange(at, 1)


def wait_a_little(world: "World", at: Station, chance: Random) -> None:
    world.true.move(chance.choice([5, 20, 35, 70, 200]))


def wait(world: "World", at: Station, chance: Random) -> None:
    hours = chance.choice([0.3, 0.6, 1.1, 2.2, 5])
    world.note(f"{hours} hours pass")
    world.true.move(hours * 3600)


def suspend(world: "World", at: Station, chance: Random) -> None:
    world.faults["suspend"] += 1
    world.note("everybody sleeps for 12 hours")
    world.true.move(12 * 3600)


def clock(world: "World", at: Station, chance: Random) -> None:
    name = chance.choice([*JUMPS, *DATES, "right"])
    if name in JUMPS:
        at.clock.jump(JUMPS[name])
    elif name in DATES:
        at.clock.jump_to(DATES[name])
    else:
        at.clock.correct()
    world.faults[f"clock {name}"] += 1
    world.note(f"{at.person}'s clock: {name}")


def reboot(world: "World", at: Station, chance: Random) -> None:
    if at.is_on:
        at.stop()
    at.clock.reboot()
    world.faults["reboot"] += 1
    world.revive(at)
