"""Which theme is in force, and how large the text is: the one piece of module state in the product.

Painters ask `tokens()` at every paint; whoever keeps rendered things listens to `signals.changed` and drops them.
"""

from PySide6.QtCore import QObject, Signal

from modstation.ui.theme.tokens import ThemeName, Tokens, load


class Signals(QObject):
    """Says that colours or sizes changed, after they did."""

    changed = Signal()


class _State:
    """What is in force."""

    __slots__ = ("tokens", "zoom")

    def __init__(self) -> None:
        self.tokens: Tokens | None = None
        self.zoom = 1.0


_state = _State()
signals = Signals()


def tokens() -> Tokens:
    """The theme in force; light before `theme.apply` was called."""
    if _state.tokens is None:
        _state.tokens = load("light")
    return _state.tokens


def use(name: ThemeName) -> None:
    """Put the theme `name` in force, without telling anybody; `theme.apply` does the rest."""
    _state.tokens = load(name)


def zoom() -> float:
    """How much larger than usual the whole ui is; 1.0 is 100 %."""
    return _state.zoom


def use_zoom(factor: float) -> None:
    """Set the zoom, without telling anybody; `theme.set_zoom` does the rest."""
    _state.zoom = min(3.0, max(0.75, factor))
