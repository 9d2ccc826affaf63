"""What the two lists of the rail share: rows painted by a delegate, choices told only when a person made them."""

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleFactory,
    QStyleOptionViewItem,
    QWidget,
)

from modstation.core.item import ItemCard
from modstation.ui import paint, theme
from modstation.ui.paint import Row
from modstation.ui.rail.entry import RailEntry, card_row, entry_row, lease_words
from modstation.ui.rail.model import RailModel
from modstation.ui.rail.standing import Heading, StandingModel

_Index = QModelIndex | QPersistentModelIndex
HEADING = 28
START, END = 16, 12


def heading(painter: QPainter, rect: QRect, shown: Heading, direction: Qt.LayoutDirection) -> None:
    """A section's name at the start, a few words at the end."""
    muted, font = theme.tokens().text_muted, theme.font("caption", 500)
    inner = QStyle.visualRect(direction, rect, rect.adjusted(START, 0, -END, 0))
    paint.draw(painter, inner, shown.title, font, muted, direction=direction)
    if shown.trailing:
        paint.draw(painter, inner, shown.trailing, font, muted, direction=direction, at_end=True)


def folded_row(
    painter: QPainter, rect: QRect, shown: Row, direction: Qt.LayoutDirection, *, selected: bool, hover: bool
) -> None:
    """A row of the folded rail: the drawing, or the time of a lease near its end; beneath it severity or mark."""
    t = theme.tokens()
    paint.row_ground(painter, rect, direction, selected=selected, hover=hover)
    color = shown.detail_color or (t.text_secondary if selected else t.text_muted)
    size = theme.scaled(t.px["icon"])
    upper = QRect(rect.left(), rect.top() + rect.height() // 2 - size, rect.width(), size)
    lower = QRect(rect.left(), upper.bottom() + 3, rect.width(), theme.scaled(16))
    if shown.instead:
        upper.adjust(0, -1, 0, 0)
        painter.setFont(theme.font("meta", 600))
        painter.setPen(shown.trailing_color or color)
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, shown.instead)
    else:
        theme.icons.paint(painter, upper, shown.icon, color)
    if shown.severity >= 0:
        wide = paint.severity_width(shown.severity)
        start = lower.center().x() - wide / 2 if direction == paint.LTR else lower.center().x() + wide / 2
        paint.severity(painter, start, lower.center().y(), shown.severity, direction)
    elif shown.ring >= 0:
        paint.ring(painter, lower.center().toPointF(), theme.scaled(14), shown.ring)
    elif shown.detail_icon:
        theme.icons.paint(painter, lower.adjusted(0, 1, 0, -1), shown.detail_icon, color)


_Drawn = tuple[int, str, bool, bool, int, int, float, Qt.LayoutDirection]
_DRAWN_KEPT = 64  # rows; a tall screen shows thirty


class RowDelegate(QStyledItemDelegate):
    """Paints cards, entries and headings; knows neither widgets nor layouts.

    Rows of the queue are kept as they were painted: at each decision all of them move up by one, and none changes.
    """

    folded = False

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._drawn: dict[_Drawn, tuple[ItemCard, QPixmap]] = {}

    def forget(self) -> None:
        """Drop the rows that are kept: theme, size or folding changed."""
        self._drawn.clear()

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Fixed heights, grown with the text."""
        model = index.model()
        low = isinstance(model, StandingModel) and isinstance(model.line(index.row()), Heading)
        return QSize(0, theme.scaled((8 if self.folded else HEADING) if low else theme.tokens().px["rail_row"]))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        model = index.model()
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        if isinstance(model, RailModel):
            card = model.card(index.row())
            if card is not None:
                self.card(painter, option.rect, (card, model.now), option.direction, selected=selected, hover=hover)
        elif isinstance(model, StandingModel):
            line = model.line(index.row())
            if isinstance(line, RailEntry):
                draw = folded_row if self.folded else paint.row
                draw(painter, option.rect, entry_row(line), option.direction, selected=selected, hover=hover)
            elif not self.folded:
                heading(painter, option.rect, line, option.direction)

    def card(
        self,
        painter: QPainter,
        rect: QRect,
        shown: tuple[ItemCard, datetime | None],
        direction: Qt.LayoutDirection,
        *,
        selected: bool,
        hover: bool,
    ) -> None:
        """A row of the queue, painted once and then copied."""
        dpr = painter.device().devicePixelRatio()
        painter.drawPixmap(rect.topLeft(), self.drawn(rect, shown, direction, dpr, selected=selected, hover=hover))

    def drawn(
        self,
        rect: QRect,
        shown: tuple[ItemCard, datetime | None],
        direction: Qt.LayoutDirection,
        dpr: float,
        *,
        selected: bool,
        hover: bool,
    ) -> QPixmap:
        """A row of the queue as large as `rect`, from what is kept or made now."""
        card, now = shown
        # The card by its identity, which is quicker than by its fields; it is kept beside, so that it stays its own.
        key = (id(card), lease_words(card, now), selected, hover, rect.width(), rect.height(), dpr, direction)
        _, drawn = self._drawn.get(key, (card, None))
        if drawn is None:
            drawn = QPixmap(round(rect.width() * dpr), round(rect.height() * dpr))
            drawn.setDevicePixelRatio(dpr)
            drawn.fill(theme.tokens().bg_window)
            on = QPainter(drawn)
            box = QRect(0, 0, rect.width(), rect.height())
            draw = folded_row if self.folded else paint.row
            draw(on, box, card_row(card, now), direction, selected=selected, hover=hover)
            on.end()
            if len(self._drawn) >= _DRAWN_KEPT:
                del self._drawn[next(iter(self._drawn))]
            self._drawn[key] = card, drawn
        return drawn


class RowList(QListView):
    """A list whose rows a person can choose by mouse and arrow keys.

    Signals:
        picked(int): the row a person chose; moving the selection by program is silent.
    """

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RowDelegate(self)
        self.setItemDelegate(self.rows)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAutoScroll(False)  # it would lay out all rows at each step; see `bring`
        self.setMouseTracking(True)
        self.setProperty("ring", "inside")
        # Lists ask their style a hundred small questions at each change. Ours answers in Python; here nothing of it
        # shows, so that plain Fusion may answer.
        plain = QStyleFactory.create("Fusion")
        plain.setParent(self)
        for asking in (self, self.viewport(), self.verticalScrollBar(), self.horizontalScrollBar()):
            asking.setStyle(plain)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.clicked.connect(self._clicked)

    def _clicked(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.picked.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys choose. Letters are commands of the desk, not a search in the list."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.picked.emit(self.currentIndex().row())
            return
        if event.text() and event.text().isprintable():
            event.ignore()
            return
        before = self.currentIndex()
        super().keyPressEvent(event)
        after = self.currentIndex()
        if after.isValid() and after != before:
            self.bring(after.row())
            self.picked.emit(after.row())

    def bring(self, row: int) -> None:
        """Scroll until the row is in sight."""
        self.scrollTo(self.model().index(row, 0))

    def keyboardSearch(self, _words: str) -> None:
        """None: letters are commands of the desk."""
