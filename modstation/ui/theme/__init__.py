"""The look: tokens, fonts, drawings, the style, and putting a theme in force. Painters say `theme.tokens().accent`."""

from modstation.ui.theme import icons
from modstation.ui.theme.active import signals, tokens, zoom
from modstation.ui.theme.apply import apply, palette, set_zoom
from modstation.ui.theme.buttons import set_keys
from modstation.ui.theme.fonts import font, line, metrics, mono, scaled, width
from modstation.ui.theme.tokens import Choice, ThemeName, Tokens

__all__ = [
    "Choice",
    "ThemeName",
    "Tokens",
    "apply",
    "font",
    "icons",
    "line",
    "metrics",
    "mono",
    "palette",
    "scaled",
    "set_keys",
    "set_zoom",
    "signals",
    "tokens",
    "width",
    "zoom",
]
