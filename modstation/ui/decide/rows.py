"""The controls of the decision bar in rows: how short they are said, which stands in which row, and where."""

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from modstation.ui import theme
from modstation.ui.decide.controls import BarButton, VerdictSegments
from modstation.ui.decide.note import NoteField
from modstation.ui.decide.undo import UndoPill

GAP = 8
_NOTE = 200  # a note field narrower than this takes the room of the undo pill while nothing is held


class ControlRows:
    """Verdicts, the quiet buttons, the note and the undo pill, in one row unless there is no room for it.

    The room of the pill is taken when a decision is held. Beside the note it is given back to the note as soon as the
    pill is gone; beneath the button with the next item only, so that nothing moves while somebody composes.

    Attributes:
        pill_beneath: whether the undo pill has no place here, and stands beneath the button that decides.
        pill_kept: whether there is to be room for the pill.
    """

    def __init__(self, verdicts: VerdictSegments, quiet: list[BarButton], note: NoteField, undo: UndoPill) -> None:
        self._verdicts, self._quiet, self._note, self._undo = verdicts, quiet, note, undo
        self._short = self._resting = False
        self.pill_beneath = False
        self.pill_kept = False

    def rest(self, *, on: bool) -> None:
        """Whether the keys of the controls do nothing now: what is typed goes elsewhere."""
        if on != self._resting:
            self._resting = on
            for button in (*self._verdicts.findChildren(QAbstractButton), *self._quiet, self._note, self._undo):
                button.setProperty("rests", on)
                button.update()

    def choose(self, room: int) -> None:
        """Say the controls as short as a row `room` wide makes them: first their words go, then the pill."""
        for short, beneath in ((False, False), (True, False), (True, True)):
            self._say(short=short, beneath=beneath)
            if len(self.within(room)) == 1:
                return

    def _say(self, *, short: bool, beneath: bool) -> None:
        if beneath != self.pill_beneath:
            self.pill_beneath = beneath
            self._note.set_short(beneath)
        if short != self._short:
            self._short = short
            self._verdicts.set_short(short)
            self._undo.set_short(short)
            for button in self._quiet:
                button.set_short(short)

    def within(self, room: int) -> list[list[QWidget]]:
        """The controls in rows no wider than `room`."""
        verdicts: list[QWidget] = [self._verdicts]
        quiet: list[QWidget] = list(self._quiet)
        rest: list[QWidget] = [self._note]
        if not self.pill_beneath:
            rest.append(self._undo)
        for rows in ([verdicts + quiet + rest], [verdicts + quiet, rest], [verdicts, quiet + rest]):
            if all(_wide(row) <= room for row in rows):
                return rows
        return [verdicts, quiet, rest]

    def height(self, room: int) -> int:
        """What they need when they are `room` wide, in px."""
        rows = len(self.within(room))
        return theme.scaled(theme.tokens().px["control"]) * rows + GAP * (rows - 1)

    def place(self, at: Callable[[int, int, int, int], QRect], x: int, y: int, room: int) -> None:
        """Move them to their places: `at` turns x, y, width and height into a rectangle of the bar."""
        height = theme.scaled(theme.tokens().px["control"])
        self._undo.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not self.pill_kept)
        for row in self.within(room):
            self._place_row(row, at, x, y, room)
            y += height + GAP
        self._verdicts.arrange()

    def _place_row(
        self, row: list[QWidget], at: Callable[[int, int, int, int], QRect], x: int, y: int, room: int
    ) -> None:
        height, end = theme.scaled(theme.tokens().px["control"]), x + room
        fixed = sum(control.sizeHint().width() for control in row if control is not self._note)
        spare = max(0, room - fixed - GAP * (len(row) - 1))
        pill = self._undo.sizeHint().width()
        if self._undo in row and not self.pill_kept and (self._short or spare < theme.scaled(_NOTE)):
            spare += pill + GAP
        for control in row:
            wide = spare if control is self._note else control.sizeHint().width()
            left = end - pill if control is self._undo else x  # over the note's end, where it shows nothing
            control.setGeometry(at(left, y, wide, height))
            x += wide + GAP


def _wide(row: list[QWidget]) -> int:
    return sum(control.sizeHint().width() for control in row) + GAP * (len(row) - 1)
