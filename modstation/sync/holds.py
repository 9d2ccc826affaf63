"""The time to undo, kept by what has really passed: also when somebody sets the clock meanwhile.

The outbox keeps until when an entry is held by the wall clock, which is right as long as that clock runs like any
other. When it jumps, what is held then waits for the rest of its time by the ticks, and leaves.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from modstation.core.ids import DecisionId
from modstation.store import outbox
from modstation.store.driver import Database
from modstation.store.vault import Vault
from modstation.system.clock import Clock

JUMP_S = 1.0  # less than that is a clock being put right little by little


class Holds:
    """One thread at a time, the engine's."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock
        self._zero = self._wall_zero()
        self._until: dict[DecisionId, float] = {}

    @property
    def waiting(self) -> Collection[DecisionId]:
        """Entries that are held by the ticks: the outbox is not asked about them."""
        return self._until.keys()

    def look(self, db: Database) -> None:
        """Notice a jump of the clock, and let go what has waited long enough.

        Raises:
            Problem: what `Writer.run` raises.
        """
        now, zero = self._clock.now(), self._wall_zero()
        over = self._after_jump(db, now, zero - self._zero) if abs(zero - self._zero) >= JUMP_S else []
        ticks = self._clock.ticks()
        over += [entry_id for entry_id, until in self._until.items() if until <= ticks]
        if over:
            self._vault.writer.run(lambda db: outbox.hurry(db, now, over))
        for entry_id in over:
            self._until.pop(entry_id, None)
        self._zero = zero if abs(zero - self._zero) >= JUMP_S else self._zero

    def let_go(self) -> None:
        """Nothing is held any longer than the outbox says."""
        self._until = {}  # another thread may be reading the one before

    def until_due(self, db: Database, otherwise_s: float) -> float:
        """Seconds until the next entry may be sent; `otherwise_s` when nothing waits to be sent."""
        now, ticks = self._clock.now(), self._clock.ticks()
        due_at = outbox.next_due(db, now, self.waiting)
        left = [until - ticks for until in self._until.values()]
        if due_at is not None:
            left.append((due_at - now).total_seconds())
        return max(0.0, min(left, default=otherwise_s))

    def _after_jump(self, db: Database, now: datetime, jump_s: float) -> list[DecisionId]:
        """What waits goes on waiting by the ticks. The rest is over, whatever the clock says.

        Whether an entry was made before the jump or after it is told by what can be true of it; where both can, the
        longer wait counts, so that nothing is held for longer than it was to be.
        """
        over: list[DecisionId] = []
        for entry_id, decided_at, send_after in outbox.held(db):
            if entry_id in self._until:
                continue
            whole = send_after - decided_at
            passed = [at - decided_at for at in (now, now - timedelta(seconds=jump_s))]
            passed = [one for one in passed if timedelta() <= one < whole]
            if passed:
                self._until[entry_id] = self._clock.ticks() + (whole - max(passed)).total_seconds()
            else:
                over.append(entry_id)
        return over

    def _wall_zero(self) -> float:
        return self._clock.now().timestamp() - self._clock.ticks()
