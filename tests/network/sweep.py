"""One exchange that carries a decision, cut after every byte of it: first on the way there, then on the way back."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from modstation.service.server import open_service
from modstation.store import items, outbox
from modstation.store.outbox import State
from modstation.store.vault import Vault
from modstation.sync import enrol
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.transport import Transport
from modstation.system.clock import SystemClock
from tests.network.proxy import CLEAN, Line, Proxy
from tests.support.live_service import a_code, as_process, decision_counts, fill, texts
from tests.support.station import a_vault, decided


@dataclass(frozen=True, slots=True)
class Swept:
    """How often one exchange was cut, what it weighs, and what came of its decisions."""

    cuts_up: int
    cuts_down: int
    bytes_up: int
    bytes_down: int
    decisions: int
    accepted: int
    lost: int
    twice: int


def sweep(home: Path, stride: int = 1) -> Swept:
    """Cut at every `stride`-th byte. What was cut is on its way still; in the end it is accepted once."""
    service = open_service(home / "service")
    fill(service, texts(8))
    code = a_code(service)
    service.database.close()
    clock = SystemClock()
    with as_process(home / "service") as (url, _):
        proxy = Proxy(int(url.rpartition(":")[2]), random.Random(1))
        vault = a_vault(home / "station")
        try:
            joined = enrol.enrol(enrol.card(proxy.address, clock), code, "Sweep", clock)
            found = _sweep(vault, Transport(joined.base_url, joined.keys, joined.token, clock), proxy, stride)
        finally:
            vault.close()
            proxy.close()
    service = open_service(home / "service")
    counts = decision_counts(service)
    service.database.close()
    lost = found.decisions - len(counts)
    return Swept(*_figures(found), lost=lost, twice=sum(counts.values()) - len(counts))


def _figures(found: Swept) -> tuple[int, ...]:
    return (found.cuts_up, found.cuts_down, found.bytes_up, found.bytes_down, found.decisions, found.accepted)


def _sweep(vault: Vault, transport: Transport, proxy: Proxy, stride: int) -> Swept:
    clock, rng = SystemClock(), random.Random(2)
    settings = EngineSettings(hold_items=8, wait_s=0, fetch_media=False)
    engine = Engine(vault, transport, clock, rng, lambda _: None, lambda _: None, settings)
    while engine.step().more:
        pass
    db = vault.reader()
    first, second = items.queue_ids(db, clock.now())[:2]
    made = []
    weights = []
    cuts = []
    for item_id, lines in (
        (first, (Line(cut_up=n) for n in range(0, 1 << 20, stride))),
        (second, (Line(cut_down=n) for n in range(0, 1 << 20, stride))),
    ):
        card = items.cards(db, [item_id])[item_id]
        made.append(decided(vault, item_id, rng, at=clock.now(), rev=card.rev, content_sha256=_hash(vault, item_id),
                            lease_gen=card.lease.lease_gen))  # fmt: skip
        cut, weight = _cut_everywhere(engine, vault, proxy, lines)
        cuts.append(cut)
        weights.append(weight)
    accepted = outbox.counts(db).accepted
    transport.close()
    return Swept(cuts[0], cuts[1], weights[0], weights[1], len(made), accepted, 0, 0)


def _cut_everywhere(engine: Engine, vault: Vault, proxy: Proxy, lines: Iterable[Line]) -> tuple[int, int]:
    """(how often it was cut, the place at which it went through whole)."""
    db = vault.reader()
    for cuts, line in enumerate(lines):
        proxy.line = line
        stepped = engine.step()
        if stepped.problem is None:
            proxy.line = CLEAN
            engine.step()
            return cuts, line.cut_up or line.cut_down or 0
        (left,) = outbox.rows(db, State.SENDING)
        if stepped.settled or left.seq is None:
            raise AssertionError("an exchange that was cut settled something")
        proxy.reset()
    raise AssertionError("the exchange never went through")


def _hash(vault: Vault, item_id: str) -> str:
    body = items.body(vault.reader(), item_id)  # type: ignore[arg-type] # an id from the queue
    assert body is not None
    return body.decode().split('"content_sha256":"')[1][:64]
