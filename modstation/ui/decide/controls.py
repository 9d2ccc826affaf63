"""The buttons of the bar: three verdicts side by side, the quiet ones, and the one that decides."""

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QPushButton, QStyle, QWidget

from modstation.core.decision import Verdict
from modstation.ui import theme
from modstation.ui.decide import keys as key_names
from modstation.ui.decide.sentence import VERDICT_COMMANDS, verdict_title
from modstation.ui.text import tr

VERDICT_ICONS = {
    Verdict.NO_VIOLATION: "verdict-none",
    Verdict.VIOLATION: "verdict-violation",
    Verdict.CANNOT_DECIDE: "verdict-unsure",
}


class BarButton(QPushButton):
    """A button with a drawing, words and a key; Enter presses it. Measured once per theme and set of keys."""

    def __init__(self, parent: QWidget, text: str, icon: str, kind: str) -> None:
        super().__init__(text, parent)
        self._icon, self._words = icon, text
        self.setAccessibleName(text)
        self.setProperty("kind", kind)
        self.setAutoDefault(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_key("")
        self.renew()

    def set_key(self, key: str) -> None:
        """Show another key cap."""
        if key != self.property("keys"):
            theme.set_keys(self, key)
            self.setAccessibleDescription(tr("Key: {keys}", keys=key) if key else "")

    def set_short(self, short: bool) -> None:
        """Leave the words out; the drawing stands for them."""
        self.setText("" if short else self._words)
        self.setToolTip(self._words if short else "")

    def renew(self) -> None:
        """Take the colours and the size of the theme in force."""
        if self._icon:
            self.setIcon(theme.icons.icon(self._icon))


class _Segment(BarButton):
    """One verdict: it is on because the draft says so, not because it was pressed."""

    def __init__(self, parent: QWidget, verdict: Verdict, place: str) -> None:
        super().__init__(parent, verdict_title(verdict), VERDICT_ICONS[verdict], "segment")
        self.verdict = verdict
        self.setProperty("place", place)
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """Wait for the draft."""

    def set_short(self, short: bool) -> None:
        """Leave the drawing out: a verdict is always said in words."""
        self.setIcon(QIcon() if short else theme.icons.icon(self._icon))


class VerdictSegments(QWidget):
    """No violation, violation, cannot decide.

    Signals:
        chosen: the verdict that was pressed.
    """

    chosen = Signal(Verdict)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Verdict"))
        places = zip(Verdict, ("first", "middle", "last"), strict=True)
        self._buttons = [_Segment(self, verdict, place) for verdict, place in places]
        self.setFocusProxy(self._buttons[0])
        for button in self._buttons:
            button.clicked.connect(lambda _on=False, verdict=button.verdict: self.chosen.emit(verdict))

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show which one the draft has."""
        for button in self._buttons:
            if button.isChecked() != (button.verdict is verdict):
                button.setChecked(button.verdict is verdict)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show other key caps: command id -> text."""
        for button in self._buttons:
            button.set_key(keys.get(VERDICT_COMMANDS[button.verdict], ""))

    def set_short(self, short: bool) -> None:
        """Leave the drawings out."""
        for button in self._buttons:
            button.set_short(short)

    def renew(self) -> None:
        """Take the colours of the theme in force."""
        for button in self._buttons:
            button.renew()

    def sizeHint(self) -> QSize:
        """The three side by side."""
        hints = [button.sizeHint() for button in self._buttons]
        return QSize(sum(hint.width() for hint in hints), max(hint.height() for hint in hints))

    def arrange(self) -> None:
        """Put the three side by side, in the direction of reading."""
        x = 0
        for button in self._buttons:
            width = button.sizeHint().width()
            area = QRect(x, 0, width, self.height())
            button.setGeometry(QStyle.visualRect(self.layoutDirection(), self.rect(), area))
            x += width


class DecideButton(BarButton):
    """Decide and next. Neither Enter nor Space presses it, and a double click counts once: deciding is always meant.

    Signals:
        decide_wanted: pressed.
        confirmed: pressed while it asked for the digit, which it carries.
    """

    decide_wanted = Signal()
    confirmed = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Decide and next"), "", "primary")
        self.setProperty("large", True)
        self._key = key_names.DEFAULT["decide.commit"]
        self._digit: int | None = None
        self._asking = False
        self._typing = False
        self.clicked.connect(self._pressed)
        self._tell()

    def show_state(self, digit: int | None, *, asking: bool, reason: str) -> None:
        """Show whether it can be pressed, and which digit must follow.

        Args:
            digit: the confirming digit, None when none is needed.
            asking: D was pressed: the digit is awaited now.
            reason: why it can't be pressed; empty when it can.
        """
        state = (digit, asking and digit is not None)
        if state != (self._digit, self._asking):
            self._digit, self._asking = state
            self._tell()
        if self.isEnabled() == bool(reason):
            self.setEnabled(not reason)

    def set_commit_key(self, key: str) -> None:
        """Show another key for deciding."""
        self._key = key
        self._tell()

    def set_typing(self, *, typing: bool) -> None:
        """Whether keys are written into the note, so that the one for deciding would be a letter more."""
        if typing != self._typing:
            self._typing = typing
            self._tell()

    def widest(self) -> int:
        """The width of its widest state, to be kept free for it."""
        shown = self.text(), self.property("keys")
        widths = []
        for text, keys in ((tr("Decide and next"), f"{self._key} 4"), (tr("Confirm with"), "4")):
            self.setText(text)
            theme.set_keys(self, keys)
            widths.append(self.sizeHint().width())
        self.setText(shown[0])
        theme.set_keys(self, shown[1])
        return max(widths)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter and Space to others: they never decide."""
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second half of a double click confirms nothing."""
        event.accept()

    def _tell(self) -> None:
        if self._asking:
            self.setText(tr("Confirm with"))
            self.set_key(str(self._digit))
            name = tr("Press {digit} to confirm, any other key to go back", digit=self._digit)
        elif self._typing:
            self.setText(tr("Decide and next"))
            self.set_key("")
            name = tr("Decide and next")
        elif self._digit is not None:
            self.setText(tr("Decide and next"))
            self.set_key(" ".join(part for part in (self._key, str(self._digit)) if part))
            name = tr("Decide and next: {key}, then {digit}", key=self._key, digit=self._digit)
        else:
            self.setText(tr("Decide and next"))
            self.set_key(self._key)
            name = tr("Decide and next")
        self.setAccessibleName(name)

    def _pressed(self) -> None:
        if self._asking and self._digit is not None:
            self.confirmed.emit(self._digit)
        else:
            self.decide_wanted.emit()
