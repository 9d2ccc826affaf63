"""Giving work back: some items before an absence, or everything undecided at the end of a shift.

An item that is given back is an entry of the outbox like a skip, so it also works without a connection: the service is
told at the next one, or the lease runs out by itself. Unlike a skip it is locked from the start: there is no undo.
"""

from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from modstation.core.changes import Changes
from modstation.core.ids import DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.session.around import Around
from modstation.store import items, outbox
from modstation.store.driver import Database
from modstation.store.outbox import OutboxRow, What
from modstation.store.writer import Writer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended:
    """What was left at the end of a shift.

    Attributes:
        given_back: how many items were given back now.
        to_send: how many decisions were saved here and not answered yet.
    """

    given_back: int
    to_send: int
    changes: Changes


class Shift:
    """Gives work back, on the desk's thread; nothing is told any more once it is closed."""

    def __init__(self, writer: Writer, around: Around, new_id: Callable[[], DecisionId]) -> None:
        self._writer = writer
        self._around = around
        self._new_id = new_id
        self._closed = False

    def give_back(self, ids: Collection[ItemId], done: Callable[[Changes], None]) -> None:
        """Give these items back, as far as nothing is decided about them; there is no undo.

        `done` is told what moved: its items are given back, and are to leave the desk and the queue.
        """
        only, now = frozenset(ids), self._around.clock.now()
        self._then(self._writer.submit(lambda db: _give_back(db, now, self._new_id, only)), done)

    def end(self, done: Callable[[Ended], None]) -> None:
        """Give everything undecided back and let every decision go at once; nothing can be undone then."""
        now = self._around.clock.now()

        def unit(db: Database) -> Ended:
            given = _give_back(db, now, self._new_id, body=outbox.FOR_ALL)
            hurried = outbox.hurry(db, now)
            return Ended(len(given.items), outbox.counts(db).saved_here, given | hurried)

        # With the log emptied: a power cut must not bring back the time to undo of what may be gone already.
        self._then(self._writer.submit(unit, empties_log=True), done)

    def close(self) -> None:
        """Tell nobody any more."""
        self._closed = True

    def _then(self, write: "Future[T]", done: Callable[[T], None]) -> None:
        def ended() -> None:
            if self._closed:
                return
            error = write.exception()
            if isinstance(error, Problem):
                self._around.failed(error)
                return
            done(write.result())
            self._around.decided()

        write.add_done_callback(lambda _: self._around.post(ended))


def _give_back(
    db: Database,
    now: datetime,
    new_id: Callable[[], DecisionId],
    only: Collection[ItemId] | None = None,
    body: bytes = b"",
) -> Changes:
    """Give back every held item without a decision, or those of them that are in `only`.

    What is given back before an absence rests like a skip: else it would come again while the person is still here. Who
    begins another shift may have again what was given back at the end of the last one.
    """
    done = Changes()
    wanted = [card for card in items.undecided(db) if only is None or card.item_id in only]
    for card in wanted:
        row = OutboxRow(
            entry_id=new_id(),
            what=What.SKIP,
            item_id=card.item_id,
            body=body,
            summary="",  # nothing of it stays here
            kind=card.kind,
            decided_at=now,
            send_after=now,
        )
        done |= outbox.add(db, row)
    outbox.send(db, done.decisions)  # nobody is offered an undo
    return done
