"""What each kind of event does to a world."""

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from modstation.core.problem import Problem
from modstation.core.status import Link
from modstation.store import header, migrations, outbox, vault
from modstation.store.outbox import State
from modstation.store.vault import Locks
from modstation.sync.failures import Blocked
from tests.simulation import checks, disk, person, remains
from tests.simulation.checks import Violation, require
from tests.simulation.ledger import Shown
from tests.simulation.network import BLOCKS, FAULTS, LOSES
from tests.simulation.plan import Event
from tests.simulation.station import Station
from tests.support.vaults import MemoryKeyring

if TYPE_CHECKING:
    from tests.simulation.world import World

JUMPS = {"+10 min": 600, "-10 min": -600, "+1 day": 86_400, "-1 day": -86_400}
DATES = {"1970": datetime(1970, 1, 2, tzinfo=UTC), "2038": datetime(2038, 1, 20, tzinfo=UTC)}


class Happenings:
    """Does events; see `plan` for their kinds."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def do(self, event: Event, at: Station) -> None:
        """Do one event. One that has no sense now does nothing."""
        act = getattr(self, "_" + event.kind.replace(" ", "_"))
        chance = Random(event.chance)
        if not at.is_on and event.kind in NEEDS_STATION:
            self._world.revive(at)
            if not at.is_on:
                return
        at.alive(lambda: act(at, chance))

    def note(self, line: str) -> None:
        self._world.note(line)

    # The person

    def _person(self, at: Station, chance: Random, does: Any) -> None:
        said: list[str] = []
        drains = chance.random() < 0.9

        def act() -> None:
            said.append(does(at, chance))
            if drains:
                at.executor.drain()

        if not at.alive(act):
            said.append(f"and dies {at.disk.reached[-1]}")
            self._world.faults[f"killed {at.disk.reached[-1]}"] += 1
            self._world.met["killed in mid-write"] += 1
        self.note(f"{at.person} " + " ".join(said))

    def _decide(self, at: Station, chance: Random) -> None:
        self._person(at, chance, person.decide)

    def _compose(self, at: Station, chance: Random) -> None:
        self._person(at, chance, person.compose)

    def _skip(self, at: Station, chance: Random) -> None:
        self._person(at, chance, person.skip)

    def _undo(self, at: Station, chance: Random) -> None:
        self._person(at, chance, person.undo)

    def _answer_returned(self, at: Station, chance: Random) -> None:
        self._person(at, chance, person.answer_returned)

    def _strange_decision(self, at: Station, chance: Random) -> None:
        """Another version of the program has left a decision here that nobody can read."""
        self._person(at, chance, person.decide_strangely)

    # The network

    def _exchange(self, at: Station, chance: Random) -> None:
        if chance.random() < 0.5:
            self._world.true.move(35)
        self._world.exchange(at, chance.choice([1, 2, 4]))

    def _faulty_exchange(self, at: Station, chance: Random) -> None:
        fault = chance.choice(FAULTS)
        if chance.random() < 0.6:
            self._world.true.move(35)
        if chance.random() < 0.2:
            at.network.due.append("")
        at.network.due.append(fault)
        self.note(f"the network of {at.person} will do: {fault}")
        self._world.exchange(at, 1)

    def told_right(self, at: Station, problem: Problem | None) -> None:
        """What the person is told fits the fault."""
        met = at.network.last_met
        at.network.last_met = ""
        if met and met not in {"sent twice", "old reply"}:
            self._world.faults[met] += 1
        if met in BLOCKS:
            require(isinstance(problem, Blocked), f"{met}: {at.person} is told {problem and problem.code}")
            require(at.status.state is Link.BLOCKED, f"{met}: {at.person} is shown {at.status.state}")
            self._world.met["captive portal"] += 1
        elif met in LOSES:
            require(problem is not None and at.status.state is Link.OFFLINE, f"{met}: {at.person} is told nothing")
        elif met in {"truncated", "bit flipped", "stranger's error"}:
            require(problem is not None, f"{met}: {at.person} believed it")
        if met in LOSES - {"request lost", "gateway down"}:
            rows = outbox.rows(at.reader, State.SENDING)
            at.unanswered |= {row.entry_id for row in rows}

    def _late_arrival(self, at: Station, chance: Random) -> None:
        for network in self._world.networks.values():
            if network.on_its_way:
                self._world.faults["late arrival"] += network.arrive()
                self.note("what was held up arrives now")
                return
        at.network.due.append("delayed")
        self._world.true.move(35)
        self._world.exchange(at, 1)

    def _unplugged(self, at: Station, chance: Random) -> None:
        at.network.unplugged = not at.network.unplugged
        self._world.faults["unplugged"] += at.network.unplugged
        self.note(f"{at.person} is {'without' if at.network.unplugged else 'with'} a network")

    def _apply_twice(self, at: Station, chance: Random) -> None:
        at.twice = True
        self._world.exchange(at, 1)

    # Time

    def _wait_a_little(self, at: Station, chance: Random) -> None:
        self._world.true.move(chance.choice([5, 20, 35, 70, 200]))

    def _wait(self, at: Station, chance: Random) -> None:
        hours = chance.choice([0.3, 0.6, 1.1, 2.2, 5])
        self.note(f"{hours} hours pass")
        self._world.true.move(hours * 3600)

    def _suspend(self, at: Station, chance: Random) -> None:
        self._world.faults["suspend"] += 1
        self.note("everybody sleeps for 12 hours")
        self._world.true.move(12 * 3600)

    def _clock(self, at: Station, chance: Random) -> None:
        name = chance.choice([*JUMPS, *DATES, "right"])
        if name in JUMPS:
            at.clock.jump(JUMPS[name])
        elif name in DATES:
            at.clock.jump_to(DATES[name])
        else:
            at.clock.correct()
        self._world.faults[f"clock {name}"] += 1
        self.note(f"{at.person}'s clock: {name}")

    def _reboot(self, at: Station, chance: Random) -> None:
        if at.is_on:
            at.stop()
        at.clock.reboot()
        self._world.faults["reboot"] += 1
        self._world.revive(at)

    # The computer

    def _restart(self, at: Station, chance: Random) -> None:
        if at.is_on and chance.random() < 0.5:
            at.stop()
        elif at.is_on:
            at.alive(at.die)
            self._world.faults["killed at rest"] += 1
        self.note(f"{at.person} starts again")
        self._world.revive(at)

    def _crash(self, at: Station, chance: Random) -> None:
        at.disk.crash_at = chance.choice(disk.POINTS)
        self.note(f"{at.person} will die {at.disk.crash_at}")
        if chance.random() < 0.5:
            self._decide(at, chance)
        else:
            self._world.true.move(35)
            self._world.exchange(at, 2)
        at.disk.crash_at = ""
        if not at.is_on:
            self._world.met["killed in mid-write"] += 1
            self._world.faults[f"killed {at.disk.reached[-1]}"] += 1
            self._world.revive(at)

    def _disk_full(self, at: Station, chance: Random) -> None:
        at.executor.drain()
        at.disk.full = True
        told = len(at.told)
        self.note(f"the disk of {at.person} is full")
        self._world.faults["disk full"] += 1
        before = set(at.ledger.made)
        for _ in range(chance.choice([1, 2])):
            self._person(at, Random(chance.random()), person.decide)
            if at.is_on:
                at.executor.drain()
        new = [at.ledger.made[i] for i in at.ledger.made if i not in before]
        for made in new:
            require(made.shown is not Shown.SAVED, f"{made.decision_id[-6:]} is shown as saved on a full disk")
        if new:
            require(any(p.code == "store.disk_full" for p in at.told[told:]), "nobody was told that the disk is full")
            self._world.met["disk full"] += 1
        self._world.exchange(at, 1)
        at.disk.full = False

    def _log_tail_lost(self, at: Station, chance: Random) -> None:
        self._hurt(at, chance, disk.lose_log_tail, "the end of the log is lost")

    def _log_bit_flipped(self, at: Station, chance: Random) -> None:
        self._hurt(at, chance, disk.flip_in_log, "a bit of the log is wrong")

    def _hurt(self, at: Station, chance: Random, how: Any, what: str) -> None:
        """The power goes, and with it a part of the log."""
        self._world.exchange(at, 1)
        if at.is_on:
            at.alive(at.die)
        if how(at.folder, chance):
            self.note(f"{at.person}: {what}")
            self._world.faults[what] += 1
            at.was_hurt = True
        self._world.revive(at)

    def _database_damaged(self, at: Station, chance: Random) -> None:
        if at.is_on:
            at.alive(at.die)
        disk.damage_database(at.folder, chance)
        self.note(f"the database of {at.person} is damaged")
        self._world.faults["database damaged"] += 1
        self._world.revive(at)

    def _key_missing(self, at: Station, chance: Random) -> None:
        """The keyring has lost the key, or does not show it for a while."""
        if at.is_on:
            at.stop()
        before = {path.name: path.read_bytes() for path in at.folder.iterdir() if path.is_file()}
        whole, at.keyring.secrets = at.keyring.secrets, {}
        self._world.faults["key missing"] += 1
        self._refuses(at, "vault.key_missing")
        after = {path.name: path.read_bytes() for path in at.folder.iterdir() if path.is_file()}
        require(not at.keyring.secrets, "I11: a new key was made although there is a vault")
        require(before == after, "I11: a vault without its key was changed")
        self._world.met["key missing"] += 1
        if chance.random() < 0.6:
            at.keyring.secrets = whole
            self.note(f"{at.person}'s key is there again")
        self._world.revive(at)

    def _refuses(self, at: Station, code: str) -> None:
        try:
            at.start()
        except Problem as problem:
            require(problem.code == code, f"instead of {code} the person is told {problem.code}")
            self.note(f"{at.person} starts: {code}")
            return
        raise Violation(f"the station starts in spite of {code}" + (" (I11)" if code == "vault.key_missing" else ""))

    def _second_instance(self, at: Station, chance: Random) -> None:
        """The program is started a second time beside itself."""
        try:
            second = vault.open_(at.folder, Locks(keyring=at.keyring), at.chance)
        except Problem as problem:
            require(problem.code == "vault.in_use", f"the second program is told {problem.code}")
            self._world.met["two instances"] += 1
            self._world.faults["second instance"] += 1
            self.note(f"{at.person} starts the program twice")
            return
        second.close()
        raise Violation("two programs have the same vault open")

    def _downgraded(self, at: Station, chance: Random) -> None:
        """An older program meets a vault of a newer one; then the newer one is back."""
        if at.is_on:
            at.stop()
        path = at.folder / "vault.json"
        text = path.read_bytes()
        newest = migrations.NEWEST
        require(f'"schema": {newest}'.encode() in text, "the header has another form")
        newer = text.replace(f'"schema": {newest}'.encode(), f'"schema": {newest + 1}'.encode())
        path.write_bytes(newer)
        self._refuses(at, header.from_future().code)
        require(path.read_bytes() == newer, "a vault from the future was changed")
        path.write_bytes(text)
        self._world.met["app downgraded"] += 1
        self._world.faults["downgraded"] += 1
        self._world.revive(at)

    # The service, and its lead

    def _service_crash(self, at: Station, chance: Random) -> None:
        self._world.host.crash_at = chance.choice(["before commit", "after commit"])
        self.note(f"the service will die {self._world.host.crash_at}")
        self._world.faults[f"service killed {self._world.host.crash_at}"] += 1
        self._world.true.move(35)
        self._world.exchange(at, 1)
        self._world.host.crash_at = ""

    def _back_up(self, at: Station, chance: Random) -> None:
        self._world.host.back_up()
        self.note("the service is backed up")

    def _restore(self, at: Station, chance: Random) -> None:
        if not self._world.host.has_backup:
            return
        self._world.host.restore()
        self._world.lead.poisoned.clear()
        self._world.faults["service restored"] += 1
        self.note("the service is restored from its backup")

    def _some_item(self, chance: Random) -> str:
        rows = self._world.host.rows("SELECT item_id FROM item WHERE state != 'deleted' ORDER BY item_id")
        held = self._world.host.rows(
            "SELECT item_id FROM item WHERE state IN ('leased', 'closed') ORDER BY state = 'closed', item_id"
        )
        return str(chance.choice(held[: max(1, len(held) * 3 // 4)] if held and chance.random() < 0.9 else rows)[0])

    def _add(self, at: Station, chance: Random) -> None:
        self.note(f"lead {self._world.lead.add(chance.choice([1, 2, 3]), chance)}")

    def _revise(self, at: Station, chance: Random) -> None:
        self.note(f"lead {self._world.lead.revise(self._of_outbox(at, chance), chance)}")

    def _delete(self, at: Station, chance: Random) -> None:
        self.note(f"lead {self._world.lead.delete(self._of_outbox(at, chance))}")

    def _of_outbox(self, at: Station, chance: Random) -> str:
        """An item that matters to somebody: one just decided, more often than not."""
        if at.is_on and chance.random() < 0.6:
            waiting = [row.item_id for row in outbox.rows(at.reader) if row.state is not State.RETURNED]
            there = {row[0] for row in self._world.host.rows("SELECT item_id FROM item WHERE state != 'deleted'")}
            waiting = sorted(i for i in waiting if i in there)
            if waiting:
                return str(chance.choice(waiting))
        return self._some_item(chance)

    def _publish(self, at: Station, chance: Random) -> None:
        self.note(f"lead {self._world.lead.publish(compatible=chance.random() < 0.6)}")

    def _take_away(self, at: Station, chance: Random) -> None:
        """An item of this station goes to another."""
        item_id = self._of_outbox(at, chance)
        self.note(f"lead {self._world.lead.take_away([item_id])}")
        others = [one for one in self._world.stations if one is not at and one.is_on]
        if others and chance.random() < 0.8:
            other = chance.choice(others)
            self._world.exchange(other, 3)
            if chance.random() < 0.6 and item_id in other.desk.waiting if other.is_on else False:
                self._person(other, chance, lambda at, chance: person.decide_on(at, item_id, chance))
                self._world.true.move(35)
                self._world.exchange(other, 1)

    def _remove_device(self, at: Station, chance: Random) -> None:
        known = at.is_on and self._world.host.rows("SELECT 1 FROM device WHERE device_id = ?", at.device_id)
        if known:
            self.note(f"lead {self._world.lead.remove_device(at.device_id)}: {at.person}'s")
            self._world.faults["device removed"] += 1

    def _spoilt_item(self, at: Station, chance: Random) -> None:
        item_id = self._some_item(chance)
        self.note(self._world.lead.spoil(item_id))
        for one in self._world.stations:
            one.unreadable.add(item_id)
        self._world.faults["item spoilt"] += 1
        self._world.lead.take_away([item_id])

    def _torn_feed(self, at: Station, chance: Random) -> None:
        self._world.lead.add(2, chance)
        if at.is_on and self._world.lead.tear_feed(at.device_id, chance):
            self.note(f"a row of {at.person}'s feed is lost")
            self._world.faults["feed torn"] += 1
        self._world.exchange(at, 2)

    # The end

    def mend_everything(self) -> None:
        """Nothing goes wrong any more."""
        self._world.host.crash_at = ""
        for at in self._world.stations:
            at.network.due.clear()
            at.network.unplugged = False
            at.network.arrive()
            at.disk.full, at.disk.crash_at, at.twice = False, "", False
            at.clock.correct()
            if at.is_on:
                at.executor.drain()

    def look_for_remains(self) -> None:
        """I5, in one world of eight: it reads every page of every vault."""
        if self._world.plan.seed % 8 == 0:
            for at in self._world.stations:
                remains.search(at)


NEEDS_STATION = frozenset(
    {
        "decide", "compose", "skip", "undo", "answer returned", "strange decision", "exchange", "faulty exchange",
        "late arrival", "apply twice", "restart", "crash", "disk full", "log tail lost", "log bit flipped",
        "database damaged", "key missing", "second instance", "downgraded", "service crash", "remove device",
        "torn feed", "take away",
    }
)  # fmt: skip

__all__ = ["Happenings", "MemoryKeyring", "checks"]
