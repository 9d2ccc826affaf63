"""Flagged spans made ready to paint: which ones there are, in reading order, and how each stretch is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from modstation.core.item import Flag, FlagSource


class Stroke(Enum):
    """How a stretch is drawn; all four differ without colour."""

    SOLID = auto()  # classifier: fill and solid line
    DOTTED = auto()  # user report: dotted line
    DOUBLE = auto()  # both: fill and double line
    BOX = auto()  # rule or hash match: box


@dataclass(frozen=True, slots=True)
class Mark:
    """A distinct span: code points `start` up to `end` of `part`, and the numbers of the flags that point at it.

    Attributes:
        one_of_several: whether the item has other flags: only then a letter says which one is meant.
    """

    part: str
    start: int
    end: int
    flags: tuple[int, ...]
    stroke: Stroke
    one_of_several: bool = True

    @property
    def letters(self) -> str:
        """What ties it to the Flags tab."""
        return "".join(letter(n) for n in self.flags) if self.one_of_several else ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Code points that are all drawn in one way."""

    start: int
    end: int
    stroke: Stroke


def letter(n: int) -> str:
    """The letter of flag number `n` of an item: a to z, then numbers."""
    return chr(ord("a") + n) if n < 26 else f"{n + 1} "


def marks_of(flags: Sequence[Flag], parts: Mapping[str, str]) -> tuple[Mark, ...]:
    """The distinct spans of `flags`, clipped to the `parts` they point at, in reading order."""
    pointing: dict[tuple[str, int, int], list[int]] = {}
    for number, flag in enumerate(flags):
        for span in flag.spans:
            end = min(span.end, len(parts.get(span.part, "")))
            start = max(span.start, 0)
            if start < end:
                numbers = pointing.setdefault((span.part, start, end), [])
                if number not in numbers:
                    numbers.append(number)
    order = {part: n for n, part in enumerate(parts)}
    keys = sorted(pointing, key=lambda key: (order[key[0]], key[1], key[2]))
    several = len(flags) > 1
    return tuple(Mark(*key, tuple(pointing[key]), _stroke(flags, pointing[key]), several) for key in keys)


def stretches(marks: Sequence[Mark]) -> tuple[Stretch, ...]:
    """The marks of one part cut where they overlap, so that every stretch has one way of being drawn."""
    if len(marks) < 2:
        return tuple(Stretch(mark.start, mark.end, mark.stroke) for mark in marks)
    edges = sorted({mark.start for mark in marks} | {mark.end for mark in marks})
    made: list[Stretch] = []
    for start, end in pairwise(edges):
        strokes = {mark.stroke for mark in marks if mark.start <= start and end <= mark.end}
        if strokes:
            made.append(Stretch(start, end, _joined(strokes)))
    return tuple(made)


def _stroke(flags: Sequence[Flag], numbers: Sequence[int]) -> Stroke:
    drawn = {
        FlagSource.CLASSIFIER: Stroke.SOLID,
        FlagSource.USER_REPORT: Stroke.DOTTED,
        FlagSource.RULE: Stroke.BOX,
        FlagSource.HASH_MATCH: Stroke.BOX,
    }
    return _joined({drawn[flags[number].source] for number in numbers})


def _joined(strokes: set[Stroke]) -> Stroke:
    if len(strokes) == 1:
        return next(iter(strokes))
    if strokes <= {Stroke.SOLID, Stroke.DOTTED, Stroke.DOUBLE}:
        return Stroke.DOUBLE
    return Stroke.BOX
