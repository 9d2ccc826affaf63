"""Every decision of this computer with its mark: held, saved here, accepted by the service, returned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from modstation.core.content import Kind
from modstation.ui import paint, theme
from modstation.ui.pieces.cards import Rule
from modstation.ui.pieces.facts import Drawing
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.pieces.lines import Lines
from modstation.ui.screens.marks import ANSWERED, OPEN, Mark, mark_look, mark_title
from modstation.ui.text import clock, day, tr, trn

_Index = QModelIndex | QPersistentModelIndex
_ROW, _WHY, _HEADING, _START, _END = 52, 20, 36, 32, 20
_MEASURE = 800
_FOOT = 10  # above and beneath the button
_COLORS = {
    Mark.WITH_LEAD: "text_secondary",
    Mark.SAVED: "mark_saved",
    Mark.ACCEPTED: "mark_accepted",
    Mark.RETURNED: "mark_returned",
}


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """One decision or skip.

    Attributes:
        summary: the item's neutral summary.
        sentence: what was decided, in words; for a returned one the reason is better.
        why: why the mark is what it is, in one sentence; may be empty.
        at: when it was decided, or answered.
        settled: whether it has left the outbox.
        seconds_left, hold_s: of a held one: how long it can still be undone, of how many seconds.
    """

    entry_id: str
    mark: Mark
    kind: Kind
    summary: str
    sentence: str
    at: datetime
    seconds_left: int = 0
    hold_s: int = 30
    why: str = ""
    settled: bool = False

    @property
    def spoken(self) -> str:
        """The whole line in words."""
        said = tr("{summary}. {sentence}. {mark}", summary=self.summary, sentence=self.sentence, mark=mark_words(self))
        return tr("{line}. {why}", line=said, why=self.why) if self.why else said

    @property
    def open(self) -> bool:
        """Whether it stands before the person until it is dealt with."""
        return self.mark in OPEN and not self.settled

    @property
    def selectable(self) -> bool:
        """Every decision can be chosen."""
        return True


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str

    @property
    def spoken(self) -> str:
        return self.title

    @property
    def selectable(self) -> bool:
        return False


def _sorted(lines: Sequence[OutboxLine]) -> list[OutboxLine | _Heading]:
    shown: list[OutboxLine | _Heading] = []
    for title, marks in _SECTIONS:
        found = [line for line in lines if line.mark in marks and line.open == (marks <= OPEN)]
        if found:
            shown += [_Heading(tr(title)), *found]
    return shown


def mark_words(line: OutboxLine) -> str:
    """The mark in words; a drawing never stands alone."""
    return mark_title(line.mark, line.seconds_left)


def when(line: OutboxLine) -> str:
    """When it was decided, or answered: which of the two is said."""
    words = tr("answered {day}, {time}") if line.settled else tr("decided {day}, {time}")
    return words.format(day=day(line.at), time=clock(line.at))


_SECTIONS: tuple[tuple[str, frozenset[Mark]], ...] = (
    ("Returned to you", frozenset({Mark.RETURNED})),
    ("With your lead", frozenset({Mark.WITH_LEAD})),
    ("Could not be proven", frozenset({Mark.UNPROVEN})),
    ("Decided, can be undone", frozenset({Mark.HELD})),
    ("Saved here, not answered yet", frozenset({Mark.SAVED, Mark.SENDING, Mark.WAITING})),
    ("Answered by the service", ANSWERED - {Mark.UNPROVEN}),
)


class _Delegate(QStyledItemDelegate):
    """The item, what was decided, and why it has its mark; at the end the mark and the time."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Headings are lower than decisions, and those with a reason are higher."""
        line = _line(index)
        if not isinstance(line, OutboxLine):
            return QSize(10, theme.scaled(_HEADING))
        return QSize(10, theme.scaled(_ROW) + (theme.scaled(_WHY) if line.why else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One line."""
        line = _line(index)
        t, direction, rect = theme.tokens(), option.direction, option.rect
        start, end = theme.scaled(_START), theme.scaled(_END)
        if isinstance(line, _Heading):
            box = rect.adjusted(start, theme.scaled(12), -start, 0)
            paint.draw(painter, box, line.title, theme.font("caption", 500), t.text_muted, direction=direction)
        elif line is not None:
            wide = theme.scaled(220)
            end = max(end, rect.width() - theme.scaled(_MEASURE))  # a mark far away is hard to read with its row
            shown = paint.Row(line.summary, icon=_kind_icon(line.kind), detail=line.sentence)
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
            paint.row_ground(painter, rect, direction, selected=chosen, hover=hover)
            upper = QRect(rect.left(), rect.top(), rect.width(), theme.scaled(_ROW))
            paint.row(painter, upper, shown, direction, padding=(start, end + wide))
            box = QRect(rect.right() + 1 - end - wide, rect.top(), wide, upper.height())
            _paint_mark(painter, QStyle.visualRect(direction, rect, box), line, direction)
            if line.why:
                x = start + theme.scaled(t.px["icon"]) + 10  # beneath the words, not beneath the drawing
                below = QRect(rect.left() + x, rect.top() + theme.scaled(_ROW - 8), rect.width() - x - end, 0)
                below.setHeight(theme.scaled(_WHY))
                box, font = QStyle.visualRect(direction, rect, below), theme.font("meta")
                paint.draw(painter, box, line.why, font, t.text_secondary, direction=direction)


def _line(index: _Index) -> OutboxLine | _Heading | None:
    model = index.model()
    found = model.line(index.row()) if isinstance(model, Lines) else None
    return found if isinstance(found, (OutboxLine, _Heading)) else None


def _kind_icon(kind: Kind) -> str:
    return "kind-" + {Kind.COMMENT: "text", Kind.CONVERSATION: "thread"}.get(kind, kind.value)


def _paint_mark(painter: QPainter, box: QRect, line: OutboxLine, direction: Qt.LayoutDirection) -> None:
    t, s = theme.tokens(), theme.scaled
    icon, color = mark_look(line.mark)
    words, font = mark_words(line), theme.font("meta", 500)
    width = theme.width(words, "meta", 500)
    upper = QRect(box.left(), box.top() + s(7), box.width(), s(20))
    paint.draw(painter, upper, words, font, color, direction=direction, at_end=True)
    size = s(16)
    at = QStyle.visualRect(direction, upper, QRect(upper.right() + 1 - width - s(6) - size, upper.top(), size, s(20)))
    if line.mark is Mark.HELD:
        paint.ring(painter, QPointF(at.center()), s(14), line.seconds_left / max(1, line.hold_s))
    else:
        theme.icons.paint(painter, at, icon, color)
    lower = QRect(box.left(), box.top() + s(28), box.width(), s(16))
    paint.draw(painter, lower, when(line), theme.font("meta"), t.text_muted, direction=direction, at_end=True)


class _List(QListView):
    """The decisions; Enter does what the button below does."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class OutboxScreen(QWidget):
    """All decisions of this computer.

    Signals:
        returned_chosen(str): open this returned decision.
        undo_wanted(str): take this held one back.
    """

    returned_chosen = Signal(str)
    undo_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: Lines[OutboxLine | _Heading] = Lines()
        self._lines: tuple[OutboxLine, ...] = ()
        self._list = _List(self)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setMouseTracking(True)
        self._list.setProperty("ring", "inside")
        self._list.setAccessibleName(tr("Decisions of this computer"))
        self._list.viewport().setAutoFillBackground(False)
        self._list.entered.connect(self._act)
        self._list.doubleClicked.connect(lambda _index: self._act())
        self._list.selectionModel().currentChanged.connect(lambda _new, _old: self._offer())
        self._counts = {mark: Lettering("", self, weight=600) for mark in _COLORS}
        self._drawings = {mark: Drawing(mark_look(mark)[0], self) for mark in _COLORS}
        self._nothing = Lettering(tr("Nothing has been decided on this computer yet."), self, role="reading")
        self.act = QPushButton(self)
        self.act.setProperty("keys", "Enter")
        self.act.clicked.connect(self._act)
        self._idle = Lettering("", self, color="text_secondary")
        self._lay_out()
        self.setFocusProxy(self._list)
        self.show_lines(())

    def show_lines(self, lines: Sequence[OutboxLine]) -> None:
        """Show these, sorted into their sections; within a section the order is kept."""
        chosen = self._chosen()
        self._lines = tuple(lines)
        shown = _sorted(lines)
        self._model.reset(shown)
        rows = [n for n, line in enumerate(shown) if isinstance(line, OutboxLine)]
        again = [n for n in rows if chosen and getattr(shown[n], "entry_id", "") == chosen.entry_id]
        at = again[0] if again else rows[0] if rows else -1
        self._list.setCurrentIndex(self._model.index(at) if at >= 0 else QModelIndex())
        self._list.setVisible(bool(rows))
        self._foot.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        self._offer()

    def count_down(self, left: Mapping[str, int]) -> None:
        """The seconds that the held ones have left, each second; one with none left waits like the others."""
        told = tuple(
            replace(line, seconds_left=left[line.entry_id], mark=Mark.HELD if left[line.entry_id] else Mark.SAVED)
            if line.mark is Mark.HELD and line.entry_id in left
            else line
            for line in self._lines
        )
        if told == self._lines:
            return
        if [line.mark for line in told] != [line.mark for line in self._lines]:
            self.show_lines(told)
            return
        self._lines = told
        self._model.retell(_sorted(told))

    def show_counts(self, saved_here: int, accepted: int, returned: int, with_lead: int = 0) -> None:
        """The three figures, and a fourth where a lead has some. They count also what the list no longer shows."""
        for shown_or_not in (self._counts[Mark.WITH_LEAD], self._drawings[Mark.WITH_LEAD]):
            shown_or_not.setVisible(with_lead > 0)
        shown = {
            Mark.WITH_LEAD: (with_lead, tr("{n} with your lead", n=with_lead)),
            Mark.SAVED: (saved_here, trn("{n} saved here", "{n} saved here", saved_here)),
            Mark.ACCEPTED: (accepted, trn("{n} accepted", "{n} accepted", accepted)),
            Mark.RETURNED: (returned, trn("{n} returned", "{n} returned", returned)),
        }
        for mark, (n, words) in shown.items():
            color = _COLORS[mark] if n else "text_muted"  # a nought asks for nothing
            self._counts[mark].tell(words, color=color)
            self._drawings[mark].tell(mark_look(mark)[0], color)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The figures stand over the marks."""
        self._stand()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The content surface."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_content)

    def _chosen(self) -> OutboxLine | None:
        line = self._model.line(self._list.currentIndex().row())
        return line if isinstance(line, OutboxLine) else None

    def _offer(self) -> None:
        line = self._chosen()
        offers = {Mark.HELD: tr("Undo this decision")}
        came_back = tr("Open") if line is not None and line.mark is Mark.WITH_LEAD else tr("Open what came back")
        offer = "" if line is None else came_back if line.open else offers.get(line.mark, "")
        self.act.setEnabled(bool(offer))
        self.act.setText(offer)
        self.act.setVisible(bool(offer))
        unproven = line is not None and line.mark is Mark.UNPROVEN
        self._idle.tell(
            tr("Only your lead can help with this decision.") if unproven else tr("Nothing to do for this one.")
        )
        self._idle.setVisible(line is not None and not offer)

    def _act(self) -> None:
        line = self._chosen()
        if line is not None and line.open:
            self.returned_chosen.emit(line.entry_id)
        elif line is not None and line.mark is Mark.HELD:
            self.undo_wanted.emit(line.entry_id)

    def _lay_out(self) -> None:
        s = theme.scaled
        head = QHBoxLayout()
        head.setSpacing(s(8))
        head.addWidget(Lettering(tr("Outbox"), self, role="reading", weight=600))
        words = tr("what became of your decisions")
        head.addWidget(Lettering(words, self, role="meta", color="text_muted"), 1, Qt.AlignmentFlag.AlignVCenter)
        for mark in _COLORS:
            head.addSpacing(s(12))
            head.addWidget(self._drawings[mark], 0, Qt.AlignmentFlag.AlignVCenter)
            head.addWidget(self._counts[mark], 0, Qt.AlignmentFlag.AlignVCenter)
        self._foot = QWidget(self)
        foot = QHBoxLayout(self._foot)
        foot.addWidget(self.act)
        foot.addWidget(self._idle, 0, Qt.AlignmentFlag.AlignVCenter)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Rule(self))
        column.addWidget(self._list, 1)
        column.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignCenter)
        column.addWidget(Rule(self))
        column.addWidget(self._foot)
        self._rows = (head, 14), (foot, _FOOT)
        theme.signals.changed.connect(self._stand)
        self._stand()

    def _stand(self) -> None:
        """Head and foot begin and end where the list's rows do, which follow the size of the text by themselves."""
        s = theme.scaled
        start, end = s(_START), max(s(_END), self.width() - s(_MEASURE))
        left, right = (end, start) if self.isRightToLeft() else (start, end)
        self._foot.setFixedHeight(self.act.sizeHint().height() + 2 * s(_FOOT))  # also without a button in it
        for row, air in self._rows:
            row.setContentsMargins(left, s(air), right, s(air))
