"""The locked station: nothing about items, only what stays here and until when."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.pieces.cards import Rule
from modstation.ui.pieces.facts import Drawing, Fact, Facts
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.text import tr

_MIDDLE = Qt.AlignmentFlag.AlignHCenter


class Unlock(QWidget):
    """Asks for what opens the vault: its passphrase, the computer's own keyring, or either.

    Signals:
        unlock_wanted(str): the passphrase; answer with `show_problem`, or show something else.
        keyring_wanted: open with the computer's keyring.
        lost: the passphrase is lost.
    """

    unlock_wanted = Signal(str)
    keyring_wanted = Signal()
    lost = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self.typed = QLineEdit(self)
        self.typed.setEchoMode(QLineEdit.EchoMode.Password)
        self.typed.setPlaceholderText(tr("Passphrase"))
        self.typed.setAccessibleName(tr("Passphrase"))
        self.typed.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self.typed.textChanged.connect(lambda _text: self._edited())
        self.typed.returnPressed.connect(self._unlock)
        self.reveal = QPushButton(tr("Show"), self)
        self.reveal.setCheckable(True)
        self.reveal.setProperty("kind", "quiet")
        self.reveal.setAccessibleName(tr("Show what I type"))
        self.reveal.toggled.connect(self._reveal)
        self.unlock = QPushButton(tr("Unlock"), self)
        self.unlock.setProperty("kind", "primary")
        self.unlock.setProperty("large", True)
        self.unlock.clicked.connect(self._unlock)
        self.keyring = QPushButton(tr("Computer login"), self)
        self.keyring.setProperty("large", True)
        self.keyring.clicked.connect(self.keyring_wanted)
        for button in (self.reveal, self.unlock, self.keyring):
            button.setAutoDefault(True)  # Enter presses it
        self.keyring.hide()
        self.forgotten = QPushButton(tr("Passphrase lost"), self)
        self.forgotten.setProperty("kind", "quiet")
        self.forgotten.clicked.connect(self.lost)
        self._problem = Lettering("", self, color="mark_returned", weight=500, align=_MIDDLE)
        self._facts = Facts(self)
        self._told = QWidget(self)
        self._lay_out()
        self.show_facts(())
        self.setFocusProxy(self.typed)
        self._restyle()
        self._weigh()
        theme.signals.changed.connect(self._restyle)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """What stays here, until when, and what waits to be sent. Never what it is about."""
        self._facts.tell(facts)
        self._told.setVisible(bool(facts))

    def show_ways(self, *, keyring: bool, passphrase: bool) -> None:
        """What opens the vault; what does not is not asked for. The focus goes to the one to be used first."""
        for part in (self.typed, self.reveal, self.unlock, self.forgotten):
            part.setVisible(passphrase)
        self.keyring.setVisible(keyring)
        self.keyring.setProperty("kind", "plain" if passphrase else "primary")
        self.keyring.setText(tr("Computer login") if passphrase else tr("Unlock with the computer's login"))
        self._problem.tell("")
        self._restyle()
        self.setFocusProxy(self.keyring if keyring else self.typed)

    def show_problem(self, words: str) -> None:
        """Say why it did not open; what was typed is selected, ready to be typed over."""
        self._problem.tell(words)
        self.typed.selectAll()
        asked = self.keyring if self.typed.isHidden() else self.typed
        asked.setFocus(Qt.FocusReason.OtherFocusReason)

    def busy(self, busy: bool) -> None:
        """While the key is being made from the passphrase (about a second) nothing can be changed."""
        self._busy = busy
        self.typed.setEnabled(not busy)
        self.keyring.setEnabled(not busy)
        self.unlock.setText(tr("Opening") if busy else tr("Unlock"))
        self._weigh()

    def forget(self) -> None:
        """Empty the field."""
        self.typed.clear()
        self.reveal.setChecked(False)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The quiet ground."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_window)

    def _unlock(self) -> None:
        if self.unlock.isEnabled():
            self.unlock_wanted.emit(self.typed.text())

    def _edited(self) -> None:
        self._problem.tell("")
        self._weigh()

    def _weigh(self) -> None:
        self.unlock.setEnabled(bool(self.typed.text()) and not self._busy)

    def _reveal(self, on: bool) -> None:
        self.typed.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.reveal.setText(tr("Hide") if on else tr("Show"))

    def _restyle(self) -> None:
        alone = self.typed.isHidden() and not self.keyring.isHidden()
        self.keyring.setIcon(theme.icons.icon("fingerprint", "accent_on" if alone else "text_primary"))
        self.forgotten.setIcon(theme.icons.icon("help"))
        self._body.setFixedWidth(theme.scaled(420))
        self.typed.setMinimumHeight(theme.scaled(40))
        self._problem.setMinimumHeight(2 * theme.line("ui"))  # always there, so that what it says moves nothing
        self.update()

    def _lay_out(self) -> None:
        s = theme.scaled
        self._body = QWidget(self)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Drawing("lock", self._body, size=30, disc=72), 0, _MIDDLE)
        column.addSpacing(s(20))
        column.addWidget(Lettering(tr("Locked"), self._body, role="title", weight=600, zoom=28 / 22, align=_MIDDLE))
        column.addSpacing(s(4))
        words = tr("Everything is hidden and encrypted.\nWhat you did is kept.")
        column.addWidget(Lettering(words, self._body, role="reading", color="text_secondary", align=_MIDDLE))
        column.addSpacing(s(28))
        field = QHBoxLayout()
        field.setSpacing(s(8))
        field.addWidget(self.typed, 1)
        field.addWidget(self.reveal)
        column.addLayout(field)
        column.addSpacing(s(12))
        buttons = QHBoxLayout()
        buttons.setSpacing(s(8))
        buttons.addWidget(self.unlock, 1)
        buttons.addWidget(self.keyring)
        column.addLayout(buttons)
        column.addSpacing(s(12))
        column.addWidget(self._problem)
        told = QVBoxLayout(self._told)
        told.setContentsMargins(0, s(20), 0, 0)
        told.setSpacing(s(20))
        told.addWidget(Rule(self._told))
        told.addWidget(self._facts)
        column.addWidget(self._told)
        column.addSpacing(s(24))
        column.addWidget(self.forgotten, 0, _MIDDLE)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._body)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(1)
