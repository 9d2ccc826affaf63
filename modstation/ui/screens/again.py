"""Signed out: one task, a new code. Address and fingerprint are known."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.pieces.cards import Rule
from modstation.ui.pieces.facts import Drawing, Fact, Facts
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.screens.code import LENGTH, ROOM, CodeField, grouped
from modstation.ui.text import tr, trn


class AgainScreen(QWidget):
    """Asks for the code.

    Signals:
        join_wanted(str): the code, with its dash.
        left(): not now.
    """

    join_wanted = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._words = Lettering("", self, role="reading", color="text_secondary")
        self.code = CodeField(self)
        self.code.textChanged.connect(lambda _text: self.show_problem(""))
        self._why = Lettering("", self, role="meta", color="text_muted")
        self.join = QPushButton(tr("Join again"), self)
        self.join.setProperty("kind", "primary")
        self.join.clicked.connect(lambda: self.join_wanted.emit(grouped(self.code.text())))
        self.later = QPushButton(tr("Not now"), self)
        self.later.setProperty("kind", "quiet")
        self.later.clicked.connect(self.left)
        for button in (self.join, self.later):
            button.setProperty("large", True)
            button.setAutoDefault(True)  # Enter presses it
        self._safe = Facts(self)
        self._lay_out()
        self.setFocusProxy(self.code)
        self.show_problem("")

    def tell(self, service: str) -> None:
        """Say whose code is wanted."""
        self._words.tell(tr("{service} signed this computer out. Ask your lead for a new code.", service=service))
        kept = (
            tr("What you decided is kept here, encrypted. Joining again deletes none of it."),
            tr("What {service} has not answered yet is sent after you have joined again.", service=service),
        )
        self._safe.tell([Fact("check", words) for words in kept])

    def show_problem(self, words: str, *, refused: bool = False) -> None:
        """Say why joining did not work; empty: what is still missing. A refused code has to be typed over first."""
        missing = LENGTH - len(self.code.text())
        lacks = trn("{n} character is missing", "{n} characters are missing", missing) if missing else ""
        self._why.tell(words or lacks, color="mark_returned" if words else "text_muted")
        self.join.setEnabled(not missing and not refused and not self._busy)
        if refused:
            self.code.refuse()
        elif words:
            self.code.selectAll()
            self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def busy(self, busy: bool) -> None:
        """While the service is asked nothing can be changed."""
        self._busy = busy
        for part in (self.code, self.later):
            part.setEnabled(not busy)
        self.join.setText(tr("Joining") if busy else tr("Join again"))
        self.show_problem("")

    def forget(self) -> None:
        """No code stays in the field."""
        self.code.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter joins, Escape leaves it for later."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self.join.click()
        elif event.key() == Qt.Key.Key_Escape:
            self.later.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The quiet ground."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_window)

    def _lay_out(self) -> None:
        s = theme.scaled
        body = QWidget(self)
        body.setFixedWidth(s(520 + 2 * ROOM))
        boxes = QHBoxLayout()  # the boxes, not the room for their ring, begin at the edge of the text
        boxes.addWidget(self.code, 100)
        boxes.addStretch(1)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._above_code(body), boxes, self._below_code(body)):
            if part is not boxes:
                part.setContentsMargins(s(ROOM), 0, s(ROOM), 0)
            column.addLayout(part)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(body)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(1)

    def _above_code(self, body: QWidget) -> QVBoxLayout:
        """What this is about."""
        s, column = theme.scaled, QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Drawing("device", body, size=26, disc=56), 0, Qt.AlignmentFlag.AlignLeading)
        column.addSpacing(s(20))
        column.addWidget(Lettering(tr("Join again with a code"), body, role="title", weight=600))
        column.addSpacing(s(6))
        column.addWidget(self._words)
        column.addSpacing(s(20 - ROOM))
        return column

    def _below_code(self, body: QWidget) -> QVBoxLayout:
        """What is wrong or missing, the two ways on, and what is safe."""
        s, column = theme.scaled, QVBoxLayout()
        column.setSpacing(0)
        column.addSpacing(s(4))
        column.addWidget(self._why)
        column.addSpacing(s(20))
        buttons = QHBoxLayout()
        buttons.setSpacing(s(12))
        buttons.addWidget(self.join)
        buttons.addWidget(self.later)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addSpacing(s(28))
        column.addWidget(Rule(body))
        column.addSpacing(s(20))
        column.addWidget(self._safe)
        return column
