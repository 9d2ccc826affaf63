"""Text to be read in the side panel: it can be selected and copied, never changed, and its links are never followed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from modstation.ui import theme


class PanelText(QTextEdit):
    """A page on the ground of the panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("ring", "inside")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scrolling and copying; letters are commands of the window."""
        if event.text().isprintable() and event.text() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text on the ground."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.tokens().bg_panel)
        self._paint_beneath(painter)
        painter.end()
        super().paintEvent(event)

    def _paint_beneath(self, painter: QPainter) -> None:
        """What a page has between the ground and its text."""
