"""What stands in the pane when there is no item: a calm sentence, and one next step where there is one."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from modstation.ui import theme
from modstation.ui.text import tr

_WIDE, _HIGH_UP = 420, 0.38
_CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class Empty(QWidget):
    """A drawing, the sentence beneath it, and a button if something can be done about it.

    Signals:
        way_wanted(): the button was pressed.
    """

    way_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._said = ("", "")
        self.way = QPushButton(self)
        self.way.setProperty("kind", "primary")
        self.way.setAutoDefault(True)  # Enter presses it
        self.way.clicked.connect(self.way_wanted)
        self.way.hide()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.say(tr("Nothing waits for you here."), "check")

    def say(self, reason: str, drawing: str, way: str = "") -> None:
        """Why there is no item, what is drawn over that, and what the button says; without words there is none."""
        if (reason, drawing) == self._said and way == self.way.text():
            return
        self._said = (reason, drawing)
        self.setAccessibleName(reason)
        self.way.setText(way)
        self.way.setAccessibleDescription(reason)
        self.way.setVisible(bool(way))
        self._arrange()
        self.update()

    def set_key(self, key: str) -> None:
        """The key that does what the button does."""
        theme.set_keys(self.way, key)
        self._arrange()

    def restyle(self) -> None:
        """Another theme or text size is in force."""
        self._arrange()
        self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The button stays beneath the sentence."""
        self._arrange()

    def _words(self) -> QRect:
        width = max(1, min(theme.scaled(_WIDE), self.width() - 64))
        room = QRect((self.width() - width) // 2, round(self.height() * _HIGH_UP), width, self.height())
        high = QFontMetrics(theme.font("reading")).boundingRect(room, _CENTRED, self._said[0]).height()
        over = theme.scaled(40)
        beneath = theme.scaled(20) + self.way.sizeHint().height() if self.way.text() else 0
        # As high up as usual; higher where the pane has too little room for all of it.
        top = max(over + 8, min(room.top(), self.height() - high - beneath - 16))
        return QRect(room.left(), top, width, high)

    def _arrange(self) -> None:
        words, size = self._words(), self.way.sizeHint()
        wide = min(size.width(), max(1, self.width() - 32))
        top = words.bottom() + theme.scaled(20)
        self.way.setGeometry(QRect((self.width() - wide) // 2, top, wide, size.height()))

    def minimumSizeHint(self) -> QSize:
        """It is given what there is."""
        return QSize(0, 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, drawing, sentence."""
        t, words = theme.tokens(), self._words()
        painter = QPainter(self)
        painter.fillRect(self.rect(), t.bg_content)
        side = theme.scaled(24)
        icon = QRect((self.width() - side) // 2, words.top() - theme.scaled(40), side, side)
        theme.icons.paint(painter, icon, self._said[1], t.text_muted)
        painter.setFont(theme.font("reading"))
        painter.setPen(t.text_secondary)
        painter.drawText(words, _CENTRED, self._said[0])
