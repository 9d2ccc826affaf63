"""The strip at the bottom: connection, the three marks, work without a connection, lease.

It is painted, not laid out: each cell keeps the width it once needed, so that no number ever moves its neighbour, and
only the cells whose words changed are painted again.
"""

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStyle, QToolTip, QWidget

from modstation.ui import paint, theme
from modstation.ui.chrome.view import Cell, StatusView, end_cells, start_cells

_EDGE, _PAD, _GAP = 16, 12, 6


class StatusStrip(QWidget):
    """How the station stands, in one line.

    Signals:
        clicked(str): a person clicked a cell: ``link``, ``saved``, ``accepted``, ``returned``, ``work``, ``fetching``,
            ``lease``.
    """

    clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = StatusView()
        self._widths: dict[str, int] = {}
        self._placed: list[tuple[QRect, Cell]] = []
        self._groups: set[int] = set()  # places of cells that begin a group: nothing separates them from emptiness
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.signals.changed.connect(self._theme_changed)
        self._place()

    def show_status(self, view: StatusView) -> None:
        """Show how the station stands now; cheap when little changed."""
        if view == self._view:
            return
        self._view = view
        before = self._placed
        self._place()
        if [box for box, _ in before] != [box for box, _ in self._placed]:
            self.update()
        else:
            for (box, cell), (_, old) in zip(self._placed, before, strict=True):
                if cell != old:
                    self.update(box)

    def words(self) -> str:
        """Everything the strip says, for screen readers and tests."""
        return ", ".join(cell.text for cell in (*start_cells(self._view), *end_cells(self._view)))

    def _theme_changed(self) -> None:
        self._widths.clear()
        self._place()
        self.update()

    def _width(self, cell: Cell) -> int:
        """What the cell needs; never less than it once needed."""
        icon = theme.scaled(theme.tokens().px["icon_small"]) + _GAP if cell.icon else 0
        words = max(theme.width(words, "meta", 600) for words in (cell.text, cell.reserve))
        wide = max(self._widths.get(cell.name, 0), words + icon)
        self._widths[cell.name] = wide
        return wide

    def _place(self) -> None:
        """Give each cell its rectangle: from both ends inwards; what finds no room is left out, work first."""
        placed: list[tuple[QRect, Cell]] = []
        right = self.width() - _EDGE
        end = end_cells(self._view)
        for cell in reversed(end):
            wide = self._width(cell)
            placed.append((QRect(right - wide, 0, wide, self.height()), cell))
            right -= wide + 2 * _PAD
        self._groups = {len(end) - 1, len(end)}
        x = _EDGE
        for cell in start_cells(self._view):
            wide = self._width(cell)
            if x + wide > right:
                break
            placed.append((QRect(x, 0, wide, self.height()), cell))
            x += wide + 2 * _PAD
        whole, direction = self.rect(), self.layoutDirection()
        self._placed = [(QStyle.visualRect(direction, whole, box), cell) for box, cell in placed]
        self.setAccessibleName(self.words())
        self.setAccessibleDescription(self._view.problem)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the window."""
        self._place()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell which cell was clicked."""
        for box, cell in self._placed:
            if box.adjusted(-_PAD, 0, _PAD, 0).contains(event.position().toPoint()):
                self.clicked.emit(cell.name)
                return

    def event(self, event: QEvent) -> bool:
        """The connection says why when the mouse rests on it."""
        if isinstance(event, QHelpEvent) and self._view.problem:
            for box, cell in self._placed:
                if cell.name == "link" and box.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), self._view.problem, self)
                    return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cells that are in the region to paint."""
        t, direction, region = theme.tokens(), self.layoutDirection(), event.rect()
        painter = QPainter(self)
        painter.fillRect(region, t.bg_window)
        paint.hairline(painter, region.left(), 0, region.right(), 0)
        for n, (box, cell) in enumerate(self._placed):
            if not box.adjusted(-_PAD, 0, _PAD, 0).intersects(region):
                continue
            if n not in self._groups:
                self._separator(painter, box, direction)
            self._paint_cell(painter, box, cell)

    def _separator(self, painter: QPainter, box: QRect, direction: Qt.LayoutDirection) -> None:
        x = box.right() + _PAD if direction == paint.RTL else box.left() - _PAD
        middle = self.height() // 2
        half = theme.scaled(7)
        paint.hairline(painter, x, middle - half, x, middle + half - 1)

    def _paint_cell(self, painter: QPainter, box: QRect, cell: Cell) -> None:
        t, direction = theme.tokens(), self.layoutDirection()
        color = t.colour(cell.role)
        at = 0
        if cell.icon:
            size = theme.scaled(t.px["icon_small"])
            place = QStyle.visualRect(direction, box, QRect(box.left(), box.top(), size, box.height()))
            theme.icons.paint(painter, place, cell.icon, color)
            at = size + _GAP
        words = QStyle.visualRect(direction, box, box.adjusted(at, 0, 0, 0))
        font = theme.font("meta", 600 if cell.strong else 400)
        paint.draw(painter, words, cell.text, font, color, direction=direction)
