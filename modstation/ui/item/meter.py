"""How sure a source was: its score as a bar."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from modstation.ui import paint, theme
from modstation.ui.item.page import Page
from modstation.ui.item.reasons import Cell


def meter(page: Page, at: QRectF, cell: Cell) -> None:
    """The score as a bar, and a tick where the source begins to send items."""
    t = theme.tokens()
    painter = page.painter
    whole = page.box(at.x(), at.y(), at.width(), at.height())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(t.line_subtle, paint.HAIR))
    painter.setBrush(t.bg_sunken)
    painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(t.text_secondary)
    share = min(1.0, max(0.0, cell.score))
    painter.drawRoundedRect(page.box(at.x(), at.y(), max(3.0, at.width() * share), at.height()), 3, 3)
    if cell.threshold >= 0:
        tick = page.box(at.x() + at.width() * min(1.0, cell.threshold) - 1, at.y() - 3, 1.5, 12)
        painter.fillRect(tick.adjusted(-1, 0, 1, 0), t.bg_panel)
        painter.fillRect(tick, t.text_primary)
