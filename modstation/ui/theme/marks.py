"""The smallest signs: key caps, severity bars, the emptying ring. Painted from tokens, in either direction.

`x` is the edge where reading starts: the left one, or the right one when `direction` is right-to-left.
"""

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from modstation.ui.theme.active import tokens
from modstation.ui.theme.fonts import font, scaled, width

LTR = Qt.LayoutDirection.LeftToRight
RTL = Qt.LayoutDirection.RightToLeft
_CENTRE = Qt.AlignmentFlag.AlignCenter
_BAR, _BAR_STEP, _BARS_WIDTH, _BARS_HEIGHT = 2.5, 3.5, 13, 12
_SIGN = 60  # px kept for the height of a severity, enough for text at three times its size


@cache
def _caps(keys: str) -> tuple[str, ...]:
    """``"J K"`` is two caps, ``"Ctrl K"`` and ``"Ctrl+K"`` are one."""
    words = keys.replace("+", " ").split()
    if words and all(len(word) == 1 for word in words):
        return tuple(word.replace("-", "\u2212") for word in words)  # a hyphen is hard to see
    return (" ".join(words),) if words else ()


def _one_width(cap: str) -> int:
    return max(scaled(tokens().px["key_cap"]), width(cap, "caption", 500) + scaled(8))


def key_cap_width(keys: str) -> int:
    """What `key_cap` will need, in px; 0 for no keys."""
    caps = _caps(keys)
    return sum(_one_width(cap) for cap in caps) + scaled(4) * max(0, len(caps) - 1)


def key_cap(
    painter: QPainter,
    x: float,
    y_center: float,
    keys: str,
    direction: Qt.LayoutDirection = LTR,
    *,
    color: QColor | None = None,
    off: bool = False,
) -> int:
    """Paint `keys` as caps and return their width. With `color` they are outlines of it, as on the primary button.

    Args:
        painter: where to.
        x: where reading starts, see above.
        y_center: the middle of the caps.
        keys: single keys with spaces between are one cap each (``"J K"``); anything else is one cap (``"Ctrl K"``).
        direction: caps follow one another in it; what is written on a cap never turns.
        color: text and outline, without a ground.
        off: the key does nothing now: muted, without a ground, never stronger than a cap that works.
    """
    top = round(y_center - scaled(tokens().px["key_cap"]) / 2)
    dpr, outline = painter.device().devicePixelRatio(), None if color is None else color.rgba()
    at = x
    for cap in _caps(keys):
        w = _one_width(cap)
        painter.drawPixmap(round(at - w if direction == RTL else at), top, _drawn_cap(cap, outline, dpr, off=off))
        at += (w + scaled(4)) * (-1 if direction == RTL else 1)
    return key_cap_width(keys)


@cache
def _drawn_cap(cap: str, outline: int | None, dpr: float, *, off: bool) -> QPixmap:
    """One cap, drawn once: the same few stand everywhere, and a rounded outline costs more than all the rest."""
    t = tokens()
    w, height = _one_width(cap), scaled(t.px["key_cap"])
    made, painter = _begun(w, height, dpr)
    color = None if outline is None else QColor.fromRgba(outline)
    rect = QRectF(0.5, 0.5, w - 1, height - 1)
    painter.setFont(font("caption", 500))
    painter.setPen(QPen(color or t.line_key, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush if color or off else t.bg_key)
    painter.drawRoundedRect(rect, t.radius["key"], t.radius["key"])
    painter.setPen(color or (t.text_muted if off else t.text_secondary))
    painter.drawText(rect, _CENTRE, cap)
    painter.end()
    return made


def _begun(width: int, height: int, dpr: float) -> tuple[QPixmap, QPainter]:
    """An empty drawing, and a painter on it."""
    made = QPixmap(round(width * dpr), round(height * dpr))
    made.setDevicePixelRatio(dpr)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setLayoutDirection(LTR)
    return made, painter


def forget() -> None:
    """Drop what is drawn: the colours or the sizes have changed."""
    _drawn_cap.cache_clear()
    _drawn_severity.cache_clear()


def severity_width(severity: int) -> int:
    """What `severity` will need, in px."""
    return scaled(_BARS_WIDTH) + scaled(4) + width(str(severity) if severity else "?", "meta", 600)


def severity(painter: QPainter, x: float, y_center: float, level: int, direction: Qt.LayoutDirection = LTR) -> int:
    """Paint four rising bars, `level` of them full, and the numeral; return the width. 0 is "?" and no bar full."""
    w, k = severity_width(level), scaled(100) / 100
    # Numeral and bars are rounded to px apart from one another, so the middle may stand at a half.
    bottom, half = round(y_center + _BARS_HEIGHT * k / 2), y_center % 1
    dpr = painter.device().devicePixelRatio()
    made = _drawn_severity(level, bottom - round(y_center - half), half, dpr, turned=direction == RTL)
    painter.drawPixmap(round(x - w if direction == RTL else x), round(y_center - half) - _SIGN // 2, made)
    return w


@cache
def _drawn_severity(level: int, below: int, half: float, dpr: float, *, turned: bool) -> QPixmap:
    """The sign, drawn once; its middle is `_SIGN // 2` plus `half` px down, the bars end `below` px under that."""
    color = tokens().sev(level)
    faint = QColor(color)
    faint.setAlphaF(0.3)
    w, k = severity_width(level), scaled(100) / 100
    numeral_w = w - scaled(_BARS_WIDTH) - scaled(4)
    bars_left = numeral_w + scaled(4) if turned else 0
    numeral_left = 0 if turned else scaled(_BARS_WIDTH) + scaled(4)
    bottom = _SIGN // 2 + below
    made, painter = _begun(w + 2, _SIGN, dpr)
    painter.setPen(Qt.PenStyle.NoPen)
    for n in range(4):
        height = 3 * (n + 1) * k
        painter.setBrush(color if n < level else faint)
        rect = QRectF(bars_left + n * _BAR_STEP * k, bottom - height, _BAR * k, height)
        painter.drawRoundedRect(rect, 0.6, 0.6)
    painter.setPen(color)
    painter.setFont(font("meta", 600))
    box = QRectF(numeral_left, _SIGN // 2 + half - 20, numeral_w + 2, 40)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, str(level) if level else "?")
    painter.end()
    return made


def ring(painter: QPainter, center: QPointF, diameter: float, share: float, color: QColor | None = None) -> None:
    """Paint the ring of a held decision, `share` (1 to 0) of it still left, emptying against the clock."""
    color = color or tokens().accent_text
    faint = QColor(color)
    faint.setAlphaF(0.25)
    thick = max(2.0, diameter / 8)
    rect = QRectF(0, 0, diameter - thick, diameter - thick)
    rect.moveCenter(center)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(faint, thick))
    painter.drawArc(rect, 0, 360 * 16)  # drawEllipse takes ten times as long with a translucent pen
    painter.setPen(QPen(color, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(rect, 90 * 16, -round(360 * 16 * min(1.0, max(0.0, share))))
    painter.restore()
