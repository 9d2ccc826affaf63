"""Rows that are ticked or picked, each with the digit that does it: a check box and a radio button with a story."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy, QWidget

from modstation.ui import paint, theme

_ROW = 44
_PAD = 24  # that of the sheets they stand on


# Only the two rows themselves have the button behind them: Qt allows one base of its own, and a check box and a radio
# button are two for those who hear the screen.
if TYPE_CHECKING:
    _Shared = QAbstractButton
else:
    _Shared = object


class _Numbered(_Shared):
    """What the two rows share: their size, where they can be clicked, how they look."""

    number: int
    detail: str
    round_mark: ClassVar[bool]

    def sizeHint(self) -> QSize:
        """One row, as wide as it is given."""
        return QSize(theme.scaled(300), theme.scaled(_ROW))

    def hitButton(self, pos: QPoint) -> bool:
        """All of it can be clicked."""
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Digit, box or dot, title, detail."""
        _paint_row(self, self.number, self.detail, round_mark=self.round_mark)


class TickRow(_Numbered, QCheckBox):
    """Can be ticked beside others."""

    round_mark = False

    def __init__(self, number: int, title: str, detail: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.number, self.detail = number, detail
        _prepare(self, title, detail)


class PickRow(_Numbered, QRadioButton):
    """One of several."""

    round_mark = True

    def __init__(self, number: int, title: str, detail: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.number, self.detail = number, detail
        _prepare(self, title, detail)


def _prepare(row: QAbstractButton, title: str, detail: str) -> None:
    row.setAccessibleName(title)
    row.setAccessibleDescription(detail)
    row.setProperty("ring", "inset")
    row.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


def _paint_row(row: QAbstractButton, number: int, detail: str, *, round_mark: bool) -> None:
    t = theme.tokens()
    painter = QPainter(row)
    rtl = row.layoutDirection() == Qt.LayoutDirection.RightToLeft
    width, middle = row.width(), row.height() / 2
    if row.isChecked():
        painter.fillRect(row.rect(), t.bg_selected)
        bar = t.stroke["selected_bar"]
        painter.fillRect(width - bar if rtl else 0, 0, bar, row.height(), t.accent)
    elif row.underMouse():
        painter.fillRect(row.rect(), t.bg_hover)

    def along(x: float, w: float) -> QRectF:
        """A box of the row's height, `x` from where reading starts."""
        return QRectF(width - x - w if rtl else x, 0, w, row.height())

    at = float(theme.scaled(_PAD))
    if number:
        paint.key_cap(painter, width - at if rtl else at, middle, str(number), row.layoutDirection())
    at += theme.scaled(32)
    size = theme.scaled(18)
    box = along(at, size)
    box = QRectF(box.left() + 0.5, round(middle - size / 2) + 0.5, size - 1, size - 1)
    _paint_mark(painter, box, checked=row.isChecked(), round_mark=round_mark)
    at += size + theme.scaled(12)
    title_width = theme.metrics("ui", 500).horizontalAdvance(row.text()) + 2
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
    painter.setLayoutDirection(row.layoutDirection())
    painter.setFont(theme.font("ui", 600 if row.isChecked() else 500))
    painter.setPen(t.text_primary)
    painter.drawText(along(at, title_width * 1.1), flags, row.text())
    at += title_width * 1.1 + theme.scaled(12)
    left = width - at - theme.scaled(_PAD)
    if detail and left > 0:
        painter.setFont(theme.font("meta"))
        painter.setPen(t.text_secondary if row.isChecked() else t.text_muted)
        trailing = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        painter.drawText(along(at, left), trailing, paint.elide(detail, theme.font("meta"), int(left)))


def _paint_mark(painter: QPainter, box: QRectF, *, checked: bool, round_mark: bool) -> None:
    t = theme.tokens()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = box.height() / 2 if round_mark else 4
    painter.setPen(QPen(t.accent if checked else t.line_control, 1.5 if checked else 1))
    painter.setBrush(t.accent if checked and not round_mark else t.bg_raised)
    painter.drawRoundedRect(box, radius, radius)
    if checked and round_mark:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.accent)
        painter.drawEllipse(box.center(), box.height() / 4, box.height() / 4)
    elif checked:
        theme.icons.paint(painter, box.adjusted(2, 2, -2, -2), "check", t.accent_on)
    painter.restore()
