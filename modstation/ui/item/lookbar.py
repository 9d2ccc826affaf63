"""The controls below the five steps: hold to look, size, turn, skip. Real buttons: keyboard and speech find them."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QStyle, QWidget

from modstation.core.exposure import Step
from modstation.ui import paint, theme
from modstation.ui.item.looking import WIDTHS
from modstation.ui.item.words import step_name
from modstation.ui.text import tr

_STEP_GAP = 6


class LookBar(QWidget):
    """Says what is wanted; it changes nothing by itself."""

    hold_changed = Signal(bool)
    width_chosen = Signal(int)
    turn_wanted = Signal()
    skip_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._hold_key = "Space"
        self._step_keys = ("Shift B", "B")
        self._tells_steps = False
        self._low = False
        self._hold = _button(self, "", "primary", keys=self._hold_key)
        self._hold.setProperty("large", True)
        self._hold.pressed.connect(lambda: self.hold_changed.emit(True))
        self._hold.released.connect(lambda: self.hold_changed.emit(False))
        row.addWidget(self._hold)
        self._sizes = self._made_sizes()
        row.addWidget(self._sizes)
        self._turn = _button(self, tr("Turn"), "quiet")
        self._turn.setAccessibleName(tr("Turn the picture a quarter to the right"))
        self._turn.clicked.connect(self.turn_wanted)
        row.addWidget(self._turn)
        row.addStretch(1)
        self._skip = _button(self, tr("Skip, no reason asked"), "quiet", keys="X")
        self._skip.clicked.connect(self.skip_wanted)
        row.addWidget(self._skip)
        self._row = row
        self._turn.hide()
        theme.signals.changed.connect(self._draw)
        self._draw()
        self.show_hold(Step.BLURRED)

    def _made_sizes(self) -> QWidget:
        holder = QWidget(self)
        holder.setAccessibleName(tr("Size of the picture"))
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._widths = QButtonGroup(self)
        for n, width in enumerate(WIDTHS):
            button = _button(holder, tr("{n} px", n=width) if width else tr("Fit"), "segment")
            button.setProperty("place", ("first", "middle", "last")[n])
            button.setCheckable(True)
            self._widths.addButton(button, width)
            row.addWidget(button)
        self._widths.idClicked.connect(self.width_chosen)
        return holder

    def _draw(self) -> None:
        small = theme.icons.size(theme.scaled(16))
        self._hold.setIcon(theme.icons.icon("reveal", "accent_on"))
        self._skip.setIcon(theme.icons.icon("skip", size=16))
        self._skip.setIconSize(small)
        self._turn.setIcon(theme.icons.icon("undo", size=16))
        self._turn.setIconSize(small)
        self._size_up()

    def _size_up(self) -> None:
        high = theme.scaled(theme.tokens().px["control" if self._low else "control_large"])
        for button in self._widths.buttons():
            button.setMinimumHeight(high)

    def show_hold(self, step: Step, *, adds: bool = True) -> None:
        """What holding will show; where that is no more than is shown already the button rests, and says so."""
        name = step_name(step).lower()
        words = tr("Hold to look, {step}", step=name) if adds else tr("Shown now: {step}", step=name)
        self._hold.setEnabled(adds)
        theme.set_keys(self._hold, self._hold_key if adds else "")
        if words != self._hold.text():
            self._hold.setText(words)
            self._hold.setAccessibleName(words)

    def show_pixels(self, *, shown: bool) -> None:
        """With a picture on the screen it can be turned; before, skipping stands here too."""
        if self._turn.isHidden() is shown:
            self._turn.setVisible(shown)
            self._show_skip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Skipping stands here only where there is room for it: it has its place in the bar as well."""
        super().resizeEvent(event)
        self._show_skip()

    def _show_skip(self) -> None:
        others = sum(each.sizeHint().width() for each in (self._hold, self._sizes))
        keys = self._steps_width() + self._row.spacing() if self._tells_steps else 0  # they stand nowhere else then
        fits = others + self._skip.sizeHint().width() + keys + 3 * self._row.spacing() <= self.width()
        self._skip.setVisible(self._turn.isHidden() and fits)

    def show_width(self, width: int) -> None:
        """Which width is set."""
        button = self._widths.button(width)
        if button is not None:
            button.setChecked(True)

    def set_keys(self, hold: str, skip: str) -> None:
        """The keys written on the buttons."""
        self._hold_key = hold
        theme.set_keys(self._hold, hold if self._hold.isEnabled() else "")
        theme.set_keys(self._skip, skip)
        self._show_skip()

    def set_step_keys(self, more: str, less: str) -> None:
        """The keys that go through the steps above."""
        self._step_keys = (less, more)
        self._show_skip()
        self.update()

    def set_low(self, *, low: bool) -> None:
        """Whether the buttons are as low as others are, because the pane has next to no room."""
        if low != self._low:
            self._low = low
            self._hold.setProperty("large", not low)
            self._hold.setIcon(self._hold.icon())  # has Qt measure it anew
            self._hold.updateGeometry()
            self._size_up()

    def tell_steps(self, *, told: bool) -> None:
        """Whether the keys of the steps stand here, because the steps have no heading for them."""
        if told != self._tells_steps:
            self._tells_steps = told
            self._show_skip()
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The keys of the steps at the end, where there is room for them."""
        if not self._tells_steps or not any(self._step_keys):
            return
        buttons = [each for each in (self._hold, self._sizes, self._turn, self._skip) if not each.isHidden()]
        taken = sum(each.sizeHint().width() + self._row.spacing() for each in buttons)
        parts = self._steps_parts()
        if self.width() - self._steps_width() < taken:
            parts = [part for part in parts if part[1]]  # the keys say it without the word, if they must
        x = self.width() - self._steps_width(parts)
        if x < taken:
            return
        painter, direction = QPainter(self), self.layoutDirection()
        for text, is_key in parts:
            width = paint.key_cap_width(text) if is_key else theme.width(text, "meta")
            box = QStyle.visualRect(direction, self.rect(), QRect(x, 0, width + 1, self.height()))
            if is_key:
                start = box.right() + 1 if direction == paint.RTL else box.left()
                paint.key_cap(painter, start, self.height() / 2, text, direction)
            else:
                muted = theme.tokens().text_muted
                paint.draw(painter, box, text, theme.font("meta"), muted, direction=direction)
            x += width + _STEP_GAP

    def _steps_parts(self) -> list[tuple[str, bool]]:
        """What is painted of the steps: words, and whether they stand on a key."""
        less, more = self._step_keys
        return [(less, True), (tr("step"), False), (more, True)]

    def _steps_width(self, parts: list[tuple[str, bool]] | None = None) -> int:
        parts = parts or self._steps_parts()
        wide = sum(paint.key_cap_width(text) if is_key else theme.width(text, "meta") for text, is_key in parts)
        return wide + _STEP_GAP * (len(parts) - 1)


def _button(parent: QWidget, text: str, kind: str, keys: str = "") -> QPushButton:
    made = QPushButton(text, parent)
    made.setProperty("kind", kind)
    made.setProperty("keys", keys)
    made.setAccessibleName(text)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAutoDefault(False)
    return made
