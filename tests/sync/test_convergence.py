"""Promise 1, against the real service: whatever is lost, repeated or cut, every decision is settled exactly once."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modstation.core.ids import DecisionId
from modstation.service.app import Service
from modstation.store import history, items, outbox
from modstation.store.driver import Database
from modstation.store.outbox import What
from modstation.store.vault import Vault
from modstation.sync import enrol
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.transport import Transport
from modstation.wire.envelope import digest
from tests.support.live_service import Flaky, a_code, a_picture, decision_counts, fill, in_process, leased_to, texts
from tests.support.station import HandClock, a_vault, decided


@dataclass
class World:
    service: Service
    vault: Vault
    db: Database
    clock: HandClock
    flaky: Flaky
    transport: Transport
    rng: random.Random
    device_id: str

    def engine(self, hold_items: int = 12) -> Engine:
        return Engine(
            self.vault,
            self.transport,
            self.clock,
            self.rng,
            lambda _: None,
            lambda _: None,
            EngineSettings(hold_items=hold_items),
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("world")
    clock = HandClock()
    with in_process(folder / "service", clock) as (service, inner):
        fill(service, texts(1500), [a_picture(1), a_picture(2, 700)])
        flaky = Flaky(inner)
        client = httpx2.Client(transport=flaky)
        met = enrol.card("http://127.0.0.1", clock, client)
        device = enrol.enrol(met, a_code(service), "A test", clock, client=client)
        vault = a_vault(folder / "station")
        transport = Transport(device.base_url, device.keys, device.token, clock, client)
        yield World(service, vault, vault.reader(), clock, flaky, transport, random.Random(3), device.device_id)
        vault.close()
        client.close()


def decide_next(world: World, what: What = What.DECISION) -> DecisionId | None:
    ids = items.queue_ids(world.db, world.clock.now())
    if not ids:
        return None
    card = items.cards(world.db, ids[:1])[ids[0]]
    body = items.body(world.db, ids[0])
    assert body is not None
    sha256 = body.decode().split('"content_sha256":"')[1][:64]
    return decided(
        world.vault,
        card.item_id,
        world.rng,
        at=world.clock.now(),
        rev=card.rev,
        content_sha256=sha256,
        lease_gen=card.lease.lease_gen,
        what=what,
    )


def settle_all(world: World, engine: Engine) -> None:
    for _ in range(12):
        if not engine.step().more and not outbox.rows(world.db):
            return


FAULTS = ["request lost", "reply lost", "sent twice", "portal", "bit flipped"]
ACTS = st.lists(
    st.sampled_from(["decide", "decide", "skip", "exchange", "exchange", "restart", *FAULTS]), min_size=3, max_size=25
)


@settings(max_examples=40, deadline=None)
@given(acts=ACTS)
def test_whatever_is_lost_or_repeated_every_decision_is_settled_exactly_once(world: World, acts: list[str]) -> None:
    world.flaky.faults.clear()
    engine = world.engine()
    settle_all(world, engine)
    made: list[DecisionId] = []
    for act in acts:
        if act in {"decide", "skip"}:
            entry = decide_next(world, What.SKIP if act == "skip" else What.DECISION)
            made += [entry] if entry and act == "decide" else []
        elif act == "restart":
            engine = world.engine()
        else:
            world.flaky.faults[:] = [act] if act in FAULTS else []
            engine.step()
    world.flaky.faults.clear()
    settle_all(world, engine)
    assert outbox.rows(world.db) == []
    counts = decision_counts(world.service)
    assert [counts.get(entry, 0) for entry in made] == [1] * len(made)
    settled = [row.entry_id for row in history.recent(world.db, 10_000)]
    assert [settled.count(entry) for entry in made] == [1] * len(made)
    here = engine._exchange.listen(world.db, 0).request.held
    assert here.digest == digest(leased_to(world.service, world.device_id))
    assert here.digest == digest(items.held(world.db))


@pytest.mark.parametrize("fault", ["", "reply lost", "request lost", "portal", "cut", "bit flipped"])
def test_files_are_fetched_verified_and_fetched_again_after_a_fault(tmp_path: Path, fault: str) -> None:
    clock = HandClock()
    pictures = [a_picture(1, 700), a_picture(2)]
    with in_process(tmp_path / "service", clock) as (service, inner):
        fill(service, [], pictures)
        flaky = Flaky(inner)
        client = httpx2.Client(transport=flaky)
        met = enrol.card("http://127.0.0.1", clock, client)
        device = enrol.enrol(met, a_code(service), "A test", clock, client=client)
        vault = a_vault(tmp_path / "station")
        world = World(
            service,
            vault,
            vault.reader(),
            clock,
            flaky,
            Transport(device.base_url, device.keys, device.token, clock, client),
            random.Random(1),
            device.device_id,
        )
        engine = world.engine()
        engine.step()
        missing = vault.media.missing(world.db, 10)
        assert len(missing) == 2
        flaky.faults = [fault]
        first = engine.fetcher.step()
        assert (first.left == 0) == (fault == "")
        while engine.fetcher.step().left:
            engine.fetcher._passed_over.clear()  # as the next nudge does
        if fault == "cut":
            [resumed] = flaky.ranges
            assert int(resumed.removeprefix("bytes=").removesuffix("-")) > 0.49 * len(pictures[0])
        assert {vault.media.read(world.db, m.media_id) for m in missing} == set(pictures)
        assert engine.status.media_left == 0
        vault.close()
        client.close()
