"""What painters share: the row (icon, title, detail, trailing words), hairlines, eliding; caps and bars from the theme.

Text is elided only in lists, where the whole stands elsewhere; sentences wrap instead.
"""

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle

from modstation.ui import theme
from modstation.ui.theme.marks import LTR, RTL, key_cap, key_cap_width, ring, severity, severity_width

__all__ = [
    "HAIR",
    "LTR",
    "RTL",
    "Row",
    "draw",
    "elide",
    "hairline",
    "key_cap",
    "key_cap_width",
    "ring",
    "rounded",
    "row",
    "row_ground",
    "severity",
    "severity_width",
]


HAIR = 1.01
"""A line of 1 px round a curve. At exactly 1 Qt takes another road, twelve times slower (0.41, not 0.03 ms a card)."""


def elide(text: str, font: QFont, width: float) -> str:
    """`text` cut to `width` px with an ellipsis at its end."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def hairline(painter: QPainter, x1: int, y1: int, x2: int, y2: int, *, color: QColor | None = None) -> None:
    """A line of one px from (x1, y1) to (x2, y2), both included; lying or standing only."""
    painter.fillRect(QRect(min(x1, x2), min(y1, y2), abs(x2 - x1) + 1, abs(y2 - y1) + 1), color or _line())


def _line() -> QColor:
    return theme.tokens().line_subtle


# One line, in the middle: put together once, as joining flags in Python takes longer than some of the words.
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_TO_LEFT, _TO_RIGHT = int(Qt.AlignmentFlag.AlignLeft | _MIDDLE), int(Qt.AlignmentFlag.AlignRight | _MIDDLE)


def rounded(painter: QPainter, rect: QRect, radius: float, ground: QColor, line: QColor | None = None) -> None:
    """A rounded rectangle, with a line of 1 px inside its edge when `line` is given."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(ground)
    painter.setPen(QPen(line, HAIR) if line is not None else Qt.PenStyle.NoPen)
    spare = 0.5 if line is not None else 0.0
    painter.drawRoundedRect(QRectF(rect).adjusted(spare, spare, -spare, -spare), radius, radius)
    painter.restore()


def draw(
    painter: QPainter,
    rect: QRect,
    text: str,
    font: QFont,
    color: QColor,
    *,
    direction: Qt.LayoutDirection = LTR,
    at_end: bool = False,
) -> None:
    """One line of `text` in the middle of the height of `rect`, at its start (or its end), never wrapped.

    Args:
        painter: where to.
        rect: where, already in its visual place.
        text: not elided here.
        font: from `theme.font`.
        color: from the tokens.
        direction: of the ui.
        at_end: align to where reading ends.
    """
    painter.setFont(font)
    painter.setPen(color)
    to_right = at_end != (direction == RTL)
    painter.setLayoutDirection(LTR)  # AlignLeft means left; the text's own direction comes from its characters
    painter.drawText(rect, _TO_RIGHT if to_right else _TO_LEFT, text)


@dataclass(frozen=True, slots=True)
class Row:
    """What a list row shows.

    Attributes:
        icon: name of a drawing, or empty.
        title: first line.
        detail: second line; the row has one line when there is neither a detail nor a severity.
        detail_short: what stands there instead when the detail is too long.
        flags: how many stand after the short detail, as a drawing and a number; 0 shows none.
        trailing: short words at the end of the first line.
        below: short words at the end of the second line, where they leave the title the whole width.
        instead: what a folded row shows in the place of its drawing, as it can't wait; mostly nothing.
        severity: -1 shows none; 0 is unknown.
        keys: key caps before the title, instead of an icon.
        detail_icon: a small drawing before the detail.
        detail_color: for details that ask for something; else muted.
        trailing_color: for times that run out, at the end of either line; else muted.
        ring: share left of a held decision, shown before `trailing`; -1 shows none.
        quiet: the title is less important than others.
    """

    title: str
    icon: str = ""
    detail: str = ""
    detail_short: str = ""
    flags: int = 0
    trailing: str = ""
    below: str = ""
    instead: str = ""
    severity: int = -1
    keys: str = ""
    detail_icon: str = ""
    detail_color: QColor | None = None
    trailing_color: QColor | None = None
    ring: float = -1.0
    quiet: bool = False


class _Place(NamedTuple):
    """A line of a row: the whole row's rectangle, the line's top and height, where it starts and ends."""

    rect: QRect
    top: int
    height: int
    start: int
    end: int


def row_ground(painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, *, selected: bool, hover: bool) -> None:
    """The ground of a row: tint and a bar at the start when selected, a shade when the mouse is over it."""
    t = theme.tokens()
    if selected:
        painter.fillRect(rect, t.bg_selected)
        bar = QRect(rect.left(), rect.top(), t.stroke["selected_bar"], rect.height())
        painter.fillRect(QStyle.visualRect(direction, rect, bar), t.accent)
    elif hover:
        painter.fillRect(rect, t.bg_hover)


