"""``modstation admin backup``: the whole service in one file, while it runs.

The file is a tar packed with zstd: a list of contents, the database as it was at one moment, the service's keys
(without them no station trusts the service, and no journal can be opened), and the media if they are asked for. It is
secret: it holds everything the service holds.
"""

import argparse
import errno
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec
import zstandard

from modstation.core.problem import Problem
from modstation.service import database, keys
from modstation.service.admin.desk import Desk
from modstation.service.admin.output import Output
from modstation.service.media import MediaFolder
from modstation.system.files import settle_folder

FORMAT = 1
CONTENTS = "backup.json"
_PAGES = 512  # copied at once

Advance = Callable[[int], None]


class Part(msgspec.Struct, frozen=True):
    """A file in a backup that is checked by what the list of contents says of it."""

    name: str
    size: int
    sha256: str


class Contents(msgspec.Struct, frozen=True):
    """The first file in a backup. `media` is how many media follow the parts; None when they were not asked for."""

    format: int
    made_at: datetime
    parts: tuple[Part, ...]
    media: int | None


def answer(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``backup FILE``."""
    if args.database:
        raise Problem(
            "backup.postgresql",
            "PostgreSQL makes its own backups.",
            "Use: pg_dump --format=custom --file=FILE URL; keep service.key and media of the data folder with it.",
        )
    data: Path = args.data
    total = _size(data / database.FILE_NAME) * 2
    if args.with_media:
        total += sum(_size(file) for file in (data / "media").glob("*/*"))
    with output.progress("Backing up", total) as advance:
        made = make(data, args.file, desk.clock.now(), with_media=args.with_media, advance=advance)
    has_keys = any(part.name == keys.FILE_NAME for part in made.parts)
    size = _size(args.file)
    words = [f"{args.file}: the database and the service's keys, {size:,} bytes. Keep it secret."]
    if not has_keys:
        words = [f"{args.file}: the database, {size:,} bytes. There are no keys: the service was never started."]
    if made.media is None:
        words.append("Media are not in it: copy the folder `media` as well, or use --with-media.")
    else:
        words.append(f"{made.media} media are in it.")
    output.answer({"file": str(args.file), "bytes": size, "keys": has_keys, "media": made.media}, *words)
    return 0


def make(data: Path, file: Path, now: datetime, *, with_media: bool, advance: Advance) -> Contents:
    """Write a backup of the service in `data` to `file`, whole or not at all; the service may be running.

    Args:
        data: the data folder.
        file: where to; never written over.
        now: the service's time.
        with_media: whether the media go with it.
        advance: told how many bytes are done, of twice the database and the media.

    Raises:
        Problem: ``service.nothing_here``, ``backup.exists``, ``backup.folder``, ``backup.damaged_database``,
            ``backup.changed``, ``service.keys_missing``.
        OSError: the disk did not take it; nothing is left of it.
    """
    if not (data / database.FILE_NAME).is_file():
        raise Problem("service.nothing_here", "There is no service here.", "Look at the spelling of --data.", str(data))
    if file.exists():
        raise _exists(file)
    if not file.parent.is_dir():
        raise Problem("backup.folder", "There is no such folder.", "Make it first.", str(file.parent))
    with tempfile.TemporaryDirectory(prefix=".modstation-backup-", dir=file.parent) as beside:
        copy = Path(beside) / database.FILE_NAME
        _copy_database(data / database.FILE_NAME, copy, advance)
        ids = _check(data, copy)
        files = [copy, *(file for file in [data / keys.FILE_NAME] if file.is_file())]
        media = list(_media(data, ids)) if with_media else None
        contents = Contents(FORMAT, now, tuple(_part(one) for one in files), None if media is None else len(media))
        packed = Path(beside) / "packed"
        _pack(packed, contents, [*((one.name, one) for one in files), *(media or ())], advance, copy.stat().st_size)
        _put(packed, file)
    settle_folder(file.parent)
    return contents


def _copy_database(source: Path, target: Path, advance: Advance) -> None:
    """Copy the database as it is now: a reading transaction holds on to that moment, whatever is written meanwhile."""
    with closing(database.connect(source)) as reading, closing(database.connect(target)) as writing:
        page_size = int(reading.execute("PRAGMA page_size").fetchone()[0])
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()

        def progress(_status: int, left: int, total: int) -> None:
            advance((total - left) * page_size)

        reading.backup(writing, pages=_PAGES, progress=progress, sleep=0)
        reading.execute("COMMIT")
        writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _check(data: Path, copy: Path) -> list[str]:
    """See that the copy is sound and that its keys are there; gives the ids of its media."""
    with closing(database.connect(copy)) as conn:
        if conn.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise Problem(
                "backup.damaged_database",
                "The service's database is damaged.",
                "Nothing was written. Stop the service and put the last backup back: modstation admin restore.",
            )
        known = conn.execute("SELECT 1 FROM setting WHERE name = 'signing_key'").fetchone()
        if known and not (data / keys.FILE_NAME).is_file():
            title = "The service's key file is missing."
            raise Problem("service.keys_missing", title, "Put it back first.", str(data / keys.FILE_NAME))
        return [row[0] for row in conn.execute("SELECT media_id FROM media ORDER BY media_id")]


def _media(data: Path, ids: list[str]) -> Iterator[tuple[str, Path]]:
    folder = MediaFolder(data)
    for media_id in ids:
        if folder.has(media_id):
            yield f"media/{media_id}", folder.path(media_id)


def _pack(packed: Path, contents: Contents, files: list[tuple[str, Path]], advance: Advance, done: int) -> None:
    with os.fdopen(os.open(packed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        packer = zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(raw, closefd=False)
        with packer, tarfile.open(fileobj=packer, mode="w|") as tar:
            listed = msgspec.json.encode(contents)
            tar.addfile(_entry(CONTENTS, len(listed)), io.BytesIO(listed))
            for name, path in files:
                try:
                    file = path.open("rb")
                except FileNotFoundError:  # `item remove` was quicker
                    title = "A file was removed while the backup was made."
                    raise Problem("backup.changed", title, "Nothing was written. Give the command again.") from None
                with file:
                    size = os.fstat(file.fileno()).st_size
                    tar.addfile(_entry(name, size), file)
                done += size
                advance(done)
        raw.flush()
        os.fsync(raw.fileno())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _put(packed: Path, file: Path) -> None:
    """Give the finished backup its name, never over something else."""
    try:
        os.link(packed, file)
    except FileExistsError:
        raise _exists(file) from None
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES}:
            raise
        if file.exists():
            raise _exists(file) from None
        shutil.move(packed, file)  # a file system without links


def _part(file: Path) -> Part:
    with file.open("rb") as opened:
        return Part(file.name, file.stat().st_size, hashlib.file_digest(opened, "sha256").hexdigest())


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _exists(file: Path) -> Problem:
    return Problem("backup.exists", "There is a file of this name already.", "Give another name.", str(file))
