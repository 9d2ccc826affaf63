"""Reads what stands in the window of a station."""

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from modstation.app.station import Station
from modstation.core.ids import DecisionId, ItemId
from modstation.session.desk import Desk
from modstation.session.views import Opened, State
from modstation.ui.overlay.overlay import open_overlay
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.window.frame import Frame
from modstation.ui.window.workplace import Workplace


class Reader:
    """Looks, and touches nothing."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.shell = station.shell

    @property
    def frame(self) -> Frame:
        assert self.shell.frame is not None
        return self.shell.frame

    @property
    def place(self) -> Workplace:
        assert self.shell.workplace is not None
        return self.shell.workplace

    @property
    def desk(self) -> Desk:
        assert self.station.running is not None
        return self.station.running.desk

    @property
    def opened(self) -> Opened:
        assert self.desk.current is not None
        return self.desk.current

    @property
    def item_id(self) -> ItemId:
        return self.opened.item.item_id

    @property
    def sentence(self) -> str:
        """The decision being composed, as it can be read in the bar."""
        return self.frame.panes.bar.sentence.accessibleDescription() or self.frame.panes.bar.sentence.accessibleName()

    def entries(self, state: State | None = None) -> list[DecisionId]:
        return [entry.entry_id for entry in self.desk.records.entries(state)]

    def words(self) -> str:
        """Every word of the lettering on the screen."""
        shown = [one for one in self.shell.findChildren(Lettering) if one.isVisible()]
        return "\n".join(one.text() for one in shown)

    def overlay(self) -> QWidget | None:
        return open_overlay(self.frame)

    def looks(self) -> QImage:
        """What the item's pane looks like."""
        return self.frame.panes.item.grab().toImage()
