"""The engine: wait, exchange, apply, report; one thread, started and stopped by the app.

`step` is one exchange, synchronous: what tests and simulations drive. The thread adds waiting: for a decision whose
time to undo is over, for a nudge, for the listener, and after failures.
"""

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Literal

import structlog

from modstation.core.changes import Changes
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.core.status import Link, SyncStatus
from modstation.store import anchor
from modstation.store.driver import Database, DatabaseError
from modstation.store.upkeep import Upkeep
from modstation.store.vault import Vault
from modstation.store.writer import explained
from modstation.sync import windup
from modstation.sync.batch import Batch
from modstation.sync.caretaker import LOOK_S, Caretaker
from modstation.sync.exchange import Asked, Exchange, is_current
from modstation.sync.failures import REVOKED, Blocked, Offline, Refused, delay_after, state_for
from modstation.sync.fetch import Fetcher, Near, everything
from modstation.sync.holds import Holds
from modstation.sync.listener import Heard, Listener
from modstation.sync.recovery import Recovery
from modstation.sync.telling import Telling
from modstation.sync.transport import Transport
from modstation.system.clock import Clock
from modstation.wire.exchange import SyncReply
from modstation.wire.limits import MAX_WAIT_S

log = structlog.get_logger(__name__)

STOP_S = 5.0
NOTHING = Changes()
_SIGNED_OUT = frozenset({401, 403})
_UNREADABLE = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the engine behaves.

    Attributes:
        hold_items: how many items the station wants to hold; about two hours of work.
        wait_s: seconds of one long poll; 0 asks once a minute instead.
        fetch_media, hands: whether files are fetched ahead, and how many at the same time.
    """

    hold_items: int = 500
    wait_s: int = MAX_WAIT_S
    fetch_media: bool = True
    hands: int = 1


@dataclass(frozen=True, slots=True)
class Stepped:
    """What one exchange did.

    Attributes:
        more: another one is worth making at once.
        rest: something was not as it should be: wait before the next one.
        ended: this station is signed out; nothing was deleted but what the service demanded.
        carried, settled, leased: decisions sent, receipts taken, items received.
    """

    changes: Changes = NOTHING
    more: bool = False
    rest: bool = False
    ended: bool = False
    carried: int = 0
    settled: int = 0
    leased: int = 0
    problem: Problem | None = None


_Event = Heard | Literal["nudge", "refresh", "stop"]


class Engine:
    """Keeps the cache and the service in step.

    Args:
        on_changes: which ids moved; called from the engine's threads.
        on_status: how things stand; called from the engine's threads, only when something changed.
        near: on a metered connection the items whose files are fetched; called from the engine's threads.
    """

    def __init__(
        self,
        vault: Vault,
        transport: Transport,
        clock: Clock,
        rng: Random,
        on_changes: Callable[[Changes], None],
        on_status: Callable[[SyncStatus], None],
        settings: EngineSettings | None = None,
        near: Near = everything,
    ) -> None:
        self._vault = vault
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._on_changes = on_changes
        self._telling = Telling(on_status)
        self._tell = self._telling.tell
        self._settings = settings or EngineSettings()
        self._stop = threading.Event()
        self._exchange = Exchange(vault, transport.receipt_is_ours, self._hold_items)
        self._caretaker = Caretaker(self._exchange, clock)
        self._holds = Holds(vault, clock)
        self._recovery = Recovery(vault, transport, self._stop.is_set, self._telling.recovery)
        self._upkeep = Upkeep(vault, clock)
        self._batch = Batch()
        self._inbox: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._listener = Listener(transport, self._inbox.put)
        self._ahead: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._scout = Listener(transport, self._ahead.put)
        self._is_ahead = False
        self._polling = False
        self.fetcher = Fetcher(
            vault, transport, clock, rng, on_changes, self._telling.files_left, near, self._settings.hands
        )
        self._thread: threading.Thread | None = None
        self._failures = 0
        self._db: Database | None = None
        self._polled_at = 0.0
        self._ending = False
        self._revoked = False

    @property
    def status(self) -> SyncStatus:
        """How things stand."""
        return self._telling.status

    def start(self) -> None:
        """Begin to work in the background."""
        self._thread = threading.Thread(target=self._run, name="sync-engine", daemon=True)
        self._thread.start()
        if self._settings.fetch_media:
            self.fetcher.start()

    def stop(self) -> None:
        """End the threads; then the vault may be closed. A reply on its way is dropped, as if it had been lost."""
        self._stop.set()
        self._inbox.put("stop")
        self._transport.cut()  # a silent connection would keep the threads for half a minute
        self.fetcher.stop()
        if self._thread is not None:
            self._thread.join(STOP_S)

    def wind_up(self, patience_s: float) -> bool:
        """End the shift: send what is due, ask for nothing new, stop, purge what was given back.

        Returns:
            Whether everything was sent; if not, it is sent at the next start.
        """
        self._ending = True
        self._holds.let_go()
        self.refresh()
        sent = windup.wait(self._vault, self._stop, patience_s)
        self.stop()
        windup.purge(self._vault)
        return sent

    def nudge(self) -> None:
        """Something was decided. After failures this tries again at once; else it sends what is due when it is due."""
        self._inbox.put("nudge")

    def refresh(self) -> None:
        """Exchange now, whatever there is to say: the person asked for it, or the machine woke up."""
        self._inbox.put("refresh")

    def renew(self, ids: Iterable[ItemId]) -> None:
        """Ask for more time with these items, now."""
        self._caretaker.renew(ids)
        self.refresh()

    def step(self) -> Stepped:
        """One exchange, synchronous. Never raises a `Problem`: it is in the result and in the status."""
        asked: Asked | None = None
        renew: tuple[ItemId, ...] = ()
        if self._is_ahead:
            self._is_ahead = False
            heard = self._ahead.get()
            if is_current(self._reader(), heard.asked):
                return self._heard(heard)
        try:
            db = self._reader()
            found = self._recovery.step(db)
            if found is not None:
                return self._recovered(found)
            self._look_after(db)
            renew = self._caretaker.take_renewals()
            asked = self._exchange.ask(
                db, self._clock.now(), self._batch.room, renew=renew, waiting=self._holds.waiting
            )
            self._telling.begin(asked)
            return self._took(asked, self._transport.sync(asked.request))
        except Problem as problem:
            if isinstance(problem, Offline | Blocked):  # one that was refused would be refused again, for ever
                self._caretaker.put_back(renew)
            return self._failed(problem, asked)

    def _recovered(self, changes: Changes) -> Stepped:
        """Some decisions were asked for, or sent up: before anything else is sent."""
        self._failures = 0
        if not self._revoked:  # as with a failure
            self._tell(state=Link.ONLINE, problem=None)
        if changes:
            self._on_changes(changes)
        return Stepped(changes=changes, more=True)

    def _took(self, asked: Asked, reply: SyncReply) -> Stepped:
        if self._stop.is_set():
            return Stepped(ended=True)
        told = anchor.take(reply.server_time, self._clock)
        applied = self._exchange.apply(asked, reply, self._look_ahead, told)
        if applied.stale:
            return Stepped()
        changes = applied.changes
        self._batch.went_through()
        # A decision without a receipt is sent again, but not in a tight circle.
        sound = applied.sound and applied.settled >= len(asked.decisions)
        self._revoked = applied.revoked
        # A removed device says once more how it stands, for that is how the service hears that it holds nothing.
        farewell = applied.revoked and asked.request.held.count > 0
        self._failures = 0 if sound else self._failures + 1
        now = self._clock.now()
        self._tell(
            state=Link.SIGNED_OUT if applied.revoked else Link.ONLINE,
            last_exchange=now,
            progress=self._telling.progress(applied.leased, more=applied.more),
            problem=REVOKED if applied.revoked else None,
            clock_off_s=round((now - reply.server_time).total_seconds()),
        )
        if changes:
            self._on_changes(changes)
        if not applied.more:
            self.fetcher.nudge()  # text before media
        log.debug("exchanged", carried=len(asked.decisions), settled=applied.settled, leased=applied.leased)
        return Stepped(
            changes=changes,
            more=farewell or applied.more or asked.request.epoch not in {"", reply.epoch},  # restored: see `recovery`
            rest=not sound,
            ended=applied.revoked and not farewell,
            carried=len(asked.decisions),
            settled=applied.settled,
            leased=applied.leased,
        )

    def _look_ahead(self, asked: Asked) -> None:
        """Fetch the next page while this one is written, unless there is something to send with the question."""
        if self._until_due(self._reader()) > 0:
            self._is_ahead = True
            self._scout.ask(asked)

    def _failed(self, problem: Problem, asked: Asked | None) -> Stepped:
        if self._stop.is_set():
            return Stepped(ended=True)
        carried = asked.decisions if asked else ()
        log.info("exchange_failed", code=problem.code, carried=len(carried), failures=self._failures + 1)
        if isinstance(problem, Refused) and problem.status in _SIGNED_OUT:
            self._tell(state=Link.SIGNED_OUT, problem=problem)
            return Stepped(ended=True, problem=problem)
        if problem.code == "vault.damaged":  # nothing more is read or written; whoever is told closes the vault
            self._tell(problem=problem)
            return Stepped(ended=True, problem=problem)
        if isinstance(problem, Refused) and problem.status in _UNREADABLE:
            undeliverable = self._batch.was_refused(carried)
            if undeliverable is not None:
                self._on_changes(self._exchange.give_back(undeliverable, self._clock.now()))
            if carried:  # there is a smaller message to try, or an empty one to learn from
                return Stepped(more=True, carried=len(carried), problem=problem)
        if problem.code == "sync.stalled" and carried:
            self._batch.was_slow()
        self._failures += 1
        if not self._revoked:  # else the person has been told already what counts
            self._tell(state=state_for(problem), problem=problem, progress=None)
        return Stepped(rest=True, carried=len(carried), problem=problem)

    def _run(self) -> None:
        """The thread: never ends by itself but when signed out."""
        while not self._stop.is_set():
            stepped = self._safely(self.step)
            if stepped.ended:
                break
            if stepped.rest:
                self._rest(stepped.problem)
            elif not stepped.more:
                idled = self._safely(self._idle)
                if idled.ended:
                    break
                if idled.rest:
                    self._rest(idled.problem)
        self.fetcher.stop()  # signed out: files are no longer ours to fetch

    def _safely(self, act: Callable[[], Stepped]) -> Stepped:
        """The engine's edge: a bug is reported and the work goes on; what is saved stays saved."""
        try:
            return act()
        except Exception as error:
            if self._stop.is_set():
                return Stepped(ended=True)
            told = explained(error, self._vault.ballast.free()) if isinstance(error, DatabaseError) else error
            if isinstance(told, Problem):
                return self._failed(told, None)
            log.exception("sync_bug", kind=type(error).__name__)
            self._failures += 1
            problem = Problem(
                "sync.bug", "Something went wrong while exchanging with the service.", "It is tried again."
            )
            self._tell(problem=problem)
            return Stepped(rest=True, problem=problem)

    def _rest(self, problem: Problem | None) -> None:
        """Wait after a failure; a nudge ends it."""
        until = self._clock.ticks() + delay_after(problem, self._failures, self._rng)
        while not self._stop.is_set() and (left := until - self._clock.ticks()) > 0:
            event = self._next(left)
            if isinstance(event, Heard):
                self._polling = False  # from before the failure; the next step asks for the same
            elif event is not None:
                return

    def _idle(self) -> Stepped:
        """All is said: listen, until there is something to say."""
        while not self._stop.is_set():
            db = self._reader()
            if self._until_due(db) <= 0:
                return Stepped()  # what is due goes first: the question after it says what is held then
            if self._settings.wait_s and not self._polling:
                self._polling = True
                self._polled_at = self._clock.ticks()
                self._listener.ask(self._exchange.listen(db, self._settings.wait_s))
            self._look_after(db)
            wait = self._until_due(db)
            if wait <= 0 or self._caretaker.wants:
                break
            event = self._next(min(wait, LOOK_S))
            if event == "refresh" or (event is None and not self._settings.wait_s):
                break
            if isinstance(event, Heard):
                self._polling = False
                heard = event
                stepped = self._safely(lambda heard=heard: self._heard(heard))  # type: ignore[misc] # bound at once
                early = not stepped.changes and self._clock.ticks() - self._polled_at < 1
                if stepped.rest or (early and not stepped.more):
                    self._rest(stepped.problem)
                if stepped.rest or stepped.more or stepped.ended:
                    return Stepped(ended=stepped.ended)
        return Stepped()

    def _heard(self, heard: Heard) -> Stepped:
        """What a poll or a look ahead brought, on the engine's thread."""
        try:
            if isinstance(heard.told, Exception):
                raise heard.told
            return self._took(heard.asked, heard.told)
        except Problem as problem:
            return self._failed(problem, heard.asked)

    def _next(self, seconds: float) -> _Event | None:
        try:
            return self._inbox.get(timeout=seconds)
        except queue.Empty:
            return None

    def _until_due(self, db: Database) -> float:
        """Seconds until the next entry of the outbox may be sent."""
        self._holds.look(db)
        return self._holds.until_due(db, LOOK_S)

    def _look_after(self, db: Database) -> None:
        self._holds.look(db)
        self._upkeep.look(db)
        changes = self._caretaker.look(db)
        if changes:
            self._on_changes(changes)

    def _hold_items(self) -> int:
        # With the disk full only to purge, at the end of a shift only to give back.
        return 0 if self._ending or self._vault.ballast.spent else self._settings.hold_items

    def _reader(self) -> Database:
        if self._db is None:
            self._db = self._vault.reader()
        return self._db
