"""Something stands in the way: what is true now, what is safe, and one next step."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from modstation.core.problem import Problem
from modstation.ui import theme
from modstation.ui.pieces.cards import Rule
from modstation.ui.pieces.facts import Drawing, Fact, Facts
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.text import tr


class ProblemScreen(QWidget):
    """A `Problem`, told calmly.

    Signals:
        step_wanted: the one next step.
        other_wanted: the quieter alternative, when there is one.
    """

    step_wanted = Signal()
    other_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Lettering("", self, role="title", weight=600)
        self._advice = Lettering("", self, role="reading", color="text_secondary")
        self._safe = Facts(self)
        self._code = Lettering("", self, role="caption", color="text_muted")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.step = QPushButton(self)
        self.step.setProperty("kind", "primary")
        self.step.setProperty("large", True)
        self.step.setProperty("keys", "Enter")
        self.step.clicked.connect(self.step_wanted)
        self.other = QPushButton(self)
        self.other.setProperty("kind", "quiet")
        self.other.setProperty("large", True)
        self.other.clicked.connect(self.other_wanted)
        for button in (self.step, self.other):
            button.setAutoDefault(True)  # Enter presses it
        self._rule = Rule(self)
        self._lay_out()
        self.step.hide()
        self.other.hide()
        self.setFocusProxy(self.step)

    def show_problem(self, problem: Problem, safe: Sequence[str], step: str, other: str = "") -> None:
        """Show what is true now.

        Args:
            problem: its title, advice and code are shown.
            safe: sentences about what is not lost; may be empty.
            step: the title of the one next step; empty when there is none.
            other: the title of a quieter alternative; may be empty.
        """
        self._title.tell(problem.title)
        self._advice.tell(problem.advice)
        self._advice.setVisible(bool(problem.advice))
        self._safe.tell([Fact("check", words) for words in safe])
        self._rule.setVisible(bool(safe))
        place = tr("{code}, {place}", code=problem.code, place=problem.place) if problem.place else problem.code
        self._code.tell(tr("For whoever helps you: {what}", what=place))
        self.step.setText(step)
        self.step.setVisible(bool(step))
        self.other.setText(other)
        self.other.setVisible(bool(other))
        self.setAccessibleName(problem.title)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The quiet ground."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_window)

    def _lay_out(self) -> None:
        s = theme.scaled
        body = QWidget(self)
        body.setFixedWidth(s(520))
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Drawing("no-evidence", body, size=26, disc=56), 0, Qt.AlignmentFlag.AlignLeading)
        column.addSpacing(s(20))
        column.addWidget(self._title)
        column.addSpacing(s(6))
        column.addWidget(self._advice)
        column.addSpacing(s(24))
        buttons = QHBoxLayout()
        buttons.setSpacing(s(12))
        buttons.addWidget(self.step)
        buttons.addWidget(self.other)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addSpacing(s(28))
        column.addWidget(self._rule)
        column.addSpacing(s(20))
        column.addWidget(self._safe)
        column.addSpacing(s(20))
        column.addWidget(self._code)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(body)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(1)
