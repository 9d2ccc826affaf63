"""The queue rail at the start of the window."""

from modstation.ui.rail.entry import RailEntry, icon_of
from modstation.ui.rail.model import Cards, RailModel
from modstation.ui.rail.rail import Rail

__all__ = ["Cards", "Rail", "RailEntry", "RailModel", "icon_of"]
