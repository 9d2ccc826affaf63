"""The one-time code: eight boxes in two groups of four.

Inside it is an ordinary text field, so everything that types works: keyboard, paste, dictation, screen reader.
"""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from modstation.ui import theme
from modstation.ui.text import tr

LENGTH = 8
_GROUP = 4
_BOX_W, _BOX_H, _GAP, _BETWEEN = 48, 56, 8, 26
ROOM = 4
"""Round the boxes, for the ring of the one to be filled."""
_WIDE = LENGTH * (_BOX_W + _GAP) - _GAP + (LENGTH // _GROUP - 1) * (_BETWEEN - _GAP) + 2 * ROOM


def cleaned(text: str) -> str:
    """The letters and digits of `text`, in upper case, at most as many as there are boxes."""
    kept = [c for c in text.upper() if c.isascii() and c.isalnum()]
    return "".join(kept[:LENGTH])


def grouped(code: str) -> str:
    """The code as it is printed: ``K7QD-4M2X``."""
    return "-".join(code[n : n + _GROUP] for n in range(0, len(code), _GROUP))


class CodeField(QLineEdit):
    """Eight boxes. `text()` holds the code without its dash."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("One-time code"))
        self.setAccessibleDescription(tr("Eight letters and digits. Pasting works, with or without the dash."))
        self.setProperty("ring", "none")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(theme.scaled(_WIDE))
        self._refused = False
        self.textChanged.connect(self._clean)
        self.cursorPositionChanged.connect(lambda _old, _new: self.update())
        theme.signals.changed.connect(self._restyle)

    def refuse(self) -> None:
        """Show that this code was not taken; what is typed next takes its place."""
        self.selectAll()
        self._refused = True
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()

    def sizeHint(self) -> QSize:
        """All boxes, and room for the ring round the one to be filled."""
        return QSize(theme.scaled(_WIDE), theme.scaled(_BOX_H + 2 * ROOM))

    def minimumSizeHint(self) -> QSize:
        """Where there is less room the boxes are narrower; one is never cut."""
        return QSize(self.sizeHint().width() // 2, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click goes to the box under it, or to the first empty one."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        point = event.position().toPoint()
        hit = next((n for n in range(LENGTH) if self._box(n).contains(point)), LENGTH)
        self.setCursorPosition(min(hit, len(self.text())))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Boxes, characters, the dash; the box to be filled wears the ring."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = self.text()
        here = min(self.cursorPosition(), LENGTH - 1) if self.hasFocus() else -1
        selected = range(self.selectionStart(), self.selectionEnd()) if self.hasSelectedText() else range(0)
        ground, line = (t.del_bg, t.mark_returned) if self._refused else (t.bg_selected, t.line_control)
        for n in range(LENGTH):
            box = QRectF(self._box(n)).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(t.accent if n == here else line if self.isEnabled() else t.line_subtle, 1))
            painter.setBrush(ground if n in selected else t.bg_content if self.isEnabled() else t.bg_sunken)
            painter.drawRoundedRect(box, t.radius["control"], t.radius["control"])
            if n == here:
                painter.setPen(QPen(t.focus_ring, t.stroke["focus"]))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8)
            if n < len(text):
                painter.setPen(t.text_primary if self.isEnabled() else t.text_muted)
                painter.setFont(theme.font("title", 600))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text[n])
        painter.setPen(QPen(t.text_muted, 1.5))
        for n in range(_GROUP, LENGTH, _GROUP):
            middle = (self._box(n - 1).right() + self._box(n).left()) / 2
            painter.drawLine(round(middle - 4), self.height() // 2, round(middle + 5), self.height() // 2)

    def _box(self, n: int) -> QRect:
        """The `n`th box. A code is read from left to right in every language."""
        narrow = min(1.0, self.width() / theme.scaled(_WIDE))
        x = (ROOM + n * (_BOX_W + _GAP) + n // _GROUP * (_BETWEEN - _GAP)) * narrow
        return QRect(theme.scaled(x), theme.scaled(ROOM), theme.scaled(_BOX_W * narrow), theme.scaled(_BOX_H))

    def _restyle(self) -> None:
        self.setMaximumWidth(theme.scaled(_WIDE))
        self.updateGeometry()

    def _clean(self, text: str) -> None:
        self._refused = False
        wanted = cleaned(text)
        if wanted != text:
            at = len(cleaned(text[: self.cursorPosition()]))
            self.setText(wanted)
            self.setCursorPosition(at)
