"""A shift over a real socket: fill, decide, lose the service in mid-work, decide on, and get it back."""

import random
import threading
from pathlib import Path

from modstation.core.changes import Changes
from modstation.core.status import Link, SyncStatus
from modstation.service.server import open_service
from modstation.store import items, outbox
from modstation.store.driver import Database
from modstation.store.vault import Vault
from modstation.sync import enrol
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.transport import Transport
from modstation.system.clock import SystemClock
from tests.support.live_service import a_code, a_picture, as_process, decision_counts, fill, texts
from tests.support.station import a_vault, decided

WAIT = 60  # a test that needs it has failed


class Watch:
    """Wakes whoever waits for something to become true, at every change and every status."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self.status = SyncStatus()

    def on_changes(self, _: Changes) -> None:
        with self._moved:
            self._moved.notify_all()

    def on_status(self, status: SyncStatus) -> None:
        with self._moved:
            self.status = status
            self._moved.notify_all()

    def until(self, true) -> None:
        with self._moved:
            assert self._moved.wait_for(true, WAIT)


def decide_some(vault: Vault, db: Database, n: int, rng: random.Random) -> set[str]:
    made = set[str]()
    now = SystemClock().now()
    for card in items.cards(db, items.queue_ids(db, now)[:n]).values():
        body = items.body(db, card.item_id)
        assert body is not None
        sha256 = body.decode().split('"content_sha256":"')[1][:64]
        gen = card.lease.lease_gen
        made.add(decided(vault, card.item_id, rng, at=now, rev=card.rev, content_sha256=sha256, lease_gen=gen))
    return made


def test_a_shift_survives_the_loss_of_the_service(tmp_path: Path) -> None:
    clock, rng, folder = SystemClock(), random.Random(5), tmp_path / "service"
    service = open_service(folder, clock=clock)
    fill(service, texts(40), [a_picture(1, 400)])
    code = a_code(service)
    service.database.close()
    vault = a_vault(tmp_path / "station")
    db = vault.reader()
    watch = Watch()
    with as_process(folder) as (address, first):
        device = enrol.enrol(enrol.card(address, clock), code, "A test", clock)
        transport = Transport(device.base_url, device.keys, device.token, clock)
        engine = Engine(vault, transport, clock, rng, watch.on_changes, watch.on_status, EngineSettings(hold_items=25))
        engine.start()
        watch.until(lambda: len(items.held(db)) == 25 and watch.status.media_left == 0)
        made = decide_some(vault, db, 8, rng)
        engine.nudge()
        watch.until(lambda: outbox.counts(db).accepted == 8)
        first.kill()
        first.wait()
    made |= decide_some(vault, db, 8, rng)
    engine.nudge()
    watch.until(lambda: watch.status.state is Link.OFFLINE)
    made |= decide_some(vault, db, 4, rng)
    assert outbox.counts(db).saved_here == 12
    with as_process(folder, int(address.rpartition(":")[2])):
        engine.nudge()
        watch.until(lambda: outbox.counts(db).accepted == 20)
        watch.until(lambda: len(items.held(db)) == 21)
        engine.stop()
        transport.close()
    vault.close()
    service = open_service(folder, clock=clock)
    assert decision_counts(service) == dict.fromkeys(made, 1)
    service.database.close()
