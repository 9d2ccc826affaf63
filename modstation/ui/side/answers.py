"""The answers to what is asked about a flag: one click, a digit, or the arrows and Enter pick one."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.side.clauses import ClauseList
from modstation.ui.side.lists import NOWHERE
from modstation.ui.text import tr

_ROW = 30
_GAP = 6
WALKING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class PickList(ClauseList):
    """A list whose rows are picked with one click. Where it goes on beyond its foot a thumb says so at all times."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, row=_ROW)
        self.searched = True  # the keys of the flags walk here too, so that somebody is always at it

    def begin(self) -> None:
        """Another question: no answer is in hand."""
        self.setCurrentIndex(NOWHERE)
        self.scrollToTop()

    def height_in(self, room: int) -> int:
        """What the list takes of `room`: whole rows, and one at the least."""
        count = self.rows.rowCount()
        fits = next((n for n in range(count, 1, -1) if self.height_of(n) <= room), 1)
        return self.height_of(fits)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the row."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.setCurrentIndex(index)
            self.choose()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second half of a double click picks nothing more."""
        event.accept()


def paint_question(painter: QPainter, box: QRect, words: str, direction: Qt.LayoutDirection) -> None:
    """What is asked, and at the end, where both have room, the keys for answers without a digit."""
    t = theme.tokens()
    asked = theme.font("caption", 500)
    paint.draw(painter, box, paint.elide(words, asked, box.width()), asked, t.text_secondary, direction=direction)
    parts = [("↑ ↓", True), ("Enter", True), (tr("choose"), False)]
    widths = [paint.key_cap_width(text) if is_key else theme.width(text, "caption") for text, is_key in parts]
    gap = theme.scaled(_GAP)
    x = box.width() - sum(widths) - gap * (len(parts) - 1)
    if x < theme.width(words, "caption", 500) + 2 * gap:
        return
    for (text, is_key), width in zip(parts, widths, strict=True):
        place = QStyle.visualRect(direction, box, QRect(box.topLeft(), QSize(width, box.height())).translated(x, 0))
        if is_key:
            start = place.right() + 1 if direction == paint.RTL else place.left()
            paint.key_cap(painter, start, place.center().y() + 0.5, text, direction)
        else:
            paint.draw(painter, place, text, theme.font("caption"), t.text_muted, direction=direction)
        x += width + gap
