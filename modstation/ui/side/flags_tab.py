"""The Flags tab: judge each flag. It holds or is wrong; of a wrong one why, and what it should have been, by number."""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QIcon, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QListView, QPushButton, QStyle, QWidget

from modstation.core.decision import Draft, FlagVerdict, WrongBecause
from modstation.core.ids import ClauseId, FlagId
from modstation.core.item import Flag, Item
from modstation.core.policy import Policy
from modstation.ui import paint, theme
from modstation.ui.decide.sentence import letter
from modstation.ui.side.answers import WALKING, PickList, paint_question
from modstation.ui.side.flag_rows import FlagDelegate, FlagRow, FlagRows, because_name, shown_flags
from modstation.ui.side.lists import PAD, PanelList
from modstation.ui.side.rows import ClauseRow
from modstation.ui.text import category_name, tr

_FOOT = 44
_NOTE = 44
_LONGEST_NOTE = 400


class _Step(Enum):
    """What is asked about the flag in hand."""

    NONE = "none"
    BECAUSE = "because"
    CATEGORY = "category"


class _FlagView(PanelList):
    """The flags, one above the other."""

    moved = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.asked = False  # something is asked about the flag in hand: the arrows walk through its answers
        self.setAccessibleName(tr("Flags"))
        self.setResizeMode(QListView.ResizeMode.Adjust)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]  # the stubs are wider than Qt
        """Another flag is in hand."""
        super().currentChanged(current, previous)
        self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down; everything else is for the tab or the window."""
        if event.key() in WALKING and not self.asked:
            super().keyPressEvent(event)
        else:
            event.ignore()


class FlagsTab(QWidget):
    """Each flag with its source, score and explanation; the one in hand is judged.

    Signals:
        judged: a `FlagVerdict`; the same one told twice takes it back (`core.decision.with_flag_verdict`).
        left: Esc where nothing more is open.
        asked: whether something is asked here now (`asks`) has changed.
    """

    judged = Signal(FlagVerdict)
    left = Signal()
    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: Item | None = None
        self._draft = Draft()
        self._begins = True  # the rows are still those of another item
        self._categories: tuple[str, ...] = ()
        self._policy: Policy | None = None
        self._step = _Step.NONE
        self._asked = False  # what `asked` told last
        self._wrong: dict[FlagId, FlagVerdict] = {}  # what was said of wrong flags, for when that was taken back
        self._short = False
        self._rows = FlagRows()
        self.list = _FlagView(self)
        self.list.setModel(self._rows)
        self.list.setItemDelegate(FlagDelegate(self.list))
        self.holds = _judge_button(self, tr("Holds"), "check", "first")
        self.wrong = _judge_button(self, tr("Wrong"), "close", "last")
        self.picks = PickList(self)
        self.note = QLineEdit(self)
        self.note.setMaxLength(_LONGEST_NOTE)
        self.note.setPlaceholderText(tr("A word about this flag"))
        self.note.setAccessibleName(tr("Note about this flag"))
        self.list.moved.connect(self._moved)
        self.holds.clicked.connect(self._judge_holds)
        self.wrong.clicked.connect(self._judge_wrong)
        self.picks.chosen.connect(self._picked)
        self.picks.left.connect(self._leave)
        self.note.editingFinished.connect(self._note_written)
        self._show_state()
        theme.signals.changed.connect(self._renew)

    @property
    def asks(self) -> bool:
        """Whether a list of answers is open: digits pick from it then, and mean no clause."""
        return self._step is not _Step.NONE and self.isVisible()

    def show_item(self, item: Item | None, policy: Policy | None, draft: Draft) -> None:
        """Show the flags of another item, at once when the tab is open, else when it is opened."""
        if item is None or self._item is None or item.item_id != self._item.item_id:
            self._begins = True
        self._item, self._draft = item, draft
        self._step = _Step.NONE
        if policy is not self._policy:
            self._policy = policy
            named = (category for clause in (policy.clauses if policy else ()) for category in clause.categories)
            self._categories = tuple(dict.fromkeys(named))
        if self.isVisible():
            self._fill()

    def show_draft(self, draft: Draft) -> None:
        """Show what the draft says of the flags."""
        self._draft = draft
        if self.isVisible():
            self._fill()

    def judge(self, *, holds: bool) -> None:
        """Say whether the flag in hand holds; the same once more takes it back."""
        if holds:
            self._judge_holds()
        else:
            self._judge_wrong()

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show other key caps: command id -> text as on a key cap."""
        for button, command in ((self.holds, "decide.flag_holds"), (self.wrong, "decide.flag_wrong")):
            cap = keys.get(command, "")
            theme.set_keys(button, cap)
            button.setAccessibleDescription(tr("Key: {keys}", keys=cap) if cap else "")
        self._choose_length()
        self._arrange()

    def take_digit(self, digit: int) -> bool:
        """Pick by number, if an answer has it; False when no list is open here, so that the digit means a clause."""
        if not self.asks:
            return False
        rows = self.picks.rows.rows
        if 1 <= digit <= len(rows):
            self._picked(rows[digit - 1].clause_id)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, and while a list of answers is open its digits, arrows and Enter."""
        typed = event.text()
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif self._walks() and event.key() in (*WALKING, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picks.keyPressEvent(event)
        elif not (typed.isdecimal() and self.take_digit(int(typed))):
            event.ignore()

    def _walks(self) -> bool:
        """Whether arrows and Enter are for the answers; in the note they end what is written."""
        return self._step is not _Step.NONE and not self.note.hasFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the item on the desk."""
        self._fill()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight nothing is asked."""
        super().hideEvent(event)
        self._tell_asked()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the panel."""
        self._choose_length()
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, and the question."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), t.bg_panel)
        if not self._rows.rowCount():
            painter.setFont(theme.font("ui"))
            painter.setPen(t.text_secondary)
            box = self.rect().adjusted(PAD, theme.scaled(20), -PAD, 0)
            words = tr("Nobody and nothing flagged this item.") if self._item else tr("No item is open.")
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeading | Qt.TextFlag.TextWordWrap), words)
            return
        top = self.list.geometry().bottom() + 1
        paint.hairline(painter, 0, top, self.width() - 1, top)
        buttons = self.holds.geometry().united(self.wrong.geometry())
        room = QRect(PAD, buttons.top(), self.width() - 2 * PAD - buttons.width() - 8, buttons.height())
        box = QStyle.visualRect(self.layoutDirection(), self.rect(), room)
        words, direction = self._question(), self.layoutDirection()
        if room.width() >= theme.width(words, "ui", 500):  # else the row in hand alone says which flag it is
            paint.draw(painter, box, words, theme.font("ui", 500), t.text_primary, direction=direction)
        if self._step is not _Step.NONE:
            words = tr("Why was it wrong?") if self._step is _Step.BECAUSE else tr("What should it have been?")
            box = QRect(PAD, buttons.bottom() + 4, self.width() - 2 * PAD, theme.scaled(20))
            paint_question(painter, box, words, self.layoutDirection())

    def _flag(self) -> Flag | None:
        at = self.list.currentIndex().row()
        return self._rows.rows[at].flag if 0 <= at < self._rows.rowCount() else None

    def _verdict(self) -> FlagVerdict | None:
        flag = self._flag()
        return next((v for v in self._draft.flag_verdicts if flag and v.flag_id == flag.flag_id), None)

    def _fill(self) -> None:
        flags = shown_flags(self._item) if self._item else ()
        said = {verdict.flag_id: verdict for verdict in self._draft.flag_verdicts}
        wrong = {flag_id: verdict for flag_id, verdict in said.items() if not verdict.holds}
        self._wrong = wrong if self._begins else self._wrong | wrong
        in_hand, self._begins = None if self._begins else self._flag(), False
        self._rows.set_rows([FlagRow(letter(n), flag, said.get(flag.flag_id)) for n, flag in enumerate(flags)])
        at = next((n for n, flag in enumerate(flags) if in_hand and flag.flag_id == in_hand.flag_id), 0)
        if flags and self.list.currentIndex().row() != at:
            self.list.setCurrentIndex(self._rows.index(at))
        self._show_state()

    def show_flag(self, flag_id: FlagId) -> None:
        """Take this flag in hand."""
        flags = self._item.flags if self._item else ()
        at = next((n for n, flag in enumerate(flags) if flag.flag_id == flag_id), -1)
        if at >= 0:
            self.list.setCurrentIndex(self._rows.index(at))

    def _moved(self) -> None:
        self._step = _Step.NONE
        self._show_state()

    def _judge_holds(self) -> None:
        flag = self._flag()
        if flag is not None:
            self._step = _Step.NONE
            self.judged.emit(FlagVerdict(flag.flag_id, holds=True))
            self._show_state()

    def _judge_wrong(self) -> None:
        flag, verdict = self._flag(), self._verdict()
        if flag is None:
            return
        if verdict is not None and not verdict.holds:
            self._step = _Step.NONE
            self.judged.emit(verdict)
        else:
            self._step = _Step.BECAUSE
            self.picks.begin()
            self.judged.emit(self._wrong.get(flag.flag_id) or FlagVerdict(flag.flag_id, holds=False))
        self._show_state()

    def _picked(self, value: str) -> None:
        flag, verdict = self._flag(), self._verdict()
        if flag is None or self._step is _Step.NONE:
            return
        verdict = verdict or FlagVerdict(flag.flag_id, holds=False)
        self.picks.begin()
        if self._step is _Step.BECAUSE:
            new, self._step = replace(verdict, because=WrongBecause(value)), _Step.CATEGORY
        else:
            new, self._step = replace(verdict, category="" if value == "none" else value), _Step.NONE
        if new != verdict:
            self.judged.emit(new)
        self._show_state()

    def _note_written(self) -> None:
        verdict = self._verdict()
        note = self.note.text().strip()
        if verdict is not None and not verdict.holds and note != verdict.note:
            self.judged.emit(replace(verdict, note=note))

    def _leave(self) -> None:
        if self._step is not _Step.NONE:
            self._step = _Step.NONE
            self._show_state()
        else:
            self.left.emit()

    def _question(self) -> str:
        at = self.list.currentIndex().row()
        return tr("Flag {letter}:", letter=letter(max(0, at)))

    def _show_state(self) -> None:
        verdict = self._verdict()
        self.holds.setChecked(verdict is not None and verdict.holds)
        self.wrong.setChecked(verdict is not None and not verdict.holds)
        some = self._rows.rowCount() > 0
        for button in (self.holds, self.wrong):
            button.setVisible(some)
        writing = verdict is not None and not verdict.holds
        self.note.setVisible(writing)
        if not self.note.hasFocus():
            self.note.setText(verdict.note if verdict is not None else "")
        self.picks.setVisible(self._step is not _Step.NONE)
        self.list.asked = self._step is not _Step.NONE
        if self._step is not _Step.NONE:
            self.picks.setAccessibleName(
                tr("Why was it wrong?") if self._step is _Step.BECAUSE else tr("What should it have been?")
            )
            self.picks.rows.set_rows(self._options(verdict))
        self._tell_asked()
        self._arrange()
        self.update()

    def _tell_asked(self) -> None:
        if self.asks != self._asked:
            self._asked = self.asks
            self.asked.emit()

    def _options(self, verdict: FlagVerdict | None) -> list[ClauseRow]:
        """What can be picked now, the first nine by number."""
        flag = self._flag()
        if self._step is _Step.BECAUSE:
            offered = [(str(because), because_name(because)) for because in WrongBecause]
            now = str(verdict.because) if verdict and verdict.because else ""
        else:
            offered = [("none", tr("Nothing at all"))]
            offered += [(c, category_name(c)) for c in self._categories if flag is None or c != flag.category]
            now = verdict.category if verdict else ""
        return [
            ClauseRow(ClauseId(value), "", words, str(n) if n <= 9 else "", chosen=value == now)
            for n, (value, words) in enumerate(offered, 1)
        ]

    def _renew(self) -> None:
        self._show_drawings()
        self._choose_length()
        self._arrange()
        self.update()

    def _show_drawings(self) -> None:
        for button, icon in ((self.holds, "check"), (self.wrong, "close")):
            button.setIcon(QIcon() if self._short else theme.icons.icon(icon))

    def _choose_length(self) -> None:
        """Leave the drawings out where the two answers would not stand side by side with them."""
        for short in (False, True):
            if short != self._short:
                self._short = short
                self._show_drawings()
            if self.holds.sizeHint().width() + self.wrong.sizeHint().width() <= self.width() - 2 * PAD:
                return

    def _arrange(self) -> None:
        """Flags above, the question and what it needs at the foot."""
        width, height = self.width(), self.height()
        scale = theme.scaled
        foot = scale(_FOOT) + (scale(_NOTE) if not self.note.isHidden() else 0)
        picks = 0
        if self._step is not _Step.NONE:
            self.picks.resize(width, max(1, self.picks.height()))  # how high its rows are depends on how wide it is
            room = height - foot - scale(24)
            picks = self.picks.height_in(room - min(self._flags_height(), room // 2))  # half of it is for the flags
            foot += picks + scale(24)
        top = max(0, height - foot)
        self.list.setGeometry(0, 0, width, top if self._rows.rowCount() else 0)
        control = scale(theme.tokens().px["control_small"])
        x = width - PAD
        for button in (self.wrong, self.holds):
            wide = button.sizeHint().width()
            x -= wide
            button.setGeometry(self._at(x, top + 9, wide, control))
        y = top + scale(_FOOT)
        if self._step is not _Step.NONE:
            self.picks.setGeometry(0, y + scale(18), width, picks)
            y += picks + scale(24)
        self.note.setGeometry(self._at(PAD, y, width - 2 * PAD, scale(theme.tokens().px["field"])))

    def _flags_height(self) -> int:
        return sum(self.list.sizeHintForRow(n) for n in range(self._rows.rowCount()))

    def _at(self, x: int, y: int, width: int, height: int) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(x, y, width, height))


class _Judge(QPushButton):
    """A segment that is on because the draft says so."""

    def nextCheckState(self) -> None:
        """Wait for the draft."""


def _judge_button(parent: QWidget, text: str, icon: str, place: str) -> QPushButton:
    made = _Judge(text, parent)
    made.setIcon(theme.icons.icon(icon))
    made.setCheckable(True)
    made.setAutoDefault(True)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    for name, value in (("kind", "segment"), ("place", place)):
        made.setProperty(name, value)
    return made
