"""Clauses as rows of a list: what a row shows, the model, and how it is painted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleFactory,
    QStyleOptionViewItem,
    QWidget,
)

from modstation.core.ids import ClauseId
from modstation.ui import paint, theme
from modstation.ui.side.lists import NOWHERE, PAD, ROW_ROLE, WRAP, Index, PanelList, Rows, standing
from modstation.ui.text import tr

ROW = 36
_AIR = 8  # above and beneath a title of several lines
_CAP_GAP = _NUMBER_GAP = _END_GAP = 10
_STACKED = 8  # words and severity at the end of a row, from its middle
_NUMBERS = 44  # one edge for the titles of most items
_THUMB, _THUMB_MIN = 6, 24
_KEPT = 192  # pictures of rows, about 60 KB each


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause in a list.

    Attributes:
        key: the key that chooses it; empty when there is none.
        citable: headings can be read, not chosen.
    """

    clause_id: ClauseId
    number: str
    title: str
    key: str = ""
    severity: int = 0
    chosen: bool = False
    citable: bool = True

    @property
    def of(self) -> ClauseId:
        """The clause."""
        return self.clause_id

    @property
    def trailing(self) -> str:
        """The short words at the end of the row."""
        severity = tr("severity {n}", n=self.severity) if self.citable and self.severity else ""
        return ", ".join(filter(None, (tr("chosen") if self.chosen else "", severity)))

    @property
    def spoken(self) -> str:
        """The row in words."""
        parts = [f"{self.number} {self.title}".strip(), self.trailing]
        if self.key:
            parts.append(tr("key {key}", key=self.key))
        return ", ".join(part for part in parts if part)


