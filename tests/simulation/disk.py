"""The disk under a station: crashes at named points of a write, a full disk, and damage to what lies there."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from modstation.store import ballast
from modstation.store.driver import DatabaseError

POINTS = ("before commit", "after commit", "in the journal", "before checkpoint", "after checkpoint", "in a purge")
DATABASE, LOG = "vault.db", "vault.db-wal"
WAL_HEADER, FRAME = 32, 24 + 4096


class StationCrash(BaseException):
    """The station's process ended at this point."""


class Disk:
    """What a vault's writes go through.

    Attributes:
        crash_at: a point of `POINTS`; the next write that reaches it ends the process there.
        passes: how often that point is passed before.
        full: nothing more can be written.
        in_log: commits that are only in the log yet, where a flipped bit would cut them off.
        reached: points at which the process ended.
    """

    def __init__(self, died: Callable[[], None]) -> None:
        self.crash_at = ""
        self.passes = 0
        self.full = False
        self.in_log = self.commits = 0
        self.reached: list[str] = []
        self._died = died

    def watch(self, vault: Any) -> None:
        """Stand between an open vault and its files."""
        writer, database = vault.writer, vault.writer._db
        database.conn = _Watched(database.conn, self)
        unlink = vault.media.unlink

        def unlinking(names: Any) -> None:
            if names:
                self.point("in a purge")
            unlink(names)

        vault.media.unlink = unlinking
        keep = writer.keep_journal

        def keeping(journal: Any) -> None:
            write = journal._write
            reserve = journal.reserve

            def writing(data: bytes) -> None:
                if self.crash_at == "in the journal" and journal._sealer is not None:
                    if not self.passes:
                        write(data[: len(data) // 2])
                    self.point("in the journal")
                write(data)

            def reserving(record_id: str, record: bytes) -> None:
                if self.full:
                    raise OSError(errno.ENOSPC, "No space left on device")
                reserve(record_id, record)

            journal._write = writing
            journal.reserve = reserving
            keep(journal)

        writer.keep_journal = keeping
        vault.ballast.free = lambda: 0 if self.full else ballast.PREFETCH_BYTES * 4

    def point(self, name: str) -> None:
        """A named point of a write is reached."""
        if self.crash_at == name and self.passes:
            self.passes -= 1
        elif self.crash_at == name:
            self.crash_at = ""
            self.reached.append(name)
            self._died()
            raise StationCrash(name)


class _Watched:
    """A connection whose commits and checkpoints are points, and which knows a full disk."""

    def __init__(self, real: Any, disk: Disk) -> None:
        self._real = real
        self._disk = disk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def execute(self, sql: str, *given: Any) -> Any:
        if sql == "COMMIT":
            self._disk.point("before commit")
            if self._disk.full and self._real.total_changes != getattr(self, "_seen", None):
                raise DatabaseError("database or disk is full")
            done = self._real.execute(sql)
            self._seen = self._real.total_changes
            self._disk.in_log += 1
            self._disk.commits += 1
            self._disk.point("after commit")
            return done
        if sql.startswith("PRAGMA wal_checkpoint"):
            self._disk.point("before checkpoint")
            done = self._real.execute(sql, *given).fetchone()
            if not done[0]:
                self._disk.in_log = 0
            self._disk.point("after checkpoint")
            return _Row(done)
        return self._real.execute(sql, *given)


class _Row:
    """The one row of a pragma, after its statement is done."""

    def __init__(self, row: Any) -> None:
        self._row = row

    def fetchone(self) -> Any:
        return self._row


def copy_as_it_is(source: Path, target: Path) -> None:
    """What a dead process leaves behind; the memory that readers of the log share is not among it."""
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.is_dir():
            copy_as_it_is(path, target / path.name)
        elif path.name not in {"vault.db-shm", "lock", "ballast"}:
            shutil.copyfile(path, target / path.name)


def lose_log_tail(folder: Path, chance: Random) -> bool:
    """The disk never got the end of the log. False when there was none."""
    path = folder / LOG
    size = path.stat().st_size if path.exists() else 0
    frames = max(0, size - WAL_HEADER) // FRAME
    if not frames:
        return False
    keep = chance.randrange(frames)
    with path.open("r+b") as file:
        file.truncate(WAL_HEADER + keep * FRAME + chance.randrange(FRAME))
    return True


def flip_in_log(folder: Path, chance: Random) -> bool:
    """A bit of the log is wrong."""
    path = folder / LOG
    if not path.exists() or path.stat().st_size <= WAL_HEADER:
        return False
    flip(path, chance, WAL_HEADER)
    return True


def damage_database(folder: Path, chance: Random) -> None:
    """Some pages of the database are wrong, the first among them, as after a failing sector."""
    path = folder / DATABASE
    with path.open("r+b") as file:
        size = path.stat().st_size
        for at in (chance.randrange(16, 4000), *(chance.randrange(size) for _ in range(3))):
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 0x55]))


def flip(path: Path, chance: Random, after: int = 0) -> None:
    data = bytearray(path.read_bytes())
    at = chance.randrange(after, len(data))
    data[at] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))
