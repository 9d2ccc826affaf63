"""Static text in a role of the type scale and of the palette, with the line height of the design."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from modstation.ui import theme

_UNBOUNDED = 1 << 20


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Words that look different: `start` and `length` in code points, `look` is ``strong``, ``new`` or ``gone``."""

    start: int
    length: int
    look: str = "strong"


class Lettering(QLabel):
    """A label that wraps, follows the theme, and may have strong words in it. Read aloud as a plain label."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        role: str = "ui",
        weight: int = 400,
        color: str = "text_primary",
        zoom: float = 1.0,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        mono: bool = False,
    ) -> None:
        super().__init__(parent)
        self._role, self._weight, self._color, self._zoom = role, weight, color, zoom
        self._align = align
        self._mono = mono
        self._marks: tuple[Emphasis, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        theme.signals.changed.connect(self._restyle)

    def tell(self, text: str, *, color: str | None = None, marks: Sequence[Emphasis] = ()) -> None:
        """Show `text` with some of its words marked."""
        self._marks = tuple(marks)
        self._color = color or self._color
        self.setText(text)
        self.updateGeometry()
        self.update()

    def lettering_font(self) -> QFont:
        """The font the text is painted in."""
        if self._mono:
            made = theme.mono()
            made.setWeight(QFont.Weight(self._weight))
            return made
        return theme.font(self._role, self._weight, self._zoom)

    def hasHeightForWidth(self) -> bool:
        """Text wraps: its height follows its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines at this width."""
        return self._laid_out(width)[1]

    def sizeHint(self) -> QSize:
        """The text on as many lines as it has breaks."""
        layout, height = self._laid_out(_UNBOUNDED)
        widest = max((layout.lineAt(n).naturalTextWidth() for n in range(layout.lineCount())), default=0.0)
        return QSize(int(widest) + 2, height)

    def minimumSizeHint(self) -> QSize:
        """Narrow enough to wrap anywhere a word ends."""
        return QSize(min(self.sizeHint().width(), theme.scaled(80)), self._line_height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the lines."""
        layout, _ = self._laid_out(self.width())
        painter = QPainter(self)
        t = theme.tokens()
        painter.setPen(t.colour(self._color if self.isEnabled() else "text_muted"))
        layout.draw(painter, QPointF(0, 0))

    def _line_height(self) -> int:
        return theme.line(self._role, self._zoom)

    def _laid_out(self, width: int) -> tuple[QTextLayout, int]:
        layout = QTextLayout(self.text().replace("\n", "\u2028"), self.lettering_font())
        option = QTextOption(QStyle.visualAlignment(self.layoutDirection(), self._align))
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(self.layoutDirection())
        layout.setTextOption(option)
        if self._marks:
            layout.setFormats([_range(self.text(), mark) for mark in self._marks])
        height, full = 0.0, self._line_height()
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, height + (full - line.height()) / 2))
            height += full
        layout.endLayout()
        return layout, int(height)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def _range(text: str, mark: Emphasis) -> QTextLayout.FormatRange:
    """The mark as Qt wants it: offsets in UTF-16 units, colours of the theme in force."""
    t = theme.tokens()
    look = QTextCharFormat()
    if mark.look == "strong":
        look.setFontWeight(QFont.Weight.DemiBold)
    elif mark.look == "new":
        look.setBackground(t.ins_bg)
        look.setForeground(t.ins_text)
        look.setFontUnderline(True)
    else:
        look.setBackground(t.del_bg)
        look.setForeground(t.del_text)
        look.setFontStrikeOut(True)
    made = QTextLayout.FormatRange()
    made.start = len(text[: mark.start].encode("utf-16-le")) // 2
    made.length = len(text[mark.start : mark.start + mark.length].encode("utf-16-le")) // 2
    made.format = look
    return made
