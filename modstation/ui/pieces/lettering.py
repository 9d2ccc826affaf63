"""Static text in a role of the type scale and of the palette, with the line height of the design."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from modstation.ui import theme

_UNBOUNDED = 1 << 20


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
        self._strong: tuple[tuple[int, int], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        theme.signals.changed.connect(self._restyle)

    def tell(self, text: str, *, color: str | None = None, strong: Sequence[tuple[int, int]] = ()) -> None:
        """Show `text`; `strong` are (start, length) of words set in semi-bold, in UTF-16 units as Qt counts."""
        self._strong = tuple(strong)
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
        option = QTextOption(self._align | Qt.AlignmentFlag.AlignTop)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(self.layoutDirection())
        layout.setTextOption(option)
        if self._strong:
            layout.setFormats([self._strong_range(start, length) for start, length in self._strong])
        height, full = 0.0, self._line_height()
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, height + (full - line.height()) / 2))
            height += full
        layout.endLayout()
        return layout, int(height)

    def _strong_range(self, start: int, length: int) -> QTextLayout.FormatRange:
        made = QTextLayout.FormatRange()
        look = QTextCharFormat()
        look.setFontWeight(QFont.Weight.DemiBold)
        made.start, made.length, made.format = start, length, look
        return made

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()
