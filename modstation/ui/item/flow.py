"""Plain text laid out line by line, only as far down as somebody looks.

Paragraphs are cut into pieces that end at the end of a line, so that a text of 200,000 characters costs no more to show
than a short one. Each paragraph runs in the direction of its first strong character.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextLine, QTextOption

from modstation.ui.item.faces import Face
from modstation.ui.item.hidden import Hidden
from modstation.ui.item.offsets import Offsets, covers

_PIECE = 1000  # code points laid out at once: a little more than half a screen
_BREAK = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]")
_UNPAINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BOX = "\u00a0"
_STRONG_WITHIN = 400  # how far to look for a strong character

BoxWidth = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class _Piece:
    layout: QTextLayout  # kept: lines belong to it
    start: int
    offsets: Offsets
    rtl: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of text: code points `start` up to `end`, its top, height and baseline."""

    piece: _Piece
    line: QTextLine
    start: int
    end: int
    top: float
    height: float
    baseline: float


class Flow:
    """One text in one column. Offsets are code points of the text; coordinates are px from its top left corner.

    Lines begin where their paragraph begins; with `align` they all begin on that side, as labels do.
    """

    def __init__(
        self,
        text: str,
        face: Face,
        width: float,
        direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight,
        align: Qt.LayoutDirection | None = None,
    ) -> None:
        self.text = text
        self.width = width
        self._face = face
        self._direction = first_strong(text, direction)
        self._align = align
        self._hidden: Sequence[Hidden] = ()
        self._box_width: BoxWidth = len
        self._wider: dict[int, float] = {}
        self._rows: list[_Row] = []
        self._tops: list[float] = []
        self._at = 0
        self._paragraph = (0, 0, 0)  # start, end, start of the next
        self._bottom = 0.0
        self.complete = not text

    def show_boxes(self, hidden: Sequence[Hidden], box_width: BoxWidth) -> None:
        """Leave room for a box after each of `hidden`. To be called before anything is laid out."""
        self._hidden, self._box_width = hidden, box_width

    def make_room(self, before: int, width: float) -> None:
        """Widen the space before code point `before` by `width`, if one stands there. Before anything is laid out."""
        if 0 < before <= len(self.text) and self.text[before - 1] == " ":
            self._wider[before - 1] = width

    @property
    def height(self) -> float:
        """Exact when complete; else what is laid out, and an estimate of the rest."""
        if self.complete:
            return self._bottom
        per_row = self._at / len(self._rows) if self._rows else max(8.0, self.width / (self._face.px * 0.52))
        return self._bottom + (len(self.text) - self._at) / max(1.0, per_row) * self._face.line

    def ensure(self, bottom: float) -> None:
        """Lay out at least as far down as `bottom`."""
        while not self.complete and self._bottom < bottom:
            self._next_piece()

    def ensure_point(self, point: int) -> None:
        """Lay out at least as far as code point number `point`."""
        while not self.complete and self._at <= point:
            self._next_piece()

    def draw(self, painter: QPainter, top: float, bottom: float) -> None:
        """Draw the lines between `top` and `bottom` with the painter's pen."""
        for row in self._between(top, bottom):
            row.line.draw(painter, QPointF(0.0, 0.0))

    def rects(self, start: int, end: int, top: float, bottom: float) -> list[QRectF]:
        """Where code points `start` up to `end` stand on the lines between `top` and `bottom`, top to bottom.

        A line with two directions may give several rectangles. Characters without a width, as hidden ones are, give a
        narrow one where they stand: what is flagged can be seen.

        Fill height comes from the size of the font, not from the line box, so that fills of tall scripts stay apart.
        """
        found: list[QRectF] = []
        for row in self._between(top, bottom):
            low, high = max(start, row.start), min(end, row.end)
            if low < high:
                above, height = self._face.px * 0.98, self._face.px * 1.36
                for left, right in self._across(row, low, high):
                    found.append(QRectF(left, row.baseline - above, right - left, height))
        return found

    def boxes(self, top: float, bottom: float) -> list[tuple[Hidden, QRectF]]:
        """The boxes of hidden characters between `top` and `bottom`."""
        found: list[tuple[Hidden, QRectF]] = []
        for row in self._between(top, bottom) if self._hidden else ():
            for hidden in self._hidden:
                if row.start < hidden.end <= row.end:
                    unit = row.piece.offsets.box(hidden.end - 1 - row.piece.start)
                    top, height = row.baseline - self._face.px * 0.9, self._face.px * 1.15
                    boxes = (run.boundingRect() for run in row.line.glyphRuns(unit, 1))
                    found += [(hidden, QRectF(box.left(), top, box.width(), height)) for box in boxes]
        return found

    def line_of(self, point: int) -> tuple[float, float]:
        """Top and height of the line that code point number `point` stands on."""
        row = self._row_of(point)
        return row.top, row.height

    def room(self, before: int) -> QRectF | None:
        """Where the space stands that was widened before code point `before`; None if there is none on that line."""
        if before - 1 not in self._wider:
            return None
        row = self._row_of(before)
        if before - 1 < row.start:
            return None
        unit = row.piece.offsets.unit(before - 1 - row.piece.start)
        runs = [run.boundingRect() for run in row.line.glyphRuns(unit, 1)]
        return QRectF(runs[0].left(), row.top, runs[0].width(), row.height) if runs else None

    def is_rtl(self, point: int) -> bool:
        """Whether the paragraph of code point number `point` runs from right to left."""
        return self._row_of(point).piece.rtl

    def _row_of(self, point: int) -> _Row:
        self.ensure_point(point)
        return self._rows[max(0, bisect_right(self._rows, point, key=lambda row: row.start) - 1)]

    def rows(self) -> list[tuple[int, int]]:
        """The code points of each line laid out so far: start, and end."""
        return [(row.start, row.end) for row in self._rows]

    def _between(self, top: float, bottom: float) -> list[_Row]:
        self.ensure(bottom)
        first = max(0, bisect_right(self._tops, top) - 1)
        last = bisect_right(self._tops, bottom)
        return self._rows[first:last]

    def _across(self, row: _Row, start: int, end: int) -> list[tuple[float, float]]:
        offsets, base = row.piece.offsets, row.piece.start
        low, high = offsets.unit(start - base), offsets.unit(end - base)
        runs = [run.boundingRect() for run in row.line.glyphRuns(low, high - low)]
        across = covers((run.left(), run.right()) for run in runs if run.width() > 0)
        if across or not runs or self.text[start:end].isspace():  # a space that ends a line is no mark of its own
            return across
        x = runs[0].left()
        return [(x, x + 1)]

    def _next_piece(self) -> None:
        begin, end, following = self._paragraph
        if self._at >= end:
            begin, end, following = self._paragraph = self._next_paragraph(following)
            self._at = begin
            self._direction = first_strong(self.text[begin : min(end, begin + _STRONG_WITHIN)], self._direction)
        if begin == end:  # an empty line parts paragraphs: half a line is enough
            self._bottom += self._face.line // 2
        else:
            self._at = self._lay(self._at, min(end, self._at + _PIECE), end)
        if self._at >= end:
            self._at = following
            self.complete = following >= len(self.text)

    def _next_paragraph(self, start: int) -> tuple[int, int, int]:
        hit = _BREAK.search(self.text, start)
        if hit is None:
            return start, len(self.text), len(self.text)
        end = hit.start()
        return start, end, end + (2 if self.text.startswith("\r\n", end) else 1)

    def _lay(self, start: int, stop: int, end: int) -> int:
        """Lay out code points `start` up to `stop` of a paragraph that ends at `end`; where the next piece starts."""
        hidden = [one for one in self._hidden if start < one.end <= stop]
        shown, offsets = self._shown(start, stop, hidden)
        layout = QTextLayout(shown, self._face.font)
        layout.setCacheEnabled(True)
        option = QTextOption()
        option.setTextDirection(self._direction)
        rtl = self._direction == Qt.LayoutDirection.RightToLeft
        right = rtl if self._align is None else self._align == Qt.LayoutDirection.RightToLeft
        option.setAlignment(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        formats = self._formats(start, stop, hidden, offsets)
        if formats:
            layout.setFormats(formats)
        lines: list[QTextLine] = []
        layout.beginLayout()
        line = layout.createLine()
        while line.isValid():
            line.setLineWidth(self.width)
            lines.append(line)
            line = layout.createLine()
        layout.endLayout()
        if stop < end and len(lines) > 1:
            lines.pop()  # it may be cut in the middle: the next piece begins with it
        return self._place(_Piece(layout, start, offsets, rtl), lines, stop)

    def _place(self, piece: _Piece, lines: list[QTextLine], stop: int) -> int:
        """Stack `lines`; the code point after the last of them."""
        rise, fall = self._face.metrics.ascent(), self._face.metrics.descent()
        if max(line.ascent() + line.descent() for line in lines) > self._face.line - 2:  # a tall script
            rise = max(line.ascent() for line in lines)
            fall = max(line.descent() for line in lines)
        height = max(float(self._face.line), round(rise + fall + 1))
        start = end = piece.start
        for line in lines:
            unit = line.textStart() + line.textLength()
            end = min(stop, piece.start + piece.offsets.point(unit))
            baseline = round(self._bottom + (height - rise - fall) / 2 + rise)
            line.setPosition(QPointF(0.0, baseline - line.ascent()))
            self._rows.append(_Row(piece, line, start, end, self._bottom, height, baseline))
            self._tops.append(self._bottom)
            self._bottom += height
            start = end
        return end

    def _shown(self, start: int, stop: int, hidden: Sequence[Hidden]) -> tuple[str, Offsets]:
        text = self.text[start:stop]
        offsets = Offsets.of(text, (one.end - 1 - start for one in hidden))
        if hidden:
            ends = [0, *(one.end - start for one in hidden), len(text)]
            text = _BOX.join(text[one:two] for one, two in pairwise(ends))
        return (_UNPAINTABLE.sub("\u200b", text) if _UNPAINTABLE.search(text) else text), offsets

    def _formats(
        self, start: int, stop: int, hidden: Sequence[Hidden], offsets: Offsets
    ) -> list[QTextLayout.FormatRange]:
        """The spaces that are wider than usual: those that boxes are drawn over, and those before a letter's span."""
        plain = self._face.metrics.horizontalAdvance(_BOX)
        found = [_spaced(offsets.box(one.end - 1 - start), self._box_width(one.label) - plain) for one in hidden]
        found += [_spaced(offsets.unit(at - start), w) for at, w in self._wider.items() if start <= at < stop]
        return found


def _spaced(unit: int, extra: float) -> QTextLayout.FormatRange:
    """The character at `unit`, `extra` px wider."""
    form = QTextCharFormat()
    form.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
    form.setFontLetterSpacing(extra)
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = unit, 1, form
    return made


def first_strong(text: str, otherwise: Qt.LayoutDirection) -> Qt.LayoutDirection:
    """The direction of the first strong character, or `otherwise` when there is none nearby."""
    for char in islice(text, _STRONG_WITHIN):
        kind = unicodedata.bidirectional(char)
        if kind == "L":
            return Qt.LayoutDirection.LeftToRight
        if kind in {"R", "AL"}:
            return Qt.LayoutDirection.RightToLeft
    return otherwise
