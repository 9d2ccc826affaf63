"""The story of a returned decision in three columns: what you saw, what it is now, what others did.

The first two share their rows, so that a field stands beside what it has become.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, zip_longest

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayoutItem, QVBoxLayout, QWidget

from modstation.ui import paint, theme
from modstation.ui.pieces.cards import Card
from modstation.ui.pieces.lettering import Emphasis, Lettering
from modstation.ui.text import clock, first_strong, tr

_TOP = Qt.AlignmentFlag.AlignTop
_PAD, _NAME, _ROW_GAP = 16, 84, 10


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of the content, before or after; changed words are marked ``new`` or ``gone``."""

    name: str
    words: str
    marks: tuple[Emphasis, ...] = ()


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened since the item was opened. `at` is None where the time is not known."""

    at: datetime | None
    title: str
    detail: str = ""
    yours: bool = False


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column; it is left out when it has neither."""

    title: str
    head: str = ""
    fields: tuple[FieldView, ...] = ()
    events: tuple[EventView, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.head or self.fields or self.events)


class StoryCard(Card):
    """The columns, in one frame."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: tuple[ColumnView, ...] = ()
        self._heads: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(1, 1, 1, 1)
        self._grid.setSpacing(0)
        theme.signals.changed.connect(self._build)

    def tell(self, columns: Sequence[ColumnView]) -> None:
        """Show these columns, without the empty ones."""
        wanted = tuple(column for column in columns if not column.is_empty)
        self.setVisible(bool(wanted))
        if wanted == self._shown:
            return
        self._shown = wanted
        self._build()

    def _build(self) -> None:
        """Made anew also when the text changes its size: widths and dots are measured here."""
        wanted = self._shown
        self._clear()
        rows = max((len(column.fields) for column in wanted), default=0)
        for n, column in enumerate(wanted):
            self._heads.append(_head(column))
            self._put(self._heads[-1], 0, n, 1)
            if column.events:
                self._put(_events(column.events), 1, n, max(1, rows))
        fields = [[(n, field) for field in column.fields] for n, column in enumerate(wanted)]
        named = _name_width([field.name for column in wanted for field in column.fields])
        for row, cells in enumerate(zip_longest(*fields), 1):
            for cell in cells:
                if cell is not None:
                    self._put(_field(cell[1], named), row, cell[0], 1)
        for n in range(3):
            self._grid.setColumnStretch(n, 1 if n < len(wanted) else 0)
            self._grid.setColumnMinimumWidth(n, 1 if n < len(wanted) else 0)  # all alike, whatever stands in them
        last = max(1, rows) + 1
        self._grid.setRowMinimumHeight(last, theme.scaled(_PAD))
        self._grid.setRowStretch(last, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame, a line under the heads, and one between each two columns."""
        super().paintEvent(event)
        if not self._shown:
            return
        painter = QPainter(self)
        heads = [head.geometry() for head in self._heads]
        y = heads[0].bottom()
        paint.hairline(painter, 1, y, self.width() - 2, y)
        for one, other in pairwise(heads):
            x = max(one.left(), other.left())
            paint.hairline(painter, x, 1, x, self.height() - 2)

    def _put(self, widget: QWidget, row: int, column: int, rows: int) -> None:
        self._grid.addWidget(widget, row, column, rows, 1)
        widget.show()  # at once, not when the layout gets round to it

    def _clear(self) -> None:
        self._heads.clear()
        while (old := self._grid.takeAt(0)) is not None:
            _drop(old)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
            self._grid.setRowMinimumHeight(row, 0)


class _Dot(QWidget):
    """A mark on the line of time; one's own is filled."""

    def __init__(self, parent: QWidget, *, filled: bool) -> None:
        super().__init__(parent)
        self._filled = filled
        self.setFixedSize(theme.scaled(10), theme.line("ui"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A ring, or a disc."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(t.mark_returned if self._filled else t.line_control, 1.25))
        painter.setBrush(t.mark_returned if self._filled else Qt.BrushStyle.NoBrush)
        side = theme.scaled(8)
        painter.drawEllipse(QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side))


def _drop(old: QLayoutItem) -> None:
    widget = old.widget()
    if widget is not None:
        widget.hide()
        widget.deleteLater()


def _cell(top: int, bottom: int) -> tuple[QWidget, QVBoxLayout]:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(theme.scaled(_PAD), theme.scaled(top), theme.scaled(_PAD), theme.scaled(bottom))
    column.setSpacing(0)
    return made, column


def _head(column: ColumnView) -> QWidget:
    made, inside = _cell(10, 10)
    inside.addWidget(Lettering(column.title, made, weight=600))
    if column.head:
        inside.addWidget(Lettering(column.head, made, role="meta", color="text_muted"))
    inside.addStretch(1)
    return made


def _name_width(names: Sequence[str]) -> int:
    """The widest of the names, up to a limit: what they leave is for the words that are compared."""
    return min(theme.scaled(_NAME), max((theme.width(name, "meta") + 2 for name in names), default=0))


def _field(field: FieldView, named: int) -> QWidget:
    made, inside = _cell(_ROW_GAP, 0)
    row = QHBoxLayout()
    row.setSpacing(theme.scaled(12))
    name = Lettering(field.name, made, role="meta", color="text_muted")
    name.setFixedWidth(named)
    beside = QVBoxLayout()
    beside.addSpacing((theme.line("reading") - theme.line("meta") + 1) // 2)  # on one line with the words
    beside.addWidget(name, 0, _TOP)
    beside.addStretch(1)
    row.addLayout(beside)
    words = Lettering("", made, role="reading")
    words.setLayoutDirection(first_strong(field.words))
    words.tell(field.words, marks=field.marks)
    row.addWidget(words, 1, _TOP)
    inside.addLayout(row)
    inside.addStretch(1)
    return made


def _events(events: Sequence[EventView]) -> QWidget:
    made, inside = _cell(_ROW_GAP, _PAD)
    inside.setSpacing(theme.scaled(_ROW_GAP))
    timed = any(event.at for event in events)
    for event in events:
        row = QHBoxLayout()
        row.setSpacing(theme.scaled(10))
        if timed:
            when = Lettering(clock(event.at) if event.at else "", made, role="meta", color="text_muted")
            when.setFixedWidth(theme.scaled(40))
            row.addWidget(when, 0, _TOP)
        row.addWidget(_Dot(made, filled=event.yours), 0, _TOP)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(Lettering(event.title, made, weight=600 if event.yours else 400))
        if event.detail:
            told.addWidget(Lettering(event.detail, made, role="meta", color="text_muted"))
        row.addLayout(told, 1)
        inside.addLayout(row)
    inside.addStretch(1)
    return made


def columns(
    saw: tuple[FieldView, ...],
    now: tuple[FieldView, ...],
    events: tuple[EventView, ...],
    heads: tuple[str, str, str] = ("", "", ""),
) -> tuple[ColumnView, ...]:
    """The three columns under their titles."""
    return (
        ColumnView(tr("What you saw"), heads[0], saw),
        ColumnView(tr("What it is now"), heads[1], now),
        ColumnView(tr("What others did"), heads[2], events=events),
    )
