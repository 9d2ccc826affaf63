"""The rail: the queue's name and count, decisions that want attention, then everything that waits.

Neutral one-line summaries only: the rail never quotes content. Geometry is set by hand; showing the next item repaints
two rows and lays out nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QItemSelectionModel, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStyle, QWidget

from modstation.core.ids import ItemId
from modstation.ui import paint, theme
from modstation.ui.rail.above import StandingList
from modstation.ui.rail.entry import RailEntry, lease_words
from modstation.ui.rail.lists import END, HEADING, START, RowList, heading
from modstation.ui.rail.model import PAGE, Cards, RailModel
from modstation.ui.rail.standing import Heading, StandingModel, lines
from modstation.ui.rail.waiting import WaitingList
from modstation.ui.text import tr

_HEAD = 44
LATER_MS = 16  # a frame: with less, reading ahead would come before the paint of what a decision changed


class Rail(QWidget):
    """The queue at the start of the window.

    Signals:
        chosen(str): a person chose this item.
        returned_chosen(str): a person chose this returned entry.
        held_chosen(str): a person chose this held entry.
    """

    chosen = Signal(str)
    returned_chosen = Signal(str)
    held_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RailModel(self)
        self._standing_model = StandingModel(self)
        # Later than the paint that is due now: a timer of 0 ms would come before it.
        self._soon = QTimer(self, interval=LATER_MS, singleShot=True)
        self._soon.timeout.connect(self._look_ahead)
        self._queue = tr("Queue")  # until it has a name of its own
        self._short = ""
        self._keys, self._fold_key = "J K", ""
        self._folded = False
        self._returned: tuple[RailEntry, ...] = ()
        self._held: tuple[RailEntry, ...] = ()
        self._selected: ItemId | None = None
        self._labels: tuple[str, ...] = ()
        self._waits = False
        self.standing = StandingList(self._standing_model, self)
        self.waiting = WaitingList(self.model, self)
        self.setAccessibleName(tr("Queue"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # a new count paints nothing of what is beneath
        self.standing.picked.connect(self._standing_picked)
        self.waiting.picked.connect(self._waiting_picked)
        for told in (self.model.rowsInserted, self.model.rowsRemoved, self.model.modelReset):
            told.connect(self._number_changed)
        self.model.modelReset.connect(self._reselect)
        theme.signals.changed.connect(self._theme_changed)

    def set_cards(self, cards: Cards) -> None:
        """Where cards come from: ids in, the cards that exist out; called on this thread, a page at a time."""
        self.model.set_cards(cards)
        self.waiting.viewport().update()

    def show_queue(self, name: str, keys: str = "J K", short: str = "") -> None:
        """The queue's name, what stands there when it is too long, and the keys for the next and the previous item.

        Without a name, as when no item is here, the one before stays: it is still where items will come from.
        """
        if not name:
            name, short = self._queue, self._short
        if (name, keys, short) != (self._queue, self._keys, self._short):
            self._queue, self._keys, self._short = name, keys, short
            self._tell_tip()
            self.update(self._head())

    def set_fold_key(self, key: str) -> None:
        """The key that folds the rail and opens it again; the folded one shows it, as it has no words for that."""
        self._fold_key = key
        self._tell_tip()
        self.update(self._head())

    def set_empty(self, words: str) -> None:
        """The sentence shown when nothing waits: why, and what happens next."""
        self.waiting.empty_words = words
        if not self.model.rowCount():
            self.waiting.viewport().update()

    def set_returned(self, entries: Sequence[RailEntry]) -> None:
        """The decisions that came back, newest first."""
        self._returned = tuple(entries)
        self._show_standing()

    def set_held(self, entries: Sequence[RailEntry]) -> None:
        """The decisions not yet sent. Given again each second, with the seconds they have left."""
        self._held = tuple(entries)
        self._show_standing()

    def set_now(self, now: datetime) -> None:
        """The time, once a second. Repaints only when a label on screen changes."""
        self.model.now = now
        labels = tuple(
            lease_words(card, now) for row in self.waiting.rows_in_sight() if (card := self.model.card(row)) is not None
        )
        if labels != self._labels:
            self._labels = labels
            self.waiting.viewport().update()

    def select(self, item_id: str | None) -> None:
        """Mark the item that is on the desk and bring it into sight; None or an id not here marks nothing."""
        self._selected = ItemId(item_id) if item_id is not None else None
        self.standing.clearSelection()
        row = self.model.row_of(self._selected) if self._selected is not None else None
        if row is None:
            self.waiting.clearSelection()
            return
        self.model.show_row(row)
        index = self.model.index(row)
        self.waiting.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.waiting.bring(row)
        self._soon.start()

    def select_returned(self, entry_id: str) -> None:
        """Mark a returned entry: its story is on the desk."""
        self._selected = None
        self.waiting.clearSelection()
        for row, line in enumerate(self._standing_model.lines()):
            if isinstance(line, RailEntry) and line.entry_id == entry_id:
                index = self._standing_model.index(row)
                flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
                self.standing.selectionModel().setCurrentIndex(index, flag)
                return
        self.standing.clearSelection()

    def set_folded(self, folded: bool) -> None:
        """Show drawings and severities only; the width is given by the window."""
        if folded == self._folded:
            return
        self._folded = folded
        self.standing.rows.folded = self.waiting.rows.folded = folded
        self._tell_tip()
        self._theme_changed()

    def _tell_tip(self) -> None:
        """What the folded rail has no room to say."""
        lines = (
            tr("Open the queue: {key}", key=self._fold_key) if self._fold_key else "",
            tr("Next and previous item: {keys}", keys=self._keys) if self._keys else "",
        )
        self.setToolTip("\n".join(filter(None, lines)) if self._folded else "")

    def _look_ahead(self) -> None:
        """Have what the next step needs: the page after the selected row, and the rows as they will look then."""
        row = self.waiting.currentIndex().row()
        if row >= 0:
            self.model.prefetch(min(row + PAGE // 2, len(self.model.ids()) - 1))
            self.waiting.draw_ahead(row)

    def _standing_picked(self, row: int) -> None:
        line = self._standing_model.line(row)
        if isinstance(line, RailEntry):
            (self.held_chosen if line.is_held else self.returned_chosen).emit(line.entry_id)

    def _waiting_picked(self, row: int) -> None:
        self._selected = self.model.ids()[row]
        self.standing.clearSelection()
        self.chosen.emit(self._selected)

    def _reselect(self) -> None:
        if self._selected is not None:
            self.select(self._selected)

    def _number_changed(self) -> None:
        self.update(self._head())
        if self._waits != bool(self.model.ids()):  # the heading says "lease left" only over leases
            self._waits = not self._waits
            self.update(self._waiting_heading())

    def _show_standing(self) -> None:
        if self._standing_model.show(lines(self._returned, self._held)):
            self._arrange()

    def _theme_changed(self) -> None:
        for shown in (self.standing, self.waiting):
            _measure_again(shown)
        self._arrange()
        self.update()

    def _head(self) -> QRect:
        return QRect(0, 0, self.width(), theme.scaled(_HEAD))

    def _waiting_heading(self) -> QRect:
        height = theme.scaled(8 if self._folded else HEADING)
        return QRect(0, self.waiting.y() - height, self.width(), height)

    def _arrange(self) -> None:
        """Head, standing lines, heading, queue, from top to bottom; the last px at the end is the line to the desk."""
        wide = self.width() - 1
        x = 1 if self.layoutDirection() == paint.RTL else 0
        top = self._head().height()
        standing = min(self.standing.wanted_height(), max(0, self.height() - top) * 2 // 3)
        self.standing.setGeometry(x, top, wide, standing)
        self.standing.setVisible(standing > 0)
        top += standing + theme.scaled(8 if self._folded else HEADING)
        self.waiting.setGeometry(x, top, wide, max(0, self.height() - top))
        self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the window."""
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, count and keys; the heading of the queue; the line to the desk."""
        painter = QPainter(self)
        t, direction = theme.tokens(), self.layoutDirection()
        painter.fillRect(self.rect(), t.bg_window)
        edge = 0 if direction == paint.RTL else self.width() - 1
        paint.hairline(painter, edge, 0, edge, self.height())
        if self._folded:
            self._paint_folded_head(painter)
            return
        if event.rect().intersects(self._head()):
            self._paint_head(painter)
        if not event.rect().intersects(self._waiting_heading()):
            return  # only the count has changed
        shown = Heading(tr("Waiting"), tr("lease left") if self.model.ids() else "")
        heading(painter, self._waiting_heading(), shown, direction)

    def _paint_folded_head(self, painter: QPainter) -> None:
        """The count, and beneath it the key that opens the rail, where it has room."""
        head, wide = self._head(), paint.key_cap_width(self._fold_key)
        if 0 < wide <= head.width() - 4:
            head.setBottom(head.height() // 2)
            rtl = self.layoutDirection() == paint.RTL
            x = head.center().x() + (wide + 1) // 2 * (1 if rtl else -1)
            middle = self._head().height() * 0.72
            paint.key_cap(painter, x, middle, self._fold_key, self.layoutDirection())
        painter.setFont(theme.font("ui", 600))
        painter.setPen(theme.tokens().text_secondary)
        painter.drawText(head, Qt.AlignmentFlag.AlignCenter, tr("{n}", n=len(self.model.ids())))

    def _paint_head(self, painter: QPainter) -> None:
        t, direction, head = theme.tokens(), self.layoutDirection(), self._head()
        end = head.width() - END
        if self._keys:
            end -= paint.key_cap_width(self._keys)
            start = QStyle.visualRect(direction, head, QRect(end, 0, paint.key_cap_width(self._keys), head.height()))
            x = start.right() + 1 if direction == paint.RTL else start.left()
            paint.key_cap(painter, x, head.center().y() + 1, self._keys, direction)
        count = tr("{n}", n=len(self.model.ids()))
        wide = theme.width(count, "reading") + 8
        font = theme.font("reading", 600)
        room = end - START - wide - 8
        advance = theme.metrics("reading", 600).horizontalAdvance
        name, name_wide = self._queue, advance(self._queue)
        if name_wide > room:
            name = paint.elide(self._short or self._queue, font, room)
            name_wide = advance(name)
        name_wide = min(room, round(name_wide) + 1)
        box = QStyle.visualRect(direction, head, QRect(START, 0, name_wide, head.height()))
        paint.draw(painter, box, name, font, t.text_primary, direction=direction)
        box = QStyle.visualRect(direction, head, QRect(START + name_wide + 8, 0, wide, head.height()))
        paint.draw(painter, box, count, theme.font("reading"), t.text_muted, direction=direction)


def _measure_again(shown: RowList) -> None:
    """Row heights have changed."""
    shown.rows.forget()
    shown.scheduleDelayedItemsLayout()
    shown.viewport().update()
