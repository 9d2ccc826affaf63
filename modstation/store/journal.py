"""The second copy of every decision: append-only segments sealed to the service's key (`system.sealed`).

Neither a lost local key nor a damaged database loses a decision that is here, and stealing the file gains nothing. A
record begins with the device's signature: else anybody with access to the disk could forge a decision. Each start
writes a new segment, because the key of an old one is gone from this computer.
"""

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from modstation.system.files import settle_folder
from modstation.system.sealed import HEADER_BYTES, Sealer, look, record_bytes

SEGMENT_BYTES = 4 * 1024 * 1024
_RESERVE = 64 * 1024  # space taken ahead, so that a full disk shows before the commit and fsync has less to do
_SIGNATURE_BYTES = 64  # Ed25519
_TAKEN_BACK = "-"

Sign = Callable[[str, bytes], bytes]
"""Signs a record, given its id and its bytes, with the key of this device: 64 bytes."""


def taken_back(entry_id: str) -> str:
    """The record id that says: the decision `entry_id`, recorded earlier, was taken back and must not come back."""
    return _TAKEN_BACK + entry_id


class Journal:
    """Appends records; see the module. Used by the writer's thread only.

    Args:
        folder: where segments are kept.
        public_key: the service's raw X25519 key.
        entropy: source of segment keys.
        sign: what the record begins with.
    """

    def __init__(
        self,
        folder: Path,
        public_key: bytes,
        entropy: Callable[[int], bytes],
        sign: Sign,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._folder = folder
        self._public_key = public_key
        self._entropy = entropy
        self._sign = sign
        self._segment_bytes = segment_bytes
        self._sealer: Sealer | None = None
        self._file = -1
        self._end = 0
        self._room = 0

    def reserve(self, record_id: str, record: bytes) -> None:
        """Make sure that the record has room on the disk; starts a new segment when the last one is full.

        Raises:
            OSError: it has none.
        """
        size = record_bytes(record_id, record) + _SIGNATURE_BYTES
        if self._sealer is None or self._end + size > max(self._segment_bytes, HEADER_BYTES + size):
            self._start_segment()
        if self._end + size > self._room:
            room = self._end + size + _RESERVE
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._file, self._room, room - self._room)
            self._room = room

    def append(self, record_id: str, record: bytes) -> None:
        """Write a record and wait until the disk has it.

        Raises:
            OSError: the disk did not take it; the next record goes to a new segment.
        """
        self.reserve(record_id, record)
        assert self._sealer is not None
        try:
            self._write(self._sealer.record(record_id, self._sign(record_id, record) + record))
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """End the segment: give back the space taken ahead, if the disk lets us: zeros at the end mean nothing.

        The next record would start a new segment.
        """
        self._sealer = None
        if self._file >= 0:
            handle, self._file = self._file, -1
            with suppress(OSError):
                os.ftruncate(handle, self._end)
            with suppress(OSError):
                os.close(handle)

    def _start_segment(self) -> None:
        self.close()
        sealer = Sealer(self._public_key, self._entropy)
        number = 1 + max((int(path.stem) for path in segments(self._folder)), default=0)
        path = self._folder / f"{number:08}.sealed"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._end = self._room = 0
        try:
            self._write(sealer.header)
            settle_folder(self._folder)
        except OSError:
            self.close()
            path.unlink(missing_ok=True)  # nothing is saved in it, and it would be taken for a damaged one
            raise
        self._room = self._end
        self._sealer = sealer

    def _write(self, data: bytes) -> None:
        os.lseek(self._file, self._end, os.SEEK_SET)
        left = memoryview(data)
        while left:
            left = left[os.write(self._file, left) :]
        getattr(os, "fdatasync", os.fsync)(self._file)  # macOS and Windows have no fdatasync
        self._end += len(data)


def segments(folder: Path) -> list[Path]:
    """The files of a journal, oldest first."""
    return sorted(path for path in folder.glob("*.sealed") if path.stem.isdigit())


def ids(folder: Path) -> list[str]:
    """Ids of all decisions in a journal that were not taken back, in the order written.

    Those the database does not know (`outbox.known`) were lost by it and can be recovered by the service.
    """
    found: dict[str, None] = {}
    for path in segments(folder):
        for record_id in _ids_of(path):
            if record_id.startswith(_TAKEN_BACK):
                found.pop(record_id.removeprefix(_TAKEN_BACK), None)
            else:
                found[record_id] = None
    return list(found)


def taken_back_ids(folder: Path) -> set[str]:
    """Ids of the decisions that a journal says were taken back."""
    return {
        _of(record_id) for path in segments(folder) for record_id in _ids_of(path) if record_id.startswith(_TAKEN_BACK)
    }


def names(folder: Path) -> set[str]:
    """Ids of all decisions that a journal says anything about, those taken back too."""
    return {_of(record_id) for path in segments(folder) for record_id in _ids_of(path)}


def holding(folder: Path, wanted: Collection[str]) -> list[tuple[Path, list[str]]]:
    """The segments in which any of the `wanted` decisions are, oldest first, each with those that are in it."""
    found = [(path, [i for i in dict.fromkeys(_ids_of(path)) if i in wanted]) for path in segments(folder)]
    return [(path, here) for path, here in found if here]


def forget(folder: Path, settled: Collection[str], keep_last: int = 1) -> int:
    """Remove old segments all of whose decisions are in `settled`, up to the first that has others; how many.

    Args:
        folder: of the journal.
        settled: ids the service has answered for good, or that were taken back.
        keep_last: that many of the newest segments stay: one may be in use.
    """
    removed = 0
    for path in segments(folder)[: -keep_last or None]:
        try:
            seen = _seen(path)
        except ValueError:
            break  # damaged, so nobody knows what is in it
        if not all(_of(record_id) in settled for record_id in seen):
            break  # a later one may say that something in this one was taken back
        path.unlink()
        removed += 1
    return removed


def _of(record_id: str) -> str:
    return record_id.removeprefix(_TAKEN_BACK)


def _ids_of(path: Path) -> list[str]:
    try:
        return _seen(path)
    except ValueError:
        return []


def _seen(path: Path) -> list[str]:
    """Ids of all records of a segment. Raises `ValueError` when it does not begin as a segment does."""
    segment = path.read_bytes()
    if len(segment) < HEADER_BYTES:  # cut within the header: nothing was ever saved in it
        return []
    return [entry.record_id for entry in look(segment).entries]
