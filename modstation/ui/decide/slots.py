"""The sentence on screen: slots that are real buttons, with their keys beneath, in a flow that wraps and never cuts."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.decide import keys as key_names
from modstation.ui.decide.flow import Beside, Bit, Place, Size, bits, place
from modstation.ui.decide.sentence import Piece, Role, Segment, spoken
from modstation.ui.text import first_strong, tr
from modstation.ui.theme.fonts import metrics, scaled

_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading
_IN_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading)
_ONE_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
_LINE_GAP = 3  # between the words and the keys beneath them
_UNDERLINE = 2  # what the line under the words needs where no keys follow
_ROW_GAP = 4
_EVERY = "1…9"  # what a number can be typed with before anybody told the keys in force
_ONE_BY_ONE = 3  # so many numbers have a cap each
_KNOWN = 16  # sentences whose places are kept


def caption_height() -> int:
    """The height of the line of keys beneath the words."""
    return max(scaled(theme.tokens().px["key_cap"]), theme.line("caption")) + _LINE_GAP


def row_height() -> int:
    """The height of one row: words, underline, keys."""
    return theme.line("sentence") + caption_height()


def _key_text(segment: Segment, keys: Mapping[str, str]) -> str:
    """The caps as `paint.key_cap` takes them: one string when all are single keys, else the first of them."""
    if segment.numbers:
        return _numbers(segment.numbers, keys.get(segment.keys[0], _EVERY) if segment.keys else "")
    found = key_names.caps(segment.keys, keys)
    if all(len(cap) == 1 for cap in found):
        return " ".join(found)
    return found[0] if found else ""


def _numbers(offered: int, every: str) -> str:
    """The cap of those keys that choose one of the `offered`, where ``Alt 1…9`` or ``1…5`` are `every` key there is."""
    if not every[-1:].isdecimal():
        return every
    stem, last = every.partition("1")[0], min(offered, int(every[-1]))
    if stem or last > _ONE_BY_ONE:
        return f"{stem}1" if last == 1 else f"{stem}1…{last}"
    return " ".join(str(n + 1) for n in range(last))


class Slot(QAbstractButton):
    """One underlined part of the sentence: press it to change it. Re-used for item after item."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.segment = Segment(Role.GLUE, "")
        self._caps = ""
        self._typing = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_segment(self, segment: Segment, caps: str) -> None:
        """Show another part of the sentence."""
        if segment == self.segment and caps == self._caps:
            return
        self.segment, self._caps = segment, caps
        self.setAccessibleName(segment.text)
        hint = tr("Not filled yet. Key: {keys}", keys=caps) if segment.empty else tr("Key: {keys}", keys=caps)
        self.setAccessibleDescription(hint if caps else "")
        self.update()

    def set_typing(self, *, typing: bool) -> None:
        """Whether its keys rest because keys are written into the note."""
        self._typing = typing
        self.update()

    def measure(self, width: int) -> Size:
        """What it needs when a row is `width` wide; words wrap inside the slot only when they are wider than that."""
        font = metrics("sentence", self._weight())
        words = -int(-font.horizontalAdvance(self.segment.text) // 1) + 1
        beneath = self._beneath_width()
        below = caption_height() if beneath else _UNDERLINE
        if max(words, beneath) <= width:
            return Size(max(words, beneath), theme.line("sentence") + below)
        box = font.boundingRect(QRectF(0, 0, width, 10_000), int(_WRAP), self.segment.text)
        lines = max(1, round(box.height() / font.height()))
        return Size(width, lines * theme.line("sentence") + below)

    def _weight(self) -> int:
        return 400 if self.segment.empty else 600

    def _beneath_width(self) -> int:
        width = paint.key_cap_width(self._caps) if self._caps else 0
        if self.segment.caption:
            caption = metrics("caption").horizontalAdvance(self.segment.caption)
            width += round(caption) + (scaled(5) if width else 0) + 1
        return width

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Words, underline, keys."""
        t = theme.tokens()
        painter = QPainter(self)
        area = self.rect()
        below = caption_height() if self._beneath_width() else _UNDERLINE
        words = area.adjusted(0, 0, 0, -below)
        painter.setFont(theme.font("sentence", self._weight()))
        hot = self.underMouse() or self.isDown()
        painter.setPen(t.text_muted if self.segment.empty and not hot else t.accent_text if hot else t.text_primary)
        self._paint_words(painter, words)
        self._paint_beneath(painter, area, words.bottom() + 1 + _LINE_GAP)

    def _paint_words(self, painter: QPainter, area: QRect) -> None:
        t = theme.tokens()
        font = metrics("sentence", self._weight())
        line = theme.line("sentence")
        # The words run as their first strong character does, a number before them on the side where they begin; they
        # stand where the ui begins.
        direction = self.layoutDirection()
        painter.setLayoutDirection(first_strong(self.segment.text))
        if area.height() < 2 * line:
            used = min(area.width(), -int(-font.horizontalAdvance(self.segment.text) // 1))
            box = QStyle.visualRect(direction, area, QRect(area.left(), area.top(), used, area.height()))
            painter.drawText(box, _ONE_LINE, self.segment.text)
        else:
            side = QStyle.visualAlignment(direction, Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignAbsolute
            painter.drawText(area, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | side), self.segment.text)
            used = area.width()
        painter.setLayoutDirection(direction)
        under = QStyle.visualRect(direction, area, QRect(area.left(), area.bottom(), used, 1))
        dash = Qt.PenStyle.DashLine if self.segment.empty else Qt.PenStyle.SolidLine
        painter.setPen(QPen(t.line_control if self.segment.empty else t.accent, 1.5, dash))
        y = area.bottom() + 0.25
        painter.drawLine(QPointF(under.left(), y), QPointF(under.right() + 1, y))

    def _paint_beneath(self, painter: QPainter, area: QRect, top: int) -> None:
        t = theme.tokens()
        direction = self.layoutDirection()
        rtl = direction == Qt.LayoutDirection.RightToLeft
        middle = top + (area.bottom() + 1 - top) / 2
        used = 0
        if self._caps and not self._typing:
            x = area.right() + 1 if rtl else area.left()
            used = paint.key_cap(painter, x, middle, self._caps, direction) + scaled(5)
        if self.segment.caption and not self._typing:
            painter.setFont(theme.font("caption"))
            painter.setPen(t.text_muted)
            box = area.adjusted(0, 0, -used, 0) if rtl else area.adjusted(used, 0, 0, 0)
            box.setTop(top)
            painter.drawText(box, _IN_LINE, self.segment.caption)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses a slot: it only ever opens something."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class SentenceBar(QWidget):
    """The decision as one sentence.

    Its accessible name is the whole sentence; its children are the slots.

    Signals:
        slot_wanted: the person pressed a slot; carries its `Role`.
        grew: the sentence needs another height at this width.
    """

    slot_wanted = Signal(Role)
    grew = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._segments: Piece = ()
        self._bits: tuple[Bit, ...] = ()
        self._between: list[tuple[QRect, str]] = []  # the words between the slots, and where they stand
        self._keys: Mapping[str, str] = key_names.DEFAULT
        self._slots: list[Slot] = []
        self._typing = False
        self._height = row_height()
        self._beside: Beside = ()
        self._known: dict[tuple[Piece, int, Beside], tuple[list[Size], int, list[Place]]] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.signals.changed.connect(self._renew)

    @property
    def segments(self) -> Piece:
        """What is shown."""
        return self._segments

    @property
    def needed_height(self) -> int:
        """The height the sentence needs at its present width, in px."""
        return self._height

    def show_sentence(self, segments: Piece, beside: Beside = ()) -> None:
        """Show `segments` beside what stands beside its first rows; the same again costs nothing."""
        if segments == self._segments:
            if beside != self._beside:
                self._beside = beside
                self._arrange()
            return
        self._segments, self._beside = segments, beside
        self._bits = bits(segments)
        self.setAccessibleName(spoken(segments))
        self._fill()
        self._arrange()

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show other keys beneath the slots: command id -> text."""
        self._keys = keys
        self._known.clear()
        self._fill()
        self._arrange()

    def set_typing(self, *, typing: bool) -> None:
        """Whether the keys beneath the slots rest: they are written into the note, or mean something else now."""
        if typing == self._typing:
            return
        self._typing = typing
        for slot in self._slots:
            slot.set_typing(typing=typing)

    def slots(self) -> list[Slot]:
        """The slots in use, in reading order."""
        return [slot for slot in self._slots if not slot.isHidden()]

    def sizeHint(self) -> QSize:
        """As high as the sentence needs."""
        return QSize(scaled(400), self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew when the width changes."""
        if event.oldSize().width() != event.size().width():
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Mirror when the direction changes."""
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._arrange()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words between the slots, where they are asked for: what stands beside the sentence overlaps it."""
        painter = QPainter(self)
        painter.setFont(theme.font("sentence"))
        painter.setPen(theme.tokens().text_primary)
        for area, words in self._between:
            if event.rect().intersects(area):
                painter.drawText(area, _IN_LINE, words)

    def _renew(self) -> None:
        self._known.clear()
        for slot in self._slots:
            slot.update()
        self._arrange()
        self.update()

    def _fill(self) -> None:
        used = 0
        for segment in self._segments:
            if segment.role is Role.GLUE:
                continue
            if used == len(self._slots):
                self._slots.append(self._new_slot())
            self._slots[used].show_segment(segment, _key_text(segment, self._keys))
            used += 1
        for n, slot in enumerate(self._slots):
            slot.setVisible(n < used)

    def _new_slot(self) -> Slot:
        slot = Slot(self)
        slot.set_typing(typing=self._typing)
        slot.clicked.connect(lambda: self.slot_wanted.emit(slot.segment.role))
        if self._slots:
            self.setTabOrder(self._slots[-1], slot)
        return slot

    def height_at(self, width: int, beside: Beside) -> int:
        """The height the sentence needs when it is `width` wide and has this beside it, in px."""
        return self._height if (width, beside) == (self.width(), self._beside) else self._lay_out(width, beside)[2]

    def _lay_out(self, width: int, beside: Beside) -> tuple[list[Slot | None], list[Size], int, list[Place]]:
        slots = iter(self._slots)
        of_bit = [next(slots) if bit.slot >= 0 else None for bit in self._bits]
        known = self._known.get((self._segments, width, beside))  # the empty sentence stands there at every other key
        if known is not None:
            return of_bit, *known
        word = metrics("sentence")
        narrowest = width - max((wide for _, wide in beside), default=0)
        sizes = [
            slot.measure(narrowest) if slot else Size(round(word.horizontalAdvance(bit.text)), theme.line("sentence"))
            for bit, slot in zip(self._bits, of_bit, strict=True)
        ]
        places, needed = place(self._bits, sizes, max(1, width), scaled(6), _ROW_GAP, beside)
        height = max(needed, row_height())
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[self._segments, width, beside] = sizes, height, places
        return of_bit, sizes, height, places

    def _arrange(self) -> None:
        of_bit, sizes, height, places = self._lay_out(self.width(), self._beside)
        before, self._between = self._between, []
        for bit, slot, spot, size in zip(self._bits, of_bit, places, sizes, strict=True):
            if slot is not None:
                slot.setGeometry(self._mirrored(QRect(spot.x, spot.y, size.width, size.height)))
            else:
                self._between.append((self._mirrored(QRect(spot.x, spot.y, size.width + 2, size.height)), bit.text))
        for area, _ in before + self._between:  # a slot that comes, goes or moves has its own place painted
            self.update(area)
        if height != self._height:
            self._height = height
            self.grew.emit()

    def _mirrored(self, area: QRect) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), area)
