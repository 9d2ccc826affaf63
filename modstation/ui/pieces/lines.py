"""Lists of painted lines: one model for all of them, looked up by place, headings included."""

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Line(Protocol):
    """What a list needs to know of a line; the delegate knows the rest."""

    @property
    def spoken(self) -> str:
        """The whole line in words."""
        ...

    @property
    def selectable(self) -> bool:
        """Whether the line can be chosen; headings can't."""
        ...


L = TypeVar("L", bound=Line)


class Lines(QAbstractListModel, Generic[L]):
    """Frozen lines in order."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[L, ...] = ()

    def reset(self, lines: Sequence[L]) -> None:
        """Show these lines instead."""
        self.beginResetModel()
        self._lines = tuple(lines)
        self.endResetModel()

    def retell(self, lines: Sequence[L]) -> None:
        """Say the same lines in other words: as many, about the same, so that nobody loses the place."""
        self._lines = tuple(lines)
        self.dataChanged.emit(self.index(0), self.index(len(self._lines) - 1))

    def line(self, row: int) -> L | None:
        """The line at `row`; None beyond the end."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def selectable_from(self, row: int, step: int) -> int:
        """The first line that can be chosen from `row` on, in steps of `step`; -1 when there is none."""
        while 0 <= row < len(self._lines):
            if self._lines[row].selectable:
                return row
            row += step
        return -1

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """How many lines there are."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line in words."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} and index.isValid():
            return self._lines[index.row()].spoken
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Headings are neither chosen nor focused."""
        line = self.line(index.row())
        if line is None or not line.selectable:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
