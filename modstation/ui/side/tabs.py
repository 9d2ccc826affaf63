"""The tabs of the side panel, upright along the top, or as drawings down the edge when it is folded."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.text import tr

_GAP = 6
_BENEATH = 24  # the key beneath a drawing, and the gap between
FOLDED = 60
"""How high a tab is when the panel is folded: its drawing, and its key beneath."""
INSET = 8
"""Room at both ends, for the focus ring; the words themselves stand at the edge of the panel's text."""


class PanelTab(QAbstractButton):
    """One tab: its name and its key; a line of the accent beneath the open one."""

    def __init__(self, parent: QWidget, title: str, icon: str) -> None:
        super().__init__(parent)
        self._icon = icon
        self._key = ""
        self._folded = False
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ring", "inside")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def nextCheckState(self) -> None:
        """Wait for the panel."""

    def set_key(self, key: str) -> None:
        """Show another key cap."""
        self._key = key
        self.setAccessibleDescription(tr("Key: {keys}", keys=key) if key else "")
        self.updateGeometry()
        self.update()

    def set_folded(self, *, on: bool) -> None:
        """Show the drawing and the key only."""
        self._folded = on
        self.setToolTip(self.text() if on else "")
        self.update()

    def sizeHint(self) -> QSize:
        """Measured at its boldest, so that opening moves nothing."""
        caps = paint.key_cap_width(self._key)
        width = theme.width(self.text(), "ui", 600) + (caps + _GAP if caps else 0)
        return QSize(width + 2 * INSET, theme.scaled(52))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Name and key, or the drawing and the key beneath it."""
        t = theme.tokens()
        painter = QPainter(self)
        on, hot = self.isChecked(), self.underMouse()
        color = t.text_primary if on or hot else t.text_secondary
        if self._folded:
            if hot:
                painter.fillRect(self.rect(), t.bg_hover)
            self._paint_folded(painter, color)
            return
        direction = self.layoutDirection()
        words = theme.width(self.text(), "ui", 600 if on else 500)
        box = self._at(INSET, words)
        paint.draw(painter, box, self.text(), theme.font("ui", 600 if on else 500), color, direction=direction)
        if self._key:
            caps = self._at(INSET + words + _GAP, paint.key_cap_width(self._key))
            start = caps.right() + 1 if direction == paint.RTL else caps.left()
            paint.key_cap(painter, start, self.height() / 2, self._key, direction)
        if on:
            painter.fillRect(INSET, self.height() - 2, self.width() - 2 * INSET, 2, t.accent)

    def _paint_folded(self, painter: QPainter, color: QColor) -> None:
        """The drawing, and the key beneath; in a low window the key alone."""
        size = theme.scaled(20)
        cap = paint.key_cap_width(self._key)
        keyed = 0 < cap <= self.width()
        beneath = theme.scaled(_BENEATH) if keyed else 0
        top = (self.height() - size - beneath) // 2
        low = keyed and top < 0
        if not low:
            theme.icons.paint(painter, QRect((self.width() - size) // 2, top, size, size), self._icon, color)
        if keyed:
            direction = self.layoutDirection()
            left = (self.width() - cap) // 2
            start = left + cap if direction == paint.RTL else left
            middle = self.height() / 2 if low else top + size + beneath - theme.scaled(9)
            paint.key_cap(painter, start, middle, self._key, direction)

    def _at(self, x: int, width: int) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(x, 0, width, self.height()))
