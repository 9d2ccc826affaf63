"""What key was pressed, in the spelling of the command table."""

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

_HELD = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Control,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
)


def is_modifier(event: QKeyEvent) -> bool:
    """Whether only a modifier went down, which means nothing by itself."""
    return event.key() in _HELD


def key_text(event: QKeyEvent) -> str:
    """The key as `session.commands.canonical` spells it; empty for a modifier alone.

    Letters and signs go by the character that was typed, so that they are found on any layout; Shift is named for
    letters only, because a sign such as ``?`` already contains it.
    """
    if is_modifier(event):
        return ""
    held = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    typed = event.text()
    plain = not held & ~Qt.KeyboardModifier.ShiftModifier
    if plain and len(typed) == 1 and typed.isprintable() and not typed.isspace():
        shifted = bool(held & Qt.KeyboardModifier.ShiftModifier) and typed.isalpha()
        return f"Shift+{typed.upper()}" if shifted else typed.upper()
    combination = QKeyCombination(held, Qt.Key(event.key()))
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.PortableText)
