"""Media files beside the database: which are wanted, which are here, and their bytes."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from modstation.core.changes import Changes
from modstation.core.ids import ItemId, MediaId
from modstation.core.problem import Problem
from modstation.store.driver import Database
from modstation.store.frames import Receiver, Sealed
from modstation.system.files import settle_folder

NEXT = 3  # items at the head of the queue that get all their files before others get any
SMALL = 256 * 1024  # bytes of a file that is fetched before larger ones


@dataclass(frozen=True, slots=True)
class Missing:
    """A file still to be fetched, whether it is a preview, and the item nearest in the queue that needs it."""

    media_id: MediaId
    size: int
    item_id: ItemId
    is_preview: bool = False


class MediaFiles:
    """The folder of encrypted files. Their names are random: the folder does not tell which known files are held.

    Wants are made by `items.lease` and ended by `items.gone`; here they are filled.
    """

    def __init__(self, folder: Path, entropy: Callable[[int], bytes]) -> None:
        self._folder = folder
        self._entropy = entropy
        self._receiving: WeakValueDictionary[Path, Receiver] = WeakValueDictionary()
        self._one_at_a_time = threading.Lock()
        self._is_closed = False

    def close(self) -> None:
        """Nothing is written here any more, whatever thread still waits for bytes."""
        with self._one_at_a_time:
            self._is_closed = True
            for receiver in list(self._receiving.values()):
                receiver.cut_off()

    def missing(self, db: Database, limit: int, near: Sequence[ItemId] | None = None) -> list[Missing]:
        """Files not here yet; the full ones of these items alone when they are named.

        First the previews, then all that the next few items need, then the small files of the others, then the large
        ones; within each, nearest in the queue first. What items outside the queue need comes last.
        """
        rows = db.conn.execute(
            f"""SELECT m.media_id, m.size, i.item_id, f.place < 0
               FROM media m JOIN item_media f USING (media_id) JOIN items i USING (n)
               WHERE m.ready = 0 AND (?1 IS NULL OR f.place < 0 OR i.item_id IN (SELECT value FROM json_each(?1)))
               ORDER BY i.item_id IN (SELECT item_id FROM outbox), f.place >= 0,
                   m.size > {SMALL} AND i.n NOT IN (SELECT n FROM queue LIMIT {NEXT}),
                   i.priority DESC, i.created_at, i.item_id, abs(f.place)""",  # noqa: S608 - constants
            (None if near is None else json.dumps(list(near)),),
        )
        found: dict[MediaId, Missing] = {}
        for media_id, size, item_id, is_preview in rows:
            one = Missing(MediaId(media_id), size, ItemId(item_id), bool(is_preview))
            found.setdefault(one.media_id, one)
            if len(found) == limit:
                break
        rows.close()
        return list(found.values())

    def left(self, db: Database) -> int:
        """How many files are not here yet."""
        counted: int = db.conn.execute("SELECT count(*) FROM media WHERE ready = 0").fetchone()[0]
        return counted

    def have(self, db: Database, media_id: MediaId) -> bool:
        """Whether a file is here, whole and verified."""
        return (
            db.conn.execute("SELECT 1 FROM media WHERE media_id = ? AND ready = 1", (media_id,)).fetchone() is not None
        )

    def receive(self, db: Database, media_id: MediaId) -> Receiver:
        """Start or go on taking a file's bytes. Reads the database only; what it writes are files.

        Whoever was taking the same file can't write any more: two would spoil it.

        Raises:
            Problem: ``media.unwanted`` when no held item names this file any more; ``media.cut_off`` after `close`.
        """
        sealed = self._sealed(db, media_id)
        with self._one_at_a_time:
            if self._is_closed:
                raise Problem("media.cut_off", "The cache is closed.", place=media_id)
            before = self._receiving.get(sealed.path)
            if before is not None:
                before.cut_off()
            receiver = self._receiving[sealed.path] = Receiver(sealed, self._entropy)
        return receiver

    def arrived(self, db: Database, ids: Sequence[MediaId]) -> Changes:
        """Files whose `Receiver.finish` came through are here from now on. Several at once cost one commit."""
        settle_folder(self._folder)
        there = frozenset(
            i for i in ids if db.conn.execute("UPDATE media SET ready = 1 WHERE media_id = ?", (i,)).rowcount
        )
        return Changes(media=there)

    def read(self, db: Database, media_id: MediaId) -> bytes:
        """The bytes of a file, every frame verified.

        Raises:
            Problem: ``media.unwanted``, ``media.not_here`` yet, ``media.damaged`` on the disk (see `spoil`).
        """
        sealed = self._sealed(db, media_id)
        if not self.have(db, media_id):
            raise Problem("media.not_here", "This file has not been fetched yet.", place=media_id)
        content = b"".join(content for content, _ in sealed.frames())
        if len(content) != sealed.size:
            raise Problem("media.damaged", "This file is damaged on this computer.", "It is fetched again.", media_id)
        return content

    def spoil(self, db: Database, media_id: MediaId) -> Changes:
        """A file was found damaged: give it a new key and want it again."""
        rows = db.conn.execute(
            "UPDATE media SET ready = 0, key = entropy(32) WHERE media_id = ? RETURNING media_id", (media_id,)
        ).fetchall()
        return Changes(media=frozenset(MediaId(row[0]) for row in rows))

    def unlink(self, names: Sequence[str]) -> None:
        """Remove files by name; their keys are gone already."""
        for name in names:
            (self._folder / name).unlink(missing_ok=True)

    def strays(self, db: Database) -> list[str]:
        """Names in the folder that no row knows: left by a crash between commit and removal."""
        present = [path.name for path in self._folder.iterdir()]  # before the rows: a file never precedes its row
        named = {row[0] for row in db.conn.execute("SELECT name FROM media").fetchall()}
        return [name for name in present if name not in named]

    def _sealed(self, db: Database, media_id: MediaId) -> Sealed:
        row = db.conn.execute("SELECT name, size, key FROM media WHERE media_id = ?", (media_id,)).fetchone()
        if row is None:
            raise Problem("media.unwanted", "No item here needs this file any more.", place=media_id)
        name, size, key = row
        return Sealed(self._folder / name, media_id, size, bytes(key))
