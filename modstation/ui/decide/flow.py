"""Where the pieces of a sentence go when it wraps. Pure arithmetic: sizes in, places out, everything in px."""

from collections.abc import Sequence
from dataclasses import dataclass

from modstation.ui.decide.sentence import Role, Segment


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece that is never broken: a slot, or one word of glue.

    Attributes:
        text: without spaces at its ends.
        space: whether a space, and so a chance to break the line, comes before it.
        slot: index of the segment it shows; -1 for glue.
    """

    text: str
    space: bool
    slot: int


@dataclass(frozen=True, slots=True)
class Size:
    """What a bit needs."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bit starts, from the edge where reading starts, and from the top."""

    x: int
    y: int


Beside = tuple[tuple[int, int], ...]
"""What stands where rows end: down to which y, from the top of the sentence, and how wide, each in px."""


def bits(segments: Sequence[Segment]) -> tuple[Bit, ...]:
    """The sentence taken apart: glue into words, slots whole."""
    found: list[Bit] = []
    space = False
    for n, segment in enumerate(segments):
        if segment.role is not Role.GLUE:
            found.append(Bit(segment.text, space, n))
            space = False
            continue
        words = segment.text.split(" ")
        for word in words[:-1]:
            if word:
                found.append(Bit(word, space, -1))
            space = True
        if words[-1]:
            found.append(Bit(words[-1], space, -1))
            space = False
    return tuple(found)


def place(
    pieces: Sequence[Bit], sizes: Sequence[Size], width: int, space: int, gap: int, beside: Beside = ()
) -> tuple[list[Place], int]:
    """Lay the bits in rows no wider than `width`, and say how high that is.

    What is not separated by a space stays together (a slot and its comma). A group wider than a row
    gets a row of its own.

    Args:
        pieces: the bits, in reading order.
        sizes: what each needs.
        width: of a row.
        space: between words.
        gap: between rows.
        beside: what stands beside the first rows and makes them shorter.
    """
    places: list[Place] = []
    x = y = row = 0
    room = width - _cut(beside, 0)
    for start, end in _groups(pieces):
        group = sum(size.width for size in sizes[start:end])
        lead = space if x else 0
        if x and x + lead + group > room:
            y, x, row, lead = y + row + gap, 0, 0, 0
            room = width - _cut(beside, y)
        x += lead
        for size in sizes[start:end]:
            places.append(Place(x, y))
            x += size.width
            row = max(row, size.height)
    return places, y + row


def _cut(beside: Beside, y: int) -> int:
    return max((wide for bottom, wide in beside if y < bottom), default=0)


def _groups(pieces: Sequence[Bit]) -> list[tuple[int, int]]:
    starts = [n for n, bit in enumerate(pieces) if n == 0 or bit.space]
    return list(zip(starts, [*starts[1:], len(pieces)], strict=True)) if pieces else []
