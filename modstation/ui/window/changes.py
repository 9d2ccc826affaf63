"""What changed between two texts, word by word, and how much of a long one is worth showing."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from modstation.ui.pieces.lettering import Emphasis

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
# Words, runs of spaces, single signs; where writing has no spaces each character is a word.
_PIECES = re.compile(rf"[^\W{_CJK}]+|\s+|.", re.DOTALL)
_MOST_PIECES = 1_200  # beyond that the comparison takes longer than a person waits: all of it counts as changed
_SHORT = 320  # code points that are shown as they are
_ROUND = 110  # code points shown on either side of a change

Marks = tuple[Emphasis, ...]


def compare(before: str, after: str) -> tuple[Marks, Marks]:
    """The words of `before` that are gone, and those of `after` that are new."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(old_middle) > _MOST_PIECES or len(new_middle) > _MOST_PIECES:
        moved = [(0, len(old_middle), 0, len(new_middle))]
    else:
        blocks = SequenceMatcher(None, old_middle, new_middle, autojunk=False).get_opcodes()
        moved = [(a, b, c, d) for kind, a, b, c, d in blocks if kind != "equal"]
    start = sum(map(len, old[:head]))
    gone = [_mark(old_middle, a, b, start, "gone") for a, b, _, _ in moved if b > a]
    fresh = [_mark(new_middle, c, d, start, "new") for _, _, c, d in moved if d > c]
    return _joined(gone, before), _joined(fresh, after)


def _trimmed(mark: Emphasis, text: str) -> Emphasis:
    """The mark without the spaces at its ends, unless it is nothing else."""
    words = text[mark.start : mark.start + mark.length]
    if not words.strip():
        return mark
    return replace(mark, start=mark.start + len(words) - len(words.lstrip()), length=len(words.strip()))


def excerpt(text: str, marks: Sequence[Emphasis]) -> tuple[str, Marks]:
    """A long text cut down to its marks and some words round each; without marks to its beginning."""
    if len(text) <= _SHORT:
        return text, tuple(marks)
    if not marks:
        return text[: _word_end(text, 2 * _ROUND)].rstrip() + " …", ()
    shown: list[tuple[int, int]] = []
    for mark in marks:
        first = max(0, mark.start - _ROUND)
        last = min(len(text), mark.start + mark.length + _ROUND)
        first, last = _word_end(text, first) if first else 0, _word_end(text, last)
        if shown and first <= shown[-1][1] + 12:
            shown[-1] = (shown[-1][0], max(last, shown[-1][1]))
        else:
            shown.append((min(first, mark.start), last))
    made, kept = "", list[Emphasis]()
    for first, last in shown:
        made += ("… " if first else "") if not made else " … "
        kept += [replace(mark, start=len(made) + mark.start - first) for mark in marks if first <= mark.start < last]
        made += text[first:last]
    return made + (" …" if shown[-1][1] < len(text) else ""), tuple(kept)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pieces both begin with."""
    most = min(len(one), len(other))
    return next((n for n in range(most) if one[n] != other[n]), most)


def _mark(pieces: Sequence[str], first: int, last: int, start: int, look: str) -> Emphasis:
    at = start + sum(map(len, pieces[:first]))
    return Emphasis(at, sum(map(len, pieces[first:last])), look)


def _joined(marks: Sequence[Emphasis], text: str) -> Marks:
    """Marks with nothing but space between them as one: a rewritten sentence is one change."""
    made: list[Emphasis] = []
    for mark in marks:
        before = made[-1] if made else None
        if before is not None and not text[before.start + before.length : mark.start].strip():
            made[-1] = replace(before, length=mark.start + mark.length - before.start)
        else:
            made.append(mark)
    return tuple(_trimmed(mark, text) for mark in made)


def _word_end(text: str, at: int) -> int:
    """The first end of a word at or after `at`, looked for nearby."""
    found = re.search(r"\s", text[at : at + 24])
    return at + found.start() if found else at
