"""The end of a shift: what will happen, before it happens."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.overlay.overlay import PAD, Overlay
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.text import tr, trn


class Ending(Overlay):
    """Asks once more before everything undecided is given back.

    Signals:
        end_wanted(): the person means it.
    """

    end_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("End the shift"))
        self._title = Lettering(tr("End the shift?"), self.sheet, role="title", weight=600)
        self._words = Lettering("", self.sheet, role="reading", color="text_secondary")
        self._end = QPushButton(tr("End the shift"), self.sheet)
        self._end.setProperty("kind", "primary")
        self._end.setProperty("keys", "Enter")
        self._end.clicked.connect(self._ended)
        self._stay = QPushButton(tr("Not yet"), self.sheet)
        self._stay.setProperty("kind", "quiet")
        self._stay.setProperty("keys", "Esc")
        self._stay.clicked.connect(self.leave)
        column = QVBoxLayout(self.sheet)
        pad = theme.scaled(PAD)
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(theme.scaled(10))
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addSpacing(theme.scaled(10))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._stay)
        row.addWidget(self._end)
        column.addLayout(row)

    def open_for(self, undecided: int, to_send: int, *, online: bool) -> None:
        """Say what will happen to so many undecided items and unsent decisions."""
        words = [
            trn("{n} undecided item goes back to its queue.", "{n} undecided items go back to their queues.", undecided)
            if undecided
            else tr("Nothing undecided is left here.")
        ]
        if to_send and online:
            one, many = "{n} decision is sent now; there is no undo.", "{n} decisions are sent now; there is no undo."
            words.append(trn(one, many, to_send))
        elif to_send:
            one = "{n} decision stays saved here and is sent at the next connection."
            many = "{n} decisions stay saved here and are sent at the next connection."
            words.append(trn(one, many, to_send))
        words.append(tr("Then ModStation locks."))
        self._words.tell(" ".join(words))
        self.setAccessibleDescription(" ".join(words))
        self.open()

    def first_focus(self) -> QWidget:
        """What the command asked for."""
        return self._end

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter means it, unless the other button has the focus."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            (self.leave if self._stay.hasFocus() else self._ended)()
        super().keyPressEvent(event)

    def _ended(self) -> None:
        self.leave()
        self.end_wanted.emit()
