"""One world: a service, its stations, and everything that happens to them according to a plan."""

import shutil
from asyncio import AbstractEventLoop
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from modstation.core.problem import Problem
from modstation.store import vault
from modstation.wire.exchange import GoneBecause, ItemGone
from tests.simulation import checks, happenings, oracle
from tests.simulation.checks import Violation
from tests.simulation.events_outside import told_right
from tests.simulation.hosting import Host
from tests.simulation.lead import Lead
from tests.simulation.network import Network
from tests.simulation.plan import Event, Plan
from tests.simulation.rows import BY_CODE, Met
from tests.simulation.station import Station
from tests.simulation.template import PEOPLE, Template, join
from tests.simulation.time_and_chance import Chance, TrueTime

QUIET_ROUNDS = 6
STEPS_A_ROUND = 14


class World:
    """Everything of one seed.

    Attributes:
        trace: what happened, line by line.
        met: rows of the conflict table that were met.
        faults: faults that happened, by kind.
        steps: events, and exchanges of the quiet rounds.
    """

    def __init__(self, plan: Plan, template: Template, folder: Path, loop: AbstractEventLoop) -> None:
        template.copy_to(folder)
        self.plan = plan
        self.folder = folder
        self.true = TrueTime()
        self.true.move(60)
        self.met, self.faults = Met(), Counter[str]()
        self.trace: list[str] = []
        self.steps = 0
        self.wrong: list[str] = []
        self.bug: Exception | None = None
        self.host = Host(folder / "service", self.true, Chance(f"{plan.seed}/service"), loop, self._watch)
        self.lead = Lead(self.host)
        self.stations: list[Station] = []
        self.networks: dict[str, Network] = {}
        for person in PEOPLE[: plan.stations]:
            network = Network(self.host, Random(f"{plan.seed}/network/{person}"))
            self.networks[person] = network
            at = Station(person, folder / person, template.secrets[person], self.true, network, str(plan.seed))
            at.watching, at.ledger.saved = self._applied, lambda i, at=at: checks.durable(at, i)
            self.stations.append(at)

    def run(self) -> Violation | None:
        """Let everything happen, then let it come to rest. Gives the first thing that went wrong."""
        try:
            self._begin()
            for event in self.plan.events:
                self._do(event)
            self._come_to_rest()
            checks.at_rest(self)
            happenings.look_for_remains(self)
        except Violation as violation:
            return violation
        except Problem as problem:
            return Violation(f"a problem nobody was told of: {problem.code} {problem.place}")
        except Exception as error:  # noqa: BLE001 - the simulator's edge: a bug of the product ends one world
            self.bug = error
            return Violation(f"bug: {type(error).__name__}: {error}")
        return None

    def close(self) -> None:
        """Let go of everything; the folder is removed."""
        for at in self.stations:
            at.alive(at.die)
        self.host.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def note(self, line: str) -> None:
        self.trace.append(f"{self.true.now():%d %H:%M:%S} {line}")

    def _begin(self) -> None:
        chance = Random(f"{self.plan.seed}/begin")
        self.note(f"lead {self.lead.add(self.plan.items, chance)}")
        for at in self.stations:
            at.hold_items = chance.choice([3, 4, 6])
            at.start()
            self.exchange(at, 3)

    def _do(self, event: Event) -> None:
        self.steps += 1
        self.true.move(1)
        at = self.stations[event.station]
        happenings.do(self, event, at)
        if self.wrong:
            raise Violation("; ".join(self.wrong))
        if self.host.has_changed():
            checks.service(self.host)
        for one in self.stations:
            if one.is_on and one.has_changed():
                one.alive(lambda one=one: checks.station(one))
            self._close_if_broken(one)

    def _close_if_broken(self, at: Station) -> None:
        """What the person was told is that the cache is damaged: the program closes it, and offers to rebuild it."""
        if at.is_on and at.is_broken:
            self.note(f"{at.person}'s cache is damaged")
            at.alive(at.die)
            self._rebuild(at, 7)
            if not at.is_on:
                self.revive(at)

    def exchange(self, at: Station, steps: int = 1) -> bool:
        """Let a station's engine make some exchanges. Gives whether they brought nothing."""
        for n in range(steps):
            stepped: list[Any] = []
            self.steps += 1
            if not at.alive(lambda stepped=stepped: stepped.append(at.exchange())):
                self.note(f"{at.person} dies {at.disk.reached[-1:]} in an exchange")
                at.network.last_met = ""  # what its look ahead met, nobody can be told any more
                return False
            if not stepped or stepped[0] is None:
                return False
            problem = stepped[0].problem
            told = f": {problem.code}" if problem else ""
            self.note(
                f"{at.person} exchanges, {stepped[0].carried} sent, {stepped[0].settled} answered, "
                f"{stepped[0].leased} leased{told}"
            )
            if abs(at.status.clock_off_s) > 120:
                self.met["clock wrong"] += 1
            told_right(self, at, problem)
            if not stepped[0].more:
                return n == 0 and problem is None and not stepped[0].changes
        return False

    def revive(self, at: Station) -> None:
        """Start a station's program, and do what its screens offer when it can't be started."""
        if at.is_on:
            return
        for attempt in range(3):
            try:
                at.start()
                break
            except Problem as problem:
                self.note(f"{at.person} starts: {problem.code}")
                if problem.code in {"vault.damaged", "vault.header_damaged"}:
                    self._rebuild(at, attempt)
                    if at.is_on:
                        break
                elif problem.code in {"vault.not_enrolled", "vault.none"}:
                    self._join(at)
                elif problem.code in {"vault.key_missing", "vault.key_mismatch"}:
                    self.set_aside(at, attempt)
                else:
                    return
        if at.is_on:
            self.note(f"{at.person} is on again")
            at.alive(lambda: checks.whole_or_not_at_all(at))

    def set_aside(self, at: Station, attempt: int) -> None:
        """No key, and none to come: the cache is set aside and this computer joins again."""
        vault.set_aside(at.folder, f"aside-{at.lives}-{attempt}")
        at.was_hurt = True
        at.ledger.drafts.clear()
        self._join(at)

    def _join(self, at: Station) -> None:
        try:
            join(self.host, at.folder, at.person, at.keyring, at.clock, at.chance)
        except Problem as problem:
            self.note(f"{at.person} joins: {problem.code}")

    def _rebuild(self, at: Station, attempt: int) -> None:
        at.was_hurt = True
        at.ledger.drafts.clear()
        opened = vault.rebuild(at.folder, at.locks, f"aside-{at.lives}-{attempt}", at.chance)
        try:
            at.use(opened)
        except Problem as problem:
            self.note(f"{at.person}, rebuilt: {problem.code}")
            return
        self.met["database damaged"] += 1

    def _come_to_rest(self) -> None:
        self.note("from here on nothing goes wrong any more")
        happenings.mend_everything(self)
        for at in self.stations:
            if at.is_on and at.ended:
                at.stop()
            self.revive(at)
        self._quiet_rounds()
        if self.faults["database damaged"] and self._finds_damage():
            self._quiet_rounds()

    def _finds_damage(self) -> bool:
        """Look at every row: a page that nobody has needed until now may be damaged. Whether a cache was rebuilt."""
        lives = [at.lives for at in self.stations]
        for at in self.stations:
            at.alive(lambda at=at: checks.every_row(at))
            self._close_if_broken(at)
        return [at.lives for at in self.stations] != lives

    def _quiet_rounds(self) -> None:
        for _ in range(QUIET_ROUNDS):
            self.true.move(61)
            quiet = True
            for at in self.stations:
                quiet &= self.exchange(at, STEPS_A_ROUND)
                at.alive(at.fetch)
                self._close_if_broken(at)
                self._begin_again_if_signed_out(at)
            if self.wrong:
                raise Violation("; ".join(self.wrong))
            if quiet and checks.is_at_rest(self):
                return

    def _begin_again_if_signed_out(self, at: Station) -> None:
        if not at.ended:
            return
        problem = at.status.problem
        at.stop()
        if problem is not None and problem.code == "auth.token":  # the service, restored, does not know this device
            self.set_aside(at, 9)
        self.revive(at)

    # Looking on

    def _watch(self, service: Any) -> None:
        """See each exchange of a service that has just begun."""
        answer = service.exchange.answer

        def answering(who: Any, request: Any) -> Any:
            if not request.decisions:
                return answer(who, request)
            now_us = int(self.true.now().timestamp() * 1_000_000)
            before = oracle.look(self.host, who.device_id, now_us)
            given = answer(who, request)
            self.wrong += oracle.judge(before, request, given.reply.receipts, (who.device_id, who.person_id))
            self._count(before, given.reply.receipts, request)
            return given

        service.exchange.answer = answering

    def _count(self, before: oracle.Before, receipts: Any, request: Any) -> None:
        bodies = {r.decision_id: bytes(s.decision) for r, s in zip(receipts, request.decisions, strict=False)}
        for one in receipts:
            if one.decision_id in before.receipts:
                lost = any(one.decision_id in at.unanswered for at in self.stations)
                self.met["reply lost" if lost else "duplicate upload"] += 1
                continue
            row = BY_CODE.get(one.code)
            if row:
                self.met[row] += 1
            if row == "reassigned, decided":
                self.met[f"{row}, {'agrees' if one.agrees else 'differs'}"] += 1
            if one.code.startswith("accepted") and self._is_older(bodies.get(one.decision_id, b"")):
                self.met["policy changed"] += 1
                self.met["policy changed, compatible"] += 1
        settled = {one.outcome.startswith(("accepted", "superseded", "second")) for one in receipts}
        if len(settled) == 2:
            self.met["batch partly failed"] += 1

    def _is_older(self, body: bytes) -> bool:
        version = int(body.split(b'"policy_version":')[1].split(b",")[0]) if body else 0
        return bool(version < self.host.rows("SELECT max(version) FROM policy")[0][0])

    def _applied(self, at: Station, asked: Any, reply: Any) -> None:
        """A station has applied a reply."""
        at.applying = None
        checks.applied(at, asked, reply)
        at.unanswered -= set(asked.decisions)
        for one in reply.changes:  # what is decided or deleted will not come back, and neither will its draft
            if isinstance(one, ItemGone) and one.because in {GoneBecause.DECIDED, GoneBecause.DELETED}:
                at.ledger.drafts.pop(one.item_id, None)
        if asked.request.epoch and reply.epoch != asked.request.epoch:
            self.met["service restored"] += 1
            self.note(f"{at.person} sees another epoch")
        if at.twice:
            at.twice = False
            before = checks.picture(at)
            at.apply(asked, reply)
            if checks.picture(at) != before:
                raise Violation("I7: applying a page twice is not the same as once")
            self.faults["page applied twice"] += 1
