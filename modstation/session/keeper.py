"""Keeps the draft of the item on the desk, at every keystroke, without a keystroke waiting for the disk."""

from collections.abc import Callable
from concurrent.futures import Future

from modstation.core.decision import Draft
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.store import drafts
from modstation.store.writer import Writer
from modstation.wire import translate


class DraftKeeper:
    """Writes drafts one at a time; what is typed while a write runs is written once, after it."""

    def __init__(
        self, writer: Writer, post: Callable[[Callable[[], None]], None], failed: Callable[[Problem], None]
    ) -> None:
        self._writer = writer
        self._post = post
        self._failed = failed
        self._running = False
        self._closed = False
        self._next: dict[ItemId, Draft] = {}

    def keep(self, item_id: ItemId, draft: Draft) -> None:
        """Write `draft` soon; an empty one removes what was kept."""
        self._next[item_id] = draft
        self._advance()

    def forget(self, item_id: ItemId) -> None:
        """Write nothing more about this item: its decision is on its way to the disk and takes the draft with it."""
        self._next.pop(item_id, None)

    def close(self) -> None:
        """Hand over what is still to be written, at once: the vault is about to be closed."""
        self._closed = True
        while self._next:
            self._write(*self._next.popitem())

    def _advance(self) -> None:
        if self._running or not self._next:
            return
        self._running = True
        write = self._write(*self._next.popitem())
        write.add_done_callback(lambda done: self._post(lambda: self._written(done)))

    def _write(self, item_id: ItemId, draft: Draft) -> "Future[None]":
        body = b"" if draft.is_empty else translate.dump(draft)
        return self._writer.submit(lambda db: drafts.put(db, item_id, body) if body else drafts.drop(db, item_id))

    def _written(self, done: "Future[None]") -> None:
        if self._closed:
            return
        self._running = False
        error = done.exception()
        if isinstance(error, Problem):
            self._failed(error)
        elif error is not None:
            raise error
        self._advance()
