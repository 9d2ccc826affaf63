"""What a painted column is written with: words, drawings and lines at places counted from where reading starts."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QStaticText, QTransform

from modstation.ui import paint, theme
from modstation.ui.item.flagtext import FlagText
from modstation.ui.item.marks import Mark

LTR = Qt.LayoutDirection.LeftToRight
RTL = Qt.LayoutDirection.RightToLeft


@dataclass(frozen=True, slots=True)
class Look:
    """What a layout depends on besides the text. `boxes`: hidden characters are shown; `direction`: the ui's."""

    zoom: float = 1.0
    language: str = "und"
    boxes: bool = False
    direction: Qt.LayoutDirection = LTR


@dataclass(slots=True)
class Page:
    """A column being painted, its top left corner at the painter's origin. x is counted from where reading starts."""

    painter: QPainter
    width: float
    direction: Qt.LayoutDirection = LTR
    current: Mark | None = None

    def box(self, x: float, y: float, width: float, height: float) -> QRectF:
        """The rectangle that begins `x` from the start of the column."""
        left = self.width - x - width if self.direction == RTL else x
        return QRectF(left, y, width, height)

    def words(self, x: float, y: float, width: float, height: float, text: str, style: "Style") -> None:
        """One line of plain words in the middle of the height, cut with an ellipsis where they do not fit."""
        if not text:
            return
        font = theme.font(style.role, style.weight, style.zoom)
        shaped, wide, high = _shaped(text, style.role, style.weight, style.zoom)
        if wide > width + 1:
            cut = paint.elide(text, font, width)
            shaped, wide, high = _shaped(cut, style.role, style.weight, style.zoom)
        at = x + width - wide if style.at_end else x
        if self.direction == RTL:
            at = self.width - at - wide
        self.painter.setFont(font)
        self.painter.setPen(theme.tokens().colour(style.color))
        self.painter.drawStaticText(round(at), round(y + (height - high) / 2), shaped)

    def icon(self, x: float, y: float, size: int, name: str, color: str = "text_muted") -> None:
        """A drawing."""
        theme.icons.paint(self.painter, self.box(x, y, size, size), name, theme.tokens().colour(color))

    def keys(self, x: float, y_center: float, keys: str) -> float:
        """Key caps; their width."""
        at = self.width - x if self.direction == RTL else x
        return paint.key_cap(self.painter, at, y_center, keys, self.direction)

    def bars(self, x: float, y_center: float, level: int) -> None:
        """Four rising bars, `level` of them full, where the numeral stands beside them in words."""
        color = theme.tokens().sev(level)
        faint = QColor(color)
        faint.setAlphaF(0.3)
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.painter.setPen(Qt.PenStyle.NoPen)
        for n in range(4):
            self.painter.setBrush(color if n < level else faint)
            high = 3.0 * (n + 1)
            self.painter.drawRoundedRect(self.box(x + n * 3.5, y_center + 6 - high, 2.5, high), 0.6, 0.6)

    def line(self, y: float, x: float = 0.0, width: float = -1.0) -> None:
        """A hairline across the column, or `width` of it."""
        rect = self.box(x, y, self.width - x if width < 0 else width, 1).toAlignedRect()
        self.painter.fillRect(rect, theme.tokens().line_subtle)

    def bar(self, x: float, y: float, height: float, color: str = "line_subtle", width: int = 2) -> None:
        """An upright bar, as before a quotation."""
        self.painter.fillRect(self.box(x, y, width, height).toAlignedRect(), theme.tokens().colour(color))

    def card(self, rect: QRectF, ground: str = "bg_panel", radius: str = "card") -> None:
        """A rounded ground with a hairline round it."""
        t = theme.tokens()
        paint.rounded(self.painter, rect.toAlignedRect(), t.radius[radius], t.colour(ground), t.line_subtle)

    def cover(self, rect: QRectF, icon: str = "cover") -> None:
        """The place of a picture that is not shown."""
        t = theme.tokens()
        paint.rounded(self.painter, rect.toAlignedRect(), t.radius["control"], t.bg_sunken)
        size = 24 if rect.height() >= 48 else 16
        spot = QRectF(0, 0, size, size)
        spot.moveCenter(rect.center())
        theme.icons.paint(self.painter, spot, icon, t.text_muted)

    def outline(self, rect: QRectF, color: QColor, width: float) -> None:
        """The edge of a rectangle, inside it."""
        self.painter.setPen(QPen(color, width))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawRect(rect.adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def prose(self, text: FlagText, at: tuple[float, float], clip: tuple[float, float], color: str) -> None:
        """A laid out text with its top at `at`; `clip` is the top and bottom of the column that are wanted."""
        rect = self.box(at[0], at[1], text.flow.width, 0)
        self.painter.save()
        self.painter.translate(QPointF(rect.left(), at[1]))
        window = (max(0.0, clip[0] - at[1]), clip[1] - at[1])
        text.paint(self.painter, window, theme.tokens().colour(color), self.current)
        self.painter.restore()


@dataclass(frozen=True, slots=True)
class Style:
    """How plain words are set: a role of the type scale, a weight, a role of the colours."""

    role: str = "ui"
    weight: int = 400
    color: str = "text_primary"
    at_end: bool = False
    zoom: float = 1.0


def advance(text: str, style: Style) -> float:
    """The width of `text` in px, rounded up."""
    return -int(-_shaped(text, style.role, style.weight, style.zoom)[1] // 1) if text else 0.0


@lru_cache(maxsize=1024)
def _shaped(text: str, role: str, weight: int, zoom: float) -> tuple[QStaticText, float, float]:
    """Words laid out once, their width and height: most of what is drawn round an item stood round the last one too."""
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.prepare(QTransform(), theme.font(role, weight, zoom))
    size = made.size()
    return made, size.width(), size.height()


def forget() -> None:
    """Drop what was laid out: the fonts have changed."""
    _shaped.cache_clear()
