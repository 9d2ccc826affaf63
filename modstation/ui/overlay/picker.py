"""The two lists a decision needs: what to do about the item, and which team gets it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from modstation.core.decision import ChosenAction, Escalation, Urgency
from modstation.core.ids import TeamName
from modstation.core.item import Action, Parameter, Permanence
from modstation.ui import theme
from modstation.ui.overlay.overlay import PAD, Overlay
from modstation.ui.pieces.choice import Choice
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.pieces.numbered import PickRow, TickRow
from modstation.ui.text import team_name, tr

_INDENT = 74


class _Picker(Overlay):
    """A sheet with a title, rows with digits, and one button that takes what was picked."""

    def __init__(self, parent: QWidget, name: str, done: str) -> None:
        super().__init__(parent, name)
        self._title = Lettering(name, self.sheet, role="sentence", weight=600)
        self._hint = Lettering("", self.sheet, role="meta", color="text_muted")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._below = QVBoxLayout()
        self._below.setSpacing(theme.scaled(8))
        self._done = QPushButton(done, self.sheet)
        self._done.setProperty("kind", "primary")
        self._done.setProperty("keys", "Enter")
        self._done.clicked.connect(self._take)
        self._leave = QPushButton(tr("Cancel"), self.sheet)
        self._leave.setProperty("kind", "quiet")
        self._leave.setProperty("keys", "Esc")
        self._leave.clicked.connect(self.leave)
        self._head = QVBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self._hint)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self._leave)
        self._why = Lettering("", self.sheet, role="meta", color="text_muted", align=Qt.AlignmentFlag.AlignRight)
        self._foot.addWidget(self._why, 1, Qt.AlignmentFlag.AlignVCenter)
        self._foot.addSpacing(theme.scaled(8))
        self._foot.addWidget(self._done)
        column = QVBoxLayout(self.sheet)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addLayout(self._rows)
        column.addLayout(self._below)
        column.addStretch(1)
        column.addLayout(self._foot)
        self._restyle()

    def _restyle(self) -> None:
        """Everything begins where the rows do, which follow the size of the text by themselves."""
        s, pad = theme.scaled, theme.scaled(PAD)
        self._head.setContentsMargins(pad, pad, pad, s(12))
        self._below.setContentsMargins(pad, s(16) if self._below.count() else 0, pad, 0)
        self._foot.setContentsMargins(pad - s(8), s(16), pad, pad)  # a quiet button has 8 of its own
        super()._restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits press their row, Enter takes what was picked."""
        digit = event.key() - Qt.Key.Key_0
        if 1 <= digit <= 9 and not event.isAutoRepeat():
            self._digit(digit)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self._done.isEnabled():
                self._take()
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)
        event.accept()

    def _stops(self) -> list[QWidget]:
        """In the order of reading: rows are made anew each time, and would come last else."""
        across = -1 if self.isRightToLeft() else 1

        def place(stop: QWidget) -> tuple[int, int]:
            middle = stop.mapTo(self, stop.rect().center())
            return middle.y(), across * middle.x()

        return sorted(super()._stops(), key=place)

    def _digit(self, digit: int) -> None:
        raise NotImplementedError

    def _take(self) -> None:
        raise NotImplementedError


