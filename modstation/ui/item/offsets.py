"""Offsets: core counts code points, Qt counts UTF-16 units, and boxes for hidden characters add units of their own."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Offsets:
    """Where the code points of one piece of text stand in the string that Qt lays out.

    Every code point takes one unit there, and one more for each time its index is in `extras`: a character outside the
    basic plane takes two, and a box drawn after a hidden character takes one.
    """

    __slots__ = ("_extras",)

    def __init__(self, extras: Iterable[int] = ()) -> None:
        self._extras = sorted(extras)

    @classmethod
    def of(cls, text: str, boxes_after: Iterable[int] = ()) -> "Offsets":
        """The offsets of `text`, with a box drawn after each code point whose index is in `boxes_after`."""
        wide = () if text.isascii() else (hit.start() for hit in _ASTRAL.finditer(text))
        return cls([*wide, *boxes_after])

    def unit(self, point: int) -> int:
        """The unit at which code point number `point` begins."""
        return point + bisect_left(self._extras, point)

    def box(self, point: int) -> int:
        """The unit at which the box after code point number `point` stands."""
        return self.unit(point + 1) - 1

    def point(self, unit: int) -> int:
        """The code point that `unit` belongs to; units of a pair, and of a box, belong to the point before them."""
        passed = bisect_right(range(len(self._extras)), unit, key=lambda n: self._extras[n] + n + 1)
        return unit - passed


def covers(ranges: Iterable[tuple[float, float]], gap: float = 0.75) -> list[tuple[float, float]]:
    """Join ranges that touch, or nearly; those that stand apart stay apart. Sorted by their start."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(ranges):
        if joined and start - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
