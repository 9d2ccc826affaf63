"""Facts: short sentences under each other, each with a drawing before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStyle, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.pieces.lettering import Lettering


@dataclass(frozen=True, slots=True)
class Fact:
    """A drawing's name and a sentence."""

    icon: str
    words: str


class Drawing(QWidget):
    """One of our drawings, in a colour of the theme, on a round ground if wanted."""

    def __init__(
        self,
        icon: str,
        parent: QWidget | None = None,
        *,
        size: int = 18,
        color: str = "text_secondary",
        disc: int = 0,
        ground: str = "bg_hover",
    ) -> None:
        super().__init__(parent)
        self._icon, self._size, self._color, self._disc, self._ground = icon, size, color, disc, ground
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.signals.changed.connect(self.update)

    def tell(self, icon: str, color: str = "", ground: str = "") -> None:
        """Show another drawing."""
        self._icon, self._color, self._ground = icon, color or self._color, ground or self._ground
        self.update()

    def sizeHint(self) -> QSize:
        """The drawing, or the disc round it."""
        side = theme.scaled(self._disc or self._size)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The disc and the drawing."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._disc:
            painter.setPen(t.colour(self._ground))
            painter.setBrush(t.colour(self._ground))
            painter.drawEllipse(self.rect().adjusted(0, 0, -1, -1))
        size = theme.scaled(self._size)
        box = QRect((self.width() - size) // 2, (self.height() - size) // 2, size, size)
        box = QStyle.visualRect(self.layoutDirection(), self.rect(), box)
        theme.icons.paint(painter, box, self._icon, t.colour(self._color))


class Facts(QWidget):
    """Sentences with drawings. Empty, it takes no room."""

    def __init__(self, parent: QWidget | None = None, *, color: str = "text_secondary") -> None:
        super().__init__(parent)
        self._color = color
        self._shown: tuple[Fact, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.scaled(16))

    def tell(self, facts: Sequence[Fact]) -> None:
        """Show these instead."""
        if tuple(facts) == self._shown:
            return
        self._shown = tuple(facts)
        while (old := self._column.takeAt(0)) is not None:
            row = old.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        for fact in self._shown:
            row = self._row(fact)
            self._column.addWidget(row)
            row.show()  # at once, not when the layout gets round to it
        self.setVisible(bool(self._shown))

    def _row(self, fact: Fact) -> QWidget:
        made = QWidget(self)
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.scaled(12))
        row.addWidget(Drawing(fact.icon, made, color=self._color))
        row.addWidget(Lettering(fact.words, made, color=self._color), 1)
        return made
