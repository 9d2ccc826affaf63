"""How a push button is measured and painted: icon, words, key cap, in four kinds."""

from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QWidget

from modstation.ui.theme import fonts, marks
from modstation.ui.theme.active import tokens

_GAP = 8
FAINT = 0.7
"""Of what stands on a control that is off. It has no ground: one that is filled reads as if it could be pressed."""
# Put together once, as joining and asking flags in Python takes longer than some of the words.
_WORDS = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic | Qt.TextFlag.TextDontClip)
_ENABLED, _ON = QStyle.StateFlag.State_Enabled.value, QStyle.StateFlag.State_On.value
_HOVER, _DOWN = QStyle.StateFlag.State_MouseOver.value, QStyle.StateFlag.State_Sunken.value


def set_keys(button: QPushButton, keys: str) -> None:
    """Show another key cap on the button, and have it measured anew."""
    if keys != str(button.property("keys") or ""):
        button.setProperty("keys", keys)
        # Qt keeps the size it measured until words, drawing or font change; of our property it knows nothing.
        button.setIcon(button.icon())
        button.updateGeometry()
        button.update()


class _Look(NamedTuple):
    """The colours of a button as it is now."""

    ground: QColor | None
    line: QColor | None
    words: QColor


class _Button(NamedTuple):
    """What a button says of itself."""

    kind: str
    place: str
    keys: str
    large: bool
    rests: bool = False  # its key does nothing now: its cap keeps its room and is not painted


def _button(widget: QWidget | None) -> _Button:
    if widget is None:
        return _Button("plain", "", "", large=False)
    return _Button(
        str(widget.property("kind") or "plain"),
        str(widget.property("place") or ""),
        str(widget.property("keys") or ""),
        large=bool(widget.property("large")),
        rests=bool(widget.property("rests")),
    )


def _weight(button: _Button, *, on: bool) -> int:
    return 600 if button.kind == "primary" or on else 500


def _font_role(button: _Button) -> str:
    return "reading" if button.large else "ui"


def size(option: QStyleOptionButton, widget: QWidget | None) -> QSize:
    """What the button needs. Words are measured at their boldest, so that being chosen moves nothing."""
    button = _button(widget)
    px = tokens().px
    height = px["control_large"] if button.large else px["control"]
    pad = 16 if button.large else {"quiet": 8, "segment": 10}.get(button.kind, 12)
    wide = 2 * fonts.scaled(pad)
    text: str = option.text
    parts = [fonts.width(text.replace("&", ""), _font_role(button), 600)] if text else []
    if not option.icon.isNull():
        parts.append(option.iconSize.width())
    if button.keys:
        parts.append(marks.key_cap_width(button.keys))
    wide += sum(parts) + fonts.scaled(_GAP) * max(0, len(parts) - 1)
    return QSize(wide, fonts.scaled(height))


class _State(NamedTuple):
    """How a button stands, taken out of Qt's flags once: asking a flag in Python takes longer than drawing a word."""

    enabled: bool
    on: bool
    hover: bool
    down: bool


def _state(flags: QStyle.StateFlag) -> _State:
    bits: int = flags.value
    return _State(bool(bits & _ENABLED), bool(bits & _ON), bool(bits & _HOVER), bool(bits & _DOWN))


def _look(button: _Button, state: _State) -> _Look:
    t = tokens()
    _, on, hover, down = state
    if not state.enabled:
        if button.kind == "primary":  # is missed where it is not seen; why it is off stands beside it
            return _Look(t.bg_sunken, t.line_subtle, t.text_muted)
        return _Look(None, None if button.kind == "quiet" else t.line_subtle, t.text_muted)
    if button.kind == "primary":
        accent = t.accent_hover if hover or down else t.accent
        return _Look(accent, accent, t.accent_on)
    if on:
        return _Look(t.accent_tint, t.line_control, t.text_primary)
    ground = t.bg_sunken if down else t.bg_hover if hover else None
    if button.kind == "quiet":
        return _Look(ground, None, t.text_primary if hover else t.text_secondary)
    words = t.text_secondary if button.kind == "segment" else t.text_primary
    return _Look(ground or t.bg_raised, t.line_control, words)


def _ground(painter: QPainter, rect: QRect, look: _Look) -> None:
    """A rounded rectangle."""
    radius = tokens().radius["control"]
    # Not exactly 1: see `ui.paint.HAIR`.
    painter.setPen(QPen(look.line, 1.01) if look.line is not None else Qt.PenStyle.NoPen)
    painter.setBrush(look.ground if look.ground is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


def _segment_ground(painter: QPainter, rect: QRect, look: _Look, *, round_left: bool, round_right: bool) -> None:
    """A segment is round only at the outer ends; it draws the line on its left, its neighbour the one on its right."""
    painter.setClipRect(rect)
    _ground(painter, rect.adjusted(0 if round_left else -20, 0, 0 if round_right else 20, 0), look)
    if not round_left and look.line is not None:
        painter.fillRect(rect.left(), rect.top(), 1, rect.height(), look.line)


def paint(option: QStyleOptionButton, painter: QPainter, widget: QWidget | None) -> None:
    """Paint the button: ground, then icon, words and key cap in the middle, in the order of reading."""
    button = _button(widget)
    state = _state(option.state)
    direction: Qt.LayoutDirection = option.direction
    rect: QRect = option.rect
    look = _look(button, state)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if button.kind == "segment":
        ends = ("last", "first") if direction == marks.RTL else ("first", "last")
        _segment_ground(painter, rect, look, round_left=button.place == ends[0], round_right=button.place == ends[1])
        if state.on:
            painter.fillRect(rect.adjusted(1, rect.height() - 2, 0, 0), tokens().accent)
    else:
        _ground(painter, rect, look)
    if not state.enabled and button.kind != "primary":
        painter.setOpacity(FAINT)
    _paint_parts(option, painter, button, state, look)
    painter.restore()


def _paint_parts(option: QStyleOptionButton, painter: QPainter, button: _Button, state: _State, look: _Look) -> None:
    """Icon, words and key cap, side by side, centred."""
    direction: Qt.LayoutDirection = option.direction
    rect: QRect = option.rect
    text: str = option.text
    icon = option.icon
    side: int = option.iconSize.width()
    role, weight = _font_role(button), _weight(button, on=state.on)
    words = fonts.width(text.replace("&", ""), role, weight) if text else 0
    keys = marks.key_cap_width(button.keys)
    gap = fonts.scaled(_GAP)
    parts = [w for w in (0 if icon.isNull() else side, words, keys) if w]
    at = (rect.width() - sum(parts) - gap * max(0, len(parts) - 1)) // 2

    def place(width: int) -> QRect:
        nonlocal at
        box = QStyle.visualRect(direction, rect, QRect(rect.left() + at, rect.top(), width, rect.height()))
        at += width + gap
        return box

    if not icon.isNull():
        mode = icon.Mode.Normal if state.enabled else icon.Mode.Disabled
        icon.paint(painter, place(side), Qt.AlignmentFlag.AlignCenter, mode)
    if text:
        painter.setFont(fonts.font(role, weight))
        painter.setPen(look.words)
        painter.drawText(place(words), _WORDS, text)
    if keys and not (button.rests and text):  # a drawing without a name is known by its key
        box = place(keys)
        start = box.right() + 1 if direction == marks.RTL else box.left()
        off = not state.enabled
        color = look.words if button.kind == "primary" and not off else None
        marks.key_cap(painter, start, rect.center().y() + 0.5, button.keys, direction, color=color, off=off)
