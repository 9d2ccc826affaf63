"""The waiting items as a list: ids are held, cards are looked up a page at a time when they are about to be painted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt

from modstation.core.ids import ItemId
from modstation.core.item import ItemCard
from modstation.ui.rail.entry import card_spoken

Cards = Callable[[Sequence[ItemId]], Mapping[ItemId, ItemCard]]
_Index = QModelIndex | QPersistentModelIndex
PAGE = 64
BLOCK = 128  # four tall screens; each decision lays all of them out
_KEPT = 32 * PAGE  # cards kept; a person never scrolls through more at once


class RailModel(QStringListModel):
    """The queue, in order. Ten thousand ids cost what their list costs; a card is asked for once.

    A list view lays out all rows it knows at each change. So it is told of the first `BLOCK` ids, and of more as a
    person scrolls or jumps. And it asks for the row count and an index once per row, which only a model in C++ answers
    fast enough: that is why the base is a list of (empty) strings.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: list[ItemId] = []
        self._cards: dict[ItemId, ItemCard | None] = {}
        self._look_up: Cards = _no_cards
        self._next: list[ItemId] | None = None
        self._moving = False  # between "about to" and "done" nobody may fetch more
        self.now: datetime | None = None
        # First in line, so that everybody who hears of a change finds the ids changed, and nobody does before.
        for told in (self.rowsInserted, self.rowsRemoved, self.modelReset):
            told.connect(self._changed)

    def set_cards(self, cards: Cards) -> None:
        """Where cards come from: ids in, the cards that exist out. Called on the ui thread, at most `PAGE` ids each."""
        self._look_up = cards
        self._cards.clear()

    def set_waiting(self, ids: Sequence[ItemId]) -> None:
        """Show these ids, in this order. A single run of new or missing ids moves nothing else."""
        old, new, shown = self._ids, list(ids), self.rowCount()
        if new == old:
            return
        head = _same(old[:shown], new)
        gone = len(old) - len(new)
        self._next = new
        if head == shown:
            self._changed()
        elif gone > 0 and old[head + gone :] == new[head:]:
            self._move(self.removeRows, head, min(gone, shown - head))
        elif gone < 0 and old[head:] == new[head - gone :]:
            self._move(self.insertRows, head, -gone)
        else:
            self.setStringList([""] * min(len(new), max(shown, BLOCK)))
        self._show(max(self.rowCount(), BLOCK))

    def remove(self, item_id: ItemId) -> None:
        """Take one item out; nothing happens when it is not here."""
        row = self.row_of(item_id)
        if row is None:
            return
        self._next = self._ids[:row] + self._ids[row + 1 :]
        self._cards.pop(item_id, None)
        if row < self.rowCount():
            self._move(self.removeRows, row, 1)
        self._changed()
        if self.rowCount() < BLOCK // 2:
            self._show(BLOCK)

    def insert(self, item_id: ItemId, at: int) -> None:
        """Put one item before the row `at`; one that is here already is left where it is."""
        if self.row_of(item_id) is not None:
            return
        row = min(max(0, at), len(self._ids))
        self._next = [*self._ids[:row], item_id, *self._ids[row:]]
        if row <= self.rowCount():
            self._move(self.insertRows, row, 1)
        self._changed()

    def _move(self, how: Callable[[int, int], bool], row: int, many: int) -> None:
        self._moving = True
        how(row, many)
        self._moving = False

    def _changed(self) -> None:
        """The rows have changed: from now on the new ids count."""
        if self._next is not None:
            self._ids, self._next = self._next, None

    def show_row(self, row: int) -> None:
        """See that the view knows this row and the ones after it."""
        if row + PAGE > self.rowCount():
            self._show(row + BLOCK)

    def _show(self, rows: int) -> None:
        """Let the view know the first `rows` ids, or as many as there are."""
        known = self.rowCount()
        wanted = min(rows, len(self._ids))
        if wanted > known:
            self._move(self.insertRows, known, wanted - known)

    def canFetchMore(self, parent: _Index) -> bool:
        """Asked by the view when it is scrolled to its end."""
        return not parent.isValid() and not self._moving and self.rowCount() < len(self._ids)

    def fetchMore(self, _parent: _Index) -> None:
        """The view is at its end."""
        if self._moving:
            return
        self._show(self.rowCount() + BLOCK)

    def moved(self, ids: Iterable[ItemId]) -> None:
        """The cards of these items changed: those on screen are looked up again."""
        known = [item_id for item_id in ids if self._cards.pop(item_id, None) is not None]
        if known:
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def ids(self) -> Sequence[ItemId]:
        """The ids in order; not to be changed."""
        return self._ids

    def row_of(self, item_id: ItemId) -> int | None:
        """Where an item stands."""
        try:
            return self._ids.index(item_id)
        except ValueError:
            return None

    def card(self, row: int) -> ItemCard | None:
        """The card of a row, with its page when it is not here yet; None when the store has none."""
        item_id = self._ids[row]
        if item_id not in self._cards:
            self._fetch(row)
        return self._cards[item_id]

    def prefetch(self, row: int) -> None:
        """Look up the page of `row` now, so that no paint has to."""
        if 0 <= row < len(self._ids) and self._ids[row] not in self._cards:
            self._fetch(row)

    def _fetch(self, row: int) -> None:
        first = row - row % PAGE
        wanted = [item_id for item_id in self._ids[first : first + PAGE] if item_id not in self._cards]
        for item_id in list(self._cards)[: max(0, len(self._cards) + len(wanted) - _KEPT)]:
            del self._cards[item_id]
        found = self._look_up(wanted)
        self._cards.update({item_id: found.get(item_id) for item_id in wanted})

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The summary; for screen readers the whole row."""
        spoken = role == Qt.ItemDataRole.AccessibleTextRole
        if not (spoken or role == Qt.ItemDataRole.DisplayRole) or not 0 <= index.row() < len(self._ids):
            return None
        card = self.card(index.row())
        if card is None:
            return ""
        return card_spoken(card, self.now) if spoken else card.summary


def _no_cards(_ids: Sequence[ItemId]) -> Mapping[ItemId, ItemCard]:
    return {}


def _same(one: Sequence[ItemId], other: Sequence[ItemId]) -> int:
    """How many ids at the beginning of both are the same."""
    for n, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return n
    return min(len(one), len(other))
