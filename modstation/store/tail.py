"""Whether the write-ahead log holds more than SQLite can read of it.

SQLite believes the log up to the first frame whose checksum does not fit, and calls the rest unfinished: after a power
cut that is right, but one flipped bit silently drops a commit and all after it. So what SQLite took is compared with
what stands there.

The format is SQLite's (sqlite.org/walformat.html): a header of 32 bytes, then frames of a head of 24 bytes and a page.
Frames that carry other salts than the header are left over from before.
"""

import struct
from pathlib import Path

from modstation.store.cipher import PAGE_SIZE
from modstation.store.driver import Database

_HEADER, _HEAD = 32, 24
_FRAME = _HEAD + PAGE_SIZE


def is_cut(db: Database, log: Path) -> bool:
    """Whether something at the end of `log` was dropped that was whole once, or nearly.

    Args:
        db: a connection that has been opened and read from, so that the log has been taken over.
        log: of that database. A crash in the middle of a commit is no damage: nobody was told that it is saved.
    """
    taken = max(0, int(db.conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]))
    try:
        with log.open("rb") as file:
            header = file.read(_HEADER)
            file.seek(_HEADER + max(0, taken - 1) * _FRAME)
            before = file.read(_FRAME)[16:24] if taken else header[24:32]
            return _dropped(header, before, file.read(), nothing_taken=taken == 0)
    except FileNotFoundError:
        return False


def _dropped(header: bytes, before: bytes, rest: bytes, *, nothing_taken: bool) -> bool:
    """Whether a whole frame of this log in `rest` does not fit what was `before` it, or fits and was not taken."""
    order = ">" if header[3:4] == b"\x83" else "<"
    for at in range(0, len(rest) - _FRAME + 1, _FRAME):
        head = rest[at : at + _HEAD]
        if not _fits(header[16:24], head[8:16]):
            return False
        is_commit = head[4:8] != bytes(4)
        if (nothing_taken and is_commit) or head[8:16] != header[16:24]:
            return True
        sums = _sums(order, before, head[:8] + rest[at + _HEAD : at + _FRAME])
        if sums != head[16:24]:
            return True
        before = sums
    return False


def _fits(one: bytes, other: bytes) -> bool:
    """Whether either of two salts is the same: a flipped bit changes only one of them, a new log changes both."""
    return one[:4] == other[:4] or one[4:] == other[4:]


def _sums(order: str, before: bytes, data: bytes) -> bytes:
    first, second = struct.unpack(">2I", before)
    for one, other in struct.iter_unpack(f"{order}2I", data):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return struct.pack(">2I", first, second)
