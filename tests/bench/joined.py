"""A service with the sample's items, as a process of its own, and a station without a window that has joined it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from modstation.app.running import FILES_AT_ONCE
from modstation.core.ids import ItemId
from modstation.core.item import Item
from modstation.service import catalogue, policy_source
from modstation.service.app import Service
from modstation.service.ingest.form import form
from modstation.service.server import open_service
from modstation.service.terms import Limits
from modstation.store.vault import Vault
from modstation.sync import enrol
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.transport import Transport
from modstation.system.clock import SystemClock
from tests.bench.furnished import POLICY, SAMPLE
from tests.support import live_service
from tests.support.station import a_vault

HOLD = 20_000  # items a station of these benchmarks wants
BARE_TERMS = Limits(severe_hold=HOLD)  # the sample's severe items come as often as its others


def sample(count: int) -> Iterator[Item]:
    """The sample's items again and again under other ids."""
    made = [form(line, SAMPLE.parent).item for line in SAMPLE.read_bytes().splitlines()]
    for n in range(count):
        item = made[n % len(made)]
        yield replace(item, item_id=ItemId(f"{item.item_id}-{n // len(made):04}"))


def furnish(folder: Path, wanted: list[Item]) -> str:
    """A service's data folder with these items of the sample waiting; gives an enrolment code."""
    service = open_service(folder)
    for line in SAMPLE.read_bytes().splitlines():
        for path in form(line, SAMPLE.parent).files.values():
            service.files.add(path)
    fill(service, wanted)
    code = live_service.a_code(service)
    service.database.close()
    return code


def fill(service: Service, wanted: list[Item]) -> None:
    """Their queues, a person, their policy, and the items; their files must be there."""
    now = service.clock.now()
    queues = sorted({item.queue for item in wanted})
    rules = policy_source.next_version(policy_source.read(POLICY), None, now)
    assert rules is not None

    def unit(conn: Any) -> None:
        for queue in queues:
            catalogue.add_queue(conn, queue, limits=BARE_TERMS)
        catalogue.add_person(conn, "person-1", "Robin", now, queues=queues)
        catalogue.publish_policy(conn, rules)
        catalogue.add_items(conn, wanted, service.files, now)

    service.database.write(unit)


@dataclass(frozen=True, slots=True)
class Joined:
    """A service process on a fresh copy of a furnished folder, and a station that has joined it and asked nothing yet.

    Attributes:
        asked: one nonce for each request the station made.
        pid: of the service's process.
    """

    engine: Engine
    vault: Vault
    transport: Transport
    asked: list[str]
    folder: Path
    pid: int


Through = Callable[[str], str]


def directly(url: str) -> str:
    """No line between the two."""
    return url


@contextmanager
def joined(furnished: Path, code: str, home: Path, through: Through = directly) -> Iterator[Joined]:
    """Start both; `through` gives the address that the station uses, once it has joined, instead of the service's."""
    shutil.copytree(furnished, home / "service")
    clock = SystemClock()
    with live_service.as_process(home / "service") as (url, child):
        known = enrol.enrol(enrol.card(url, clock), code, "Bench", clock)
        vault = a_vault(home / "vault")
        asked: list[str] = []

        def nonce() -> str:
            asked.append(os.urandom(16).hex())
            return asked[-1]

        transport = Transport(through(url), known.keys, known.token, clock, nonce=nonce)
        settings = EngineSettings(hold_items=HOLD, wait_s=0, fetch_media=False, hands=FILES_AT_ONCE)
        engine = Engine(vault, transport, clock, Random(1), lambda _: None, lambda _: None, settings)
        try:
            yield Joined(engine, vault, transport, asked, home, child.pid)
        finally:
            engine.stop()
            transport.close()
            vault.close()


def pull(engine: Engine) -> None:
    """Exchange until there is nothing more to say. Raises the problem that stood in the way."""
    while (stepped := engine.step()).more:
        pass
    if stepped.problem:
        raise stepped.problem


def cpu_of(pid: int) -> float:
    """Processor seconds of another process so far; 0 where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
