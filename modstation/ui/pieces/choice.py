"""One of a few: segments side by side, moved between with the arrow keys."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from modstation.ui import theme


class Choice(QWidget):
    """Segments of which one is chosen.

    Signals:
        chosen(str): the value a person chose; not sent when `choose` was called.
    """

    chosen = Signal(str)

    def __init__(self, name: str, options: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`name` is read aloud before the segments; `options` are (value, title)."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._segments: dict[str, QPushButton] = {}
        for n, (value, title) in enumerate(options):
            segment = QPushButton(title, self)
            segment.setCheckable(True)
            segment.setProperty("kind", "segment")
            segment.setProperty("place", "first" if n == 0 else "last" if n == len(options) - 1 else "middle")
            segment.setAccessibleName(title)
            segment.setAccessibleDescription(name)
            segment.clicked.connect(self._clicked)
            self._group.addButton(segment)
            self._segments[value] = segment
            row.addWidget(segment)
        theme.signals.changed.connect(self._restyle)

    def choose(self, value: str) -> None:
        """Show `value` as chosen; nothing is chosen when there is no such segment."""
        self._group.setExclusive(False)
        for name, segment in self._segments.items():
            segment.setChecked(name == value)
        self._group.setExclusive(True)

    def value(self) -> str:
        """The chosen value; empty when none is."""
        return next((value for value, segment in self._segments.items() if segment.isChecked()), "")

    def step(self, by: int) -> None:
        """Choose the value `by` places on, round and round, as a person would."""
        values = list(self._segments)
        at = values.index(self.value()) + by if self.value() else 0
        self._segments[values[at % len(values)]].click()

    def focus(self) -> None:
        """Give the focus to the chosen segment, or to the first."""
        wanted = self._segments.get(self.value()) or next(iter(self._segments.values()))
        wanted.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clicked(self) -> None:
        self.chosen.emit(self.value())

    def _restyle(self) -> None:
        for segment in self._segments.values():
            segment.updateGeometry()
            segment.update()
