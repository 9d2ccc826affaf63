"""Our drawings (24 grid, one line, ``currentColor``), rendered once per name, size, colour, scale and direction."""

from functools import cache

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from modstation.system import paths
from modstation.ui.theme.active import tokens
from modstation.ui.theme.fonts import scaled

MIRRORED = frozenset({
    "kind-text", "kind-thread", "undo", "returned", "skip", "chevron", "swap", "note", "policy", "export",
})  # fmt: skip
"""Drawings that point along the line of reading: they are turned round in right-to-left."""


@cache
def _drawing(name: str) -> str:
    """Raises FileNotFoundError when there is no such drawing."""
    return (paths.resources() / "icons" / f"{name}.svg").read_text("utf-8")


@cache
def _rendered(name: str, size: int, argb: int, dpr: float, *, mirror: bool) -> QPixmap:
    color = QColor.fromRgba(argb)
    svg = _drawing(name).replace("currentColor", color.name())
    image = QImage(round(size * dpr), round(size * dpr), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setOpacity(color.alphaF())
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(image.rect()))
    painter.end()
    made = QPixmap.fromImage(image.flipped(Qt.Orientation.Horizontal) if mirror else image)
    made.setDevicePixelRatio(dpr)
    return made


def pixmap(name: str, size: int, color: QColor, dpr: float = 1.0) -> QPixmap:
    """The drawing `name`, `size` px high and wide, in `color`; turned round in right-to-left where that is right.

    Raises:
        FileNotFoundError: there is no such drawing.
    """
    mirror = name in MIRRORED and QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return _rendered(name, size, color.rgba(), dpr, mirror=mirror)


def paint(painter: QPainter, rect: QRect | QRectF, name: str, color: QColor) -> None:
    """Paint the drawing `name` in the middle of `rect`, as large as its shorter side."""
    size = int(min(rect.width(), rect.height()))
    made = pixmap(name, size, color, painter.device().devicePixelRatio())
    x = rect.x() + (rect.width() - size) / 2
    y = rect.y() + (rect.height() - size) / 2
    painter.drawPixmap(QPointF(round(x), round(y)), made)


def icon(name: str, role: str = "text_secondary", size: int = 18) -> QIcon:
    """The drawing as a QIcon in the colour of `role`, grown with the text; make it again when the theme changes."""
    made, size = QIcon(), scaled(size)
    for dpr in (1.0, 2.0):
        made.addPixmap(pixmap(name, size, tokens().colour(role), dpr))
        made.addPixmap(pixmap(name, size, tokens().text_muted, dpr), QIcon.Mode.Disabled)
    return made


def size(px: int = 18) -> QSize:
    """A square, for `setIconSize`."""
    return QSize(px, px)


def forget() -> None:
    """Drop every rendered drawing: the colours have changed."""
    _rendered.cache_clear()
