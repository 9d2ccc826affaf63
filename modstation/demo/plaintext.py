"""Looks for item texts and media bytes in the clear in every file that the station wrote."""

from collections.abc import Iterable
from pathlib import Path

from modstation.core.content import media_of, parts
from modstation.core.item import Item

SHORTEST = 12  # shorter texts turn up by chance
WINDOW = 48


def needles(items: Iterable[Item], files: Iterable[bytes]) -> set[bytes]:
    """What must not be found: every text in UTF-8 and UTF-16, and pieces of every file."""
    found: set[bytes] = set()
    for item in items:
        texts = [*parts(item.content).values(), *(flag.explanation for flag in item.flags)]
        texts += [media.alt for media in media_of(item.content)]
        for text in texts:
            for line in text.splitlines():
                if len(line) >= SHORTEST:
                    found.add(line[:WINDOW].encode())
                    found.add(line[:WINDOW].encode("utf-16-le"))
    for data in files:
        for at in (len(data) // 4, len(data) // 2, 3 * len(data) // 4):
            piece = data[at : at + WINDOW]
            if len(set(piece)) > WINDOW // 4:  # a run of zeros proves nothing
                found.add(piece)
    return found


def hits(folder: Path, wanted: set[bytes]) -> int:
    """How many of `wanted` stand in the files below `folder`, counted once per file."""
    heads: dict[bytes, list[bytes]] = {}
    for needle in wanted:
        heads.setdefault(needle[:SHORTEST], []).append(needle)
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            # Every twelve-byte window is looked up once: the cost follows the file, not the number of needles.
            seen = {data[at : at + SHORTEST] for at in range(max(0, len(data) - SHORTEST + 1))} & heads.keys()
            count += sum(1 for head in seen for needle in heads[head] if needle in data)
    return count