class ClauseRows(Rows[ClauseRow]):
    """The rows of a list; set whole, and only when they differ."""

    def row_of(self, clause_id: ClauseId | None) -> int:
        """Where a clause is; -1 when it is not here."""
        return next((n for n, row in enumerate(self.rows) if row.clause_id == clause_id), -1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row, or its words."""
        if role == Qt.ItemDataRole.ToolTipRole and index.isValid():
            row = self.rows[index.row()]
            return f"{row.number} {row.title}".strip()
        return super().data(index, role)


class ClauseDelegate(QStyledItemDelegate):
    """Paints a `ClauseRow`: cap, number, title, trailing words. Titles begin at one edge, however deep a row stands.

    Attributes:
        offers: whether a clause can be chosen; else it is only read.
    """

    def __init__(self, view: QAbstractItemView, pad: int = PAD, row: int = ROW) -> None:
        super().__init__(view)
        self.offers = True
        self._view, self._pad, self._row = view, pad, row
        self._caps = 0
        self._edge = 0
        self._kept: dict[tuple[object, ...], QPixmap] = {}
        self._heights: dict[tuple[str, int], int] = {}
        self._ends: dict[int, int] = {}  # by severity
        theme.signals.changed.connect(self._forget)

    def measure(self, rows: Iterable[tuple[int, ClauseRow]], least: int) -> bool:
        """Make room for the caps and numbers of these rows; says whether that moves the titles.

        Args:
            rows: how far a row is indented, in px, and the row.
            least: the narrowest that the column of numbers becomes, in px of the design.
        """
        caps, edge = 0, 0
        for indent, row in rows:
            caps = max(caps, paint.key_cap_width(row.key) + theme.scaled(_CAP_GAP) if row.key else 0)
            if row.number:
                edge = max(edge, theme.scaled(least), indent + theme.width(row.number, "ui") + _NUMBER_GAP)
        moved = (caps, edge) != (self._caps, self._edge)
        self._caps, self._edge = caps, edge
        return moved

    def height(self, row: ClauseRow, indent: int = 0) -> int:
        """What a row needs in the view as wide as it is: all lines of its title, whatever is said at its end."""
        width = self._view.viewport().width() - indent - PAD - self._start(indent) - self._end_room(row)
        found = self._heights.get((row.title, width))
        if found is None:
            box = QRect(0, 0, max(1, width), 10_000)
            metrics = QFontMetrics(theme.font("ui", 600))
            lines = metrics.boundingRect(box, WRAP, row.title).height()
            one_line = metrics.horizontalAdvance(row.title) <= width  # as it is painted: wrapping rounds otherwise
            found = max(theme.scaled(self._row), 0 if one_line else lines + 2 * theme.scaled(_AIR))
            self._heights[(row.title, width)] = found
        return found

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its lines."""
        return QSize(100, self.height(index.data(ROW_ROLE), self._indent(index)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row, from the pictures kept: the same few rows come back with item after item."""
        row: ClauseRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        current, hover = standing(option)
        dpr = painter.device().devicePixelRatio()
        indent = self._view.viewport().width() - rect.width()
        start = self._start(indent)
        key = (row, rect.width(), rect.height(), start, self.offers, current, hover, option.direction, dpr)
        picture = self._kept.get(key)
        if picture is None:
            picture = QPixmap(rect.size() * dpr)
            picture.setDevicePixelRatio(dpr)
            picture.fill(theme.tokens().bg_panel)
            inner = QPainter(picture)
            inside = QRect(0, 0, rect.width(), rect.height())
            self._paint_row(inner, inside, row, start, option.direction, current=current, hover=hover)
            inner.end()
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))  # the one painted first
            self._kept[key] = picture
        painter.drawPixmap(rect.topLeft(), picture)

    def _indent(self, _index: Index) -> int:
        """How far the view indents a row; a list does not."""
        return 0

    def _start(self, indent: int) -> int:
        """Where titles begin, from where a row with this indent begins."""
        return self._pad + self._caps + max(0, self._edge - indent)

    def _end_room(self, row: ClauseRow) -> int:
        """What is kept for the words at the end, whichever of them is shown, so that no title wraps anew."""
        if not row.citable:
            return 0
        found = self._ends.get(row.severity)
        if found is None:
            words = max(theme.width(tr("choose"), "meta", 600), theme.width(tr("chosen"), "meta", 600))
            found = max(words, paint.severity_width(row.severity) if row.severity else 0) + _END_GAP
            self._ends[row.severity] = found
        return found

    def _forget(self) -> None:
        self._kept.clear()
        self._heights.clear()
        self._ends.clear()

    def _paint_row(
        self,
        painter: QPainter,
        rect: QRect,
        row: ClauseRow,
        title_at: int,
        direction: Qt.LayoutDirection,
        *,
        current: bool,
        hover: bool,
    ) -> None:
        t = theme.tokens()
        self._paint_ground(painter, rect, direction, current=current, hover=hover)

        def at(x: int, width: int) -> QRect:
            return QStyle.visualRect(direction, rect, QRect(x, 0, max(0, width), rect.height()))

        x = self._pad
        if row.key:
            box = at(x, paint.key_cap_width(row.key))
            start = box.right() + 1 if direction == paint.RTL else box.left()
            color = t.accent_text if row.chosen else None
            paint.key_cap(painter, start, rect.height() / 2, row.key, direction, color=color)
        x += self._caps
        end = rect.width() - PAD
        offer = self.offers and current and row.citable and not row.chosen
        words = tr("choose") if offer else tr("chosen") if row.chosen else ""
        level = row.severity if row.citable else 0
        apart = (
            min(theme.scaled(_STACKED), rect.height() // 4) if words and level else 0
        )  # one above the other: no title loses room
        if words:
            width = theme.width(words, "meta", 600)
            font = theme.font("meta", 600)
            box = at(end - width, width).translated(0, -apart)
            paint.draw(painter, box, words, font, t.accent_text, direction=direction, at_end=True)
        if level:
            width = paint.severity_width(level)
            box = at(end - width, width)
            start = box.right() + 1 if direction == paint.RTL else box.left()
            paint.severity(painter, start, rect.height() / 2 + apart, level, direction)
        if row.number:
            font = theme.font("ui")
            paint.draw(painter, at(x, title_at - x), row.number, font, t.text_secondary, direction=direction)
        font = theme.font("ui", 600 if current or row.chosen or not row.citable else 500)
        self._paint_title(painter, at(title_at, end - self._end_room(row) - title_at), row.title, font, direction)

    def _paint_ground(
        self, painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, *, current: bool, hover: bool
    ) -> None:
        paint.row_ground(painter, rect, direction, selected=current, hover=hover)

    @staticmethod
    def _paint_title(painter: QPainter, box: QRect, title: str, font: QFont, direction: Qt.LayoutDirection) -> None:
        """All its lines; a row is high enough for them."""
        color = theme.tokens().text_primary
        metrics = QFontMetrics(font)
        if metrics.horizontalAdvance(title) <= box.width():
            paint.draw(painter, box, title, font, color, direction=direction)
            return
        side = Qt.AlignmentFlag.AlignRight if direction == paint.RTL else Qt.AlignmentFlag.AlignLeft
        flags = int(side | Qt.AlignmentFlag.AlignVCenter) | WRAP
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(box, flags, title)


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
