"""Clauses as rows of a list: what a row shows, the model, and how it is painted."""

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
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleFactory, QStyleOptionViewItem, QWidget

from modstation.core.ids import ClauseId
from modstation.ui import paint, theme
from modstation.ui.side.lists import NOWHERE, PAD, ROW_ROLE, WRAP, Index, PanelList, Rows, standing
from modstation.ui.text import tr

ROW = 36
_NUMBER_STEP = 22
_THUMB, _THUMB_MIN = 6, 24
_KEPT = 192  # pictures of rows, about 60 KB each


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause in a list.

    Attributes:
        key: the digit that chooses it; empty when there is none.
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
        if self.chosen:
            return tr("chosen")
        return tr("severity {n}", n=self.severity) if self.citable and self.severity else ""

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
    """Paints a `ClauseRow`: cap, number, title, trailing words."""

    def __init__(self, parent: QWidget, pad: int = PAD, row: int = ROW) -> None:
        super().__init__(parent)
        self._pad, self._row = pad, row
        self._kept: dict[tuple[object, ...], QPixmap] = {}
        theme.signals.changed.connect(self._kept.clear)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """All rows are alike."""
        return QSize(100, theme.scaled(self._row))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row, from the pictures kept: the same few rows come back with item after item."""
        row: ClauseRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        current, hover = standing(option)
        dpr = painter.device().devicePixelRatio()
        key = (row, rect.width(), rect.height(), current, hover, option.direction, dpr)
        picture = self._kept.get(key)
        if picture is None:
            picture = QPixmap(rect.size() * dpr)
            picture.setDevicePixelRatio(dpr)
            picture.fill(theme.tokens().bg_panel)
            inner = QPainter(picture)
            self._paint_row(inner, QRect(0, 0, rect.width(), rect.height()), row, option.direction, current, hover)
            inner.end()
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))  # the one painted first
            self._kept[key] = picture
        painter.drawPixmap(rect.topLeft(), picture)

    def _paint_row(
        self, painter: QPainter, rect: QRect, row: ClauseRow, direction: Qt.LayoutDirection, current: bool, hover: bool
    ) -> None:
        t = theme.tokens()
        paint.row_ground(painter, rect, direction, selected=current, hover=hover)

        def at(x: int, width: int) -> QRect:
            return QStyle.visualRect(direction, rect, QRect(x, 0, max(0, width), rect.height()))

        x = self._pad
        if row.key:
            width = paint.key_cap_width(row.key)
            box = at(x, width)
            start = box.right() + 1 if direction == paint.RTL else box.left()
            color = t.accent_text if row.chosen else None
            paint.key_cap(painter, start, rect.height() / 2, row.key, direction, color=color)
            x += width + 10
        elif not row.number and self._pad == PAD:
            x += paint.key_cap_width("9") + 10  # past the ninth no digit is left: titles stay on one edge
        end = rect.width() - PAD
        offer = current and row.citable and not row.chosen
        words = tr("choose") if offer else tr("chosen") if row.chosen else ""
        if words:
            width = theme.width(words, "meta", 600)
            font = theme.font("meta", 600)
            paint.draw(painter, at(end - width, width), words, font, t.accent_text, direction=direction, at_end=True)
            end -= width + 10
        elif row.citable and row.severity:
            width = paint.severity_width(row.severity)
            box = at(end - width, width)
            start = box.right() + 1 if direction == paint.RTL else box.left()
            paint.severity(painter, start, rect.height() / 2, row.severity, direction)
            end -= width + 10
        if row.number:
            step = theme.scaled(_NUMBER_STEP)  # numbers of about the same length leave the titles on one edge
            width = max(
                theme.scaled(44 if self._pad == PAD else 28), -(-(theme.width(row.number, "ui") + 8) // step) * step
            )
            paint.draw(painter, at(x, width), row.number, theme.font("ui"), t.text_secondary, direction=direction)
            x += width
        font = theme.font("ui", 600 if current or row.chosen or not row.citable else 500)
        self._paint_title(painter, at(x, end - x), row.title, font, direction)

    @staticmethod
    def _paint_title(painter: QPainter, box: QRect, title: str, font: QFont, direction: Qt.LayoutDirection) -> None:
        """One line, or two where one is too short; a row is high enough for both."""
        color = theme.tokens().text_primary
        metrics = QFontMetrics(font)
        if metrics.horizontalAdvance(title) <= box.width():
            paint.draw(painter, box, title, font, color, direction=direction)
            return
        side = Qt.AlignmentFlag.AlignRight if direction == paint.RTL else Qt.AlignmentFlag.AlignLeft
        flags = int(side | Qt.AlignmentFlag.AlignVCenter) | WRAP
        needed = metrics.boundingRect(box, flags, title)
        if needed.height() > box.height():
            title = paint.elide(title, font, box.width())
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
        self.setModel(self.rows)
        self.setItemDelegate(ClauseDelegate(self, row=row))
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # see `paintEvent`
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        plain = QStyleFactory.create("Fusion")  # rows paint themselves: asking our style, in Python, only costs time
        plain.setParent(self)
        self.setStyle(plain)

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
        if at >= 0 and self.rows.rows[at].citable:
            self.chosen.emit(self.rows.rows[at].clause_id)

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
