"""The list above the queue."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from modstation.ui.rail.lists import RowList
from modstation.ui.rail.standing import StandingModel
from modstation.ui.text import tr


class StandingList(RowList):
    """Returned and held decisions; as high as its lines."""

    def __init__(self, model: StandingModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = model
        self.setModel(model)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Returned and undoable decisions"))

    def wanted_height(self) -> int:
        """The height of all its lines."""
        model, option = self._lines, QStyleOptionViewItem()
        return sum(self.rows.sizeHint(option, model.index(row, 0)).height() for row in range(model.rowCount()))
