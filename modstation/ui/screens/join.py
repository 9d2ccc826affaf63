"""First run, step one: join the service. Address, one-time code, fingerprints in both directions."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.pieces.cards import Card, Rule
from modstation.ui.pieces.facts import Drawing
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.screens.code import LENGTH, ROOM, CodeField, grouped
from modstation.ui.text import tr, trn

_UNKNOWN = "····  ····  ····  ····  ····  ····"


@dataclass(frozen=True, slots=True)
class ServiceCardView:
    """What the service answered before anything was sent to it.

    Attributes:
        name: what it calls itself.
        fingerprint: of the key it signs receipts with, in groups of four.
        secure: whether the connection is encrypted (TLS).
    """

    name: str
    fingerprint: str
    secure: bool = True


class _Fingerprint(QWidget):
    """Whose key, what it is for, and its fingerprint."""

    def __init__(self, icon: str, title: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.scaled(16), theme.scaled(12), theme.scaled(16), theme.scaled(12))
        row.setSpacing(theme.scaled(14))
        row.addWidget(Drawing(icon, self, size=22, color="text_primary"))
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(Lettering(title, self, weight=500))
        told.addWidget(Lettering(words, self, role="meta", color="text_muted"))
        row.addLayout(told, 1)
        self._print = Lettering(_UNKNOWN, self, role="reading", weight=500, color="text_muted", mono=True)
        self._print.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._print.setAccessibleName(title)
        row.addWidget(self._print, 0, Qt.AlignmentFlag.AlignVCenter)
        self._title = title

    def tell(self, fingerprint: str) -> None:
        """Show it, or dots while it is not known."""
        self._print.tell(
            fingerprint.replace(" ", "  ") or _UNKNOWN, color="text_primary" if fingerprint else "text_muted"
        )
        self._print.setAccessibleName(tr("{whose}: {fingerprint}", whose=self._title, fingerprint=fingerprint))


class JoinPage(QWidget):
    """One task: join.

    Signals:
        address_entered(str): an address was typed and left; answer with `show_card`.
        join_wanted(str, str): address and code, the code with its dash; fingerprints are confirmed.
    """

    address_entered = Signal(str)
    join_wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card: ServiceCardView | None = None
        self._asked = ""
        self._busy = False
        self._problem = ""
        self._refused = False
        self.address = QLineEdit(self)
        self.address.setAccessibleName(tr("Address"))
        self.address.setPlaceholderText("desk.example.org")
        self.address.setMinimumHeight(theme.scaled(40))
        self.address.editingFinished.connect(self._ask)
        self.address.textEdited.connect(self._address_edited)
        self._status = Lettering("", self, role="meta", color="text_muted", align=Qt.AlignmentFlag.AlignRight)
        self.code = CodeField(self)
        self.code.textChanged.connect(lambda _text: self._code_edited())
        self._by_code = Lettering("", self, role="meta", align=Qt.AlignmentFlag.AlignRight)
        self._service = _Fingerprint("fingerprint", tr("The service"), tr("signs every receipt you get"), self)
        self._device = _Fingerprint("device", tr("This computer"), tr("read it to your lead"), self)
        self.same = QCheckBox(tr("The service's fingerprint is the same as in the letter"), self)
        self.same.toggled.connect(lambda _on: self._edited())
        self.differ = QPushButton(tr("They differ: stop here"), self)
        self.differ.setProperty("kind", "quiet")
        self.differ.setProperty("large", True)
        self.differ.setAutoDefault(True)  # Enter presses it
        self.differ.clicked.connect(self._stop)
        self.join = QPushButton(tr("Join"), self)
        self.join.setProperty("kind", "primary")
        self.join.setProperty("large", True)
        self.join.setAutoDefault(True)
        self.join.clicked.connect(self._join)
        self._why = Lettering("", self, role="meta", color="text_muted", align=Qt.AlignmentFlag.AlignRight)
        self._lay_out()
        self._code_edited()

    def show_card(self, card: ServiceCardView | None, problem: str) -> None:
        """Say whether the service answers; a new card has to be confirmed anew."""
        if card != self._card:
            self.same.setChecked(False)
        self._card = card
        if card is None:
            self._asked = ""  # Enter asks again
        if card is not None:
            words = tr("{name} answers, over TLS") if card.secure else tr("{name} answers, without TLS")
            self._status.tell(words.format(name=card.name), color="mark_accepted" if card.secure else "text_muted")
        else:
            step = tr("Look at the address, then press Enter in it to ask again.") if problem else ""
            self._status.tell(f"{problem} {step}".strip(), color="mark_returned" if problem else "text_muted")
        self._service.tell(card.fingerprint if card else "")
        self._weigh()

    def show_problem(self, words: str) -> None:
        """Say why joining did not work. Everything typed stays."""
        self._problem = words
        self._weigh()

    def show_code_problem(self, words: str) -> None:
        """Say beside the code why it was not taken; it is selected, and has to be typed over before joining again."""
        self._refused = True
        self._by_code.tell(words, color="mark_returned")
        self._weigh()
        self.code.refuse()

    def show_device_fingerprint(self, fingerprint: str) -> None:
        """What the person reads to the lead."""
        self._device.tell(fingerprint)

    def busy(self, busy: bool) -> None:
        """While the service is asked nothing can be changed."""
        self._busy = busy
        for field in (self.address, self.code):
            field.setEnabled(not busy)
        self.join.setText(tr("Joining") if busy else tr("Join"))
        self._weigh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter joins, from the code, the tick and the button; from the address it asks who answers there."""
        entered = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.isAutoRepeat()
        if entered and not self.address.hasFocus():
            self.join.click()
        else:
            super().keyPressEvent(event)

    def _ask(self) -> None:
        typed = self.address.text().strip()
        if typed and typed != self._asked:
            self._asked = typed
            self._status.tell(tr("asking"), color="text_muted")
            self.address_entered.emit(typed)

    def _address_edited(self, typed: str) -> None:
        if typed.strip() != self._asked:
            self._asked = ""
            self.show_card(None, "")
        self._edited()

    def _edited(self) -> None:
        self._problem = ""
        self._weigh()

    def _code_edited(self) -> None:
        self._refused = False
        self._by_code.tell(tr("pasting works"), color="text_muted")
        self._edited()

    def _stop(self) -> None:
        self.same.setChecked(False)
        self.show_problem(
            tr("Nothing was sent, and the code stays good. Ask your lead, by telephone, for the right fingerprint.")
        )

    def _join(self) -> None:
        self.join_wanted.emit(self.address.text().strip(), grouped(self.code.text()))

    def _lacking(self) -> list[str]:
        lacks: list[str] = []
        if self._card is None:
            lacks.append(tr("there is no fingerprint to compare yet"))
        missing = LENGTH - len(self.code.text())
        if missing:
            lacks.append(trn("{n} character is missing", "{n} characters are missing", missing))
        elif self._refused:
            lacks.append(tr("this code was not taken: type the right one over it"))
        if self._card is not None and not self.same.isChecked():
            lacks.append(tr("the fingerprint is not confirmed yet"))
        return lacks

    def _weigh(self) -> None:
        lacks = self._lacking()
        self.join.setEnabled(not lacks and not self._busy)
        for answer in (self.same, self.differ):  # about a fingerprint, so there has to be one
            answer.setEnabled(self._card is not None and not self._busy)
        words = tr("; ").join(lacks)
        words = words[:1].upper() + words[1:]
        self._why.tell(
            self._problem or ("" if self._busy else words), color="mark_returned" if self._problem else "text_muted"
        )

    def _lay_out(self) -> None:
        s = theme.scaled
        boxes = QHBoxLayout()  # the boxes, not the room for their ring, begin at the edge of the text
        boxes.addWidget(self.code, 100)
        boxes.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._above_code(), boxes, self._below_code()):
            if part is not boxes:
                part.setContentsMargins(s(ROOM), 0, s(ROOM), 0)
            column.addLayout(part)

    def _above_code(self) -> QVBoxLayout:
        """What this is about, the address, the name of the code."""
        s, column = theme.scaled, QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Lettering(tr("Join your service"), self, role="title", weight=600, zoom=28 / 22))
        column.addSpacing(s(4))
        words = tr("Your lead gave you an address, and a letter with a code that works once.")
        column.addWidget(Lettering(words, self, role="reading", color="text_secondary"))
        column.addSpacing(s(24))
        column.addLayout(self._named(tr("Address"), self._status))
        column.addSpacing(s(8))
        column.addWidget(self.address)
        column.addSpacing(s(24))
        column.addLayout(self._named(tr("One-time code"), self._by_code))
        column.addSpacing(s(8 - ROOM))
        return column

    def _below_code(self) -> QVBoxLayout:
        """The fingerprints, and the two ways on."""
        s, column = theme.scaled, QVBoxLayout()
        column.setSpacing(0)
        column.addSpacing(s(20))
        column.addWidget(Lettering(tr("Compare before you join"), self, weight=500))
        column.addSpacing(s(8))
        card = Card(self)
        rows = QVBoxLayout(card)
        rows.setContentsMargins(1, 1, 1, 1)
        rows.setSpacing(0)
        rows.addWidget(self._service)
        rows.addWidget(Rule(card))
        rows.addWidget(self._device)
        column.addWidget(card)
        column.addSpacing(s(14))
        column.addWidget(self.same)
        column.addSpacing(s(24))
        foot = QHBoxLayout()
        foot.setSpacing(s(12))
        foot.addStretch(1)
        foot.addWidget(self.differ)
        foot.addWidget(self.join)
        column.addLayout(foot)
        column.addSpacing(s(8))
        column.addWidget(self._why)
        return column

    def _named(self, name: str, beside: Lettering) -> QHBoxLayout:
        """A field's name, and what is said about the field at the other end of its line."""
        row = QHBoxLayout()
        row.addWidget(Lettering(name, self, weight=500), 0, Qt.AlignmentFlag.AlignTop)
        row.addSpacing(theme.scaled(24))  # what is said may fill the line, and never touches the name
        row.addWidget(beside, 1, Qt.AlignmentFlag.AlignBottom)
        return row
