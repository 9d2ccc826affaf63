"""What is done now and then so that the cache stays small and ready for a full disk. Never on a thread people wait for.

A journal's segment goes when every decision in it was settled, or taken back, long enough ago; the history forgets what
no segment holds any more. In this order: a decision that the journal has and the history has forgotten would look lost.
The draft for an item that has left goes a day later.
"""

from datetime import datetime, timedelta

import structlog

from modstation.store import anchor, drafts, history, journal
from modstation.store.driver import Database
from modstation.store.vault import Vault
from modstation.system.clock import Clock

KEPT = timedelta(days=30)
_BALLAST_S = 60.0
_TIDY_S = 24 * 3600.0

_log = structlog.get_logger(__name__)


class Upkeep:
    """Looks after one open vault. The first look at it does nothing: what has just been started has better to do."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._hold_at = self._tidy_at = clock.ticks() + _BALLAST_S

    def look(self, db: Database) -> None:
        """Do what is due; to be called often.

        Args:
            db: the cache, to read.

        Raises:
            Problem: what `Writer.run` raises.
        """
        ticks = self._clock.ticks()
        if ticks >= self._hold_at:
            self._hold_at = ticks + _BALLAST_S
            self._vault.ballast.hold()
        if ticks >= self._tidy_at:
            told = anchor.service_time(db, self._clock)
            # By a wrong clock all would be old: the journal might go, and with it what a loss is mended from.
            if told.unconfirmed or anchor.get(db) is None:
                self._tidy_at = ticks + _BALLAST_S
                return
            self._tidy_at = ticks + _TIDY_S
            tidy(self._vault, db, told.now)


def tidy(vault: Vault, db: Database, now: datetime) -> tuple[int, int]:
    """Forget what is old by the service's time: (journal segments, decisions of the history) that went."""
    before = now - KEPT
    folder = vault.folder / "journal"
    removed = journal.forget(folder, history.ended_before(db, before))
    keep = {name for kept in vault.unfinished_journals(db) for name in journal.names(kept)}
    pruned = vault.writer.run(lambda db: history.prune(db, before, keep))
    dropped = vault.writer.run(lambda db: drafts.sweep(db, now))
    if removed or pruned or dropped:
        _log.info("tidied", segments=removed, decisions=pruned, drafts=dropped)
    return removed, pruned
