"""The clauses of a list, to read and to choose from."""

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStyle, QStyleFactory, QWidget

from modstation.core.ids import ClauseId
from modstation.ui import paint, theme
from modstation.ui.side.lists import NOWHERE, PanelList, keep_in_sight
from modstation.ui.side.rows import ROW, ClauseDelegate, ClauseRows

_NUMBERS = 44  # one edge for the titles of most items
_THUMB, _THUMB_MIN = 6, 24


class ClauseList(PanelList):
    """A list of clauses. Arrows and a click read; Enter, a double click and a second click choose.

    Signals:
        read: the clause id of the row that became current by the person's hand.
        chosen: the clause id of the row that was chosen.
        left: Esc.
    """

    read = Signal(str)
    chosen = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget, row: int = ROW) -> None:
        super().__init__(parent)
        self.searched = False  # somebody is at the list, from the search field
        self.rows = ClauseRows()
        self._delegate = ClauseDelegate(self, row=row)
        self.rows.modelReset.connect(self._measure)  # before the view hears of it and asks how high they are
        self.rows.dataChanged.connect(self._measure)
        theme.signals.changed.connect(self._measure)  # after the delegate's own: caps and numbers have grown
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setResizeMode(PanelList.ResizeMode.Adjust)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # see `paintEvent`
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        plain = QStyleFactory.create("Fusion")  # rows paint themselves: asking our style, in Python, only costs time
        plain.setParent(self)
        self.setStyle(plain)

    def set_offers(self, *, offers: bool) -> None:
        """Whether a clause can be chosen now, or only read. The same again, as for most items, paints nothing."""
        if offers != self._delegate.offers:
            self._delegate.offers = offers
            self.viewport().update()

    def rest(self, *, on: bool) -> None:
        """Whether the digits of the rows do nothing now: another one is waited for."""
        if on != self._delegate.rests:
            self._delegate.rests = on
            self.viewport().update()

    def height_of(self, rows: int) -> int:
        """What the first `rows` rows need, as wide as the list is: one that is hidden has not told its viewport yet."""
        if self.viewport().width() != self.width():
            self.viewport().resize(self.size())
        return sum(self._delegate.height(row) for row in self.rows.rows[:rows])

    def show_current(self, clause_id: ClauseId | None) -> None:
        """Mark the row of `clause_id` as the one being read, without telling anybody."""
        at = self.rows.row_of(clause_id)
        if at == self.currentIndex().row():
            return
        if at < 0:
            self.setCurrentIndex(NOWHERE)
            return
        self.setCurrentIndex(self.rows.index(at))

    def step(self, step: int) -> None:
        """Read the next (1) or the previous (-1) row."""
        count = self.rows.rowCount()
        if count:
            at = min(count - 1, max(0, self.currentIndex().row() + step))
            self.setCurrentIndex(self.rows.index(at))
            self.read.emit(self.rows.rows[at].clause_id)

    def choose(self) -> None:
        """Choose the row that is being read, when it can be chosen."""
        at = self.currentIndex().row()
        if at >= 0 and self.rows.rows[at].citable and self._delegate.offers:
            self.chosen.emit(self.rows.rows[at].clause_id)

    def _measure(self) -> None:
        if self._delegate.measure(((0, row) for row in self.rows.rows), _NUMBERS):
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows read, Enter chooses, Esc leaves; letters are commands of the window."""
        key = event.key()
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}
        if key in steps:
            self.step(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Read the row; choose it when it is the one being read."""
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        again = index == self.currentIndex()
        self.setCurrentIndex(index)
        if again:
            self.choose()
        else:
            self.read.emit(self.rows.rows[index.row()].clause_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Choose the row."""
        if self.indexAt(event.position().toPoint()).isValid():
            self.choose()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """With another height, what is read stays in sight, whole."""
        super().resizeEvent(event)
        keep_in_sight(self)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Enter at the row being read, else at the first."""
        if not self.currentIndex().isValid() and self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(0))
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The thumb goes with the focus."""
        super().focusOutEvent(event)
        self.viewport().update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The thumb comes with the mouse."""
        super().enterEvent(event)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        """The thumb goes with the mouse."""
        super().leaveEvent(event)
        self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The thumb does not move with the rows."""
        super().scrollContentsBy(dx, dy)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows on the ground of the panel; over them, while somebody is at the list, a thumb."""
        super().paintEvent(event)
        most = self.verticalScrollBar().maximum()
        if not most or not (self.searched or self.hasFocus() or self.underMouse()):
            return
        area = self.viewport().rect()
        length = max(_THUMB_MIN, area.height() * area.height() // (area.height() + most))
        top = (area.height() - length) * self.verticalScrollBar().value() // most
        thumb = QRect(area.right() - _THUMB - 1, top, _THUMB, length)
        painter = QPainter(self.viewport())
        shown = QStyle.visualRect(self.layoutDirection(), area, thumb)
        paint.rounded(painter, shown, _THUMB / 2, theme.tokens().line_key)
