"""The files of items: content-addressed in the data folder, given only to devices that hold an item they belong to."""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, bindparam, select

from modstation.core.ids import MediaId
from modstation.core.problem import Problem
from modstation.service.tables import item_media, lease, media
from modstation.system.files import settle_folder
from modstation.wire.limits import MAX_MEDIA

_ID = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1024 * 1024
_HELD_WITH = (
    select(lease.c.item_id)
    .join_from(lease, item_media, lease.c.item_id == item_media.c.item_id)
    .where(lease.c.device_id == bindparam("device_id"), lease.c.ended_at.is_(None))
    .where(item_media.c.media_id == bindparam("media_id"), lease.c.expires_at > bindparam("now"))
    .limit(1)
)
_SOME = 1_000  # ids in one statement
_TURN = "SELECT pg_advisory_xact_lock(7105002)"  # beside those of `database`, always taken after them
STRAY_AFTER = timedelta(days=1)  # longer than any import goes on


class MediaFolder:
    """Files named by the sha256 of their bytes, under ``media/`` of the data folder."""

    def __init__(self, data_folder: Path) -> None:
        self.folder = data_folder / "media"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.written: set[MediaId] = set()  # by this object, and not there before; whoever reads it may empty it

    def path(self, media_id: str) -> Path:
        """Where the file is, or would be. Refuses anything but 64 hex digits, so it never leaves the folder."""
        if not _ID.fullmatch(media_id):
            raise Problem("media.unknown", "There is no such file.", place="media_id")
        return self.folder / media_id[:2] / media_id

    def has(self, media_id: str) -> bool:
        """Whether the file is here."""
        return self.path(media_id).is_file()

    def add(self, source: Path) -> tuple[MediaId, int]:
        """Copy a file in; give its id and its size in bytes. One that is here already is not written again.

        Raises:
            Problem: ``media.too_large``.
            OSError: the source cannot be read or the folder not written.
        """
        if source.stat().st_size > MAX_MEDIA:
            raise Problem("media.too_large", "This file is too large.", place=source.name)
        with source.open("rb") as file:
            return self._take(file)

    def keep(self, data: bytes) -> MediaId:
        """Write bytes that were made here; give their id.

        Raises:
            OSError: the folder cannot be written.
        """
        return self._take(io.BytesIO(data))[0]

    def before(self, moment: datetime) -> Iterator[Path]:
        """What was written before a moment, files that were never finished among it."""
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and datetime.fromtimestamp(file.stat().st_mtime, UTC) < moment:
                yield file

    def _take(self, file: BinaryIO) -> tuple[MediaId, int]:
        digest = hashlib.sha256()
        size = 0
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as copy:
            try:
                while chunk := file.read(_CHUNK):
                    size += len(chunk)
                    digest.update(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
                return self._keep(Path(copy.name), digest.hexdigest()), size
            except BaseException:
                Path(copy.name).unlink(missing_ok=True)
                raise

    def _keep(self, copy: Path, media_id: str) -> MediaId:
        target = self.path(media_id)
        if target.is_file():
            copy.unlink()
        else:
            target.parent.mkdir(exist_ok=True, mode=0o700)
            copy.replace(target)
            settle_folder(target.parent)  # the row that names it may be on the disk in a moment
            settle_folder(self.folder)
            self.written.add(MediaId(media_id))
        return MediaId(media_id)


def take_turn(conn: Connection) -> None:
    """Wait for everybody else who adds items or drops files, until their transaction ends.

    Side by side on PostgreSQL, two would add one new item, and a file would go that is about to be named.
    """
    if conn.dialect.name != "sqlite":  # its writers queue anyhow
        conn.exec_driver_sql(_TURN)


def sweep(conn: Connection, some: list[Path]) -> int:
    """Delete those of these files that no row names. Returns how many.

    An import that counted on one of them finds it missing when it writes its rows, and copies it again.
    """
    take_turn(conn)
    named: set[str] = set()
    for start in range(0, len(some), _SOME):
        names = [file.name for file in some[start : start + _SOME]]
        named |= set(conn.scalars(select(media.c.media_id).where(media.c.media_id.in_(names))))
    strays = [file for file in some if file.name not in named]
    for file in strays:
        file.unlink(missing_ok=True)
    return len(strays)


def may_read(conn: Connection, device_id: str, media_id: str, now: datetime) -> bool:
    """Whether a device holds an item that this file, or the file that it is the preview of, belongs to.

    Not under a lease that has run out, also when nobody else has the item: it is renewed first.
    """
    given = {"device_id": device_id, "media_id": media_id, "now": now}
    return conn.execute(_HELD_WITH, given).first() is not None
