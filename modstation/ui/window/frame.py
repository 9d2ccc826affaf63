"""Where the panes stand. Sizes only: what the panes show, and what happens in them, is not known here.

Geometry is set by hand, not by layouts: nothing is measured again when the next item arrives.
"""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from modstation.ui import theme
from modstation.ui.chrome import StatusStrip, TopBar
from modstation.ui.decide import DecisionBar
from modstation.ui.item import ItemPane
from modstation.ui.rail import Rail
from modstation.ui.side import SidePanel

NARROW = 1180  # below this the side panel folds first
NARROWEST = 900  # below this the rail folds too, as with text at 200 % on an ordinary screen
SMALL = 1360  # below this rail and side panel use their small widths


class DeskPanes(QWidget):
    """Item, side panel, and the bar beneath both."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = ItemPane(self)
        self.side = SidePanel(self)
        self.bar = DecisionBar(self)
        self.side_width = 0
        self.bar.installEventFilter(self)

    def arrange(self) -> None:
        """Put the panes in their places."""
        width, height = self.width(), self.height()
        bar = self.bar.heightForWidth(width)
        side = self.side_width
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.item.setGeometry(side if rtl else 0, 0, width - side, height - bar)
        self.side.setGeometry(0 if rtl else width - side, 0, side, height - bar)
        self.bar.setGeometry(0, height - bar, width, bar)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the window."""
        self.arrange()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """The bar asks for another height when its sentence wraps."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.arrange()
        return False


class Frame(QWidget):
    """Top bar, rail, the view in the middle, status strip.

    Signals:
        resized(): overlays follow.
    """

    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.top = TopBar(self)
        self.rail = Rail(self)
        self.panes = DeskPanes()
        self.views = QStackedWidget(self)
        self.views.addWidget(self.panes)
        self.strip = StatusStrip(self)
        self._rail_folded = False
        self._side_folded = False
        self._rule: QColor | None = None

    def fold_rail(self) -> None:
        """Make the rail narrow, or wide again."""
        self._rail_folded = not self._rail_folded
        self.arrange()

    def fold_side(self) -> None:
        """Fold the side panel away, or open it again."""
        self._side_folded = not self._side_folded
        self.arrange()

    def unfold_side(self) -> None:
        """Open the side panel, if it is folded: somebody wants to read in it."""
        if self._side_folded:
            self.fold_side()

    def next_pane(self) -> None:
        """Move the focus to the pane after the one that has it."""
        panes = self.panes
        stops = (self.rail.waiting, panes.item, panes.side.policy.rows, panes.bar.verdicts)
        focus = self.window().focusWidget()
        here = next(
            (n for n, pane in enumerate(stops) if focus is not None and (pane is focus or pane.isAncestorOf(focus))), -1
        )
        stops[(here + 1) % len(stops)].setFocus(Qt.FocusReason.ShortcutFocusReason)  # so that it is seen

    def arrange(self) -> None:
        """Put everything in its place for the window's size."""
        px = theme.tokens().px
        scale = theme.scaled
        width, height = self.width(), self.height()
        small = width < scale(SMALL)
        top, strip = scale(px["topbar"]), scale(px["statusbar"])
        rail_folded = self._rail_folded or width < scale(NARROWEST)
        rail = scale(px["rail_collapsed"]) if rail_folded else scale(256 if small else px["rail"])
        folded = self._side_folded or width < scale(NARROW)
        side = scale(px["side_collapsed"]) if folded else scale(344 if small else px["side"])
        self.rail.set_folded(rail_folded)
        self.panes.side.set_folded(folded)
        self.panes.side_width = side
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.top.setGeometry(0, 0, width, top)
        self.strip.setGeometry(0, height - strip, width, strip)
        body = QRect(0, top, width, height - top - strip)
        self.rail.setGeometry(body.right() - rail + 1 if rtl else 0, top, rail, body.height())
        self.views.setGeometry(0 if rtl else rail, top, width - rail, body.height())
        self.panes.arrange()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the window."""
        self.arrange()
        self.resized.emit()

    def minimumSizeHint(self) -> QSize:
        """The smallest window that still works with both panels folded."""
        return QSize(760, 520)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground between the panes."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_window)
