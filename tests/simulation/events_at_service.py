"""Events: what happens to the service, and what its lead does."""

from random import Random
from typing import TYPE_CHECKING

from modstation.store import outbox
from modstation.store.outbox import State
from tests.simulation import events_at_desk, person
from tests.simulation.station import Station

if TYPE_CHECKING:
    from tests.simulation.world import World


def service_crash(world: "World", at: Station, chance: Random) -> None:
    world.host.crash_at = chance.choice(["before commit", "after commit"])
    world.note(f"the service will die {world.host.crash_at}")
    world.faults[f"service killed {world.host.crash_at}"] += 1
    world.true.move(35)
    world.exchange(at, 1)
    world.host.crash_at = ""


def back_up(world: "World", at: Station, chance: Random) -> None:
    world.host.back_up()
    world.note("the service is backed up")


def restore(world: "World", at: Station, chance: Random) -> None:
    if not world.host.has_backup:
        return
    world.host.restore()
    world.lead.poisoned.clear()
    world.faults["service restored"] += 1
    world.note("the service is restored from its backup")


def some_item(world: "World", chance: Random) -> str:
    if not world.host.rows("SELECT 1 FROM item WHERE state != 'deleted'"):
        world.note(f"nothing is left; lead {world.lead.add(1, chance)}")
    rows = world.host.rows("SELECT item_id FROM item WHERE state != 'deleted' ORDER BY item_id")
    held = world.host.rows(
        "SELECT item_id FROM item WHERE state IN ('leased', 'closed') ORDER BY state = 'closed', item_id"
    )
    return str(chance.choice(held[: max(1, len(held) * 3 // 4)] if held and chance.random() < 0.9 else rows)[0])


def add(world: "World", at: Station, chance: Random) -> None:
    world.note(f"lead {world.lead.add(chance.choice([1, 2, 3]), chance)}")


def revise(world: "World", at: Station, chance: Random) -> None:
    world.note(f"lead {world.lead.revise(of_outbox(world, at, chance), chance)}")


def delete(world: "World", at: Station, chance: Random) -> None:
    world.note(f"lead {world.lead.delete(of_outbox(world, at, chance))}")


def of_outbox(world: "World", at: Station, chance: Random) -> str:
    """An item that matters to somebody: one just decided, more often than not."""
    if at.is_on and chance.random() < 0.6:
        waiting = [row.item_id for row in outbox.rows(at.reader) if row.state is not State.RETURNED]
        there = {row[0] for row in world.host.rows("SELECT item_id FROM item WHERE state != 'deleted'")}
        waiting = sorted(i for i in waiting if i in there)
        if waiting:
            return str(chance.choice(waiting))
    return some_item(world, chance)


def publish(world: "World", at: Station, chance: Random) -> None:
    world.note(f"lead {world.lead.publish(compatible=chance.random() < 0.6)}")


def take_away(world: "World", at: Station, chance: Random) -> None:
    """An item of this station goes to another."""
    item_id = of_outbox(world, at, chance)
    world.note(f"lead {world.lead.take_away([item_id])}")
    others = [one for one in world.stations if one is not at and one.is_on]
    if others and chance.random() < 0.8:
        other = chance.choice(others)
        world.exchange(other, 3)
        if chance.random() < 0.6 and item_id in other.desk.waiting if other.is_on else False:
            events_at_desk.does(world, other, chance, lambda at, chance: person.decide_on(at, item_id, chance))
            world.true.move(35)
            world.exchange(other, 1)


def remove_device(world: "World", at: Station, chance: Random) -> None:
    known = at.is_on and world.host.rows("SELECT 1 FROM device WHERE device_id = ?", at.device_id)
    if known:
        world.note(f"lead {world.lead.remove_device(at.device_id)}: {at.person}'s")
        world.faults["device removed"] += 1


def spoilt_item(world: "World", at: Station, chance: Random) -> None:
    item_id = some_item(world, chance)
    world.note(world.lead.spoil(item_id))
    for one in world.stations:
        one.unreadable.add(item_id)
    world.faults["item spoilt"] += 1
    world.lead.take_away([item_id])


def torn_feed(world: "World", at: Station, chance: Random) -> None:
    world.lead.add(2, chance)
    if at.is_on and world.lead.tear_feed(at.device_id, chance):
        world.note(f"a row of {at.person}'s feed is lost")
        world.faults["feed torn"] += 1
    world.exchange(at, 2)
