"""What screens ask of the cache: cards, the outbox, the history, counts. Reads only."""

import math
from collections.abc import Iterable
from datetime import datetime

from modstation.core.content import Kind
from modstation.core.decision import Decision
from modstation.core.ids import ClauseId, DecisionId, ItemId, PolicyId
from modstation.core.item import Item, ItemCard
from modstation.core.policy import Clause, Policy
from modstation.core.servicetime import Anchor, ServiceTime
from modstation.session.library import Library
from modstation.session.views import Entry, Story, Tally
from modstation.store import anchor, history, items, outbox, policies
from modstation.store.driver import Database
from modstation.store.history import Settled
from modstation.store.outbox import OutboxRow, State, What
from modstation.system.clock import Clock
from modstation.wire import translate

_TOLD_S = 1.0  # how long the service's time is reckoned from what was read last


class Records:
    """Answers from the local cache, on the thread that owns `reader`."""

    def __init__(self, reader: Database, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._library = Library(reader)
        self._told: Anchor | None = None
        self._told_until = -math.inf  # in ticks

    def service_time(self) -> ServiceTime:
        """What time it is at the service: leases end by it.

        Asked for several times a key, so what the service told last is read once a second; a time told earlier reckons
        to the same now.
        """
        ticks = self._clock.ticks()
        if ticks >= self._told_until:
            self._told, self._told_until = anchor.get(self._reader), ticks + _TOLD_S
        return anchor.reckon(self._told, self._clock)

    def time_was_told(self) -> None:
        """An exchange may have brought a newer time."""
        self._told_until = -math.inf

    def cards(self, ids: Iterable[ItemId]) -> dict[ItemId, ItemCard]:
        """What a list shows of these items; those that are gone are left out."""
        return items.cards(self._reader, tuple(ids))

    def item(self, item_id: ItemId) -> Item | None:
        """One item; None when it is not on this computer."""
        body = items.body(self._reader, item_id)
        return None if body is None else translate.load(Item, body)

    def queues(self) -> list[str]:
        """Names of the queues that the items here come from."""
        return items.queues(self._reader)

    def entries(self, state: State | None = None, last: int | None = None) -> list[Entry]:
        """The outbox, oldest first, or the part of it in one state; only the `last` ones when a number is given."""
        return [_entry(row) for row in outbox.rows(self._reader, state, last)]

    def entry(self, entry_id: DecisionId) -> Entry | None:
        """One line of the outbox; None when it has left it."""
        row = outbox.row(self._reader, entry_id)
        return _entry(row) if row else None

    def story(self, entry: Entry) -> Story:
        """What the decision of `entry` was about, and what that has become."""
        now, decided = self.item(entry.item_id), entry.decision
        if decided is None:
            return Story(now, now)
        judged = now
        if now is None or now.rev != decided.item_rev:
            kept = items.judged(self._reader, entry.item_id)
            judged = translate.load(Item, kept) if kept is not None else None
            if judged is not None and judged.rev != decided.item_rev:
                judged = None  # it changed between being opened and being decided
        return Story(
            judged=judged,
            now=now,
            rules_then=self.policy(decided.policy_id, decided.policy_version),
            rules_now=Library(self._reader).newest(decided.policy_id),  # ours is not told of new versions
        )

    def settled(self, limit: int = 200) -> list[Settled]:
        """The latest decisions that the service has answered for good, newest first; without any content."""
        return history.recent(self._reader, limit)

    def last_used(self, clause_id: ClauseId) -> tuple[datetime, int] | None:
        """When this person last cited a clause, and in which policy version."""
        return history.last_used(self._reader, clause_id)

    def policy(self, policy_id: PolicyId, version: int) -> Policy | None:
        """The rules as a decision knew them; None when that version is no longer on this computer."""
        return self._library.version(policy_id, version)

    def clauses(self, ids: Iterable[ClauseId], version: int) -> list[Clause]:
        """Clauses as that version of the rules has them, or as the newest has them when that one is no longer here.

        Those that neither knows are left out.
        """
        wanted, known = tuple(ids), dict[ClauseId, Clause]()
        for policy_id in policies.known(self._reader) if wanted else ():
            for rules in (self._library.newest(policy_id), self._library.version(policy_id, version)):
                known |= rules.by_id if rules is not None else {}
        return [known[clause_id] for clause_id in wanted if clause_id in known]

    def tally(self, saving: int = 0) -> Tally:
        """The counts of this moment; `saving` are decisions not yet durable."""
        counts = outbox.counts(self._reader)
        waiting, work_s = items.work_left(self._reader, self.service_time().now)
        return Tally(waiting, work_s, saving, counts.saved_here, counts.accepted, counts.returned)


def _entry(row: OutboxRow) -> Entry:
    return Entry(
        entry_id=row.entry_id,
        what=row.what,
        item_id=row.item_id,
        kind=Kind(row.kind),
        summary=row.summary,
        decided_at=row.decided_at,
        send_after=row.send_after,
        state=row.state,
        code=row.code,
        reason=row.reason,
        decision=translate.load(Decision, row.body) if row.what is What.DECISION else None,
    )
