"""Looks after the leases: purges what has ended, asks in time for more, remembers what the person asked for."""

from datetime import timedelta

from modstation.core.changes import Changes
from modstation.core.ids import ItemId
from modstation.store import items
from modstation.store.driver import Database
from modstation.sync.exchange import MAX_IDS, Exchange
from modstation.system.clock import Clock

LOOK_S = 60.0  # how often an idle engine looks after leases
RENEW_REST_S = 600.0  # a service that does not extend leases is not asked again at once
NOTHING = Changes()


class Caretaker:
    """Keeps the leases in order between exchanges. One thread at a time, the engine's; `renew` may come from any."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._to_renew: tuple[ItemId, ...] = ()
        self._look_at = 0.0

    @property
    def wants(self) -> bool:
        """Whether there is something to ask of the service at once."""
        return bool(self._to_renew)

    def renew(self, item_id: ItemId) -> None:
        """Ask for more time with this item in the next exchange."""
        self._to_renew = (*self._to_renew, item_id)

    def take_renewals(self) -> tuple[ItemId, ...]:
        """What the next exchange is to renew; it is asked once."""
        renew, self._to_renew = self._to_renew, ()
        return renew

    def look(self, db: Database, clock_off_s: int) -> Changes:
        """Now and then: purge what has ended, renew what has less than a third of its time left.

        Args:
            db: the cache, to read.
            clock_off_s: how far this machine's clock is ahead of the service's.
        """
        ticks = self._clock.ticks()
        if ticks < self._look_at:
            return NOTHING
        self._look_at = ticks + LOOK_S
        # By the service's clock where it is known: a wrong clock here must not purge what is still ours.
        now = self._clock.now() - timedelta(seconds=clock_off_s)
        changes = self._exchange.purge_expired(db, now)
        nearest = items.cards(db, items.queue_ids(db, now)[:MAX_IDS])
        leases = [card.lease for card in nearest.values()]
        self._to_renew = tuple(
            lease.item_id
            for lease in leases
            if lease.left_s(now) * 3 < (lease.expires_at - lease.granted_at).total_seconds()
        )
        if self._to_renew:
            self._look_at = ticks + RENEW_REST_S
        return changes
