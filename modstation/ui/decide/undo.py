"""The decision that is held for a moment, and the key that takes it back."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.text import tr

_RING = 16
_PAD = 9
_GAP = 6


class UndoPill(QAbstractButton):
    """Held 24 s, U to undo. Its width is that of its widest state, so that nothing beside it ever moves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._left: int | None = None
        self._total = 30
        self._key = ""
        self._short = False
        self.setProperty("radius", theme.tokens().radius["pill"])
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setEnabled(False)

    def show_left(self, seconds_left: int | None, total: int) -> None:
        """Show how long the last decision is still held; None when nothing can be undone."""
        if (seconds_left, total) == (self._left, self._total):
            return
        if (total > 99) != (self._total > 99):
            self.updateGeometry()
        self._left, self._total = seconds_left, max(1, total)
        if self.isEnabled() != (seconds_left is not None):
            self.setEnabled(seconds_left is not None)
        held = tr("Undo the last decision, held for {n} more seconds", n=seconds_left or 0)
        self.setAccessibleName(held if seconds_left is not None else tr("Nothing to undo"))
        self.update()

    def set_key(self, key: str) -> None:
        """Show another key cap."""
        self._key = key
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Show the ring, the seconds and the key only."""
        self._short = short
        self.setToolTip(tr("Undo") if short else "")

    def _words(self, seconds: int) -> str:
        return tr("{n} s", n=seconds) if self._short else tr("Held {n} s", n=seconds)

    def sizeHint(self) -> QSize:
        """Room for the longest hold."""
        widest = theme.width(self._words(888 if self._total > 99 else 88), "ui", 500)
        parts = [theme.scaled(_RING), widest, paint.key_cap_width(self._key)]
        if not self._short:
            parts += [theme.width("·", "ui"), theme.width(tr("to undo"), "ui")]
        return QSize(2 * _PAD + sum(parts) + _GAP * (len(parts) - 1), theme.scaled(theme.tokens().px["control"]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter undoes: it takes nothing away that cannot be decided again."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ring, seconds, key; nothing at all when nothing is held."""
        if self._left is None:
            return
        t = theme.tokens()
        painter = QPainter(self)
        words = self._words(self._left)
        ring, dot = theme.scaled(_RING), theme.width("·", "ui")
        held, after = theme.width(words, "ui", 500), theme.width(tr("to undo"), "ui")
        caps = paint.key_cap_width(self._key)
        used = 2 * _PAD + ring + held + caps + 2 * _GAP + (0 if self._short else dot + after + 2 * _GAP)
        air = max(0, (self.height() - theme.scaled(t.px["control_small"])) // 2)  # the reason stands close above it
        pill = self._at(self.width() - used, used).adjusted(0, air, 0, -air)
        ground = t.bg_hover if self.underMouse() or self.isDown() else t.bg_sunken
        paint.rounded(painter, pill, pill.height() / 2, ground)
        x = self.width() - used + _PAD
        box = self._at(x, ring)
        paint.ring(painter, QPointF(box.center()) + QPointF(0.5, 0.5), ring, self._left / self._total)
        x += ring + _GAP
        paint.draw(
            painter, self._at(x, held), words, theme.font("ui", 500), t.text_primary, direction=self.layoutDirection()
        )
        x += held + _GAP
        if not self._short:
            paint.draw(painter, self._at(x, dot), "·", theme.font("ui"), t.text_muted, direction=self.layoutDirection())
            x += dot + _GAP
        box = self._at(x, caps)
        start = box.right() + 1 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else box.left()
        if not self.property("rests"):
            paint.key_cap(painter, start, self.height() / 2, self._key, self.layoutDirection())
        if self._short:
            return
        x += caps + _GAP
        box = self._at(x, after)
        paint.draw(painter, box, tr("to undo"), theme.font("ui"), t.text_primary, direction=self.layoutDirection())

    def _at(self, x: int, width: int) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(x, 0, width, self.height()))
