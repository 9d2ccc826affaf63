"""The side panel: the rules, the context and the flags of the item in the middle."""

from modstation.ui.side.panel import SidePanel

__all__ = ["SidePanel"]
