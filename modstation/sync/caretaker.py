"""Looks after the leases: purges what has ended, asks in time for more, remembers what the person asked for."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from modstation.core.changes import Changes
from modstation.core.ids import ItemId
from modstation.store import anchor, items
from modstation.store.driver import Database
from modstation.sync.exchange import MAX_IDS, Exchange
from modstation.system.clock import Clock

LOOK_S = 60.0  # how often an idle engine looks after leases
RENEW_REST_S = 600.0  # a service that does not extend leases is not asked again at once
GRACE = timedelta(minutes=15)  # between the end of a lease and the purge
NOTHING = Changes()


class Caretaker:
    """Keeps the leases in order between exchanges. One thread at a time, the engine's; `renew` may come from any."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._to_renew: deque[ItemId] = deque()
        self._look_at = 0.0
        self._renew_at = 0.0
        self._doubt_since: float | None = None

    @property
    def wants(self) -> bool:
        """Whether there is something to ask of the service at once."""
        return bool(self._to_renew)

    def renew(self, ids: Iterable[ItemId]) -> None:
        """Ask for more time with these items in the next exchanges."""
        self._to_renew.extend(ids)  # one step, so that none is lost to the thread that takes them

    def take_renewals(self) -> tuple[ItemId, ...]:
        """What the next exchange is to renew; it is asked once, unless it is put back."""
        renew: dict[ItemId, None] = {}
        while self._to_renew and len(renew) < MAX_IDS:
            renew[self._to_renew.popleft()] = None
        return tuple(renew)

    def put_back(self, renew: Iterable[ItemId]) -> None:
        """Nobody heard these wishes: they come first in the next exchange."""
        self._to_renew.extendleft(reversed(tuple(renew)))

    def look(self, db: Database) -> Changes:
        """Now and then: purge what has ended, renew what has less than a third of its time left."""
        ticks = self._clock.ticks()
        if ticks < self._look_at:
            return NOTHING
        self._look_at = ticks + LOOK_S
        told = anchor.service_time(db, self._clock)
        purged = NOTHING
        if self._is_sure(unconfirmed=told.unconfirmed):
            purged = self._exchange.purge(items.expired(db, told.now - GRACE))
        if ticks >= self._renew_at:
            self._renew_short(db, told.now)
        return purged

    def _is_sure(self, *, unconfirmed: bool) -> bool:
        """Whether the time is to be believed when it says that something is over.

        A wrong clock must not destroy at once what may still be ours: the service gets as long as the grace is to say
        what time it is. Meanwhile such items are out of the queue.
        """
        ticks = self._clock.ticks()
        if not unconfirmed:
            self._doubt_since = None
            return True
        if self._doubt_since is None:
            self._doubt_since = ticks
        return ticks - self._doubt_since >= GRACE.total_seconds()

    def _renew_short(self, db: Database, now: datetime) -> None:
        held = items.cards(db, (*items.returned(db), *items.queue_ids(db, now))[:MAX_IDS])
        leases = [card.lease for card in held.values()]
        short = [
            lease.item_id
            for lease in leases
            if lease.left_s(now) * 3 < (lease.expires_at - lease.granted_at).total_seconds()
        ]
        if short:
            self.renew(short)
            self._renew_at = self._clock.ticks() + RENEW_REST_S
