"""The whole policy as a tree of clauses; arrows open, close and read, Enter chooses."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QStyle, QStyleOptionViewItem, QTreeView, QWidget

from modstation.core.ids import ClauseId
from modstation.core.policy import Clause, Policy
from modstation.ui import theme
from modstation.ui.side.lists import ROW_ROLE, keep_in_sight, standing
from modstation.ui.side.rows import ClauseDelegate, ClauseRow
from modstation.ui.text import tr

_INDENT = 12
_CLEAR = 4  # between the bar of the selected row and what opens it
_Index = QModelIndex | QPersistentModelIndex


class _TreeDelegate(ClauseDelegate):
    """Rows of the tree; the bar of the selected one stands at the edge of the view, before what opens the row."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The row, and the bar outside of it."""
        super().paint(painter, option, index)
        rect: QRect = option.rect
        if standing(option)[0]:
            across = QRect(0, rect.top(), self._view.viewport().width(), rect.height())
            bar = QRect(0, rect.top(), theme.tokens().stroke["selected_bar"], rect.height())
            painter.fillRect(QStyle.visualRect(option.direction, across, bar), theme.tokens().accent)

    def _paint_ground(
        self, painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, *, current: bool, hover: bool
    ) -> None:
        if current:
            painter.fillRect(rect, theme.tokens().bg_selected)
        else:
            super()._paint_ground(painter, rect, direction, current=False, hover=hover)

    def _indent(self, _index: _Index) -> int:
        deep = 1
        above = _index.parent()
        while above.isValid():
            deep, above = deep + 1, above.parent()
        return deep * self._view.indentation() if isinstance(self._view, QTreeView) else 0


class WholeText(QTreeView):
    """Every clause of one version, by its place.

    Signals:
        read: the clause id that became current by the person's hand.
        chosen: the clause id that was chosen.
        left: Esc.
    """

    read = Signal(str)
    chosen = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._scrolled_away = False
        self.setAccessibleName(tr("Whole text of the policy"))
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(theme.scaled(_INDENT))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self._delegate = _TreeDelegate(self, pad=10)
        self.setItemDelegate(self._delegate)
        for moved in (self.expanded, self.collapsed):
            moved.connect(lambda _index: self._measure())
        theme.signals.changed.connect(self._measure)
        self.setProperty("ring", "inside")
        self.setExpandsOnDoubleClick(False)
        self.viewport().setAutoFillBackground(False)
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self._policy: Policy | None = None
        self._items: dict[str, QStandardItem] = {}
        self._quiet = False
        self._chosen: frozenset[ClauseId] = frozenset()
        self.verticalScrollBar().actionTriggered.connect(self._scrolled)  # by the person; never by this program

    def show_policy(self, policy: Policy | None) -> None:
        """Show another version; the same again costs nothing."""
        if policy is self._policy:
            return
        self._policy = policy
        self._quiet = True
        self._model.clear()
        self._items = {}
        self._chosen = frozenset()
        above: list[tuple[int, QStandardItem]] = []
        for clause in policy.clauses if policy else ():
            if policy is not None and clause.clause_id in policy.notes:
                continue  # it is read with the clause above it
            item = _item(clause)
            while above and above[-1][0] >= clause.depth:
                above.pop()
            (above[-1][1] if above else self._model.invisibleRootItem()).appendRow(item)
            above.append((clause.depth, item))
            self._items[clause.clause_id] = item
        self._quiet = False
        self._measure()

    def show_current(self, clause_id: ClauseId | None) -> None:
        """Open the tree at `clause_id` and mark it as read, without telling anybody."""
        item = self._items.get(clause_id or "")
        self._quiet = True
        self.setCurrentIndex(item.index() if item is not None else QModelIndex())
        self._quiet = False

    def show_chosen(self, chosen: AbstractSet[ClauseId]) -> None:
        """Mark the clauses that the draft names."""
        for clause_id in chosen ^ self._chosen:
            item = self._items.get(clause_id)
            if item is not None:
                item.setData(replace(item.data(ROW_ROLE), chosen=clause_id in chosen), ROW_ROLE)
        self._chosen = frozenset(chosen)

    def set_offers(self, *, offers: bool) -> None:
        """Whether a clause can be chosen now, or only read. The same again, as for most items, paints nothing."""
        if offers != self._delegate.offers:
            self._delegate.offers = offers
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Titles wrap anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def doItemsLayout(self) -> None:
        """Rows got other heights: what is read stays in sight, unless the person has scrolled away from it."""
        super().doItemsLayout()
        if not self._scrolled_away:
            keep_in_sight(self)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Read what the person moved to."""
        super().currentChanged(current, previous)
        self._scrolled_away = False
        row = current.data(ROW_ROLE)
        if row is not None and not self._quiet:
            self.read.emit(row.clause_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, Esc leaves, arrows are the tree's own; letters are commands of the window."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Choose a clause; open or close a heading."""
        index = self.indexAt(event.position().toPoint())
        row = index.data(ROW_ROLE)
        if row is None:
            return
        if row.citable:
            self._choose()
        else:
            self.setExpanded(index, not self.isExpanded(index))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows on the ground of the panel."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme.tokens().bg_panel)
        painter.end()
        super().paintEvent(event)

    def drawBranches(self, painter: QPainter, rect: QRect, index: _Index) -> None:
        """What opens a row, clear of the bar of the selected one."""
        clear = theme.scaled(_CLEAR)
        super().drawBranches(painter, rect.translated(-clear if self.isRightToLeft() else clear, 0), index)

    def _scrolled(self) -> None:
        self._scrolled_away = True

    def _measure(self) -> None:
        """Titles of one depth begin at one edge: past the widest number of that depth that is shown."""
        self.setIndentation(theme.scaled(_INDENT))
        if self._delegate.measure(self._shown(QModelIndex(), self.indentation()), 0):
            self.scheduleDelayedItemsLayout()
            self.viewport().update()

    def _shown(self, under: QModelIndex, indent: int) -> Iterator[tuple[int, ClauseRow]]:
        for n in range(self._model.rowCount(under)):
            index = self._model.index(n, 0, under)
            yield indent, index.data(ROW_ROLE)
            if self.isExpanded(index):
                yield from self._shown(index, indent + self.indentation())

    def _choose(self) -> None:
        row = self.currentIndex().data(ROW_ROLE)
        if row is not None and row.citable and self._delegate.offers:
            self.chosen.emit(row.clause_id)


def _item(clause: Clause) -> QStandardItem:
    row = ClauseRow(clause.clause_id, clause.number, clause.title, severity=clause.severity, citable=clause.citable)
    item = QStandardItem(row.spoken)
    item.setEditable(False)
    item.setData(row, ROW_ROLE)
    item.setToolTip(f"{clause.number} {clause.title}".strip())
    return item
