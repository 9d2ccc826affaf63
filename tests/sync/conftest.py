"""A station beside a service that follows a script."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modstation.core.changes import Changes
from modstation.core.status import SyncStatus
from modstation.store import items
from modstation.store.driver import Database
from modstation.store.vault import Vault
from modstation.sync.engine import Engine, EngineSettings
from modstation.wire.exchange import Reset
from tests.support.scripted_service import ScriptedService, leased, published
from tests.support.station import HandClock, a_vault


@dataclass
class Station:
    vault: Vault
    db: Database
    clock: HandClock
    service: ScriptedService
    engine: Engine
    rng: random.Random
    changes: list[Changes] = field(default_factory=list)
    statuses: list[SyncStatus] = field(default_factory=list)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = a_vault(tmp_path / "station")
    yield made
    made.close()


@pytest.fixture
def station(vault: Vault) -> Iterator[Station]:
    clock = HandClock()
    service = ScriptedService(clock)
    changes: list[Changes] = []
    statuses: list[SyncStatus] = []
    rng = random.Random(1)
    engine = Engine(
        vault, service.transport(), clock, rng, changes.append, statuses.append, EngineSettings(hold_items=20)
    )
    yield Station(vault, vault.reader(), clock, service, engine, rng, changes, statuses)
    engine.stop()
    service.client.close()


def fill(station: Station, *item_ids: str) -> None:
    """A first exchange that brings a policy and items."""
    changes = [Reset(seq=1), published(2), *(leased(n, i) for n, i in enumerate(item_ids, 3))]
    station.service.script.append(lambda asked: station.service.reply(asked, changes))
    assert station.engine.step().problem is None


def held(station: Station) -> set[str]:
    return {item_id for item_id, _, _ in items.held(station.db)}
