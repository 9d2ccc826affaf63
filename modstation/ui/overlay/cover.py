"""The cover: everything hidden at once, without a word about what lies beneath."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.overlay.overlay import Overlay
from modstation.ui.pieces.facts import Drawing, Fact, Facts
from modstation.ui.pieces.keys import is_modifier, key_text
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.text import tr

_MIDDLE = Qt.AlignmentFlag.AlignHCenter


class Cover(Overlay):
    """Hides the whole window. Any key lifts it, except those that compose or decide; so does the button.

    Signals:
        lifted: the person lifted it (`closed` is sent too).
    """

    lifted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Covered"))
        self.sheet.bare = True
        self._wary: frozenset[str] = frozenset()
        self._disc = Drawing("cover", self.sheet, size=32, disc=72)
        self._title = Lettering(tr("Covered"), self.sheet, role="title", weight=600, zoom=28 / 22, align=_MIDDLE)
        words = tr("Everything is hidden. Your draft is kept.\nAny key lifts the cover, except those that decide.")
        self._words = Lettering(words, self.sheet, role="reading", color="text_secondary", align=_MIDDLE)
        self._facts = Facts(self.sheet)
        self._facts.hide()
        self._lift = QPushButton(tr("Lift the cover"), self.sheet)
        self._lift.setProperty("large", True)
        self._lift.clicked.connect(self._lifted)
        column = QVBoxLayout(self.sheet)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._disc, 0, _MIDDLE)
        column.addSpacing(20)
        column.addWidget(self._title)
        column.addSpacing(4)
        column.addWidget(self._words)
        column.addSpacing(28)
        column.addWidget(self._lift, 0, _MIDDLE)
        column.addSpacing(40)
        column.addWidget(self._facts, 0, _MIDDLE)
        column.addStretch(1)

    def set_wary_keys(self, keys: frozenset[str]) -> None:
        """The keys that never lift the cover: `session.commands.decision_keys`."""
        self._wary = keys

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """What goes on meanwhile: how many decisions wait, how long the leases last. Never what they are about."""
        self._facts.tell(facts)

    def first_focus(self) -> QWidget:
        """The overlay itself: a key must not press the button by accident."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ring", "none")
        return self

    def place(self) -> None:
        """The whole window."""
        self.sheet.setGeometry(self.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Lift, unless it is a key that decides, a held modifier, or a key still down from before."""
        event.accept()
        if is_modifier(event) or event.isAutoRepeat() or key_text(event) in self._wary:
            return
        self._lifted()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the button does nothing: the cover is not lifted by leaning on the mouse."""
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Opaque."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_window)

    def _lifted(self) -> None:
        self.leave()
        self.lifted.emit()
