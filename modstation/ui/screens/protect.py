"""First run, step two: what opens the encrypted store on this computer."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.pieces.cards import PickCard
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.screens.code import ROOM
from modstation.ui.text import day_and_clock, isolated, tr, trn

SHORTEST = 12
"""Characters a passphrase has at least."""


class ProtectPage(QWidget):
    """One task: choose the keyring, or a passphrase.

    Signals:
        protect_wanted(str): the passphrase; empty for the keyring alone.
    """

    protect_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self._problem = ""
        self.keyring = PickCard("key", tr("This computer's keyring"), self)
        self.passphrase = PickCard("lock", tr("A passphrase of your own"), self)
        self.passphrase.tell(tr("Asked when ModStation starts and after a lock. Nobody can look it up for you."))
        self.typed, self.again = (self._secret(tr("Passphrase")), self._secret(tr("The same once more")))
        self.reveal = QCheckBox(tr("Show what I type"), self)
        self.reveal.toggled.connect(self._reveal)
        self.protect = QPushButton(tr("Protect"), self)
        self.protect.setProperty("kind", "primary")
        self.protect.setProperty("large", True)
        self.protect.setAutoDefault(True)  # Enter presses it
        self.protect.clicked.connect(self._protect)
        self._why = Lettering("", self, role="meta", color="text_muted", align=Qt.AlignmentFlag.AlignRight)
        self._promise = Lettering("", self, role="reading", color="text_secondary")
        self._promise.hide()
        self._secrets = QWidget(self)
        self._lay_out()
        for pick in (self.keyring, self.passphrase):
            pick.toggled.connect(lambda _on: self._edited())
        self.show_keyring(available=False, backend="", reason="")

    def show_keyring(self, available: bool, backend: str, reason: str) -> None:
        """Whether the keyring can be used, which one it is, or why it can't."""
        self.keyring.setEnabled(available)
        if available:
            words = tr("Opens when you log in to this computer; nothing to remember.")
            self.keyring.tell(" ".join((words, tr("Kept by {backend}.", backend=backend))) if backend else words)
        else:
            self.keyring.tell(reason or tr("No keyring was found on this computer."))
        (self.keyring if available else self.passphrase).setChecked(True)
        self._weigh()

    def show_promise(self, person: str, until: datetime | None) -> None:
        """Whom the code is for, and until when it holds; without a time nothing is known of it."""
        if until is not None:
            given = {"person": isolated(person), "time": day_and_clock(until)}
            self._promise.tell(tr("Your code is good: for {person}, until {time}.", **given))
        self._promise.setVisible(until is not None)

    def show_problem(self, words: str) -> None:
        """Say why it did not work."""
        self._problem = words
        self._weigh()

    def busy(self, busy: bool) -> None:
        """While the store is made nothing can be changed."""
        self._busy = busy
        for field in (self.passphrase, self.typed, self.again, self.reveal):
            field.setEnabled(not busy)
        self.protect.setText(tr("Protecting") if busy else tr("Protect"))
        self._weigh()

    def forget(self) -> None:
        """Empty the fields: a passphrase is not kept on the screen longer than needed."""
        self.typed.clear()
        self.again.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter protects, from wherever it comes."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat():
            self._protect()
        else:
            super().keyPressEvent(event)

    def _secret(self, name: str) -> QLineEdit:
        made = QLineEdit(self)
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setMinimumHeight(theme.scaled(40))
        made.setPlaceholderText(name)
        made.setAccessibleName(name)
        made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        made.textChanged.connect(lambda _text: self._edited())
        return made

    def _reveal(self, on: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
        self.typed.setEchoMode(mode)
        self.again.setEchoMode(mode)

    def _edited(self) -> None:
        self._problem = ""
        self._weigh()

    def _lacking(self) -> str:
        if self.keyring.isChecked():
            return ""
        missing = SHORTEST - len(self.typed.text())
        if missing > 0:
            return trn("{n} more character is needed", "{n} more characters are needed", missing)
        return "" if self.typed.text() == self.again.text() else tr("The two are not the same yet")

    def _weigh(self) -> None:
        self._secrets.setVisible(self.passphrase.isChecked())
        lacks = self._lacking()
        self.protect.setEnabled(not lacks and not self._busy)
        self._why.tell(
            self._problem or ("" if self._busy else lacks), color="mark_returned" if self._problem else "text_muted"
        )

    def _protect(self) -> None:
        if self.protect.isEnabled():
            self.protect_wanted.emit("" if self.keyring.isChecked() else self.typed.text())

    def _lay_out(self) -> None:
        s = theme.scaled
        column = QVBoxLayout(self)
        column.setContentsMargins(s(ROOM), 0, s(ROOM), 0)
        column.setSpacing(0)
        column.addWidget(Lettering(tr("Protect this computer"), self, role="title", weight=600, zoom=28 / 22))
        column.addSpacing(s(4))
        words = tr("Items and decisions are kept here encrypted. Choose what opens them.")
        column.addWidget(Lettering(words, self, role="reading", color="text_secondary"))
        column.addWidget(self._promise)
        column.addSpacing(s(24))
        column.addWidget(self.keyring)
        column.addSpacing(s(12))
        column.addWidget(self.passphrase)
        column.addSpacing(s(20))
        below = QVBoxLayout(self._secrets)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(s(12))
        below.addWidget(self.typed)
        below.addWidget(self.again)
        below.addWidget(self.reveal)
        advice = tr(
            "Several words are easier to remember than symbols. "
            "If the passphrase is lost, this computer joins again with a new code."
        )
        below.addWidget(Lettering(advice, self._secrets, role="meta", color="text_muted"))
        column.addWidget(self._secrets)
        column.addSpacing(s(24))
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.protect)
        column.addLayout(foot)
        column.addSpacing(s(8))
        column.addWidget(self._why)
