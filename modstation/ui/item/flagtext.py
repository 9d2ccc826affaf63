"""One text under review: flagged stretches, letters, the span in hand, and boxes for hidden characters.

Nothing is ever inserted into the text for a flag: fills go behind it, lines and letters over it.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from modstation.ui import theme
from modstation.ui.item import hidden
from modstation.ui.item.faces import Face, face
from modstation.ui.item.flow import Flow
from modstation.ui.item.marks import Mark, Stroke, stretches
from modstation.ui.paint import HAIR

_FILLED = frozenset({Stroke.SOLID, Stroke.DOUBLE})
_NO_BRUSH = Qt.BrushStyle.NoBrush
_BESIDE_BOX = 2.0  # more room in the space after a box


class FlagText:
    """A part of an item, ready to be laid out in a column and painted at a place."""

    def __init__(self, part: str, text: str, marks: Sequence[Mark] = ()) -> None:
        self.part = part
        self.text = text
        self.hidden = hidden.find(text)
        self._marks = [mark for mark in marks if mark.part == part]
        self._stretches = stretches(self._marks)
        self._flow: Flow | None = None
        self._boxes_shown = False
        self._laid: tuple[int, float, bool, Qt.LayoutDirection | None] | None = None

    def lay(self, font: Face, width: float, *, boxes: bool = False, align: Qt.LayoutDirection | None = None) -> Flow:
        """Prepare to lay the text out; nothing is laid out before it is asked for, and nothing twice.

        Args:
            font: the face.
            width: of the column.
            boxes: show what is hidden.
            align: for labels, which begin on the ui's side, whatever direction their words have.
        """
        wanted = (id(font), width, boxes, align)
        if self._flow is not None and wanted == self._laid:
            return self._flow
        self._laid = wanted
        self._flow = Flow(self.text, font, width, align=align)
        if boxes and self.hidden:
            self._flow.show_boxes(self.hidden, _box_width)
        for mark in self._marks:
            if mark.stroke is Stroke.BOX:
                self._flow.make_room(mark.end + 1, _BESIDE_BOX)
        for mark in self._marks:
            if mark.letters:
                self._flow.make_room(mark.start, _letters_width(mark.letters))
        self._boxes_shown = boxes
        return self._flow

    @property
    def flow(self) -> Flow:
        """How the text is laid out.

        Raises:
            AssertionError: `lay` was not called yet.
        """
        assert self._flow is not None
        return self._flow

    def paint(self, painter: QPainter, clip: tuple[float, float], color: QColor, current: Mark | None = None) -> None:
        """Paint the lines between the two y of `clip`, with the origin at the text's top left corner.

        Args:
            painter: where to.
            clip: top and bottom, in the text's own coordinates.
            color: of the text.
            current: the mark in hand, which gets a ring.
        """
        top, bottom = clip
        flow = self.flow
        flow.ensure(bottom)
        drawn = [(stretch, flow.rects(stretch.start, stretch.end, top, bottom)) for stretch in self._stretches]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for stretch, rects in drawn:
            if stretch.stroke in _FILLED:
                _fill(painter, rects)
        painter.setPen(color)
        flow.draw(painter, top, bottom)
        unseen = {(one.start, one.end) for one in self.hidden} if self._boxes_shown else set()
        for stretch, rects in drawn:
            if (stretch.start, stretch.end) not in unseen:  # the labelled box is box enough
                _line(painter, rects, stretch.stroke)
        for mark in self._marks:
            if mark.letters:
                self._letters(painter, mark, top, bottom)
        if current is not None and current.part == self.part:
            _ring(painter, flow.rects(current.start, current.end, top, bottom))
        _boxes(painter, flow.boxes(top, bottom))

    def _letters(self, painter: QPainter, mark: Mark, top: float, bottom: float) -> None:
        """Raised, before the span: in the space made for it, else in the margin, else in the gap between two lines."""
        small = face("caption", 600)
        width = small.metrics.horizontalAdvance(mark.letters)
        for rect in self.flow.rects(mark.start, mark.start + 1, top, bottom)[:1]:
            rtl, room = self.flow.is_rtl(mark.start), self.flow.room(mark.start)
            x = rect.right() + 4 if rtl else rect.left() - width - 4
            y = rect.top() + small.metrics.ascent() - 2
            if room is not None:
                x = room.left() + 6 if rtl else room.right() - width - 6
            elif 0 <= x <= self.flow.width - width:
                x, y = (rect.right() - width if rtl else rect.left()), rect.top() - 3  # clear of the box
            painter.setFont(small.font)
            painter.setPen(theme.tokens().text_secondary)
            painter.drawText(QPointF(x, y), mark.letters)


def _letters_width(letters: str) -> float:
    return face("caption", 600).metrics.horizontalAdvance(letters) + 6


def _box_width(label: str) -> float:
    return face("caption", 500).metrics.horizontalAdvance(label) + 14


def _fill(painter: QPainter, rects: list[QRectF]) -> None:
    fill = theme.tokens().flag_bg
    for rect in rects:
        painter.fillRect(rect.adjusted(-2, 0, 2, 0), fill)


def _line(painter: QPainter, rects: list[QRectF], stroke: Stroke) -> None:
    pen = QPen(theme.tokens().flag_line, 2)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    for rect in rects:
        left, right, y = rect.left() - 2, rect.right() + 2, round(rect.bottom())
        if stroke is Stroke.BOX:
            pen.setWidthF(HAIR)
            painter.setPen(pen)
            painter.setBrush(_NO_BRUSH)
            left, right = round(rect.left()) - 0.5, round(rect.right()) + 0.5  # a comma may stand right beside it
            painter.drawRect(QRectF(left, round(rect.top()) + 0.5, right - left, round(rect.height())))
            continue
        ys: tuple[float, ...] = (y,)
        if stroke is Stroke.DOUBLE:
            pen.setWidthF(HAIR)
            ys = (y - 1.5, y + 1.5)
        elif stroke is Stroke.DOTTED:
            pen.setDashPattern([1, 1])
        painter.setPen(pen)
        for at in ys:
            painter.drawLine(QPointF(left, at), QPointF(right, at))


def _ring(painter: QPainter, rects: list[QRectF]) -> None:
    painter.setPen(QPen(theme.tokens().focus_ring, 2))
    painter.setBrush(_NO_BRUSH)
    for rect in rects:
        painter.drawRoundedRect(rect.adjusted(-4, -1, 4, 3), 3, 3)


def _boxes(painter: QPainter, boxes: list[tuple[hidden.Hidden, QRectF]]) -> None:
    t = theme.tokens()
    small = face("caption", 500)
    for one, rect in boxes:
        frame = rect.adjusted(3.5, 0.5, -3.5, -0.5)
        painter.setPen(QPen(t.line_control, HAIR, Qt.PenStyle.DashLine))
        painter.setBrush(t.bg_sunken)
        painter.drawRoundedRect(frame, 3, 3)
        painter.setPen(t.text_secondary)
        painter.setFont(small.font)
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, one.label)
