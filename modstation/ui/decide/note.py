"""The note: a field of one line at rest, an editor across the row while somebody writes."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import QAbstractButton, QFrame, QPlainTextEdit, QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.text import tr
from modstation.ui.theme.buttons import FAINT

_LINES = 3
LONGEST = 8_000
"""Code points; the contract takes no more."""


class NoteField(QAbstractButton):
    """The note as it is, in one line; pressing it opens the editor."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._note = ""
        self._key = ""
        self._shown = (0, "")
        self._short = False
        self.setProperty("radius", theme.tokens().radius["control"])
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.show_note("")

    def show_note(self, note: str) -> None:
        """Show another note."""
        if note == self._note and self.accessibleName():
            return
        self._note = note
        self._shown = (0, "")
        self.setAccessibleName(tr("Note: {note}", note=note) if note else tr("Note, empty"))
        self.update()

    def set_key(self, key: str) -> None:
        """Show another key cap."""
        self._key = key
        self._shown = (0, "")
        self.update()

    def set_short(self, short: bool) -> None:
        """Need room for the drawing and the key only."""
        self._short = short

    def sizeHint(self) -> QSize:
        """Room for the word "Note" and its key; it takes what it gets."""
        return QSize(theme.scaled(60 if self._short else 92), theme.scaled(theme.tokens().px["field"]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the editor."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A field: drawing, words, key."""
        t = theme.tokens()
        painter = QPainter(self)
        on = self.isEnabled()
        if on:
            paint.rounded(painter, self.rect(), t.radius["control"], t.bg_content, t.line_control)
        else:  # as the buttons beside it
            nothing = QColor(Qt.GlobalColor.transparent)
            paint.rounded(painter, self.rect(), t.radius["control"], nothing, t.line_subtle)
            painter.setOpacity(FAINT)
        direction = self.layoutDirection()
        icon = theme.scaled(t.px["icon_small"])

        def at(x: int, width: int) -> QRect:
            return QStyle.visualRect(direction, self.rect(), QRect(x, 0, width, self.height()))

        theme.icons.paint(painter, at(10, icon), "note", t.text_secondary if on else t.text_muted)
        end = self.width() - 6
        if self._key:
            end -= paint.key_cap_width(self._key)
            box = at(end, paint.key_cap_width(self._key))
            x = box.right() + 1 if direction == paint.RTL else box.left()
            if not self.property("rests"):
                paint.key_cap(painter, x, self.height() / 2, self._key, direction, off=not on)
        start = 10 + icon + 6
        room = max(0, end - 6 - start)
        if self._shown[0] != room:
            line = " ".join(self._note.split()) or tr("Note")
            enough = room >= theme.width(tr("Note"), "ui")  # else the drawing says it alone
            self._shown = (room, paint.elide(line, theme.font("ui"), room) if enough else "")
        color = t.text_primary if self._note else t.text_muted
        paint.draw(painter, at(start, room), self._shown[1], theme.font("ui"), color, direction=direction)


class NoteEditor(QPlainTextEdit):
    """Three lines of plain text. Esc leaves it, Ctrl+Enter decides, Tab moves on.

    Signals:
        left: the person is done writing: Esc, or the focus went elsewhere.
        decide_wanted: Ctrl+Enter.
    """

    left = Signal()
    decide_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("Note"))
        self.setAccessibleDescription(tr("Esc leaves, Ctrl+Enter decides"))
        self.setPlaceholderText(tr("What should the next reader know?"))
        self.document().setDocumentMargin(6)
        self.textChanged.connect(self._keep_short)
        self.renew()

    def renew(self) -> None:
        """Take the fonts of the theme in force."""
        self.setFont(theme.font("ui"))
        self.viewport().setAutoFillBackground(False)

    def height_wanted(self) -> int:
        """Three lines and the frame, in px."""
        return _LINES * theme.line("ui") + 2 * 8

    def show_note(self, note: str) -> None:
        """Put another text in, without telling anybody; the same again leaves the cursor alone."""
        if note == self.toPlainText():
            return
        blocked = self.blockSignals(True)
        self.setPlainText(note)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.blockSignals(blocked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc and Ctrl+Enter mean something of their own."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & (
            Qt.KeyboardModifier.ControlModifier
        ):
            self.decide_wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close when the person goes elsewhere; not when another window comes to the front."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self.left.emit()

    def _keep_short(self) -> None:
        text = self.toPlainText()
        if len(text) > LONGEST:
            self.show_note(text[:LONGEST])
