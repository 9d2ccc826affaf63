"""A real service that is restored from backups, and a station that loses parts of itself."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from starlette.testclient import TestClient

from modstation.core.changes import Changes
from modstation.core.decision import Decision, Verdict
from modstation.core.ids import DecisionId, ItemId, PolicyId
from modstation.core.status import SyncStatus
from modstation.service.admin import backup, restore
from modstation.service.app import Service, make_app
from modstation.service.server import open_service
from modstation.store import items, meta, outbox
from modstation.store import vault as vaults
from modstation.store.driver import Database
from modstation.store.outbox import OutboxRow, What
from modstation.store.vault import Vault
from modstation.sync import enrol, enrolment
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.enrolment import Enrolment
from modstation.sync.transport import Transport
from modstation.system.clock import Clock
from modstation.wire.translate import dump
from tests.support.live_service import a_code, a_picture, decision_counts, fill, texts
from tests.support.station import HandClock, a_decision_id
from tests.support.vaults import MemoryKeyring


class Restorable:
    """The service in a folder, in this process; each start has a client of its own."""

    def __init__(self, folder: Path, clock: Clock, n_items: int) -> None:
        self.folder = folder
        self.clock = clock
        self.asked: list[str] = []
        self._start()
        fill(self.service, texts(n_items))

    def _start(self) -> None:
        self.service: Service = open_service(self.folder, clock=self.clock)
        self._inner = TestClient(make_app(self.service), base_url="http://127.0.0.1")
        self._inner.__enter__()
        self.client = httpx2.Client(transport=httpx2.MockTransport(self._pass))

    def _pass(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        request.read()
        return self._inner._transport.handle_request(request)

    def stop(self) -> None:
        self.client.close()
        self._inner.__exit__(None, None, None)
        self.service.database.close()

    def back_up(self, file: Path) -> None:
        backup.make(self.folder, file, self.clock.now(), with_media=False, advance=lambda _: None)

    def put_back(self, file: Path) -> None:
        self.stop()
        restore.restore(self.folder, file, self.clock.now(), secrets.token_bytes, lambda _: None)
        self._start()

    def add_pictures(self, n: int) -> None:
        """More work: so many pictures in all."""
        fill(self.service, [], [a_picture(k) for k in range(n)])

    def counts(self) -> dict[str, int]:
        """How often each decision is recorded."""
        return decision_counts(self.service)


@dataclass
class Losing:
    """A station that has joined; `open` and `close` as often as wanted."""

    folder: Path
    service: Restorable
    clock: HandClock
    rng: random.Random = field(default_factory=lambda: random.Random(4))
    keyring: MemoryKeyring = field(default_factory=MemoryKeyring)
    statuses: list[SyncStatus] = field(default_factory=list)
    vault: Vault = field(init=False)
    db: Database = field(init=False)
    engine: Engine = field(init=False)

    @property
    def locks(self) -> vaults.Locks:
        return vaults.Locks(keyring=self.keyring)

    def join(self) -> None:
        """Make the vault and enrol; `open` is next."""
        met = enrol.card("http://127.0.0.1", self.clock, self.service.client)
        joined = enrol.enrol(met, a_code(self.service.service), "A test", self.clock, client=self.service.client)
        made = vaults.create(self.folder, self.locks)
        made.writer.run(lambda db: meta.put(db, enrolment.META_KEY, enrolment.dump(joined)))
        made.keep_enrolment(enrolment.dump(joined))
        made.close()

    def open(self, how: Callable[[], Vault] | None = None) -> None:
        self.vault = how() if how else vaults.open_(self.folder, self.locks)
        self.db = self.vault.reader()
        joined = self.enrolment
        self.vault.open_journal(joined.sealing_key, joined.signer())
        self.statuses.clear()
        transport = Transport(joined.base_url, joined.keys, joined.token, self.clock, self.service.client)
        self.engine = Engine(
            self.vault, transport, self.clock, self.rng, _ignore, self.statuses.append, EngineSettings(hold_items=200)
        )

    @property
    def enrolment(self) -> Enrolment:
        return enrolment.load(meta.get(self.db, enrolment.META_KEY) or "")

    def close(self) -> None:
        self.engine.stop()
        self.vault.close()

    def rejoin_service(self) -> None:
        """After the service was put back: talk to what runs now."""
        self.close()
        self.open()

    def decide(self, n: int) -> list[DecisionId]:
        """Save decisions (no violation) about the next `n` items, as the desk does."""
        made: list[DecisionId] = []
        now = self.clock.now()
        for card in items.cards(self.db, items.queue_ids(self.db, now)[:n]).values():
            sha256 = (items.body(self.db, card.item_id) or b"").decode().split('"content_sha256":"')[1][:64]
            entry_id = a_decision_id(self.rng)
            decision = Decision(
                decision_id=entry_id, item_id=ItemId(card.item_id), item_rev=card.rev, content_sha256=sha256,
                lease_gen=card.lease.lease_gen, policy_id=PolicyId("market"), policy_version=3,
                verdict=Verdict.NO_VIOLATION, decided_at=now,
            )  # fmt: skip
            row = OutboxRow(
                entry_id=entry_id, what=What.DECISION, item_id=card.item_id, body=dump(decision),
                summary=card.summary, kind=card.kind.value, decided_at=now, send_after=now,
            )  # fmt: skip
            self.vault.writer.save(lambda db, row=row: outbox.add(db, row), row.body, row.entry_id).result()
            made.append(entry_id)
        assert len(made) == n
        return made

    def settle(self) -> None:
        """Exchanges until there is nothing more to say."""
        for _ in range(60):
            stepped = self.engine.step()
            assert stepped.problem is None, stepped.problem
            if not stepped.more and not outbox.rows(self.db):
                return
        raise AssertionError("it never settles")

    def outcomes(self) -> dict[str, str]:
        """What this station believes of each decision."""
        return dict(self.db.conn.execute("SELECT entry_id, outcome FROM history").fetchall())


def _ignore(_: Changes) -> None:
    pass
