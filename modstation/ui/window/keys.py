"""From key events to commands.

Letters sleep while a text field has the focus, and everything sleeps while an overlay is open, but for what hides the
desk. A key that repeats by itself only moves. A command that commits is deaf for a moment after the next item was
painted, so that a double press never decides an item that nobody has seen.
"""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget
from shiboken6 import isValid

from modstation.ui.pieces.keys import is_modifier

COMMITS = frozenset({"decide.commit", "decide.skip", "decide.escalate"})
REPEATS = frozenset({"move.next", "move.previous", "look.span", "look.span_back"})
TABS = frozenset({Qt.Key.Key_Tab, Qt.Key.Key_Backtab})
BARE = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier

_RELEASE, _OVERRIDE = QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride
_KEYS = (QEvent.Type.KeyPress, _RELEASE, _OVERRIDE)


class KeyRouter(QObject):
    """Turns the key events of one window into commands.

    Signals:
        pressed(str, int): the command's id, and the digit for one that takes a number (else 0).
        missed(): a key that means nothing here; whoever gets it still gets it.
        released(str): the key of a command that lasts (hold to look) went up.
    """

    pressed = Signal(str, int)
    missed = Signal()
    released = Signal(str)

    def __init__(self, window: QWidget, sleeping: Callable[[str], bool], guard_ms: Callable[[], int]) -> None:
        super().__init__(window)
        self._window = window
        self._sleeping = sleeping
        self._guard_ms = guard_ms
        self._since_painted = QElapsedTimer()
        self._bound: dict[str, tuple[str, int]] = {}
        self._down: dict[int, str] = {}
        self._watched: QWidget | None = None
        # On the window and on whoever has its focus, not on the application: there, every event of every object would
        # have to pass through Python.
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)
        self._focus_moved(None, window.focusWidget())

    def bind(self, meant: Mapping[str, tuple[str, int]]) -> None:
        """Let these keys work, and no others: key → (command id, digit), see `session.commands.by_key`."""
        self._bound = {_canonical(key): command for key, command in meant.items()}

    def painted(self) -> None:
        """Another item is on the screen: start the repeat guard."""
        self._since_painted.start()

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = None
        if new is not None and new is not self._window and new.window() is self._window:
            new.installEventFilter(self)
            self._watched = new

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the key events of this window that mean a command; leave all others alone."""
        kind = event.type()
        if kind not in _KEYS or not isinstance(event, QKeyEvent):
            return False
        if kind == _RELEASE:
            return self._release(event)
        if event.key() in TABS:
            self._window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)  # see `theme.apply`
        if is_modifier(event) or (_types_text(event) and self._in_text(watched)):
            return False
        return self._take(event)

    def _take(self, event: QKeyEvent) -> bool:
        command, digit = self._bound.get(_of(event), ("", 0))
        if self._sleeping(command):
            return False
        if not command:
            self.missed.emit()
            return False
        event.accept()
        if event.type() == _OVERRIDE:
            return False
        self._press(event, command, digit)
        return True

    def _press(self, event: QKeyEvent, command: str, digit: int) -> None:
        if event.isAutoRepeat() and command not in REPEATS:
            return
        if command in COMMITS and self._since_painted.isValid() and self._since_painted.elapsed() < self._guard_ms():
            return
        self._down[event.key()] = command
        self.pressed.emit(command, digit)

    def _in_text(self, watched: QObject) -> bool:
        """Whether text is being written. A key that a field lets pass comes to the window; it was still typed there."""
        return _is_text(watched) or (watched is self._window and _is_text(self._window.focusWidget()))

    def _release(self, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return False
        command = self._down.pop(event.key(), "")
        if command:
            self.released.emit(command)
        return bool(command)


def _canonical(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def _of(event: QKeyEvent) -> str:
    """The key as portable text. A shifted sign (``?``) is bound by the character it makes, not by Shift and a place."""
    text = event.text()
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if len(text) == 1 and text.isprintable() and not text.isalnum() and text != " ":
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
        if modifiers == Qt.KeyboardModifier.NoModifier:
            return _canonical(text)
    return QKeySequence(event.keyCombination().key() | modifiers).toString(QKeySequence.SequenceFormat.PortableText)


def _types_text(event: QKeyEvent) -> bool:
    """Whether the key would type something into a text field."""
    bare = event.modifiers() in BARE
    return bare and (event.text().isprintable() and bool(event.text()))


def _is_text(widget: QObject | None) -> bool:
    if not isinstance(widget, (QLineEdit, QTextEdit, QPlainTextEdit)):
        return False
    return not widget.isReadOnly()
