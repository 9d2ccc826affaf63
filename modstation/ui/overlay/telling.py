"""A `Problem` over the desk: what is true now, what to do next, and one button."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modstation.core.problem import Problem
from modstation.ui import theme
from modstation.ui.overlay.overlay import PAD, Overlay
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.text import tr


class Telling(Overlay):
    """Tells a problem that must not be overlooked. It stays until the person has read it.

    Signals:
        other_wanted(): what may be done at once, where there is something.
    """

    other_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Something went wrong"))
        self._title = Lettering("", self.sheet, role="title", weight=600)
        self._advice = Lettering("", self.sheet, role="reading", color="text_secondary")
        self._code = Lettering("", self.sheet, role="caption", color="text_muted")
        self._read = QPushButton(tr("Understood"), self.sheet)
        self._read.setProperty("kind", "primary")
        self._read.clicked.connect(self.leave)
        self._other = QPushButton(self.sheet)
        self._other.setAutoDefault(True)  # Enter presses it
        self._other.clicked.connect(self.take)
        column = QVBoxLayout(self.sheet)
        pad = theme.scaled(PAD)
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(theme.scaled(10))
        column.addWidget(self._title)
        column.addWidget(self._advice)
        column.addSpacing(theme.scaled(10))
        row = QHBoxLayout()
        row.addWidget(self._code, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._read)
        row.addWidget(self._other)
        column.addLayout(row)

    def open_for(self, problem: Problem, other: str = "") -> None:
        """Tell this problem; `other` is the title of something that may be done about it at once."""
        self._other.setText(other)
        self._other.setVisible(bool(other))
        self._read.setText(tr("Not now") if other else tr("Understood"))
        theme.set_keys(self._other, "Enter")
        theme.set_keys(self._read, "Esc" if other else "Enter")
        self._other.setProperty("kind", "primary")
        self._read.setProperty("kind", "quiet" if other else "primary")
        self._title.tell(problem.title)
        self._advice.tell(problem.advice)
        self._advice.setVisible(bool(problem.advice))
        self._code.tell(problem.code)
        self.setAccessibleDescription(f"{problem.title} {problem.advice}".strip())
        self.open()

    @property
    def offers(self) -> bool:
        """Whether something may be done at once, and is on a button here."""
        return self.is_open and not self._other.isHidden()

    def take(self) -> None:
        """Do that: by the button, or by the key that has the same words elsewhere."""
        self.leave()
        self.other_wanted.emit()

    def first_focus(self) -> QWidget:
        """The button of the next step."""
        return self._read if self._other.isHidden() else self._other

    def place(self) -> None:
        """As high as the words are at this width."""
        super().place()
        box = self.sheet.geometry()
        box.setHeight(max(box.height(), min(self.sheet.heightForWidth(box.width()), self.height() - 2 * box.top())))
        self.sheet.setGeometry(box)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter has read it too."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.leave()
        super().keyPressEvent(event)
