"""Events: what happens to a computer, its disk, its keyring and its programs."""

from random import Random
from typing import TYPE_CHECKING, Any

from modstation.core.problem import Problem
from modstation.store import header, migrations, vault
from modstation.store.vault import Locks
from tests.simulation import disk, events_at_desk, events_at_service, person
from tests.simulation.checks import Violation, require
from tests.simulation.ledger import Shown
from tests.simulation.station import Station

if TYPE_CHECKING:
    from tests.simulation.world import World


def restart(world: "World", at: Station, chance: Random) -> None:
    if at.is_on and chance.random() < 0.5:
        at.stop()
    elif at.is_on:
        at.alive(at.die)
        world.faults["killed at rest"] += 1
    world.note(f"{at.person} starts again")
    world.revive(at)


def crash(world: "World", at: Station, chance: Random) -> None:
    at.disk.crash_at = chance.choice(disk.POINTS)
    world.note(f"{at.person} will die {at.disk.crash_at}")
    if chance.random() < 0.5:
        events_at_desk.decide(world, at, chance)
    else:
        events_at_service.add(world, at, chance)  # so that a page has something to write
        at.disk.passes = chance.choice([0, 0, 1])
        world.true.move(35)
        world.exchange(at, 2)
    at.disk.crash_at, at.disk.passes = "", 0
    if not at.is_on:
        world.met["killed in mid-write"] += 1
        world.faults[f"killed {at.disk.reached[-1]}"] += 1
        world.revive(at)


def disk_full(world: "World", at: Station, chance: Random) -> None:
    at.executor.drain()
    at.disk.full = True
    told = len(at.told)
    world.note(f"the disk of {at.person} is full")
    world.faults["disk full"] += 1
    before = set(at.ledger.made)
    for _ in range(chance.choice([1, 2])):
        events_at_desk.does(world, at, Random(chance.random()), person.decide)
        if at.is_on:
            at.executor.drain()
    new = [at.ledger.made[i] for i in at.ledger.made if i not in before]
    for made in new:
        require(made.shown is not Shown.SAVED, f"{made.decision_id[-6:]} is shown as saved on a full disk")
    if new:
        heard = {problem.code for problem in at.told[told:]}
        # Where the cache is damaged besides, that is what keeps the decision from being saved, and what is told.
        require(bool(heard & {"store.disk_full", "vault.damaged"}), "nobody was told that the disk is full")
        world.met["disk full"] += "store.disk_full" in heard
    world.exchange(at, 1)
    at.disk.full = False


def log_tail_lost(world: "World", at: Station, chance: Random) -> None:
    hurt(world, at, chance, disk.lose_log_tail, "the end of the log is lost")


def log_bit_flipped(world: "World", at: Station, chance: Random) -> None:
    hurt(world, at, chance, disk.flip_in_log, "a bit of the log is wrong")


def hurt(world: "World", at: Station, chance: Random, how: Any, what: str) -> None:
    """The power goes, and with it a part of the log."""
    world.exchange(at, 1)
    if at.is_on:
        at.alive(at.die)
    if how(at.folder, chance):
        world.note(f"{at.person}: {what}")
        world.faults[what] += 1
        at.was_hurt = True
    world.revive(at)


def database_damaged(world: "World", at: Station, chance: Random) -> None:
    if at.is_on:
        at.alive(at.die)
    disk.damage_database(at.folder, chance)
    world.note(f"the database of {at.person} is damaged")
    world.faults["database damaged"] += 1
    world.revive(at)


def key_missing(world: "World", at: Station, chance: Random) -> None:
    """The keyring has lost the key, or does not show it for a while."""
    if at.is_on:
        at.stop()
    before = {path.name: path.read_bytes() for path in at.folder.iterdir() if path.is_file()}
    whole, at.keyring.secrets = at.keyring.secrets, {}
    world.faults["key missing"] += 1
    refuses(world, at, "vault.key_missing")
    after = {path.name: path.read_bytes() for path in at.folder.iterdir() if path.is_file()}
    require(not at.keyring.secrets, "I11: a new key was made although there is a vault")
    require(before == after, "I11: a vault without its key was changed")
    world.met["key missing"] += 1
    if chance.random() < 0.6:
        at.keyring.secrets = whole
        world.note(f"{at.person}'s key is there again")
    world.revive(at)


def refuses(world: "World", at: Station, code: str) -> None:
    try:
        at.start()
    except Problem as problem:
        require(problem.code == code, f"instead of {code} the person is told {problem.code}")
        world.note(f"{at.person} starts: {code}")
        return
    raise Violation(f"the station starts in spite of {code}" + (" (I11)" if code == "vault.key_missing" else ""))


def second_instance(world: "World", at: Station, chance: Random) -> None:
    """The program is started a second time beside itself."""
    try:
        second = vault.open_(at.folder, Locks(keyring=at.keyring), at.chance)
    except Problem as problem:
        require(problem.code == "vault.in_use", f"the second program is told {problem.code}")
        world.met["two instances"] += 1
        world.faults["second instance"] += 1
        world.note(f"{at.person} starts the program twice")
        return
    second.close()
    raise Violation("two programs have the same vault open")


def downgraded(world: "World", at: Station, chance: Random) -> None:
    """An older program meets a vault of a newer one; then the newer one is back."""
    if at.is_on:
        at.stop()
    path = at.folder / "vault.json"
    text = path.read_bytes()
    newest = migrations.NEWEST
    require(f'"schema": {newest}'.encode() in text, "the header has another form")
    newer = text.replace(f'"schema": {newest}'.encode(), f'"schema": {newest + 1}'.encode())
    path.write_bytes(newer)
    refuses(world, at, header.from_future().code)
    require(path.read_bytes() == newer, "a vault from the future was changed")
    path.write_bytes(text)
    world.met["app downgraded"] += 1
    world.faults["downgraded"] += 1
    world.revive(at)