def row(
    painter: QPainter,
    rect: QRect,
    shown: Row,
    direction: Qt.LayoutDirection = LTR,
    *,
    selected: bool = False,
    hover: bool = False,
    padding: tuple[int, int] = (16, 12),
) -> None:
    """Paint a list row of one or two lines into `rect`; `padding` is at its start and its end."""
    t = theme.tokens()
    row_ground(painter, rect, direction, selected=selected, hover=hover)
    muted = t.text_secondary if selected else t.text_muted
    two = bool(shown.detail) or shown.severity >= 0
    title_h, detail_h = theme.scaled(20), theme.scaled(16)
    top = rect.top() + (rect.height() - title_h - (detail_h + 1 if two else 0)) // 2
    x, end = rect.left() + padding[0], rect.right() + 1 - padding[1]

    def at(left: int, y: int, width: int, height: int) -> QRect:
        return QStyle.visualRect(direction, rect, QRect(left, y, width, height))

    if shown.keys:
        w = key_cap_width(shown.keys)
        box = at(x, top, w, title_h)
        start = box.right() + 1 if direction == RTL else box.left()
        key_cap(painter, start, top + title_h / 2, shown.keys, direction, color=t.accent_text if selected else None)
        x += w + 10
    elif shown.icon:
        size = theme.scaled(t.px["icon"])
        theme.icons.paint(painter, at(x, top + 1, size, title_h), shown.icon, muted)
        x += size + 10
    title_end = end
    if shown.trailing:
        title_end = _trailing(painter, shown, _Place(rect, top, title_h, x, end), direction, muted)
    font = theme.font("ui", 400 if shown.quiet else 500)
    title = elide(shown.title, font, title_end - x)
    color = t.text_secondary if shown.quiet else t.text_primary
    draw(painter, at(x, top, title_end - x, title_h), title, font, color, direction=direction)
    if two:
        _second_line(painter, shown, _Place(rect, top + title_h + 1, detail_h, x, end), direction, muted)


def _trailing(painter: QPainter, shown: Row, place: _Place, direction: Qt.LayoutDirection, muted: QColor) -> int:
    """The words at the end of the first line; returns where the title must stop."""
    rect, top, height, _, end = place
    strong = shown.trailing_color is not None
    w = theme.width(shown.trailing, "meta", 600 if strong else 400)
    box = QStyle.visualRect(direction, rect, QRect(end - w, top, w, height))
    font = theme.font("meta", 600 if strong else 400)
    draw(painter, box, shown.trailing, font, shown.trailing_color or muted, direction=direction, at_end=True)
    if shown.ring >= 0:
        size = theme.scaled(14)
        w += size + 6
        box = QStyle.visualRect(direction, rect, QRect(end - w, top, size, height))
        ring(painter, QPointF(box.center()) + QPointF(0.5, 0.5), size, shown.ring)
    return end - w - 8


def _second_line(painter: QPainter, shown: Row, place: _Place, direction: Qt.LayoutDirection, muted: QColor) -> None:
    """Severity, small drawing, detail."""
    rect, top, height, x, end = place
    color = shown.detail_color or muted

    def at(left: int, width: int) -> QRect:
        return QStyle.visualRect(direction, rect, QRect(left, top, width, height))

    if shown.severity >= 0:
        w = severity_width(shown.severity)
        box = at(x, w)
        start = box.right() + 1 if direction == RTL else box.left()
        x += severity(painter, start, top + height / 2, shown.severity, direction) + 6
    if shown.detail_icon:
        size = theme.scaled(15)
        theme.icons.paint(painter, at(x, size), shown.detail_icon, color)
        x += size + 5
    if shown.below:
        strong = shown.trailing_color is not None
        w, font = theme.width(shown.below, "meta", 600), theme.font("meta", 600 if strong else 400)
        time_color = shown.trailing_color or muted
        draw(painter, at(end - w, w), shown.below, font, time_color, direction=direction, at_end=True)
        end -= w + 8
    font = theme.font("meta", 500 if shown.detail_color is not None else 400)
    detail = elide(shown.detail, font, end - x)
    if detail != shown.detail and shown.detail_short:
        number, size = str(shown.flags) if shown.flags else "", theme.scaled(12)
        spare = 3 + size + 2 + theme.width(number, "meta") if number else 0  # the drawing has air of its own
        detail = elide(shown.detail_short, font, end - x - spare)
        if number:
            beside = x + min(end - x - spare, ceil(QFontMetricsF(font).horizontalAdvance(detail))) + 3
            theme.icons.paint(painter, at(beside, size), "flag", color)
            draw(painter, at(beside + size + 2, end - beside - size - 2), number, font, color, direction=direction)
    draw(painter, at(x, end - x), detail, font, color, direction=direction)
