"""Cards: a quiet frame round what belongs together, and frames that can be pressed or picked."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QPushButton, QRadioButton, QSizePolicy, QStyle, QWidget

from modstation.ui import paint, theme

_PAD, _TITLE, _GAP = 14, 22, 4
_WRAPPED = Qt.TextFlag.TextWordWrap


class Card(QWidget):
    """A frame with round corners; hairlines between its rows are painted where `rules` says, as y in px."""

    def __init__(self, parent: QWidget | None = None, *, ground: str = "bg_content") -> None:
        super().__init__(parent)
        self._ground = ground
        theme.signals.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The frame."""
        t = theme.tokens()
        paint.rounded(QPainter(self), self.rect(), t.radius["card"], t.colour(self._ground), t.line_subtle)


class Rule(QWidget):
    """A hairline across."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)
        theme.signals.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line."""
        QPainter(self).fillRect(self.rect(), theme.tokens().line_subtle)


class ChoiceCard(QPushButton):
    """A button that says what it causes. The `main` one wears the accent's tint; none wears its full colour."""

    def __init__(self, icon: str, title: str, parent: QWidget | None = None, *, main: bool = False) -> None:
        super().__init__(title, parent)
        self.drawing, self.main = icon, main
        self.consequence = ""
        self._brief = False
        _prepare(self)

    def tell(self, consequence: str, keys: str) -> None:
        """Say what pressing it causes, and which key does the same."""
        self.consequence = consequence
        self.setAccessibleDescription(consequence)
        self.setProperty("keys", keys)
        self.set_brief(brief=self._brief)

    def set_brief(self, *, brief: bool) -> None:
        """Where there is little room its title must do: what it causes is told when the mouse rests on it."""
        self._brief = brief
        self.setToolTip(self.consequence if brief else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for two lines of its words."""
        return _card_size(self, self._words())

    def minimumSizeHint(self) -> QSize:
        """Narrower, its words take more lines."""
        return QSize(theme.scaled(150), self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        """Words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The title and all lines of the words."""
        return _card_height(self._words(), width)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, drawing, title, key, words."""
        _paint_card(self, self.drawing, self._words(), on=self.main and self.isEnabled())

    def _words(self) -> str:
        return "" if self._brief else self.consequence


class PickCard(QRadioButton):
    """One of several frames; the picked one wears the accent."""

    def __init__(self, icon: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.drawing = icon
        self.words = ""
        _prepare(self)

    def tell(self, words: str) -> None:
        """Say what picking it means, or why it can't be picked."""
        self.words = words
        self.setAccessibleDescription(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for two lines of its words."""
        return _card_size(self, self.words)

    def minimumSizeHint(self) -> QSize:
        """Narrower, its words take more lines."""
        return QSize(theme.scaled(150), self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        """Words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The title and all lines of the words."""
        return _card_height(self.words, width)

    def hitButton(self, pos: QPoint) -> bool:
        """All of it can be clicked."""
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Frame, drawing, title, dot, words."""
        _paint_card(self, self.drawing, self.words, on=self.isChecked())


def _prepare(card: QAbstractButton) -> None:
    card.setAccessibleName(card.text())
    card.setProperty("radius", theme.tokens().radius["card"])
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    policy.setHeightForWidth(True)
    card.setSizePolicy(policy)


def _words_height(words: str, width: int) -> int:
    inner = QRectF(0, 0, width - 2 * theme.scaled(_PAD), 10_000)
    return int(theme.metrics("ui").boundingRect(inner, _WRAPPED, words).height()) + 1 if words else 0


def _card_height(words: str, width: int) -> int:
    beneath = theme.scaled(_GAP) + _words_height(words, width) if words else 0
    return 2 * theme.scaled(_PAD - 2) + theme.scaled(_TITLE) + beneath


def _card_size(card: QAbstractButton, words: str) -> QSize:
    width = max(theme.scaled(260), card.width() if card.isVisible() else 0)
    return QSize(width, _card_height(words, width))


def _paint_card(card: QAbstractButton, icon: str, words: str, *, on: bool) -> None:
    t = theme.tokens()
    painter = QPainter(card)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    direction, rect = card.layoutDirection(), card.rect()
    hover = card.underMouse() and card.isEnabled()
    ground = t.accent_tint if on else t.bg_hover if hover else t.bg_raised if card.isEnabled() else t.bg_sunken
    painter.setPen(QPen(t.accent if on else t.line_control if card.isEnabled() else t.line_subtle, 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), t.radius["card"], t.radius["card"])
    pad, size = theme.scaled(_PAD), theme.scaled(18)
    top, row = theme.scaled(_PAD - 2), theme.scaled(_TITLE)
    color = t.text_primary if card.isEnabled() else t.text_muted

    def at(x: int, y: int, width: int, height: int) -> QRect:
        return QStyle.visualRect(direction, rect, QRect(x, y, width, height))

    theme.icons.paint(painter, at(pad, top, size, row), icon, color)
    box = at(pad + size + 8, top, rect.width() - 2 * pad - size - 8, row)
    paint.draw(painter, box, card.text(), theme.font("ui", 600), color, direction=direction)
    keys = str(card.property("keys") or "")
    if keys:
        width = paint.key_cap_width(keys)
        x = pad + width if direction == paint.RTL else rect.width() - pad - width
        paint.key_cap(painter, x, top + row / 2, keys, direction)
    elif isinstance(card, QRadioButton):
        _paint_dot(painter, at(rect.width() - pad - 16, top + (row - 16) // 2, 16, 16), on=on)
    painter.setFont(theme.font("ui"))
    painter.setPen(t.text_secondary if card.isEnabled() else t.text_muted)
    painter.setLayoutDirection(direction)
    below = QRect(pad, top + row + theme.scaled(_GAP), rect.width() - 2 * pad, rect.height())
    painter.drawText(below, int(_WRAPPED | Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop), words)


def _paint_dot(painter: QPainter, box: QRect, *, on: bool) -> None:
    t = theme.tokens()
    painter.setPen(QPen(t.accent if on else t.line_control, 1))
    painter.setBrush(t.accent if on else t.bg_content)
    painter.drawEllipse(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5))
    if on:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.accent_on)
        painter.drawEllipse(QRectF(box).center(), 3, 3)
