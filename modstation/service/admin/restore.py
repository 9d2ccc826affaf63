"""``modstation admin restore``: put a backup back, so that the stations notice and send again what it does not know.

Everything is unpacked, checked and made ready beside the database; then one rename puts it in place. Interrupted at any
point, the folder holds the old service or the new one, and the command can be given again. The replaced database is
kept beside, never deleted.
"""

import argparse
import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
import zstandard
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlcipher3 import dbapi2

from modstation.core.problem import Problem
from modstation.service import catalogue, database, folder, identity, keys
from modstation.service.admin import restored, since
from modstation.service.admin.backup import CONTENTS, FORMAT, Advance, Contents
from modstation.service.admin.desk import Desk
from modstation.service.admin.output import Output
from modstation.service.admin.restored import Missing, Restored
from modstation.service.admin.since import Again, Before
from modstation.service.media import MediaFolder
from modstation.service.tables import device, item_media
from modstation.system.files import settle_folder

_STAGING = "restoring"
_CHUNK = 1024 * 1024
_MEDIA = re.compile(r"media/([0-9a-f]{64})")
_LOG = ("-wal", "-shm")  # the files beside a SQLite database while it is open, or after a crash

Random = Callable[[int], bytes]


def answer(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``restore [FILE]``."""
    data: Path = args.data
    now = desk.clock.now()
    if args.file is None:
        done = announce(data, args.database, now, desk.entropy)
    elif args.database:
        raise Problem(
            "restore.postgresql",
            "PostgreSQL puts its own backups back.",
            "Use: pg_restore --clean --if-exists --dbname=URL FILE; then modstation admin restore --database URL, "
            "without a file.",
        )
    else:
        total = args.file.stat().st_size if args.file.is_file() else 0
        with output.progress("Restoring", total) as advance:
            done = restore(data, args.file, now, desk.entropy, advance)
    output.answer(restored.as_data(done), *restored.as_words(done))
    return 0


def announce(data: Path, url: str | None, now: datetime, random: Random) -> Restored:
    """Make the new epoch in a database that was put back by other means.

    Raises:
        Problem: ``service.folder_in_use`` while the service runs; see `database.open_database`.
    """
    if not data.is_dir():
        raise Problem("service.nothing_here", "There is no service here.", "Look at the spelling of --data.", str(data))
    with folder.lock(data, restoring=True):
        opened = database.open_database(url or data, make=False)
        try:
            return opened.write(lambda conn: _renew(conn, data, None, None, now, random))
        finally:
            opened.close()


def restore(data: Path, file: Path, now: datetime, random: Random, advance: Advance) -> Restored:
    """Put the backup in `file` into the data folder, which is made when it is not there.

    Raises:
        Problem: ``service.folder_in_use`` while the service runs, ``restore.no_file``, ``restore.damaged``,
            ``restore.from_future``, ``restore.other_service``, ``service.keys_missing``,
            ``service.database_from_future``. Nothing is changed then.
        OSError: the disk did not take it; nothing is changed then.
    """
    if not file.is_file():
        raise Problem("restore.no_file", "There is no such file.", place=str(file))
    made_here = _make_folder(data)
    try:
        return _restore(data, file, now, random, advance)
    except (Problem, OSError):
        if made_here:
            (data / folder.FILE_NAME).unlink(missing_ok=True)
        for one in reversed(made_here):
            with suppress(OSError):  # something is in it: then it stays
                one.rmdir()
        raise


def _make_folder(data: Path) -> list[Path]:
    """Make the folder with those above it; gives those that were not there, the highest first."""
    missing = [one for one in (*reversed(data.parents), data) if not one.exists()]
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return missing


def _restore(data: Path, file: Path, now: datetime, random: Random, advance: Advance) -> Restored:
    with folder.lock(data, restoring=True):
        staging = data / _STAGING
        shutil.rmtree(staging, ignore_errors=True)  # of one that was interrupted
        staging.mkdir(mode=0o700)
        try:
            contents = _unpack(file, staging, advance)
            _check_keys(data, staging)
            _place_media(data, staging)
            made = _make_ready(data, staging, contents, now, random)
        except (Problem, OSError):
            shutil.rmtree(staging, ignore_errors=True)
            raise
        _swap(data, staging)
        shutil.rmtree(staging)
        if made.items_removed_again:
            _drop_files(data)
    return made


def _drop_files(data: Path) -> None:
    """Destroy the files of items that were removed again. Not before: the old database may have had a use for them."""
    opened = database.open_database(data, make=False)
    try:
        opened.write(lambda conn: catalogue.drop_files(conn, MediaFolder(data)))
    finally:
        opened.close()


def _unpack(file: Path, staging: Path, advance: Advance) -> Contents:
    """Unpack a backup and check every byte of it. Names in it never become paths."""
    try:
        with (
            file.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as reader,
            tarfile.open(fileobj=reader, mode="r|") as tar,
        ):
            members = iter(tar)
            contents = _contents(tar, members)
            found = [_take(tar, member, staging, lambda: advance(raw.tell())) for member in members]
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise _damaged(str(error)) from error
    for part in contents.parts:
        if (part.name, part.sha256) not in found:
            raise _damaged(part.name)
    if len(found) != len(contents.parts) + (contents.media or 0):
        raise _damaged("media")
    return contents


def _contents(tar: tarfile.TarFile, members: Iterator[tarfile.TarInfo]) -> Contents:
    first = next(members, None)
    listed = tar.extractfile(first) if first is not None and first.name == CONTENTS else None
    if listed is None:
        raise _damaged(CONTENTS)
    try:
        contents = msgspec.json.decode(listed.read(_CHUNK), type=Contents)
    except msgspec.DecodeError as error:
        raise _damaged(CONTENTS) from error
    if contents.format != FORMAT:
        raise Problem("restore.from_future", "A newer ModStation made this backup.", "Install that version or later.")
    return contents


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, staging: Path, told: Callable[[], None]) -> tuple[str, str]:
    """Write one file of a backup beside the database; gives its name and its sha256."""
    source = tar.extractfile(member)
    is_media = _MEDIA.fullmatch(member.name)
    if source is None or not (is_media or member.name in {database.FILE_NAME, keys.FILE_NAME}):
        raise _damaged("unknown file")
    target = staging / (is_media[1] if is_media else member.name)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        sha256 = _copy(source, out, told)
        out.flush()
        os.fsync(out.fileno())
    if is_media and sha256 != is_media[1]:
        raise _damaged("media")
    return member.name, sha256


def _copy(source: IO[bytes], out: IO[bytes], told: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        out.write(chunk)
        told()
    return digest.hexdigest()


def _check_keys(data: Path, staging: Path) -> None:
    """The keys must be there, belong to the backup, and not be another service's than the folder's."""
    here, new = data / keys.FILE_NAME, staging / keys.FILE_NAME
    if here.is_file() and new.is_file() and here.read_bytes() != new.read_bytes():
        raise Problem(
            "restore.other_service", "The folder belongs to another service.", "Restore into an empty one.", str(here)
        )
    with closing(database.connect(staging / database.FILE_NAME)) as conn:
        try:
            row = conn.execute("SELECT value FROM setting WHERE name = 'signing_key'").fetchone()
        except dbapi2.DatabaseError as error:
            raise _damaged(database.FILE_NAME) from error
    if row is not None:
        holder = staging if new.is_file() else data
        keys.open_keys(holder, _no_new_keys, row[0])


def _no_new_keys(_size: int) -> bytes:
    raise AssertionError  # the database knows its key, so none is made


def _place_media(data: Path, staging: Path) -> None:
    """Move the media in. They are named by what is in them, so it does no harm when the rest does not follow."""
    files = MediaFolder(data)
    for file in sorted(staging.iterdir()):
        if len(file.name) == len("0" * 64):
            target = files.path(file.name)
            if not target.is_file():
                target.parent.mkdir(exist_ok=True, mode=0o700)
                file.replace(target)
                settle_folder(target.parent)


def _make_ready(data: Path, staging: Path, contents: Contents, now: datetime, random: Random) -> Restored:
    """Bring the unpacked database to the newest schema and to a new epoch, and all of it into its one file."""
    opened = database.open_database(staging, make=False)
    kept: Path | None = None
    try:
        kept = _keep_old(data, now)
        before = since.read(data / database.FILE_NAME) if kept else None
        made = opened.write(lambda conn: _renew(conn, data, contents.made_at, before, now, random))
        opened.close()
        _settle(staging / database.FILE_NAME)
        with (staging / database.FILE_NAME).open("rb") as file:
            os.fsync(file.fileno())
    except (Problem, OSError, SQLAlchemyError):
        _forget_kept(kept)
        raise
    finally:
        opened.close()
    return replace(made, kept=kept)


def _forget_kept(kept: Path | None) -> None:
    """Remove the second name of a database that is not replaced, unless a log is there: it may be the only one left."""
    if kept and not any(file.name.endswith(_LOG) for file in kept.iterdir()):
        shutil.rmtree(kept, ignore_errors=True)


def _renew(
    conn: Connection, data: Path, made_at: datetime | None, before: Before | None, now: datetime, random: Random
) -> Restored:
    epoch = identity.restored(conn, random, now)
    again = since.remove_again(conn, before, now) if before else Again(0, 0)
    devices = conn.execute(select(device.c.device_id, device.c.revoked_at)).all()
    known = {row.device_id for row in devices}
    files = MediaFolder(data)
    names = select(item_media.c.media_id, func.min(item_media.c.item_id).label("item_id"))
    named = conn.execute(names.group_by(item_media.c.media_id).order_by(item_media.c.media_id))
    return Restored(
        epoch=epoch,
        made_at=made_at,
        kept=None,
        stations=sum(row.revoked_at is None for row in devices),
        removed_again=again.stations,
        items_removed_again=again.items,
        joined_since=len(before.known - before.revoked - known) if before else None,
        missing=tuple(Missing(row.media_id, row.item_id) for row in named if not files.has(row.media_id)),
    )


def _keep_old(data: Path, now: datetime) -> Path | None:
    """Give the present database a second name, in a folder of its own; gives that folder.

    Its log is copied before anything opens it: SQLite drops the log of a database that it can't read.
    """
    file = data / database.FILE_NAME
    if not file.is_file():
        return None
    name = f"replaced-{now:%Y%m%dT%H%M%SZ}"
    kept = next(one for n in range(1000) if not (one := data / (f"{name}-{n}" if n else name)).exists())
    kept.mkdir(mode=0o700)
    for end in _LOG:
        if (log := data / (file.name + end)).is_file():
            shutil.copy2(log, kept / log.name)
    if _settle(file):
        for end in _LOG:
            (kept / (file.name + end)).unlink(missing_ok=True)  # all of it is in the database now
    try:
        os.link(file, kept / file.name)
    except OSError:
        shutil.copy2(file, kept / file.name)  # a file system without links
    settle_folder(kept)
    settle_folder(data)
    return kept


def _settle(file: Path) -> bool:
    """Bring everything in a database's log into its one file; whether that was possible."""
    with suppress(dbapi2.DatabaseError), closing(database.connect(file)) as conn:
        busy, left, done = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy and left == done
    return False


def _swap(data: Path, staging: Path) -> None:
    """Put the new database in place of the old one, by one rename.

    A key file that is missing goes in first where there is a database (which is the same service's and starts with it),
    and last where there is none: a key alone would let a new, empty service begin.
    """
    target, key = data / database.FILE_NAME, staging / keys.FILE_NAME
    places_key = key.is_file() and not (data / keys.FILE_NAME).is_file()
    if places_key and target.is_file():
        key.replace(data / keys.FILE_NAME)
        places_key = False
    for end in _LOG:  # still there only when the old database is damaged; kept beside it
        (data / (database.FILE_NAME + end)).unlink(missing_ok=True)
    (staging / database.FILE_NAME).replace(target)
    if places_key:
        key.replace(data / keys.FILE_NAME)
    settle_folder(data)


def _damaged(what: str) -> Problem:
    title = "This file is damaged, or it is no backup."
    return Problem("restore.damaged", title, "Nothing was changed. Use another backup.", what[:400])
