"""The vault: one folder, one key, everything this computer holds of the service's content.

``vault.json`` (header), ``vault.db`` (SQLCipher), ``enrolment.sealed``, ``media/``, ``journal/``, ``ballast`` and
``lock``. A vault that exists never gets a new key: when its key can't be had, that is a Problem to explain, and nothing
on the disk is changed. When its key fits and its database is damaged, `rebuild` puts an empty one in the place of the
damaged one, under the same key.
"""

import hmac
import json
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from modstation.core.problem import Problem
from modstation.store import cipher, header, journal, keepsake, meta, migrations, slots, tail
from modstation.store.ballast import Ballast
from modstation.store.driver import Database, DatabaseError
from modstation.store.media import MediaFiles
from modstation.store.slots import Locks
from modstation.store.sweep import sweep
from modstation.store.writer import Writer, explained
from modstation.system.filelock import FileLock
from modstation.system.files import settle_folder
from modstation.system.paths import private

__all__ = ["ASIDE", "Locks", "Vault", "create", "exists", "in_use", "open_", "rebuild", "set_aside"]

Entropy = Callable[[int], bytes]
_log = structlog.get_logger(__name__)

ASIDE = "recovery.aside"
"""In `meta`: names of caches set aside whose journals have gone up."""

_HEADER = header.NAME
_DATABASE = "vault.db"
_KEPT = "enrolment.sealed"
_DATABASE_FILES = (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm")  # in the order in which they may be moved


class Vault:
    """An open vault. One process at a time has it.

    Attributes:
        folder: where it is.
        vault_id: 32 hex digits.
        writer: the only way to write.
        media: the encrypted files beside the database.
        ballast: space in reserve for the day the disk is full.
        was_cut: the end of the log could not be read when this was opened. Decisions are in the journal, items come
            again; a draft or an undo of the last moment may be missing.
        was_left_open: whoever had it last did not close it: what the disk had not taken by then, and nobody can see
            missing, is lost.
    """

    was_cut = was_left_open = False

    def __init__(self, folder: Path, vault_id: str, key: bytes, lock: FileLock, entropy: Entropy) -> None:
        self.folder = folder
        self.vault_id = vault_id
        self._key = key
        self._lock = lock
        self._entropy = entropy
        self._readers: list[Database] = []
        self.media = MediaFiles(folder / "media", entropy)
        self.ballast = Ballast(folder)
        for part in ("media", "journal"):
            (folder / part).mkdir(mode=0o700, exist_ok=True)
        db = _open_checked(folder / _DATABASE, key, "write")
        try:
            migrations.migrate(db)
            db.conn.create_function("entropy", 1, entropy)
            self.media.unlink(self.media.strays(db))
            sweep(db, self.media)
        except BaseException:
            db.close()
            raise
        self.writer = Writer(db, self._sweep, self.ballast)

    def _sweep(self, db: Database) -> None:
        sweep(db, self.media)

    def reader(self) -> Database:
        """A new read-only connection, for the calling thread alone. `close` closes it."""
        reader = cipher.open_database(self.folder / _DATABASE, self._key, "read")
        self._readers.append(reader)
        return reader

    def open_journal(self, sealing_key: bytes, sign: journal.Sign) -> None:
        """From now on decisions can be saved: their second copy is signed, and sealed to the service's X25519 key."""
        self.writer.keep_journal(journal.Journal(self.folder / "journal", sealing_key, self._entropy, sign))

    def journal_ids(self) -> list[str]:
        """Ids of the decisions in the journal, to be compared with `outbox.known` at the start."""
        return journal.ids(self.folder / "journal")

    def journals(self) -> list[Path]:
        """Folders of journals: this vault's, then those of vaults that were set aside beside it, oldest first."""
        return [self.folder / "journal", *sorted(self.folder.glob("aside-*/journal"))]

    def unfinished_journals(self, db: Database) -> list[Path]:
        """Those of `journals` that may hold what the cache has lost: not those that have gone up whole (`ASIDE`)."""
        done = set(json.loads(meta.get(db, ASIDE) or "[]"))
        return [folder for folder in self.journals() if folder.parent.name not in done]

    def keep_enrolment(self, text: str) -> None:
        """Keep what makes this computer a device beside the database too, sealed: `rebuild` brings it back.

        A disk that refuses is only noted: it is a copy, and the next start tries again (`keeps_enrolment`).
        """
        try:
            keepsake.write(self.folder / _KEPT, self._key, self.vault_id, text, self._entropy)
        except OSError as error:
            _log.warning("enrolment_not_kept", error=type(error).__name__)

    @property
    def keeps_enrolment(self) -> bool:
        """Whether `keep_enrolment` has been called for this vault."""
        return (self.folder / _KEPT).exists()

    def close(self) -> None:
        """Finish writing, close every connection, empty the log, let go of the key and the lock. Harmless twice.

        Threads that read must have stopped: their connections are closed here.
        """
        self.media.close()
        for reader in self._readers:
            reader.close()
        self._readers.clear()
        self.writer.close()
        self._key = b""
        self._lock.release()


def exists(folder: Path) -> bool:
    """Whether there is a vault, or what is left of one."""
    return (folder / _HEADER).exists() or (folder / _DATABASE).exists()


def create(folder: Path, locks: Locks, entropy: Entropy = secrets.token_bytes) -> Vault:
    """Make a vault with a new random key in `folder` and open it.

    Raises:
        Problem: ``vault.exists``, ``vault.in_use``, ``vault.no_lock``, ``vault.not_written``; what the keyring raises.
    """
    try:
        private(folder)
    except OSError as error:
        raise _not_written(error) from error
    return _locked(folder, lambda lock: _create(folder, locks, entropy, lock))


def set_aside(folder: Path, name: str) -> Path:
    """Move a vault that can't be opened into ``folder/name``, whole and untouched, so that another can be made.

    Cut short, it leaves what `exists` still calls a vault; called again, with another name, it moves the rest.

    Raises:
        Problem: ``vault.in_use``.
        OSError: the new folder exists already, or can't be made.
    """
    lock = FileLock(folder / "lock", in_use())
    try:
        aside = folder / name
        aside.mkdir(mode=0o700)
        Ballast(folder).let_go()
        for part in (_HEADER, *_DATABASE_FILES, _KEPT, "media", "journal"):
            if (folder / part).exists():
                (folder / part).rename(aside / part)
    finally:
        lock.release()
    return aside


def open_(folder: Path, locks: Locks, entropy: Entropy = secrets.token_bytes) -> Vault:
    """Open the vault in `folder`. When that fails, nothing on the disk has changed.

    Raises:
        Problem: ``vault.none``, ``vault.in_use``, ``vault.header_missing``, ``vault.header_damaged``,
            ``vault.from_future``, ``vault.damaged``, ``vault.not_written``; those of `slots.open_slots`; what the
            keyring raises.
    """
    if not exists(folder):
        raise Problem("vault.none", "There is no cache here yet.", "Enrol this computer.")
    return _locked(folder, lambda lock: _open(folder, locks, entropy, lock))


def rebuild(folder: Path, locks: Locks, name: str, entropy: Entropy = secrets.token_bytes) -> Vault:
    """Put an empty database, under the same key, in the place of a damaged one, and open it.

    The damaged database and the files that only it has keys for go to ``folder/name``, whole, with a copy of the
    header, so that whoever has the key can still open them. The journal stays where it is. The enrolment is in the new
    database, if its sealed copy can be read; else this computer has to join again. Cut short, it can be called again
    with another name.

    Raises:
        Problem: as `open_`, except ``vault.damaged``; ``vault.not_written`` also when the new folder exists already.
    """
    return _locked(folder, lambda lock: _rebuild(folder, locks, name, entropy, lock))


def in_use() -> Problem:
    """What the second process that wants a vault is told."""
    return Problem("vault.in_use", "ModStation is already running with this cache.", "Go to its window, or close it.")


def _not_written(error: Exception) -> Problem:
    return Problem(
        "vault.not_written",
        "The disk did not take what the cache needs.",
        "Free some space or have the disk looked at, then try again. Nothing was deleted.",
        type(error).__name__,
    )


def _locked(folder: Path, work: Callable[[FileLock], Vault]) -> Vault:
    try:
        lock = FileLock(folder / "lock", in_use())
    except OSError as error:
        raise _not_written(error) from error
    try:
        return work(lock)
    except BaseException as error:
        lock.release()
        if isinstance(error, OSError):
            raise _not_written(error) from error
        raise


def _create(folder: Path, locks: Locks, entropy: Entropy, lock: FileLock) -> Vault:
    if exists(folder):
        raise Problem("vault.exists", "There is a cache in this folder already.", "Open it, or choose another folder.")
    vault_id, key = entropy(16).hex(), entropy(32)
    wrapped = slots.make(locks, vault_id, key, entropy)
    _empty_database(folder, key).rename(folder / _DATABASE)
    # The header comes last: from here on, and not before, this is a vault.
    check = header.key_check(key, vault_id)
    whole = header.Header(header.FORMAT, vault_id, migrations.NEWEST, cipher.DESCRIPTION, check, wrapped)
    header.write(folder / _HEADER, whole)
    return Vault(folder, vault_id, key, lock, entropy)


def _empty_database(folder: Path, key: bytes, enrolment: str | None = None) -> Path:
    """A new database in a file of its own, which is not yet the vault's."""
    unfinished = folder / (_DATABASE + ".new")
    for left_over in folder.glob(unfinished.name + "*"):
        left_over.unlink()
    unfinished.touch(0o600)
    try:
        db = cipher.open_database(unfinished, key, "new")
        try:
            migrations.migrate(db)
            if enrolment is not None:
                meta.put(db, keepsake.META_KEY, enrolment)
            cipher.checkpoint(db)  # the file is moved without its log; closing would hide that this failed
        finally:
            db.close()
    except DatabaseError as error:  # nothing here can be damaged yet: the disk refused
        raise _not_written(error) from error
    return unfinished


def _rebuild(folder: Path, locks: Locks, name: str, entropy: Entropy, lock: FileLock) -> Vault:
    Ballast(folder).make_room()
    found, key = _unlocked(folder, locks)
    fresh = _empty_database(folder, key, keepsake.read(folder / _KEPT, key, found.vault_id))
    aside = folder / name
    aside.mkdir(mode=0o700)
    shutil.copyfile(folder / _HEADER, aside / _HEADER)
    # The database first: its log alone is nothing, but without its log it might open, and be believed.
    for part in (*_DATABASE_FILES, "media"):
        if (folder / part).exists():
            (folder / part).rename(aside / part)
    fresh.rename(folder / _DATABASE)
    settle_folder(folder)
    return Vault(folder, found.vault_id, key, lock, entropy)


def _open(folder: Path, locks: Locks, entropy: Entropy, lock: FileLock) -> Vault:
    Ballast(folder).make_room()
    found, key = _unlocked(folder, locks)
    left_open = (folder / f"{_DATABASE}-wal").exists()  # closing removes it
    try:
        is_cut = _probe(folder / _DATABASE, key, found.schema)
        vault = Vault(folder, found.vault_id, key, lock, entropy)
        vault.was_cut, vault.was_left_open = is_cut, left_open
    except DatabaseError as error:  # it opens, and a page of it is damaged; or the disk has no room for its log
        raise explained(error, Ballast(folder).free()) from error
    if found.schema != migrations.NEWEST:
        header.write(folder / _HEADER, msgspec.structs.replace(found, schema=migrations.NEWEST))
    return vault


def _unlocked(folder: Path, locks: Locks) -> tuple[header.Header, bytes]:
    """The header, and the key that fits it."""
    if not (folder / _HEADER).exists():
        raise Problem(
            "vault.header_missing",
            "The file that describes the cache is missing.",
            "Restore vault.json from a copy, or join again with a new code.",
        )
    found = header.read(folder / _HEADER, migrations.NEWEST)
    key = slots.open_slots(found.slots, locks, found.vault_id)
    if not hmac.compare_digest(found.check, header.key_check(key, found.vault_id)):
        raise header.damaged("check")
    return found, key


def _probe(path: Path, key: bytes, schema: int) -> bool:
    """Look before anything is written: is it ours and whole, and not from the future? Whether its log lost its end."""
    db = _open_checked(path, key, "read")
    try:
        seen = migrations.version(db)
        is_cut = tail.is_cut(db, path.with_name(path.name + "-wal"))
    finally:
        db.close()
    if seen > migrations.NEWEST:
        raise header.from_future()
    if seen < schema:  # an empty file is an empty database to SQLite; to us it is everything lost
        raise _damaged(f"schema {seen}, expected {schema}")
    if is_cut:
        _log.warning("log_cut")
    return is_cut


def _open_checked(path: Path, key: bytes, mode: cipher.Mode) -> Database:
    try:
        return cipher.open_database(path, key, mode)
    except DatabaseError as error:
        raise _damaged(str(error)) from error


def _damaged(place: str) -> Problem:
    return Problem(
        "vault.damaged",
        "The encrypted cache is damaged: its key is right, but it can't be read.",
        "Rebuild it: the damaged one is kept beside it, and what you decided is found again in its safety copies.",
        place,
    )
