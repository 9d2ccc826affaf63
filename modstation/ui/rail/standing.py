"""The few lines above the queue: decisions that came back, and the newest one that can still be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from modstation.ui.rail.entry import RailEntry, entry_spoken
from modstation.ui.text import tr, trn

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
AT_MOST = 3  # returned entries shown here; the Returned view has them all


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's name, and a few words at its end."""

    title: str
    trailing: str = ""


Line = Heading | RailEntry


def lines(returned: Sequence[RailEntry], held: Sequence[RailEntry]) -> tuple[Line, ...]:
    """The lines to show.

    What a lead has stands under a heading of its own, as in the outbox. Of the held ones only the newest: it is the one
    that "undo" takes back, and so the section keeps its height while somebody works steadily.
    """
    shown: list[Line] = []
    mine = [entry for entry in returned if not entry.with_lead]
    theirs = [entry for entry in returned if entry.with_lead]
    shown += _section(tr("Returned to you"), mine, AT_MOST)
    shown += _section(tr("With your lead"), theirs, max(1, AT_MOST - len(mine)))
    if held:
        more = trn("{n} more", "{n} more", len(held) - 1) if len(held) > 1 else ""
        shown += [Heading(tr("Decided, can be undone"), more), max(held, key=lambda e: e.seconds_left)]
    return tuple(shown)


def _section(title: str, entries: Sequence[RailEntry], at_most: int) -> list[Line]:
    if not entries:
        return []
    more = tr("{n} in all", n=len(entries)) if len(entries) > at_most else ""
    return [Heading(title, more), *entries[:at_most]]


class StandingModel(QAbstractListModel):
    """Headings and entries; a handful of rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Line, ...] = ()

    def show(self, new: tuple[Line, ...]) -> bool:
        """Show these lines; True when headings came or went, so that the list needs another height."""
        if [_shape(line) for line in new] == [_shape(line) for line in self._lines]:
            changed = [n for n, (a, b) in enumerate(zip(new, self._lines, strict=True)) if a != b]
            self._lines = new
            if changed:
                self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
            return False
        self.beginResetModel()
        self._lines = new
        self.endResetModel()
        return True

    def line(self, row: int) -> Line:
        """The line of a row."""
        return self._lines[row]

    def lines(self) -> tuple[Line, ...]:
        """All lines, in order."""
        return self._lines

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """How many lines there are."""
        return 0 if parent.isValid() else len(self._lines)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings can't be chosen."""
        if index.isValid() and isinstance(self._lines[index.row()], Heading):
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The summary or the heading; for screen readers the whole line."""
        if not index.isValid() or role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return None
        line = self._lines[index.row()]
        if isinstance(line, Heading):
            return line.title
        return line.summary if role == Qt.ItemDataRole.DisplayRole else entry_spoken(line)


def _shape(line: Line) -> str:
    return line.title if isinstance(line, Heading) else ""
