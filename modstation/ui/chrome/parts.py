"""The buttons of the top bar: painted, but real buttons for the keyboard and for screen readers."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.text import tr

_GAP = 6
_MIDDLE = 128  # of the lightness of a ground: darker ones belong to a dark theme


class BarButton(QAbstractButton):
    """Icon, words, a count, a key cap; any of them may be missing.

    The one that is on has a sunken ground; in a dark theme a raised one, and a line beneath.
    """

    def __init__(self, title: str, parent: QWidget | None = None, *, icon: str = "") -> None:
        super().__init__(parent)
        self._icon = icon
        self._keys = ""
        self._count = 0
        self._counts = False
        self._short = False
        self.setText(title)
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_keys(self, keys: str) -> None:
        """The key that does the same."""
        self._keys = keys
        self.update()

    def set_count(self, count: int) -> None:
        """How many wait behind it; from the first call on there is room for the number, whatever it is."""
        if self._counts and count == self._count:
            return
        self._counts, self._count = True, count
        self.setAccessibleName(tr("{title}, {n}", title=self.text(), n=count) if count else self.text())
        self.update()

    def set_short(self, short: bool) -> None:
        """Leave out what can be missed: the words where a drawing stands for them, else the key."""
        self._short = short
        self.setToolTip(self.text() if short and self._icon else "")
        self.update()

    def _count_words(self) -> str:
        return tr("{n}", n=self._count)

    def _parts(self) -> list[tuple[str, int]]:
        """What is shown, with the width of each."""
        parts: list[tuple[str, int]] = []
        if self._icon:
            parts.append(("icon", theme.scaled(theme.tokens().px["icon"])))
        if self.text() and not (self._short and self._icon):
            parts.append(("words", theme.width(self.text(), "ui", 500)))
        if self._counts:
            widest = max(theme.width(words, "caption", 600) for words in ("0", self._count_words()))
            parts.append(("count", widest))
        if self._keys and (self._icon or not self._short):
            parts.append(("keys", paint.key_cap_width(self._keys)))
        return parts

    def sizeHint(self) -> QSize:
        """As wide as its parts."""
        parts = self._parts()
        pad = theme.scaled(8 if self._icon else 10)
        wide = sum(width for _, width in parts) + _GAP * max(0, len(parts) - 1) + 2 * pad
        return QSize(wide, theme.scaled(theme.tokens().px["control_small"]))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, then the parts one after another."""
        t, direction = theme.tokens(), self.layoutDirection()
        painter = QPainter(self)
        if self.isChecked() or self.isDown():
            # In a dark theme a sunken ground can hardly be told from the bar's, and a raised one can.
            is_dark = t.bg_window.lightness() < _MIDDLE
            paint.rounded(painter, self.rect(), t.radius["control"], t.bg_raised if is_dark else t.bg_sunken)
            if self.isChecked():  # a hovered one has nearly the same ground, in high contrast the bar too
                line = QRect(0, self.height() - 2, self.width(), 2)
                painter.fillRect(line, t.accent)
        elif self.underMouse():
            paint.rounded(painter, self.rect(), t.radius["control"], t.bg_hover)
        color = t.text_primary if self.isChecked() or self.underMouse() else t.text_secondary
        x = theme.scaled(8 if self._icon else 10)
        parts = self._parts()
        if self._counts and not self._count:  # room with nothing in it is a hole between two tabs, or before the key
            kept, parts = parts, [part for part in parts if part[0] != "count"]
            x += (sum(width for part, width in kept if part == "count") + _GAP) // 2
        for name, width in parts:
            box = QStyle.visualRect(direction, self.rect(), QRect(x, 0, width, self.height()))
            x += width + _GAP
            if name == "icon":
                theme.icons.paint(painter, box, self._icon, color)
            elif name == "words":
                weight = 500 if self.isCheckable() and (self.isChecked() or not self._icon) else 400
                paint.draw(painter, box, self.text(), theme.font("ui", weight), color, direction=direction)
            elif name == "count" and self._count:
                paint.draw(painter, box, self._count_words(), theme.font("caption", 600), t.mark_returned)
            elif name == "keys":
                start = box.right() + 1 if direction == paint.RTL else box.left()
                paint.key_cap(painter, start, self.height() / 2, self._keys, direction)


class FindButton(QAbstractButton):
    """Looks like a field and opens the palette, which has the real one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = ""
        self.setText(tr("Find an item, a clause or a command"))
        self.setAccessibleName(self.text())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_keys(self, keys: str) -> None:
        """The key that does the same."""
        self._keys = keys
        self.update()

    def sizeHint(self) -> QSize:
        """As drawn."""
        return QSize(theme.scaled(340), theme.scaled(theme.tokens().px["control_small"]))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, lens, words, key cap."""
        t, direction = theme.tokens(), self.layoutDirection()
        painter = QPainter(self)
        line = t.line_key if self.underMouse() else t.line_subtle
        paint.rounded(painter, self.rect(), t.radius["control"], t.bg_content, line)
        size = theme.scaled(t.px["icon_small"])
        box = QStyle.visualRect(direction, self.rect(), QRect(8, 0, size, self.height()))
        theme.icons.paint(painter, box, "search", t.text_muted)
        keys = paint.key_cap_width(self._keys)
        end = self.width() - 6 - keys
        x = 8 + size + 8
        font = theme.font("ui")
        words = self.text() if theme.width(self.text(), "ui") <= end - x - 8 else tr("Find")
        words = paint.elide(words, font, end - x - 8)
        box = QStyle.visualRect(direction, self.rect(), QRect(x, 0, end - x - 8, self.height()))
        paint.draw(painter, box, words, font, t.text_muted, direction=direction)
        box = QStyle.visualRect(direction, self.rect(), QRect(end, 0, keys, self.height()))
        start = box.right() + 1 if direction == paint.RTL else box.left()
        paint.key_cap(painter, start, self.height() / 2, self._keys, direction)
