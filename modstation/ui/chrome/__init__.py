"""What frames the work: the bar at the top and the strip at the bottom."""

from modstation.ui.chrome.status import StatusStrip
from modstation.ui.chrome.topbar import Tab, Tool, TopBar
from modstation.ui.chrome.view import StatusView

__all__ = ["StatusStrip", "StatusView", "Tab", "Tool", "TopBar"]
