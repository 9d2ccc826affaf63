"""The engine's thread: it listens when idle, never makes a decision wait for a poll, and stops when told."""

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2
import pytest

from modstation.core.changes import Changes
from modstation.core.status import Link, SyncStatus
from modstation.store.vault import Vault
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.failures import Offline
from modstation.system.clock import SystemClock
from modstation.wire.exchange import Reset, SyncReply, SyncRequest
from tests.conftest import Logged
from tests.support.scripted_service import ScriptedService, decisions_in, leased
from tests.support.station import decided

WAIT = 20  # a test that needs it has failed


@dataclass
class Running:
    """A started engine; the service holds polls until `news` is set, and signals what it hears."""

    engine: Engine
    service: ScriptedService
    polled: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    received: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    news: threading.Event = field(default_factory=threading.Event)
    online: threading.Event = field(default_factory=threading.Event)
    offline: threading.Event = field(default_factory=threading.Event)
    leased: threading.Event = field(default_factory=threading.Event)
    network: bool = True

    def answer(self, asked: SyncRequest) -> SyncReply:
        if not self.network:
            raise httpx2.ConnectError("no network")
        if asked.wait_s:
            self.polled.release()
            self.news.wait(WAIT)
            if not self.network:
                raise httpx2.ReadError("cut")
            return self.service.reply(asked, [leased(asked.cursor + 1, f"item-{asked.cursor}")])
        if not asked.epoch:
            return self.service.reply(asked, [Reset(seq=1), leased(2, "item-1")])
        if decisions_in(asked):
            self.received.release()
        return self.service.accepts(asked)

    def on_status(self, status: SyncStatus) -> None:
        (self.online if status.state is Link.ONLINE else self.offline).set()
        (self.offline if status.state is Link.ONLINE else self.online).clear()

    def on_changes(self, changes: Changes) -> None:
        if changes.items:
            self.leased.set()


@pytest.fixture
def running(vault: Vault) -> Iterator[Running]:
    clock = SystemClock()
    service = ScriptedService(clock)
    held: list[Running] = []
    engine = Engine(
        vault,
        service.transport(),
        clock,
        random.Random(1),
        lambda changes: held[0].on_changes(changes),  # noqa: PLW0108 - made after the engine
        lambda status: held[0].on_status(status),  # noqa: PLW0108 - made after the engine
        EngineSettings(hold_items=5, fetch_media=False),
    )
    held.append(Running(engine, service))
    service.script = _Forever(held[0].answer)  # type: ignore[assignment] # a script that never ends
    engine.start()
    yield held[0]
    held[0].news.set()
    engine.stop()
    assert not [t for t in threading.enumerate() if t.name == "sync-engine"]


class _Forever:
    def __init__(self, answer) -> None:
        self._answer = answer

    def popleft(self):
        return self._answer


def test_a_decision_does_not_wait_for_the_poll_in_flight(running: Running, vault: Vault) -> None:
    assert running.polled.acquire(timeout=WAIT)
    decided(vault, "item-1", random.Random(2), at=SystemClock().now())
    running.engine.nudge()
    assert running.received.acquire(timeout=WAIT)
    assert not running.news.is_set(), "the poll is still open"


def test_a_held_decision_is_sent_by_itself_when_its_time_to_undo_is_over(running: Running, vault: Vault) -> None:
    assert running.polled.acquire(timeout=WAIT)
    decided(vault, "item-1", random.Random(2), at=SystemClock().now(), hold_s=0.3)
    running.engine.nudge()
    assert running.received.acquire(timeout=WAIT)


def test_news_arrive_through_the_poll(running: Running) -> None:
    assert running.polled.acquire(timeout=WAIT)
    running.leased.clear()
    running.news.set()
    assert running.leased.wait(WAIT)
    assert running.polled.acquire(timeout=WAIT), "and it listens again"


def test_after_a_cut_a_nudge_tries_again_at_once(running: Running, vault: Vault) -> None:
    assert running.polled.acquire(timeout=WAIT)
    running.network = False
    running.news.set()
    assert running.offline.wait(WAIT)
    decided(vault, "item-1", random.Random(2), at=SystemClock().now())
    running.network = True
    running.engine.nudge()
    assert running.received.acquire(timeout=WAIT)
    assert running.online.wait(WAIT)


def test_stopping_does_not_wait_for_a_poll(running: Running) -> None:
    assert running.polled.acquire(timeout=WAIT)
    running.engine.stop()
    assert not [t for t in threading.enumerate() if t.name == "sync-engine"]
    assert not running.news.is_set()


def test_nothing_is_asked_over_the_line_of_an_engine_that_stopped(running: Running) -> None:
    assert running.polled.acquire(timeout=WAIT)
    running.engine.stop()
    with pytest.raises(Offline):
        running.engine._transport.sync(running.service.asked[-1])


def test_a_bug_is_reported_and_the_work_goes_on(running: Running, vault: Vault, logged: Logged) -> None:
    assert running.polled.acquire(timeout=WAIT)
    whole = running.engine._exchange.ask
    broken = threading.Event()

    def breaks_once(*args, **kwargs):
        running.engine._exchange.ask = whole  # type: ignore[method-assign] # put back
        broken.set()
        raise RuntimeError("a bug")

    running.engine._exchange.ask = breaks_once  # type: ignore[method-assign] # planted
    decided(vault, "item-1", random.Random(2), at=SystemClock().now())
    running.engine.nudge()
    assert broken.wait(WAIT)
    running.engine.nudge()
    assert running.received.acquire(timeout=WAIT)
    logged.expect("sync_bug")
