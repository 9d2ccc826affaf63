"""What the lists of the side panel share: rows set whole, and a quiet view on the panel's ground."""

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyle, QStyleOptionViewItem, QWidget

from modstation.ui import theme

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ROW_ROLE = Qt.ItemDataRole.UserRole
PAD = 20
WRAP = int(Qt.TextFlag.TextWordWrap)


class Row(Protocol):
    """What a list needs to know of a row; its delegate knows the rest."""

    @property
    def spoken(self) -> str:
        """The row in words."""
        ...

    @property
    def of(self) -> object:
        """What the row is about, whatever is said of it."""
        ...


R = TypeVar("R", bound=Row)


class Rows(QAbstractListModel, Generic[R]):
    """The rows of a list; set whole, and only when they differ."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[R, ...] = ()

    @property
    def rows(self) -> tuple[R, ...]:
        """What is shown."""
        return self._rows

    def set_rows(self, rows: Sequence[R]) -> bool:
        """Show `rows`; says whether anything changed. Rows about the same, with other marks, keep the place."""
        rows = tuple(rows)
        if rows == self._rows:
            return False
        if [row.of for row in rows] == [row.of for row in self._rows]:
            self._rows = rows
            self._tell_marks()
            return True
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
        return True

    def _tell_marks(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row, or its words."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.spoken
        return None


class PanelList(QListView):
    """Rows that paint themselves, on the ground of the panel."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setProperty("ring", "inside")
        self.viewport().setAutoFillBackground(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows on the ground of the panel."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.tokens().bg_panel)
        painter.end()
        super().paintEvent(event)


def standing(option: QStyleOptionViewItem) -> tuple[bool, bool]:
    """Whether the row to paint is selected, and whether the mouse is over it."""
    state: QStyle.StateFlag = option.state
    return bool(state & QStyle.StateFlag.State_Selected), bool(state & QStyle.StateFlag.State_MouseOver)


def keep_in_sight(view: QAbstractItemView) -> None:
    """Scroll to what is read, and leave no scrap of a row above it: all of it where there is room, else nothing."""
    view.verticalScrollBar().setValue(0)  # no further down than it takes
    view.scrollTo(view.currentIndex())
    cut, read = view.visualRect(view.indexAt(QPoint(0, 0))), view.visualRect(view.currentIndex())
    if not read.isValid() or cut.top() >= 0 or cut.top() == read.top():
        return
    fits = read.bottom() - cut.top() < view.viewport().height()
    bar = view.verticalScrollBar()
    bar.setValue(bar.value() + (cut.top() if fits else cut.bottom() + 1))
