"""The body of an item: one painted canvas that scrolls. A picture's controls stand beneath it and do not scroll."""

from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRect, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from modstation.ui import theme
from modstation.ui.item.blocks import Block, Clip
from modstation.ui.item.cards import SummaryCard
from modstation.ui.item.kinds import Body
from modstation.ui.item.lookbar import LookBar
from modstation.ui.item.looking import Looking
from modstation.ui.item.marks import Mark
from modstation.ui.item.page import LTR, RTL, Look, Page
from modstation.ui.item.steps import RevealSteps
from modstation.ui.text import tr

_TOP, _END = 24, 16
_LITTLE = 140  # room lower than this begins at the item's own words, not at what stands above them
_STEP = 28  # one line of text for an arrow key
_FOOT_TOP, _FOOT_GAP, _FOOT_END = 10, 8, 12  # above, between and below the steps of a picture and their controls
_FLAT_GAPS = (6, 6, 6)  # the same in a pane with next to no room


class Room(Block):
    """Room kept among the painted blocks for a real widget."""

    def __init__(self, widget: QWidget, wanted: Callable[[], bool], above: float) -> None:
        self._widget, self._wanted, self._above = widget, wanted, above
        self._width = 0.0

    @property
    def above(self) -> float:  # type: ignore[override]  # a plain attribute elsewhere; here it depends
        """No room when the widget is not wanted."""
        return self._above if self._wanted() else 0.0

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        del look
        self._width = width

    @property
    def height(self) -> float:
        """See `Block.height`."""
        if not self._wanted():
            return 0.0
        high = self._widget.heightForWidth(int(self._width))
        return float(high if high > 0 else self._widget.sizeHint().height())

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`: the widget paints itself."""

    def put(self, left: int, top: int) -> None:
        """Move the widget to where its room is now."""
        wanted = self._wanted()
        if wanted:
            self._widget.setGeometry(left, top, int(self._width), int(self.height))
        if self._widget.isHidden() is wanted:
            self._widget.setVisible(wanted)


class ItemBody(QAbstractScrollArea):
    """Paints blocks. What is pressed in it is said by signals."""

    hold_changed = Signal(bool)
    photo_chosen = Signal(int)

    def __init__(self, looking: Looking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looking = looking
        self._body = Body(())
        self._look = Look()
        self._tops: list[float] = []
        self._total = 0.0
        self._reached = 0.0  # how far down everything is laid out
        self._current: Mark | None = None
        self._holding = False
        self._foot = 0
        self._begun = 0  # where it was scrolled to when it began
        self._covered_at: tuple[int, int] | None = None  # scrolled to, before and since the picture is shown
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ring", "inside")
        self.setAccessibleName(tr("The item"))
        self.verticalScrollBar().setSingleStep(_STEP)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.steps = RevealSteps(self.viewport())
        self.bar = LookBar(self.viewport())
        self.bar_room = Room(self.bar, lambda: bool(looking.media) and looking.step > 0, 16.0)

    def show_body(self, body: Body, look: Look) -> None:
        """Put other blocks in place, and begin at their top, or at the one that is the matter."""
        self._body, self._look, self._current, self._covered_at = body, look, None, None
        self.relay()
        self._begin()
        self.viewport().update()

    def _begin(self) -> None:
        """Scroll to where one begins to read: the top, the block that is the matter, in a low pane the item's words."""
        start, focus = 0, self._body.focus
        if focus > 0:
            self._ensure(1e9 if focus > 40 else self._tops[focus] + self._room())
            start = self._begin_of_matter(focus)
        elif self._room() < theme.scaled(_LITTLE) and not self._looking.media:
            blocks = enumerate(self._body.blocks)
            words = next((n for n, block in blocks if any(at.text.part == "text" for at in block.places())), 0)
            if words:
                self._ensure(self._tops[words] + self._room())
                start = int(self._tops[words] + _TOP)
        self.verticalScrollBar().setValue(max(0, start))
        self._begun = self.verticalScrollBar().value()

    def _begin_of_matter(self, focus: int) -> int:
        """The top if block `focus` can be read from there, else where a block begins a little above it."""
        below = self._tops[focus] + self._body.blocks[focus].height + _TOP
        if below <= self._room():
            return 0
        wanted = self._tops[focus] + _TOP - self._room() * 0.25
        begins = (top + _TOP - _FOOT_GAP for top in self._tops[: focus + 1])
        return int(next((at for at in begins if at >= wanted), wanted))

    def lay_ahead(self, body: Body, look: Look) -> None:
        """Lay the item that comes next out as it will stand here. Nothing on the screen changes."""
        width, y, room = self.column(), 0.0, self.viewport().height() * (3 if body.focus > 0 else 1)
        for block in body.blocks:
            if not isinstance(block, Room):
                block.lay(width, look)
                block.ensure(room - y)
                y += block.above + block.height

    def relay(self, look: Look | None = None) -> None:
        """Lay everything out anew: width, zoom, theme or hidden characters changed."""
        self._look = look or self._look
        width, stays = self.column(), self.verticalScrollBar().value() != self._begun
        self._measure_foot(int(width))
        self._looking.fit = QSizeF(width, max(160.0, self._room() - 80.0))
        self._reached = 0.0
        for block in self._body.blocks:
            block.lay(width, self._look)
        self._ensure(self.verticalScrollBar().value() + self.viewport().height())
        if not stays and self._covered_at is None:  # nobody has scrolled: the height may be another
            self._begin()
        self.viewport().update()

    def restack(self) -> None:
        """Heights changed, widths did not."""
        self._reached = 0.0
        self._stack()
        self.viewport().update()

    def column(self) -> float:
        """The width of the measure here: never more than the design's, scaled with the text."""
        measure = theme.tokens().px["item_measure"] * max(1.0, theme.zoom() * self._look.zoom)
        return float(min(round(measure), self.width() - 2 * padding(self.width())))

    def show_mark(self, mark: Mark | None) -> None:
        """Ring a mark, and scroll so that its first line can be seen with some lines round it."""
        self._current = mark
        for n, block in enumerate(self._body.blocks if mark is not None else ()):
            for place in block.places():
                if mark is not None and place.text.part == mark.part:
                    self._ensure(self._tops[n] + place.y)
                    line, height = place.text.flow.line_of(mark.start)
                    self._scroll_to(self._tops[n] + place.y + line, height)
        self.viewport().update()

    def _scroll_to(self, top: float, height: float) -> None:
        self._ensure(top + self._room())
        bar, room = self.verticalScrollBar(), self._room()
        y = top + _TOP
        if not bar.value() + _STEP <= y <= bar.value() + room - height - 2 * _STEP:
            bar.setValue(int(y - room * 0.3))

    def _ensure(self, bottom: float) -> None:
        """Lay out at least as far down as `bottom` of the blocks' own height."""
        y = 0.0
        for block in self._body.blocks:
            y += block.above
            if y > bottom:
                break
            block.ensure(bottom - y)
            y += block.height
        self._reached = max(self._reached, bottom)
        self._stack()

    def _stack(self) -> None:
        self._tops, y = [], 0.0
        for block in self._body.blocks:
            y += block.above
            self._tops.append(y)
            y += block.height
        self._total = y + _TOP + _END
        bar = self.verticalScrollBar()
        bar.setPageStep(self._room())
        shown_at = self._covered_at[1] if self._covered_at else 0  # also where nothing stands beneath it any more
        bar.setRange(0, max(shown_at, int(self._total - self._room())))
        self._put_widgets()

    def _room(self) -> int:
        """The height of what scrolls."""
        return max(0, self.viewport().height() - self._foot)

    def _measure_foot(self, width: int) -> None:
        """How high the strip beneath a picture is: the steps shrink in a low window, so that the item keeps room."""
        self._foot = 0
        if not self._body.steps:
            self.bar.tell_steps(told=False)
        else:
            self.steps.set_room(self.viewport().height())
            self.bar.tell_steps(told=not self.steps.is_headed)
            self.bar.set_low(low=self.steps.is_flat)
            top, gap, end = self._foot_gaps()
            self._foot = top + self.steps.heightForWidth(width) + gap + self._bar_height() + end

    def _foot_gaps(self) -> tuple[int, int, int]:
        """Above the steps of a picture, between them and their controls, and below."""
        return _FLAT_GAPS if self.steps.is_flat else (_FOOT_TOP, _FOOT_GAP, _FOOT_END)

    def _bar_height(self) -> int:
        return self.bar.sizeHint().height()

    def _put_widgets(self) -> None:
        if self._body.steps:
            self._put_foot()
            return
        if not self.steps.isHidden():
            self.steps.hide()
        rooms = [(n, block) for n, block in enumerate(self._body.blocks) if isinstance(block, Room)]
        if not rooms and not self.bar.isHidden():
            self.bar.hide()
        for n, room in rooms:
            room.put(int(self._left()), int(self._tops[n]) + _TOP - self.verticalScrollBar().value())

    def _put_foot(self) -> None:
        left, width = int(self._left()), int(self.column())
        top, gap, _ = self._foot_gaps()
        steps = QRect(left, self._room() + top, width, self.steps.heightForWidth(width))
        self.steps.setGeometry(steps)
        self.bar.setGeometry(left, steps.bottom() + 1 + gap, width, self._bar_height())
        for widget in (self.steps, self.bar):
            if widget.isHidden():
                widget.show()

    def bring_picture(self, *, shown: bool) -> None:
        """Scroll so far that a picture can be seen whole, and back when it is covered; its controls stand still."""
        bar = self.verticalScrollBar()
        if not shown:
            if self._covered_at is not None and bar.value() == self._covered_at[1]:
                bar.setValue(self._covered_at[0])
            self._covered_at = None
            return
        for n, block in enumerate(self._body.blocks):
            if isinstance(block, SummaryCard) and self._body.steps:
                top, height = block.picture()
                top += self._tops[n] + _TOP
                before = self._covered_at[0] if self._covered_at else bar.value()
                if not bar.value() <= top <= top + height <= bar.value() + self._room():
                    begin = self._begin_of(n, top, height)
                    bar.setMaximum(max(bar.maximum(), begin))
                    bar.setValue(begin)
                self._covered_at = before, bar.value()

    def _begin_of(self, n: int, top: float, height: float) -> int:
        """Where to scroll to for a picture in block `n`: where a block begins, so that no words are cut through."""
        for gap in range(_FOOT_GAP, -1, -1):
            least = top + height + gap - self._room()
            begins = [at + _TOP - gap for at in self._tops[: n + 1]]
            if (fit := next((at for at in begins if at >= least), None)) is not None:
                return int(fit)
        return int(top - _FOOT_GAP)

    def _left(self) -> float:
        width, pad = self.width(), padding(self.width())
        spare = width - pad - self.column() - self.viewport().x()  # in right-to-left the scroll bar stands first
        return spare if self.layoutDirection() == RTL else pad

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the blocks that can be seen."""
        painter = QPainter(self.viewport())
        rect = event.rect()
        painter.fillRect(rect, theme.tokens().bg_content)
        scrolled = self.verticalScrollBar().value() - _TOP
        top, bottom = rect.top() + scrolled, rect.bottom() + 1 + scrolled
        if bottom > self._reached:
            self._ensure(bottom)
        page = Page(painter, self.column(), self.layoutDirection(), self._current)
        first = max(0, bisect_right(self._tops, top) - 1)
        for block, at in zip(self._body.blocks[first:], self._tops[first:], strict=True):
            if at > bottom:
                break
            painter.save()
            painter.translate(QPointF(self._left(), at - scrolled))
            block.paint(page, (top - at, bottom - at))
            painter.restore()
        if self._foot and rect.bottom() >= self._room():
            t = theme.tokens()
            painter.fillRect(0, self._room(), self.viewport().width(), self._foot, t.bg_content)
            painter.fillRect(0, self._room(), self.viewport().width(), 1, t.line_subtle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width; keep the place."""
        bar, shown = self.verticalScrollBar(), self._covered_at
        own = shown is not None and bar.value() == shown[1]  # where the picture was brought to, not a person
        if own:
            self._covered_at = None
        super().resizeEvent(event)
        self.relay()
        if shown is not None:
            if own:
                bar.setValue(shown[0])  # with more room all may be in sight from there
            self.bring_picture(shown=True)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint anew and take the widgets along."""
        del dx, dy
        self._put_widgets()
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and pages come with the area; Home and End go to the ends."""
        if event.key() in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self._ensure(1e9 if event.key() == Qt.Key.Key_End else 0.0)
            bar = self.verticalScrollBar()
            bar.setValue(bar.maximum() if event.key() == Qt.Key.Key_End else 0)
        else:
            super().keyPressEvent(event)

    def _asked_at(self, pos: QPoint) -> str:
        if pos.y() >= self._room():
            return ""
        y = pos.y() + self.verticalScrollBar().value() - _TOP
        x = pos.x() - self._left()
        if self.layoutDirection() != LTR:
            x = self.column() - x
        n = bisect_right(self._tops, y) - 1
        return self._body.blocks[n].hit(x, y - self._tops[n]) if n >= 0 else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a covered photo to look at it, a small one to turn to it."""
        asked = self._asked_at(event.position().toPoint())
        if asked == "hold":
            self._holding = True
            self.hold_changed.emit(True)
        elif asked.startswith("photo "):
            self.photo_chosen.emit(int(asked.split()[1]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Letting go covers again."""
        del event
        if self._holding:
            self._holding = False
            self.hold_changed.emit(False)


def padding(width: int) -> int:
    """The room before the first column: 32, as in the bar beneath; 24 in a narrow pane."""
    return 32 if width >= 640 else 24
