"""Clauses as rows: what a row shows, the model of a list, and how a row is painted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QPainter,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from modstation.core.ids import ClauseId
from modstation.ui import paint, theme
from modstation.ui.side.lists import PAD, ROW_ROLE, WRAP, Index, Rows, standing
from modstation.ui.text import tr
from modstation.ui.theme import icons

ROW = 36
_AIR = 8  # above and beneath a title of several lines
_CAP_GAP = _NUMBER_GAP = _END_GAP = 10
_MARK, _MARK_GAP = 16, 6  # before the severity: a ring where the row can be chosen, a tick where it is
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
    """Paints a `ClauseRow`: cap, number, title, mark, severity. Titles of rows with one indent begin at one edge.

    Attributes:
        offers: whether a clause can be chosen; else it is only read.
        rests: whether the keys of the rows do nothing now; their caps keep their room.
    """

    def __init__(self, view: QAbstractItemView, pad: int = PAD, row: int = ROW) -> None:
        super().__init__(view)
        self.offers, self.rests = True, False
        self._view, self._pad, self._row = view, pad, row
        self._caps = 0
        self._numbers: dict[int, int] = {}  # how wide the numbers are, by the indent of their rows
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
        caps, numbers = 0, dict[int, int]()
        for indent, row in rows:
            caps = max(caps, paint.key_cap_width(row.key) + theme.scaled(_CAP_GAP) if row.key else 0)
            if row.number:
                width = max(theme.scaled(least), theme.width(row.number, "ui") + _NUMBER_GAP)
                numbers[indent] = max(numbers.get(indent, 0), width)
        moved = (caps, numbers) != (self._caps, self._numbers)
        self._caps, self._numbers = caps, numbers
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
        key = (row, rect.width(), rect.height(), start, self.offers, self.rests, current, hover, option.direction, dpr)
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
        return self._pad + self._caps + self._numbers.get(indent, 0)

    def _end_room(self, row: ClauseRow) -> int:
        """What is kept for mark and severity at the end, shown or not, so that no title wraps anew."""
        if not row.citable:
            return 0
        found = self._ends.get(row.severity)
        if found is None:
            severity = theme.scaled(_MARK_GAP) + paint.severity_width(row.severity) if row.severity else 0
            found = self._ends[row.severity] = theme.scaled(_MARK) + severity + _END_GAP
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
        if row.key and not self.rests:
            box = at(x, paint.key_cap_width(row.key))
            start = box.right() + 1 if direction == paint.RTL else box.left()
            color = t.accent_text if row.chosen else None
            paint.key_cap(painter, start, rect.height() / 2, row.key, direction, color=color)
        x += self._caps
        end = rect.width() - PAD
        if row.citable and row.severity:
            width = paint.severity_width(row.severity)
            box = at(end - width, width)
            start = box.right() + 1 if direction == paint.RTL else box.left()
            paint.severity(painter, start, rect.height() / 2, row.severity, direction)
            end -= width + theme.scaled(_MARK_GAP)
        if row.chosen or (self.offers and current and row.citable):
            self._paint_mark(painter, at(end - theme.scaled(_MARK), theme.scaled(_MARK)), chosen=row.chosen)
        if row.number:
            font = theme.font("ui")
            paint.draw(painter, at(x, title_at - x), row.number, font, t.text_secondary, direction=direction)
        font = theme.font("ui", 600 if current or row.chosen or not row.citable else 500)
        end = rect.width() - PAD - self._end_room(row)
        self._paint_title(painter, at(title_at, end - title_at), row.title, font, direction)

    def _paint_ground(
        self, painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, *, current: bool, hover: bool
    ) -> None:
        paint.row_ground(painter, rect, direction, selected=current, hover=hover)

    @staticmethod
    def _paint_mark(painter: QPainter, box: QRect, *, chosen: bool) -> None:
        """A tick, or the ring that a click or Enter turns into one."""
        color = theme.tokens().accent_text
        size = box.width()
        square = QRect(box.left(), box.center().y() - size // 2 + 1, size, size)
        if chosen:
            icons.paint(painter, square, "check", color)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(square).adjusted(2, 2, -2, -2))

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
