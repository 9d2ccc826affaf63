"""The queue as a list: rows of one height, and a scroll thumb of its own that stands over them.

Qt's own scroll bar repaints itself at once at every change of its range, which costs more than all the rows together;
and it would only know the rows the view knows. This one tells the truth about all ten thousand.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QCursor, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QStyle, QWidget

from modstation.ui import theme
from modstation.ui.rail.lists import END, START, RowList
from modstation.ui.rail.model import RailModel
from modstation.ui.text import tr

_Index = QModelIndex | QPersistentModelIndex
_STRIP, _THUMB, _THUMB_MIN = 10, 6, 28
_AHEAD = 2  # rows kept in sight after the one on the desk


class WaitingList(RowList):
    """The queue. A person scrolls by wheel, keys, or the thumb."""

    def __init__(self, model: RailModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = model
        self._grip: int | None = None  # where on the thumb it was taken, while it is dragged
        self._thumb_seen = QRect()  # where it stands on the screen now
        self.empty_words = tr("Nothing waits for you.")
        self.setModel(model)
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Waiting items"))

    def row_height(self) -> int:
        """The height of every row."""
        return theme.scaled(theme.tokens().px["rail_row"])

    def rows_in_sight(self) -> range:
        """The rows that are at least partly on screen."""
        first = self.verticalScrollBar().value() // self.row_height()
        many = self.viewport().height() // self.row_height() + 2
        return range(first, min(first + many, len(self._queue.ids())))

    def bring(self, row: int) -> None:
        """Scroll until the row and the two after it are in sight. Asks Qt for nothing when they are already."""
        height = self.row_height()
        top = row * height - self.verticalScrollBar().value()
        if top >= 0 and top + (1 + _AHEAD) * height <= self.viewport().height():
            return
        self._queue.show_row(row)
        self.scrollTo(self._queue.index(min(row + _AHEAD, self._queue.rowCount() - 1)))
        self.scrollTo(self._queue.index(row))
        cut = self.verticalScrollBar().value() % height
        if cut:  # the list begins with a whole row, unless its end is in sight
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + height - cut)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the row that is on the desk in sight, unless somebody had scrolled away from it."""
        super().resizeEvent(event)
        chosen = self.selectionModel().selectedRows()
        if not chosen or event.oldSize().height() <= event.size().height():
            return
        height = self.row_height()
        top = chosen[0].row() * height - self.verticalScrollBar().value()
        if 0 <= top <= event.oldSize().height() - height and top + height > self.viewport().height():
            self.bring(chosen[0].row())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The rows on the screen are moved, and the thumb with them: it is painted anew where it was and will be."""
        super().scrollContentsBy(dx, dy)
        self._thumb_seen.translate(dx, dy)
        self.viewport().update(self._thumb_seen)
        self.viewport().update(self._thumb())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the thumb, or choose a row."""
        thumb, at = self._thumb(), event.position().toPoint()
        if thumb.isEmpty() or not self._strip().contains(at):
            super().mousePressEvent(event)
            return
        self._grip = at.y() - thumb.top() if thumb.contains(at) else thumb.height() // 2
        self._drag(at.y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the thumb that was taken."""
        if self._grip is None:
            super().mouseMoveEvent(event)
        else:
            self._drag(event.position().toPoint().y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        if self._grip is None:
            super().mouseReleaseEvent(event)
            return
        self._grip = None
        self.viewport().update(self._strip())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows and the thumb; a sentence when nothing waits."""
        if not self._queue.ids():
            self._paint_empty()
            return
        painter = QPainter(self.viewport())
        self._paint_rows(painter, event.region())
        self._thumb_seen = thumb = self._thumb()
        if thumb.isEmpty():
            return
        t = theme.tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.line_key if self._grip is None else t.line_control)
        spare = (_STRIP - _THUMB) // 2
        painter.drawRoundedRect(QRectF(thumb.adjusted(spare, 1, -spare, -1)), _THUMB / 2, _THUMB / 2)

    def _paint_rows(self, painter: QPainter, region: QRegion) -> None:
        """All rows are of one height, so that the view need not be asked about each of them."""
        height, width, direction = self.row_height(), self.viewport().width(), self.layoutDirection()
        scrolled = self.verticalScrollBar().value()
        chosen = self.selectionModel().selectedRows()
        selected = chosen[0].row() if chosen else -1
        hover = self._row_under_mouse()
        for row in self.rows_in_sight():
            rect = QRect(0, row * height - scrolled, width, height)
            if region.intersects(rect) and (card := self._queue.card(row)) is not None:
                shown = card, self._queue.now
                self.rows.card(painter, rect, shown, direction, selected=row == selected, hover=row == hover)

    def draw_ahead(self, row: int) -> None:
        """Draw what the next step changes: this row left, the one after it chosen, one more come into sight."""
        size = QRect(0, 0, self.viewport().width(), self.row_height())
        beneath = self.rows_in_sight().stop
        for other, selected in ((row, False), (row + 1, True), (beneath - 1, False), (beneath, False)):
            card = self._queue.card(other) if other < len(self._queue.ids()) else None
            if card is not None:
                direction, dpr = self.layoutDirection(), self.devicePixelRatioF()
                self.rows.drawn(size, (card, self._queue.now), direction, dpr, selected=selected, hover=False)

    def _row_under_mouse(self) -> int:
        if not self.viewport().underMouse():
            return -1
        return self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())).row()

    def _paint_empty(self) -> None:
        if self.rows.folded:
            return
        painter = QPainter(self.viewport())
        painter.setFont(theme.font("ui"))
        painter.setPen(theme.tokens().text_muted)
        box = self.viewport().rect().adjusted(START, 4, -END, 0)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            box = self.viewport().rect().adjusted(END, 4, -START, 0)
        side = QStyle.visualAlignment(self.layoutDirection(), Qt.AlignmentFlag.AlignLeft)
        painter.drawText(box, int(side | Qt.TextFlag.TextWordWrap), self.empty_words)

    def _strip(self) -> QRect:
        """The edge where reading ends."""
        area = self.viewport().rect()
        strip = QRect(area.right() + 1 - _STRIP, area.top(), _STRIP, area.height())
        return QStyle.visualRect(self.layoutDirection(), area, strip)

    def _thumb(self) -> QRect:
        """Where the thumb is; empty when all rows are in sight."""
        strip, total = self._strip(), len(self._queue.ids()) * self.row_height()
        height = strip.height()
        if total <= height:
            return QRect()
        length = max(_THUMB_MIN, height * height // total)
        at = (height - length) * self.verticalScrollBar().value() // (total - height)
        return QRect(strip.left(), strip.top() + min(at, height - length), _STRIP, length)

    def _drag(self, y: int) -> None:
        """Scroll so that the taken point of the thumb is at `y`."""
        thumb, height = self._thumb(), self.viewport().height()
        total = len(self._queue.ids()) * self.row_height()
        way = max(1, height - thumb.height())
        value = min(total - height, max(0, (y - (self._grip or 0)) * (total - height) // way))
        self._queue.show_row((value + height) // self.row_height())
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(value)
        self.viewport().update(self._strip())
