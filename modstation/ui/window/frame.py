"""Where the panes stand. Sizes only: what the panes show, and what happens in them, is not known here.

Geometry is set by hand, not by layouts: nothing is measured again when the next item arrives.
"""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from modstation.ui import theme
from modstation.ui.chrome import StatusStrip, TopBar
from modstation.ui.decide import DecisionBar
from modstation.ui.item import ItemPane
from modstation.ui.rail import Rail
from modstation.ui.side import SidePanel
from modstation.ui.window.folds import Folds, Room

NARROW = 1140  # below this the side panel folds first; at 1440 px with text at 125 % it stays
NARROWEST = 900  # below this the rail folds too, as with text at 200 % on an ordinary screen
SMALL = 1360  # below this rail and side panel use their small widths
ITEM_LEAST = 300  # an item this wide can still be read; with less beside it the side panel stands over the item


class DeskPanes(QWidget):
    """Item, side panel, and the bar beneath both."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = ItemPane(self)
        self.side = SidePanel(self)
        self.bar = DecisionBar(self)
        self.side_width = 0
        self.item_width = 0  # what the side panel leaves to the item; more when it stands over the item
        self.bar.installEventFilter(self)

    def arrange(self) -> None:
        """Put the panes in their places."""
        width, height = self.width(), self.height()
        bar = self.bar.heightForWidth(width)
        side, item = self.side_width, self.item_width
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self.item.setGeometry(width - item if rtl else 0, 0, item, height - bar)
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

    def __init__(self, folds: Folds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.top = TopBar(self)
        self.rail = Rail(self)
        self.panes = DeskPanes()
        self.views = QStackedWidget(self)
        self.views.addWidget(self.panes)
        self.strip = StatusStrip(self)
        self._folds = folds
        theme.signals.changed.connect(self.arrange)  # larger text leaves less room

    @property
    def room(self) -> Room:
        """How much room there is now."""
        width = self.width()
        if width < theme.scaled(NARROWEST):
            return Room.NARROWEST
        return Room.NARROW if width < theme.scaled(NARROW) else Room.WIDE

    @property
    def is_side_folded(self) -> bool:
        """Whether only the drawings of the side panel are there."""
        return self._folds.is_folded("side", self.room, by_itself=self.room < Room.WIDE)

    @property
    def is_rail_folded(self) -> bool:
        """Whether the rail is narrow: an open side panel takes its room first, and the item's after that."""
        room = self.room
        if room is Room.NARROWEST:
            return True
        return self._folds.is_folded("rail", room, by_itself=room < Room.WIDE and not self.is_side_folded)

    def fold_rail(self) -> None:
        """Make the rail narrow, or wide again."""
        if self.room > Room.NARROWEST:
            self._folds.choose("rail", self.room, folded=not self.is_rail_folded)
            self.arrange()

    def fold_side(self) -> None:
        """Fold the side panel away, or open it again, also where it folds by itself."""
        self._folds.choose("side", self.room, folded=not self.is_side_folded)
        self.arrange()

    def unfold_side(self) -> None:
        """Open the side panel, if it is folded: somebody wants to read in it."""
        if self.is_side_folded:
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
        rail_folded, folded = self.is_rail_folded, self.is_side_folded
        rail = scale(px["rail_collapsed"]) if rail_folded else scale(256 if small else px["rail"])
        strip_of_side = scale(px["side_collapsed"])
        side = strip_of_side if folded else min(scale(344 if small else px["side"]), width - rail)
        self.rail.set_folded(rail_folded)
        self.panes.side.set_folded(folded)
        self.panes.side_width = side
        beside = width - rail - side
        # Where it stands over the item, the item stays as it is with the panel folded: nothing in it moves.
        self.panes.item_width = beside if beside >= scale(ITEM_LEAST) else width - rail - strip_of_side
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
