"""The search field of the policy: what is typed is looked for at once; arrows and Enter work on the list beneath."""

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.text import tr, trn

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}


class PolicySearch(QLineEdit):
    """Words to look for in the clauses.

    Signals:
        stepped: rows to move in the list.
        entered: choose the row.
        left: Esc.
        typing: whether keys are written here now.
    """

    stepped = Signal(int)
    entered = Signal()
    left = Signal()
    typing = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._key = "/"
        self.setAccessibleName(tr("Search the policy"))
        self.setAccessibleDescription(tr("Arrow keys move in the list, Enter chooses, Esc goes back"))
        self.renew()

    def show_count(self, clauses: int) -> None:
        """Say how many clauses there are to search."""
        words = trn("Search {n} clause", "Search {n} clauses", clauses) if clauses else tr("No policy is here yet")
        if words != self.placeholderText():
            self.setPlaceholderText(words)

    def set_key(self, key: str) -> None:
        """Show another key cap."""
        self._key = key
        self.renew()

    def renew(self) -> None:
        """Take the fonts of the theme in force."""
        self.setFont(theme.font("ui"))
        start, end = theme.scaled(24), paint.key_cap_width(self._key) + 6
        mirrored = self.isRightToLeft()
        # Beside the lens, whatever script the words are in.
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
        self.setTextMargins(end if mirrored else start, 0, start if mirrored else end, 0)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Mirror when the direction changes."""
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self.renew()
        super().changeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """From now on keys are words."""
        super().focusInEvent(event)
        self.typing.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And now no more."""
        super().focusOutEvent(event)
        self.typing.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the list beneath, and Esc."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self.stepped.emit(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, a lens, and the key that comes here."""
        super().paintEvent(event)
        t = theme.tokens()
        painter = QPainter(self)
        direction = self.layoutDirection()
        size = theme.scaled(t.px["icon_small"])
        lens = QStyle.visualRect(direction, self.rect(), QRect(10, 0, size, self.height()))
        theme.icons.paint(painter, lens, "search", t.text_secondary)
        if self._key and not self.text():
            x = 6 if direction == paint.RTL else self.width() - 6 - paint.key_cap_width(self._key)
            start = x + paint.key_cap_width(self._key) if direction == paint.RTL else x
            paint.key_cap(painter, start, self.height() / 2, self._key, direction, off=not self.isEnabled())
