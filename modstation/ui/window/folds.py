"""What the person folded or opened by hand.

Kept for each class of width: what is wanted in a wide window need not be in a narrow one, and nobody wants to choose
again each time the window or the text changes its size.
"""

from enum import IntEnum


class Room(IntEnum):
    """How much room the window has, with its text as large as it is."""

    NARROWEST = 0
    NARROW = 1
    WIDE = 2


class Folds:
    """The choices made in one window; they outlive a lock."""

    def __init__(self) -> None:
        self._chosen: dict[tuple[str, Room], bool] = {}

    def choose(self, pane: str, room: Room, *, folded: bool) -> None:
        """The person wants it like this in windows with so much room."""
        self._chosen[pane, room] = folded

    def is_folded(self, pane: str, room: Room, *, by_itself: bool) -> bool:
        """What the person chose; else what follows from other widths; else what it does `by_itself`.

        Whoever folded a pane with more room, or opened it with less, does not find the contrary here.
        """
        own = self._chosen.get((pane, room))
        if own is not None:
            return own
        if any(self._chosen.get((pane, more)) is True for more in Room if more > room):
            return True
        if any(self._chosen.get((pane, less)) is False for less in Room if less < room):
            return False
        return by_itself
