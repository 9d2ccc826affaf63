"""What a person does at the desk: open, compose, decide, skip, undo.

Lives on one thread (the screen's). Writes go to the vault's writer and come back through `post`, so that no keypress
waits for the disk; the next item is there at once, "saved" is said when the write is durable.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from modstation.core import decision as trade
from modstation.core.changes import Changes
from modstation.core.decision import Draft, Identity, Missing
from modstation.core.ids import DecisionId, ItemId, uuid7
from modstation.core.policy import Policy
from modstation.core.problem import Problem
from modstation.session.around import Around
from modstation.session.keeper import DraftKeeper
from modstation.session.library import Library
from modstation.session.planner import Planner
from modstation.session.records import Records
from modstation.session.shelf import Shelf
from modstation.session.shift import Shift
from modstation.session.views import Opened, Refused
from modstation.store import drafts, items, journal, outbox
from modstation.store.driver import Database
from modstation.store.outbox import OutboxRow, State, What
from modstation.store.vault import Vault
from modstation.store.writer import NoSafetyCopy
from modstation.wire import translate

T = TypeVar("T")


class Desk:
    """One person's queue, the item on top of it, and the decisions on their way out.

    Attributes:
        records: what can be asked about the cache.
        planner: what a person can plan with.
        shift: giving work back.
        current: what is on the desk.
        waiting: the ids of the queue, in order; those being decided are out of it already.
    """

    def __init__(self, vault: Vault, around: Around) -> None:
        self._vault = vault
        self._around = around
        self._reader = vault.reader()
        self.records = Records(self._reader, around.clock)
        self.planner = Planner(self._reader, around.clock)
        self._library = Library(self._reader)
        self._shelf = Shelf(self._reader, self._library)
        self._keeper = DraftKeeper(vault.writer, around.post, around.failed)
        self.shift = Shift(vault.writer, around, self._new_id)
        self._saving: dict[DecisionId, ItemId] = {}
        self._undoing: set[DecisionId] = set()
        self._closed = False
        self._opened_at = 0.0
        self._media_seen = False
        self.current: Opened | None = None
        self.waiting: list[ItemId] = items.queue_ids(self._reader, self.records.service_time().now)
        self._next_end: datetime | None = None

    @property
    def lacks(self) -> tuple[Missing, ...]:
        """What the draft on the desk still lacks."""
        opened = self.current
        return trade.missing(opened.draft, opened.item, opened.policy) if opened else ()

    @property
    def rules(self) -> Policy | None:
        """The policy of the item on the desk; without an item, one to read. None when none is here yet."""
        return self.current.policy if self.current else self._library.at_hand()

    @property
    def saving(self) -> frozenset[DecisionId]:
        """Decisions and skips that have left the desk and are not durable yet."""
        return frozenset(self._saving)

    @property
    def undoing(self) -> frozenset[DecisionId]:
        """Decisions and skips that are being taken back at this moment."""
        return frozenset(self._undoing)

    # Moving

    def open(self, item_id: ItemId | None) -> Opened | None:
        """Put an item on the desk, or clear the desk. An item that is gone, or whose lease has ended, clears it too."""
        self.current = self._live(self._shelf.open(item_id)) if item_id else None
        self._opened_at = self._around.clock.ticks()
        self._media_seen = False
        return self.current

    def step(self, by: int) -> ItemId | None:
        """The id `by` places after the one on the desk, kept within the queue; None when the queue is empty."""
        if not self.waiting:
            return None
        here = self.current.item.item_id if self.current else None
        at = self.waiting.index(here) + by if here in self.waiting else 0
        return self.waiting[min(len(self.waiting) - 1, max(0, at))]

    def warm(self) -> Opened | None:
        """Read ahead what J, K and D would show next. To be called when the screen is idle.

        Returns:
            What J and D would show.
        """
        if self._closed:
            return None  # it was asked for just before
        here = self.current.item.item_id if self.current else None
        at = self.waiting.index(here) if here in self.waiting else 0
        self._shelf.warm(self.waiting[max(0, at - 1) : at + 4])
        following = self.step(1)
        return self._shelf.open(following) if following else None

    # Doing

    def compose(self, draft: Draft) -> None:
        """Replace the draft on the desk. It is kept from this moment on."""
        if self.current is None or self.current.draft == draft:
            return
        self.current = replace(self.current, draft=draft)
        self._shelf.put(self.current)
        self._keeper.keep(self.current.item.item_id, draft)

    def looked(self) -> None:
        """Remember that some of the item's media was seen."""
        self._media_seen = True

    def decide(self) -> DecisionId:
        """Decide the item on the desk as the draft says, and put the next one there.

        Raises:
            Problem: ``decision.incomplete``; ``decision.nothing_open``.
        """
        opened = self.current
        if opened is None:
            raise Problem("decision.nothing_open", "There is no item on the desk.")
        now = self._around.clock.now()
        made = trade.decide(
            opened.draft,
            opened.item,
            opened.card.lease,
            opened.policy,
            Identity(self._new_id(), now),
            spent_ms=int((self._around.clock.ticks() - self._opened_at) * 1000),
            media_seen=self._media_seen,
            supersedes=opened.supersedes,
        )
        body = translate.dump(made)
        row = self._row(opened, What.DECISION, made.decision_id, body)
        replaced = opened.supersedes

        def write(db: Database) -> Changes:
            if replaced is not None:
                outbox.discard(db, replaced)
            return outbox.add(db, row)

        self._leave(opened, row, self._vault.writer.save(write, body, row.entry_id, ends=replaced))
        return row.entry_id

    def skip(self) -> DecisionId:
        """Give the item on the desk back without a reason, and put the next one there.

        Raises:
            Problem: ``decision.nothing_open``.
        """
        opened = self.current
        if opened is None:
            raise Problem("decision.nothing_open", "There is no item on the desk.")
        row = self._row(opened, What.SKIP, self._new_id(), b"")
        begun = b"" if opened.draft.is_empty else translate.dump(opened.draft)

        def write(db: Database) -> Changes:
            done = outbox.add(db, row)
            if begun:  # what was begun is there again when the skip is undone
                drafts.put(db, row.item_id, begun)
            return done

        self._leave(opened, row, self._vault.writer.submit(write))
        return row.entry_id

    def undo(self, entry_id: DecisionId, undone: Callable[[ItemId], None]) -> None:
        """Take back a decision or a skip that has not been sent. `undone` is told the item, back in the queue."""
        self._undoing.add(entry_id)

        def take_back(db: Database) -> OutboxRow:
            row = outbox.undo(db, entry_id)
            if row is None:  # raised in here, so that the journal is not told what did not happen
                raise Problem(
                    "outbox.sent",
                    "This decision is already on its way.",
                    "A change is a new decision; it will replace the first.",
                )
            if row.what is What.DECISION:
                drafts.put(db, row.item_id, translate.dump(trade.draft_of(translate.load(trade.Decision, row.body))))
            return row

        def finish(row: OutboxRow) -> None:
            self._undoing.discard(entry_id)
            self._shelf.drop((row.item_id,))
            self._refresh()
            self._around.moved(Changes(items=frozenset({row.item_id}), decisions=frozenset({entry_id})))
            undone(row.item_id)

        def failed(problem: Problem) -> None:
            self._undoing.discard(entry_id)
            self._around.failed(problem)

        # The journal is told too: what was taken back must not come back when a lost database is recovered from it.
        self._then(self._vault.writer.save(take_back, b"", journal.taken_back(entry_id)), finish, failed)

    def amend(self, entry_id: DecisionId, *, as_it_was: bool = False) -> Opened | None:
        """Put a returned item on the desk with its decision as the draft; None when the item is no longer here.

        What the person has changed since then is kept, unless the decision is wanted `as_it_was`.
        """
        entry = self.records.entry(entry_id)
        opened = self._live(self._shelf.open(entry.item_id)) if entry else None
        if entry is None or entry.decision is None or opened is None:
            return None
        begun = not opened.draft.is_empty and not as_it_was
        draft = opened.draft if begun else trade.draft_of(entry.decision)
        opened = replace(opened, draft=draft, supersedes=entry_id)
        self.open(entry.item_id)
        self.current = opened
        self._shelf.put(opened)
        return opened

    def withdraw(self, entry_id: DecisionId, done: Callable[[], None]) -> None:
        """Take a returned decision back for good; its item, if still leased, returns to the queue."""

        def take_back(db: Database) -> Changes:
            changes = outbox.discard(db, entry_id)
            if not changes:  # as with an undo
                raise Problem(
                    "outbox.not_returned", "This decision has been answered meanwhile.", "Look it up in the outbox."
                )
            return changes

        def finish(changes: Changes) -> None:
            self._shelf.drop(changes.items)  # it may lie there as amended, in the place of what is withdrawn
            if self.current is not None and self.current.supersedes == entry_id:
                self.current = replace(self.current, supersedes=None)
                self._shelf.put(self.current)
            self._refresh()
            self._around.moved(changes)
            done()

        # As with an undo: the journal must not bring it back.
        taken_back = journal.taken_back(entry_id)
        self._then(self._vault.writer.save(take_back, b"", taken_back), finish)

    # What others changed

    def absorb(self, changes: Changes) -> None:
        """Take in what sync wrote. The item on the desk keeps its draft when its content or policy changed."""
        self.records.time_was_told()
        self._library.forget(changes.policies)
        if changes.policies:
            self._shelf.clear()
        self._shelf.drop(changes.items | changes.gone)
        if changes.items or changes.gone or changes.decisions:
            self._next_end = None
            self._refresh()
        opened = self.current
        if opened is None:
            return
        moved = opened.item.item_id in changes.items | changes.gone or opened.item.policy_id in changes.policies
        if moved:
            here = opened.supersedes is not None or opened.item.item_id in self.waiting
            fresh = self._live(self._shelf.open(opened.item.item_id)) if here else None
            self.current = fresh and replace(fresh, draft=opened.draft, supersedes=opened.supersedes)
            if self.current is not None:
                self._shelf.put(self.current)

    def lapse(self) -> Changes:
        """Take what has ended out of the queue, and from the desk; cheap while nothing has. Drafts stay.

        Returns:
            The items that have left.
        """
        now = self.records.service_time().now
        if self._next_end is not None and now < self._next_end:
            return Changes()
        self._next_end = items.next_end(self._reader, now)
        before = set(self.waiting)
        self._refresh()
        return Changes(gone=frozenset(before.difference(self.waiting)))

    def close(self) -> None:
        """Let go of the cache; what was typed last is on its way to the disk, and nobody is told any more."""
        self._closed = True
        self._keeper.close()
        self.shift.close()
        self._shelf.clear()
        self.current = None
        self._reader.close()

    # Inside

    def _live(self, opened: Opened | None) -> Opened | None:
        """What may be shown: nothing is, once its lease has ended."""
        if opened is None or opened.card.lease.expires_at <= self.records.service_time().now:
            return None
        return opened

    def _new_id(self) -> DecisionId:
        unix_ms = int(self._around.clock.now().timestamp() * 1000)
        return DecisionId(uuid7(unix_ms, int.from_bytes(self._around.entropy(10))))

    def _row(self, opened: Opened, what: What, entry_id: DecisionId, body: bytes) -> OutboxRow:
        now = self._around.clock.now()
        return OutboxRow(
            entry_id=entry_id,
            what=what,
            item_id=opened.item.item_id,
            body=body,
            summary=opened.card.summary,
            kind=opened.card.kind,
            decided_at=now,
            send_after=now + timedelta(seconds=self._around.hold_s()),
            state=State.HELD,
            seq=None,
            code="",
            reason="",
        )

    def _leave(self, opened: Opened, row: OutboxRow, write: "Future[Changes]") -> None:
        """The item leaves the queue at once; the write catches up, and on failure the item comes back."""
        item_id = opened.item.item_id
        following = self.step(1)
        if following == item_id:
            following = self.step(-1)
        self._keeper.forget(item_id)
        self._saving[row.entry_id] = item_id
        if item_id in self.waiting:
            self.waiting.remove(item_id)
        self._shelf.drop((item_id,))
        self.open(following if following != item_id else None)

        def finish(changes: Changes) -> None:
            del self._saving[row.entry_id]
            self._around.moved(changes)
            self._around.decided()

        def back(problem: Problem) -> None:
            del self._saving[row.entry_id]
            self._refresh()
            self._shelf.put(opened)  # with its draft, which the disk may refuse too
            self._keeper.keep(item_id, opened.draft)
            self._around.moved(Changes(items=frozenset({item_id})))
            self._around.failed(Refused(problem, item_id, opened.card.summary))

        self._then(write, finish, back)

    def _then(
        self, write: "Future[T]", finish: Callable[[T], None], failed: Callable[[Problem], None] | None = None
    ) -> None:
        def ended() -> None:
            if self._closed:
                return
            error = write.exception()
            if isinstance(error, NoSafetyCopy):  # what was done is done, and stays so
                self._around.failed(error)
                finish(error.result)
                return
            if isinstance(error, Problem):
                (failed or self._around.failed)(error)
                return
            if error is not None:
                raise error
            try:
                finish(write.result())
            except Problem as problem:
                self._around.failed(problem)

        write.add_done_callback(lambda _: self._around.post(ended))

    def _refresh(self) -> None:
        leaving = set(self._saving.values())
        ids = items.queue_ids(self._reader, self.records.service_time().now)
        self.waiting[:] = [item_id for item_id in ids if item_id not in leaving] if leaving else ids
