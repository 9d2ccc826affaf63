"""When leases end, as a picture: a bar for each stretch of time, a line where the person is back."""

from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget

from modstation.core.planning import Bar, Outlook
from modstation.ui import paint, theme
from modstation.ui.text import clock, tr, trn

_BARS_PX, _NUMBERS_PX, _AXIS_PX = 96, 20, 24
_GAP_PX, _LATER_PX, _LEAST_PX = 4, 64, 4


class Timeline(QWidget):
    """The bars of an outlook. What lapses has another colour, and a pattern for those who don't see the colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: Outlook | None = None
        self._now: datetime | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.signals.changed.connect(self._restyle)

    def show_outlook(self, seen: Outlook, now: datetime) -> None:
        """Show this; `now` is the wall clock, for the times of day."""
        self._seen, self._now = seen, now
        lapse = trn("{n} item lapses before you are back.", "{n} items lapse before you are back.", len(seen.lapsing))
        kept = seen.items - len(seen.lapsing)
        self.setAccessibleName(tr("When the leases end"))
        self.setAccessibleDescription(f"{lapse} {trn('{n} item stays.', '{n} items stay.', kept)}")
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(theme.scaled(480), theme.scaled(_BARS_PX + _NUMBERS_PX + _AXIS_PX))

    def minimumSizeHint(self) -> QSize:
        """Never lower than the picture needs."""
        return QSize(theme.scaled(240), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars, their numbers, and the line of the return."""
        seen, now = self._seen, self._now
        if seen is None or now is None:
            return
        painter = QPainter(self)
        floor = theme.scaled(_NUMBERS_PX + _BARS_PX)
        most = max((bar.items for bar in seen.bars), default=0) or 1
        for bar, place in zip(seen.bars, self._places(len(seen.bars)), strict=True):
            self._bar(painter, bar, place, most, floor)
        self._axis(painter, seen, now, floor)

    def _places(self, bars: int) -> list[QRect]:
        """The columns, the last one (all the time after) apart from the others."""
        gap, later = theme.scaled(_GAP_PX), theme.scaled(_LATER_PX)
        room = self.width() - later - 4 * gap
        edges = [round(room * n / (bars - 1)) for n in range(bars)]
        height = theme.scaled(_NUMBERS_PX + _BARS_PX)
        columns = [QRect(a, 0, max(1, b - a - gap), height) for a, b in pairwise(edges)]
        columns.append(QRect(self.width() - later, 0, later, height))
        return [QStyle.visualRect(self.layoutDirection(), self.rect(), column) for column in columns]

    def _bar(self, painter: QPainter, bar: Bar, place: QRect, most: int, floor: int) -> None:
        t = theme.tokens()
        if not bar.items:
            painter.fillRect(QRect(place.left(), floor - 1, place.width(), 1), t.line_key)
            return
        # By the root: the many that end late must not flatten the few that end soon; the numbers say the rest.
        tall = max(theme.scaled(_LEAST_PX), round(theme.scaled(_BARS_PX) * sqrt(bar.items / most)))
        box = QRect(place.left(), floor - tall, place.width(), tall)
        if bar.lapsing:
            _hatched(painter, box, t.mark_returned, t.bg_raised)
        else:
            painter.fillRect(box, t.accent)
        words = tr("{n}", n=bar.items)
        wide = max(place.width(), theme.width(words, "caption", 600))
        above = QRect(box.center().x() - wide // 2, box.top() - theme.scaled(_NUMBERS_PX), wide, theme.scaled(18))
        color = t.mark_returned if bar.lapsing else t.text_secondary
        painter.setFont(theme.font("caption", 600))
        painter.setPen(color)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, words)

    def _axis(self, painter: QPainter, seen: Outlook, now: datetime, floor: int) -> None:
        t, direction = theme.tokens(), self.layoutDirection()
        places = self._places(len(seen.bars))
        half = (len(places) - 1) // 2
        before, after = places[half - 1], places[half]
        middle = (before.center().x() + after.center().x()) // 2
        paint.hairline(painter, middle, theme.scaled(2), middle, floor + theme.scaled(4), color=t.text_secondary)
        back, end = now + timedelta(seconds=seen.away_s), now + timedelta(seconds=seen.bars[-1].from_s)
        row = QRect(0, floor + theme.scaled(4), self.width(), theme.scaled(_AXIS_PX - 4))
        font, strong = theme.font("caption"), theme.font("caption", 600)
        begin = QStyle.visualRect(direction, self.rect(), row)
        paint.draw(painter, begin, tr("now"), font, t.text_muted, direction=direction)
        words = tr("back {time}", time=clock(back))
        wide = theme.width(words, "caption", 600) + 8
        box = QRect(middle - wide // 2, row.top(), wide, row.height())
        painter.setFont(strong)
        painter.setPen(t.text_primary)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        later = tr("after {time}", time=clock(end))
        painter.setFont(font)
        painter.setPen(t.text_muted)
        last = places[-1]
        wide = max(last.width(), theme.width(later, "caption") + 4)
        left = last.right() + 1 - wide if direction != paint.RTL else last.left()
        painter.drawText(QRect(left, row.top(), wide, row.height()), Qt.AlignmentFlag.AlignCenter, later)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def _hatched(painter: QPainter, box: QRect, color: QColor, ground: QColor) -> None:
    """A bar with slanted lines in it, and a line round it."""
    painter.fillRect(box, color)
    painter.fillRect(box.adjusted(1, 1, -1, -1), ground)
    painter.fillRect(box.adjusted(1, 1, -1, -1), QBrush(color, Qt.BrushStyle.BDiagPattern))
