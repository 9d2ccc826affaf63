"""Above the item: what it is, when and in which language; and why it is here: scores, reports, spans."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from modstation.core.content import Image, media_of
from modstation.core.item import Item, TaskKind
from modstation.ui import paint, theme
from modstation.ui.item.body import padding
from modstation.ui.item.meter import meter
from modstation.ui.item.page import Page, Style, advance
from modstation.ui.item.reasons import Cell, cells
from modstation.ui.item.words import ICONS, kind_name, language_name, media_words, task_name
from modstation.ui.text import day, day_and_clock, tr, trn

_HEAD, _WHY = 52, 56
_LOW_HEAD, _LOW_WHY = 40, 32  # in a pane with little room: reasons in one line
_WHY_TOP, _ROW_GAP = 10, 8
_LOW = 320  # a pane lower than this leaves less to the head
_TALL = (420, 620)  # a pane as high as these leaves it a second row of reasons, and a third
_GAP = 28
_METER = 92
_LABEL = Style("caption", 400, "text_muted")
_VALUE = Style("ui")
_LETTER = Style("caption", 600, "text_secondary")  # as over the text
_META = Style("meta", 400, "text_muted")
_STRONG = Style("ui", 600)


Placed = tuple[Cell, float, float, list[str]]
"""A reason, where it begins, how wide it is, and the lines of its value."""


@dataclass(frozen=True, slots=True)
class _Flow:
    """The reasons laid out in a head of this width, in as many rows as there is room for; `left` found none."""

    width: int
    start: float
    end: float
    rows: list[list[Placed]]
    left: int


class Head(QWidget):
    """Two painted strips; the lower one has as many rows as the reasons need. Neither network nor picture moves it."""

    hidden_pressed = Signal()
    span_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: Item | None = None
        self._cells: tuple[Cell, ...] = ()
        self._metas: tuple[str, ...] = ("",)
        self._hidden, self._boxes = 0, False
        self._spans, self._at = 0, -1
        self._pill = QRect()
        self._next = QRect()
        self._low, self._rows = False, 1
        self._laid: _Flow | None = None
        self._keys = {"hidden": "I", "span": "H", "flags": "F"}
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.signals.changed.connect(self._forget)

    def set_room(self, height: int) -> None:
        """How high the pane is: one with little room, as with text at 200 %, leaves less to the head."""
        low, rows = height < theme.scaled(_LOW), 1 + sum(height >= theme.scaled(least) for least in _TALL)
        if (low, rows) != (self._low, self._rows):
            self._low, self._rows = low, rows
            self._forget()
            self.update()

    def height_wanted(self) -> int:
        """What both strips need at the width it has."""
        if self._low:
            return self._upper() + theme.scaled(_LOW_WHY)
        rows = self._flow().rows
        why = 2 * theme.scaled(_WHY_TOP) + sum(map(_row_height, rows)) + theme.scaled(_ROW_GAP) * (len(rows) - 1)
        return self._upper() + max(theme.scaled(_WHY), why)

    def sizeHint(self) -> QSize:
        """Any width."""
        return QSize(400, self.height_wanted())

    def _upper(self) -> int:
        return theme.scaled(_LOW_HEAD if self._low else _HEAD)

    def show_item(self, item: Item, hidden: int, spans: int) -> None:
        """Show what is said of `item`."""
        self._item, self._hidden, self._spans, self._at = item, hidden, spans, -1
        self._cells = cells(item)
        self._metas = _metas(item)
        self._forget()
        self.update()

    def show_span(self, number: int) -> None:
        """Which span is in hand, counted from 0; -1 for none."""
        self._at = number
        self.update()

    def show_boxes(self, *, shown: bool) -> None:
        """Whether hidden characters are shown."""
        self._boxes = shown
        self.update()

    def set_keys(self, keys: dict[str, str]) -> None:
        """The keys written here: ``hidden``, ``span``, ``flags``."""
        self._keys |= keys
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Both strips."""
        t = theme.tokens()
        painter = QPainter(self)
        head = self._upper()
        painter.fillRect(0, 0, self.width(), head, t.bg_content)
        painter.fillRect(0, head, self.width(), self.height() - head, t.bg_panel)
        for y in (head - 1, self.height() - 1):
            painter.fillRect(0, y, self.width(), 1, t.line_subtle)
        if self._item is None:
            return
        page = Page(painter, self.width(), self.layoutDirection())
        self._paint_head(page, self._item, head)
        painter.translate(0, head)
        if self._low:
            self._paint_low_why(page)
        else:
            self._paint_why(page)

    def _paint_low_why(self, page: Page) -> None:
        """The reasons in one line: what is said, and of scores also by whom; what finds no room is counted."""
        x, line = float(padding(self.width())), theme.scaled(20)
        top = theme.scaled(6)
        end = self._paint_spans(page, top - theme.scaled(18), theme.scaled(18), low=True)
        left, key = len(self._cells), paint.key_cap_width(self._keys["flags"])
        for cell in self._cells:
            spare = advance(f"+{left}", _META) + 6 + key + _GAP if left > 1 else 0
            letters = _letters_width(cell)
            label = advance(cell.label, _LABEL) + 8 if cell.score >= 0 else 0
            width = letters + label + _value_width(cell)
            if left == len(self._cells):  # is shown even where it has to be cut
                width = min(width, max(150.0, end - x - spare))
            elif x + width + spare > end:
                break
            page.words(x, top, letters, line, cell.letters, _LETTER)
            if label:
                page.words(x + letters, top, label, line, cell.label, _LABEL)
            _paint_value(page, cell, cell.value, x + letters + label, top, width - letters - label)
            x += width + _GAP
            left -= 1
        if left:
            words = _more_words(left)
            if x + advance(words, _META) + 6 + key > end:
                words = f"+{left}"  # a key alone says nothing
            width = advance(words, _META)
            page.words(x, top, width, line, words, _META)
            page.keys(x + width + 6, top + line / 2, self._keys["flags"])

    def _paint_head(self, page: Page, item: Item, height: int) -> None:
        x = float(padding(self.width()))
        title = _title(item)
        if item.task_kind is not TaskKind.REVIEW:
            title = tr("{task}: {item}", task=task_name(item.task_kind), item=title)
        style = Style("reading", 600, zoom=1.07)
        icon = theme.scaled(20)
        page.icon(x, (height - icon) / 2, icon, ICONS[item.kind], "text_primary")
        beside = icon + 10
        end = page.width - 20 if item.restricted else self._paint_pill(page, height) - 12
        width = advance(title, style)
        page.words(x + beside, 0, min(width, end - x - beside), height, title, style)
        x += beside + width + 10
        meta = next((words for words in self._metas if advance(words, _META) <= end - x), "")
        page.words(x, 0.5, end - x, height, meta, _META)

    def _paint_pill(self, page: Page, height: int) -> float:
        """The hidden characters; where the pill begins."""
        t = theme.tokens()
        if self._hidden:
            words = trn("Hidden characters: {n}", "Hidden characters: {n}", self._hidden)
        else:
            words = tr("Hidden characters: none")
        caps = paint.key_cap_width(self._keys["hidden"]) + 6 if self._hidden else 0
        strong = Style("meta", 600 if self._hidden else 400, "text_primary" if self._hidden else "text_secondary")
        eye = theme.scaled(15)
        width, high = 8 + eye + 6 + advance(words, strong) + caps + 8, theme.scaled(24)
        x = page.width - 20 - width
        box = page.box(x, (height - high) / 2, width, high)
        self._pill = box.toAlignedRect()
        ground = t.accent_tint if self._boxes and self._hidden else t.bg_sunken
        paint.rounded(page.painter, self._pill, high / 2, ground)
        page.icon(x + 8, (height - eye) / 2, eye, "reveal", strong.color)
        page.words(x + 14 + eye, (height - high) / 2, advance(words, strong), high, words, strong)
        if caps:
            page.keys(x + width - 8 - caps + 6, height / 2, self._keys["hidden"])
        return x

    def _paint_why(self, page: Page) -> None:
        x, line, top = float(padding(self.width())), theme.scaled(18), theme.scaled(_WHY_TOP)
        for n, words in enumerate(_why_label()):
            page.words(x, top + n * line, theme.scaled(80), line, words, _STRONG)
        self._paint_spans(page, top, line)
        flow = self._flow()
        y, x = top, flow.start
        for n, row in enumerate(flow.rows):
            if n:
                y += _row_height(flow.rows[n - 1]) + theme.scaled(_ROW_GAP)
            for placed in row:
                _paint_cell(page, placed, y)
                x = placed[1] + placed[2] + _GAP
        if flow.left:
            more = _more_words(flow.left)
            page.words(x, y, min(advance(more, _LABEL), max(0.0, flow.end - x)), line - 1, more, _LABEL)
            page.keys(x, y + line * 1.5, self._keys["flags"])

    def _forget(self) -> None:
        """Have the reasons laid out anew."""
        self._laid = None

    def _flow(self) -> _Flow:
        """The reasons laid out, once for an item and a width."""
        if self._laid is None or self._laid.width != self.width():
            self._laid = self._lay()
        return self._laid

    def _lay(self) -> _Flow:
        start = float(padding(self.width())) + max(advance(words, _STRONG) for words in _why_label()) + _GAP + 2
        end = self.width() - 20 - (self._spans_width() + _GAP if self._spans else 0)
        rows: list[list[Placed]] = [[]]
        x, left = start, len(self._cells)
        for cell in self._cells:
            wanted = _width(cell)
            if rows[-1] and x + wanted > end and len(rows) < self._rows:
                rows.append([])
                x = start
            is_last = len(rows) == self._rows
            spare = advance(_more_words(left - 1), _LABEL) + _GAP if is_last and left > 1 else 0
            width = min(wanted, max(150.0, end - x - spare))
            is_first = left == len(self._cells)  # is shown even where the rest can't be counted beside it
            if x + width + (0 if is_first else spare) > end and not (is_first or not rows[-1]):
                break
            rows[-1].append((cell, x, width, _lines(cell, width)))
            x += width + _GAP
            left -= 1
        return _Flow(self.width(), start, end, rows, left)

    def _spans_width(self) -> float:
        return max(
            advance(trn("{n} span marked", "{n} spans marked", self._spans), _LABEL),
            advance(tr("span {n} of {all}", n=self._spans, all=self._spans), _LABEL),
        )

    def _paint_spans(self, page: Page, top: int, line: int, *, low: bool = False) -> float:
        """How many spans are marked, and the key to step through them; where this begins."""
        if not self._spans:
            self._next = QRect()
            return page.width - 20
        words = trn("{n} span marked", "{n} spans marked", self._spans)
        if self._at >= 0:
            words = tr("span {n} of {all}", n=self._at + 1, all=self._spans)
        widest = self._spans_width()
        next_ = Style("ui", 400, "text_secondary", at_end=True)
        if low:  # the number is not said, and takes no room from the reasons
            widest = advance(tr("next"), next_) + 6 + paint.key_cap_width(self._keys["span"])
        x = page.width - 20 - widest
        if not low:
            page.words(x, top, widest, line - 1, words, Style("caption", 400, "text_muted", at_end=True))
        page.words(x, top + line, widest, line + 2, tr("next"), next_)
        page.keys(page.width - 20 - advance(tr("next"), next_) - 6 - paint.key_cap_width(self._keys["span"]),
                  top + line + (line + 2) / 2, self._keys["span"])  # fmt: skip
        strip = self.height() - self._upper()
        self._next = page.box(x, 0, widest, strip).toAlignedRect().translated(0, self._upper())
        return x - _GAP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The pill shows hidden characters; the spans step on."""
        pos = event.position().toPoint()
        if self._hidden and self._pill.contains(pos):
            self.hidden_pressed.emit()
        elif self._next.contains(pos):
            self.span_pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand where a press does something."""
        pos = event.position().toPoint()
        live = (self._hidden and self._pill.contains(pos)) or self._next.contains(pos)
        self.setCursor(Qt.CursorShape.PointingHandCursor if live else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        """The whole of what may be cut: a tip over the strip of reasons."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            lines = [f"{cell.label}: {cell.value}" for cell in self._cells]
            below = event.pos().y() > self._upper()
            QToolTip.showText(event.globalPos(), "\n".join(lines) if below else self._metas[0], self)
            return True
        return super().event(event)

    def spoken(self) -> str:
        """Everything in both strips, as one reads it out."""
        if self._item is None:
            return ""
        reasons = "; ".join(f"{cell.label}: {cell.value}" for cell in self._cells)
        return f"{_title(self._item)}. {self._metas[0]}. {reasons}."


def _why_label() -> list[str]:
    return tr("Why it\nis here").split("\n")


def _more_words(left: int) -> str:
    return trn("{n} more flag", "{n} more flags", left)


def _title(item: Item) -> str:
    """What lists call the item, so that it has the same name there and here."""
    return item.summary or kind_name(item.kind)


def _metas(item: Item) -> tuple[str, ...]:
    """When and in which language, in full and then ever shorter: where the room ends, a part goes and none is cut."""
    of_its_own = () if isinstance(item.content, Image) else media_of(item.content)  # a photo is one, as its name says
    photos = {media.media_id: media for media in of_its_own if media.mime.startswith("image/")}
    language = language_name(item.language)
    spoken = "" if language in _title(item) else language
    at, on = day_and_clock(item.created_at), day(item.created_at)
    ways = ((spoken, at, media_words(tuple(photos.values()))), (spoken, at), (spoken, on), (on,))
    return tuple(" · ".join(bit for bit in bits if bit) for bits in ways)


def _width(cell: Cell) -> float:
    return max(_letters_width(cell) + advance(cell.label, _LABEL), _value_width(cell))


def _letters_width(cell: Cell) -> float:
    return advance(cell.letters, _LETTER) + 5 if cell.letters else 0.0


def _value_width(cell: Cell) -> float:
    if cell.score >= 0:
        number = advance("0.00", Style("ui", 600))
        return number + 8 + _METER + (8 + advance(cell.value, _META) if cell.value else 0)
    return advance(cell.value, _VALUE)


def _lines(cell: Cell, width: float) -> list[str]:
    """The value in at most two lines of this width; what is longer is cut in the second."""
    if cell.score >= 0 or advance(cell.value, _VALUE) <= width:
        return [cell.value]
    first, rest = "", cell.value.split(" ")
    while rest and advance(f"{first} {rest[0]}".strip(), _VALUE) <= width:
        first = f"{first} {rest.pop(0)}".strip()
    return [first, " ".join(rest)] if first else [cell.value]


def _row_height(row: Sequence[Placed]) -> int:
    return theme.scaled(18) * (1 + max((len(lines) for *_, lines in row), default=1))


def _paint_cell(page: Page, placed: Placed, top: int) -> None:
    cell, x, width, lines = placed
    line = theme.scaled(18)
    letters = _letters_width(cell)
    page.words(x, top, letters, line - 1, cell.letters, _LETTER)
    page.words(x + letters, top, width - letters, line - 1, cell.label, _LABEL)
    for n, words in enumerate(lines):
        _paint_value(page, cell, words, x, top + line * (1 + n), width)


def _paint_value(page: Page, cell: Cell, words: str, x: float, y: int, width: float) -> None:
    """`words` of the value of `cell`, all of them or one line."""
    high = theme.scaled(18) + 2
    if cell.score < 0:
        page.words(x, y, width, high, words, _VALUE)
        return
    strong = Style("ui", 600)
    number = f"{cell.score:.2f}"
    page.words(x, y, width, high, number, strong)
    x += advance("0.00", strong) + 8
    meter(page, QRectF(x, y + high / 2 - 3, _METER, 6), cell)
    if words:
        page.words(x + _METER + 8, y, width - _METER, high, words, _META)
