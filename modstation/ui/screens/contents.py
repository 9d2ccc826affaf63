"""The sections of a long page beside it: which one is in sight, and a way to each."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QStyle, QVBoxLayout, QWidget

from modstation.ui import paint, theme
from modstation.ui.text import tr

_PAD, _END = 32, 24


class _Entry(QAbstractButton):
    """The name of one section; the one in sight is tinted and has a bar, as the row of a list that is open."""

    entered = Signal()

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setProperty("ring", "inside")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Measured at its boldest, so that nothing moves."""
        return QSize(theme.width(self.text(), "ui", 600) + _PAD + _END, theme.scaled(36))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes into the section."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground and name."""
        t, direction = theme.tokens(), self.layoutDirection()
        painter = QPainter(self)
        on = self.isChecked()
        paint.row_ground(painter, self.rect(), direction, selected=on, hover=self.underMouse())
        box = QStyle.visualRect(direction, self.rect(), QRect(_PAD, 0, self.width() - _PAD, self.height()))
        color = t.text_primary if on else t.text_secondary
        paint.draw(painter, box, self.text(), theme.font("ui", 600 if on else 500), color, direction=direction)


class Contents(QWidget):
    """Names of sections, one beneath the other: one stop for Tab, arrows go from section to section.

    Signals:
        wanted(int): a section was gone to, by its place.
        entered(int): the person wants to set something in it.
    """

    wanted = Signal(int)
    entered = Signal(int)

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Sections"))
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for n, title in enumerate(titles):
            entry = _Entry(title, self)
            entry.clicked.connect(lambda _on, n=n: self.wanted.emit(n))
            entry.entered.connect(lambda n=n: self.entered.emit(n))
            self._group.addButton(entry, n)
            column.addWidget(entry)
        column.addStretch(1)
        self.show_current(0)
        theme.signals.changed.connect(self._renew)

    @property
    def current(self) -> int:
        """The place of the section that is marked."""
        return self._group.checkedId()

    def show_current(self, place: int) -> None:
        """Mark a section, without telling anybody."""
        self._group.button(place).setChecked(True)
        self.setFocusProxy(self._group.button(place))

    def _renew(self) -> None:
        for entry in self._group.buttons():
            entry.updateGeometry()
            entry.update()
