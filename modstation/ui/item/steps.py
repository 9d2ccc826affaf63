"""The five steps from hidden to clear, side by side, each with its sample. Arrow keys and the mouse choose one."""

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QStyle, QWidget

from modstation.core.exposure import Step, stepped
from modstation.ui import paint, theme
from modstation.ui.item import samples
from modstation.ui.item.words import step_name
from modstation.ui.text import tr

_HEAD, _PAD = 28, 7
_LOW, _SAMPLE = 44, (44, 30)  # a low row: its height, and its samples
_FLAT, _SMALL_SAMPLE = 34, (34, 23)  # the same where there is next to no room
_TALL, _MIDDLE, _LITTLE = 680, 480, 320  # from these heights on: large samples; a heading over the low row; a low row


class RevealSteps(QWidget):
    """Shows which step is set and lets another be chosen. It says `chosen`; it never sets itself."""

    chosen = Signal(Step)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = Step.HIDDEN
        self._hover: Step | None = None
        self._keys = ("B", "Shift B")
        self._low, self._headed, self._flat = False, True, False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setProperty("ring", "none")
        self.setAccessibleName(tr("Show it in steps"))
        self._tell()

    def set_step(self, step: Step) -> None:
        """What is set now."""
        if step is self._step:
            return
        self._step = step
        self._tell()
        self.update()

    def _tell(self) -> None:
        step = self._step
        self.setAccessibleDescription(tr("{name} is set, step {n} of 5", name=step_name(step), n=int(step) + 1))

    def set_keys(self, more: str, less: str) -> None:
        """The keys written beside the heading, and in the tip."""
        self._keys = (more, less)
        self.setToolTip(tr("{more}: one step more. {less}: one step back.", more=more, less=less))
        self.update()

    def step(self) -> Step:
        """What is set now."""
        return self._step

    def sizeHint(self) -> QSize:
        """As wide as the measure."""
        return QSize(theme.tokens().px["item_measure"], self.heightForWidth(theme.tokens().px["item_measure"]))

    def set_room(self, height: int) -> None:
        """How high the pane is in which the steps stand, in px: in a low one they stand in a low row."""
        low, headed = height < theme.scaled(_TALL), height >= theme.scaled(_MIDDLE)
        flat = height < theme.scaled(_LITTLE)
        if (low, headed, flat) != (self._low, self._headed, self._flat):
            self._low, self._headed, self._flat = low, headed, flat
            self.update()

    @property
    def is_headed(self) -> bool:
        """Whether there is room for a heading, beside which the keys stand."""
        return self._headed

    @property
    def is_flat(self) -> bool:
        """Whether there is next to no room, so that everything beneath a picture is as low as it can be."""
        return self._flat

    def heightForWidth(self, width: int) -> int:
        """The samples keep their shape."""
        if self._low:
            return self._top() + theme.scaled(_FLAT if self._flat else _LOW)
        return self._top() + round((width / 5 - 2 * _PAD) * 0.66) + _PAD + theme.scaled(28)

    def _top(self) -> int:
        return theme.scaled(_HEAD) if self._headed else 0

    def cell(self, step: Step) -> QRect:
        """Where a step stands."""
        top = self._top()
        n = 4 - int(step) if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else int(step)
        left, right = (round(self.width() * edge / 5) for edge in (n, n + 1))
        return QRect(left, top, right - left, self.height() - top)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Heading and keys if there is room for them, then five cells in one frame."""
        t = theme.tokens()
        painter = QPainter(self)
        if self._headed:
            self._paint_head(painter)
        frame = self.rect().adjusted(0, self._top(), 0, 0)
        paint.rounded(painter, frame, t.radius["card"], t.bg_raised, t.line_subtle)
        sampled = self._low and self._has_room_for_samples()
        for step in Step:
            cell = self.cell(step)
            if step is self._step:
                self._paint_frame(painter, cell, 2.0)
            elif step is self._hover:
                paint.rounded(painter, cell.adjusted(1, 1, -1, -1), t.radius["card"] - 1, t.bg_hover)
            if self._low:
                self._paint_low(painter, cell, step, sampled=sampled)
            else:
                self._paint_cell(painter, cell, step)
        if self.hasFocus():
            painter.setPen(QPen(t.focus_ring, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(frame).adjusted(1, 1, -1, -1), t.radius["card"], t.radius["card"])

    def _paint_frame(self, painter: QPainter, cell: QRect, width: float) -> None:
        t = theme.tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(t.accent, width))
        painter.setBrush(t.accent_tint)
        painter.drawRoundedRect(QRectF(cell).adjusted(1, 1, -1, -1), t.radius["card"] - 1, t.radius["card"] - 1)
        painter.restore()

    def _paint_head(self, painter: QPainter) -> None:
        t, direction = theme.tokens(), self.layoutDirection()
        rect = QRect(0, 0, self.width(), theme.scaled(22))
        heading = theme.font("ui", 600)
        paint.draw(painter, rect, tr("Show it in steps"), heading, t.text_primary, direction=direction)
        at = float(self.width())
        for keys, words in ((self._keys[1], tr("one step back")), (self._keys[0], tr("one step more"))):
            for text, is_key in ((words, False), (keys, True)):
                width = paint.key_cap_width(text) if is_key else theme.width(text, "meta")
                at -= width
                left = at if direction == paint.LTR else self.width() - at - width
                if is_key:
                    start = left + width if direction == paint.RTL else left
                    paint.key_cap(painter, start, rect.height() / 2, text, direction)
                else:
                    box = QRect(round(left), 0, width + 1, rect.height())
                    paint.draw(painter, box, text, theme.font("meta"), t.text_muted, direction=direction)
                at -= 7
            at -= 5

    def _paint_cell(self, painter: QPainter, cell: QRect, step: Step) -> None:
        t, direction = theme.tokens(), self.layoutDirection()
        label = theme.scaled(28)
        sample = QRectF(cell.adjusted(_PAD, _PAD, -_PAD, -label))
        samples.paint(painter, sample.adjusted(0.5, 0.5, -0.5, -0.5), step)
        words = QRect(cell.left() + _PAD + 1, cell.bottom() + 1 - label, cell.width() - 2 * _PAD - 2, label)
        on = step is self._step
        color = t.text_primary if on else t.text_secondary
        font = theme.font("ui", 600 if on else 400)
        paint.draw(painter, words, step_name(step), font, color, direction=direction)
        if on:
            paint.draw(painter, words, tr("now"), theme.font("meta"), t.accent_text, direction=direction, at_end=True)

    def _sample(self) -> tuple[int, int]:
        return _SMALL_SAMPLE if self._flat else _SAMPLE

    def _has_room_for_samples(self) -> bool:
        """Whether a cell of the low row takes a sample and the longest name beside it."""
        longest = max(theme.width(step_name(each), "ui", 600) for each in Step)
        return self.width() // 5 - (_PAD + theme.scaled(self._sample()[0]) + 8) >= longest + 2

    def _paint_low(self, painter: QPainter, cell: QRect, step: Step, *, sampled: bool) -> None:
        """A small sample with its name beside it; the name alone where both find no room in every cell."""
        t, direction = theme.tokens(), self.layoutDirection()
        wide, high = (theme.scaled(px) for px in self._sample())
        on = step is self._step
        start = _PAD + 3
        if sampled:
            start = _PAD + wide + 8
            box = QRect(cell.left() + _PAD, cell.top() + (cell.height() - high) // 2, wide, high)
            samples.paint(painter, QRectF(QStyle.visualRect(direction, cell, box)).adjusted(0.5, 0.5, -0.5, -0.5), step)
        words = QStyle.visualRect(direction, cell, cell.adjusted(start, 0, 0, 0))
        color = t.text_primary if on else t.text_secondary
        paint.draw(painter, words, step_name(step), theme.font("ui", 600 if on else 400), color, direction=direction)

    def _at(self, pos: QPoint) -> Step | None:
        return next((step for step in Step if self.cell(step).contains(pos)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The step under the mouse is shaded; it shows nothing by itself."""
        self._hover = self._at(event.position().toPoint())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """No shade."""
        self._hover = None
        self.update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the step under the mouse."""
        step = self._at(event.position().toPoint())
        if step is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right as they look on the screen."""
        forward = Qt.Key.Key_Left if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else Qt.Key.Key_Right
        if event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self.chosen.emit(stepped(self._step, 1 if event.key() == forward else -1))
        else:
            super().keyPressEvent(event)