class ActionPicker(_Picker):
    """What to do about the item: several may be chosen, each with the values it asks for.

    Signals:
        chosen(object): the `tuple[ChosenAction, ...]`, in the order in which they were ticked. Closing without "Use
            these" changes nothing.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("What to do about this item"), tr("Use these"))
        self._hint.tell(tr("Digits tick and untick. Arrow keys move; on a choice, left and right change it."))
        self._actions: tuple[Action, ...] = ()
        self._ticks: list[TickRow] = []
        self._values: dict[tuple[str, str], Choice] = {}
        self._order: list[str] = []
        self._made: list[QWidget] = []

    def open_for(self, actions: Sequence[Action], chosen: Sequence[ChosenAction]) -> None:
        """Open with the actions that came with the item, and those the draft already has."""
        for old in self._made:
            old.hide()
            old.deleteLater()
        self._made, self._ticks, self._values = [], [], {}
        self._actions = tuple(actions)
        self._order = [str(action.action_id) for action in chosen]
        given = {(str(a.action_id), name): value for a in chosen for name, value in a.values}
        for n, action in enumerate(self._actions, 1):
            self._add(n, action, given)
        self.open()

    def first_focus(self) -> QWidget:
        """The first row."""
        return self._ticks[0] if self._ticks else self._done

    def _add(self, number: int, action: Action, given: dict[tuple[str, str], str]) -> None:
        detail = action.consequence
        if action.permanence is Permanence.IRREVERSIBLE:
            detail = tr("Can't be taken back. {consequence}", consequence=action.consequence).strip()
        row = TickRow(number if number <= 9 else 0, action.title, detail, self.sheet)
        action_id = str(action.action_id)
        row.setChecked(action_id in self._order)
        row.toggled.connect(lambda on, a=action_id: self._ticked(a, on=on))
        self._rows.addWidget(row)
        self._ticks.append(row)
        self._made.append(row)
        for parameter in action.parameters:
            self._add_parameter(action_id, row, parameter, given)

    def _add_parameter(
        self, action_id: str, row: TickRow, parameter: Parameter, given: dict[tuple[str, str], str]
    ) -> None:
        holder = QWidget(self.sheet)
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = QHBoxLayout(holder)
        line.setContentsMargins(theme.scaled(_INDENT + 12), 4, theme.scaled(PAD), theme.scaled(10))
        line.setSpacing(theme.scaled(12))
        words = Lettering(parameter.title, holder, role="meta", color="text_secondary")
        line.addWidget(words, 0, Qt.AlignmentFlag.AlignVCenter)
        choice = Choice(parameter.title, [(option, option) for option in parameter.options], holder)
        choice.choose(given.get((action_id, parameter.name), parameter.options[0]))
        line.addWidget(choice)
        line.addStretch(1)
        holder.setVisible(row.isChecked())
        row.toggled.connect(holder.setVisible)
        row.toggled.connect(lambda _on: self.place())
        self._rows.addWidget(holder)
        self._values[action_id, parameter.name] = choice
        self._made.append(holder)

    def _ticked(self, action_id: str, *, on: bool) -> None:
        if on:
            self._order.append(action_id)
        else:
            self._order.remove(action_id)

    def _digit(self, digit: int) -> None:
        if digit <= len(self._ticks):
            self._ticks[digit - 1].setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._ticks[digit - 1].toggle()

    def _take(self) -> None:
        offered = {str(action.action_id): action for action in self._actions}
        made = tuple(
            ChosenAction(
                offered[a].action_id,
                tuple((p.name, self._values[a, p.name].value()) for p in offered[a].parameters),
            )
            for a in self._order
            if a in offered
        )
        self.leave()
        self.chosen.emit(made)


class EscalatePicker(_Picker):
    """Which team, how soon, and why.

    Signals:
        chosen(object): the `Escalation`.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Hand this item to a team"), tr("Use this team"))
        self._hint.tell(tr("It becomes your decision with “Decide and next”; until then nothing is sent."))
        self._picks: list[PickRow] = []
        self._teams: tuple[TeamName, ...] = ()
        self._urgency = Choice(
            tr("How soon"),
            (
                (Urgency.NORMAL.value, tr("No hurry")),
                (Urgency.URGENT.value, tr("Urgent")),
                (Urgency.LIFE_AT_RISK.value, tr("A life may be at risk")),
            ),
            self.sheet,
        )
        self._reason = QLineEdit(self.sheet)
        self._reason.setMaxLength(2000)
        self._reason.setPlaceholderText(tr("What the team should know; may stay empty"))
        self._reason.setAccessibleName(tr("Reason"))
        self._below.addWidget(Lettering(tr("How soon"), self.sheet, weight=500))
        self._below.addWidget(self._urgency)
        self._below.addSpacing(theme.scaled(8))
        self._below.addWidget(Lettering(tr("Reason"), self.sheet, weight=500))
        self._below.addWidget(self._reason)
        self._restyle()

    def open_for(self, teams: Sequence[TeamName], escalation: Escalation | None) -> None:
        """Open with the teams that came with the item, and what the draft already says."""
        for old in self._picks:
            old.hide()
            old.deleteLater()
        self._teams = tuple(teams)
        self._picks = []
        for n, team in enumerate(self._teams, 1):
            row = PickRow(n if n <= 9 else 0, team_name(team), "", self.sheet)
            row.setChecked(escalation is not None and escalation.team == team)
            row.toggled.connect(lambda _on: self._weigh())
            self._rows.addWidget(row)
            self._picks.append(row)
        self._urgency.choose((escalation.urgency if escalation else Urgency.NORMAL).value)
        self._reason.setText(escalation.reason if escalation else "")
        self._weigh()
        self.open()

    def first_focus(self) -> QWidget:
        """The chosen team, or the first."""
        return next((row for row in self._picks if row.isChecked()), self._picks[0] if self._picks else self._leave)

    def _weigh(self) -> None:
        picked = any(row.isChecked() for row in self._picks)
        self._done.setEnabled(picked)
        self._why.tell("" if picked else tr("No team chosen yet"))

    def _digit(self, digit: int) -> None:
        if digit <= len(self._picks):
            self._picks[digit - 1].setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._picks[digit - 1].setChecked(True)

    def _take(self) -> None:
        picked = next((team for team, row in zip(self._teams, self._picks, strict=True) if row.isChecked()), None)
        if picked is None:
            return
        made = Escalation(picked, Urgency(self._urgency.value()), self._reason.text().strip())
        self.leave()
        self.chosen.emit(made)
