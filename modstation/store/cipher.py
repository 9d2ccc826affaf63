"""How the database file is encrypted and opened: the SQLCipher settings, in one place.

Pages have SQLCipher 4's own size, 4096 bytes, so that any program that knows SQLCipher opens it with the key, also
on the day ours does not start. Pages of 8192 would write about a quarter faster. ``cipher_memory_security`` stays off:
it makes bulk writes nearly twice as slow, and Python keeps keys and texts in memory that it can't wipe anyway. The
32-byte key is given raw, so opening costs no key derivation; what protects the key is in `slots`.
"""

from pathlib import Path
from typing import Literal
from urllib.parse import quote

from modstation.store.driver import Database, connection

PAGE_SIZE = 4096
DESCRIPTION = f"SQLCipher 4, cipher_page_size {PAGE_SIZE}, raw key"
BUSY_MS = 5_000  # how long a checkpoint waits for readers; they hold on for milliseconds

Mode = Literal["new", "write", "read"]
_OPEN = {"new": "rwc", "write": "rw", "read": "rw"}  # WAL readers share memory with the writer, so "ro" would not do


def open_database(path: Path, key: bytes, mode: Mode) -> Database:
    """Open `path` with the raw 32-byte `key`.

    Args:
        path: the database file; it must exist unless `mode` is ``new``.
        key: 32 bytes.
        mode: ``read`` can't change a thing (query_only).

    Raises:
        DatabaseError: the file is not a database under this key, or is damaged.
    """
    raw = connection(f"file:{quote(str(path.absolute()))}?mode={_OPEN[mode]}")
    try:
        raw.execute("PRAGMA cipher_log_level = NONE")  # it would write to stderr what it also raises
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        raw.execute(f"PRAGMA cipher_page_size = {PAGE_SIZE}")
        raw.execute(
            "SELECT count(*) FROM sqlite_master"
        ).fetchone()  # the first read tells a wrong key or a damaged file
        for setting in _settings(mode):
            raw.execute(f"PRAGMA {setting}")
        return Database(raw, execute_plugins=False)
    except BaseException:
        raw.close()
        raise


def _settings(mode: Mode) -> list[str]:
    settings = [
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "temp_store = MEMORY",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_MS}",
        "cache_size = -16000",  # KiB
        "wal_autocheckpoint = 4000",  # pages: a first sync writes the same index pages again and again
    ]
    if mode == "read":
        return [*settings[3:], "query_only = ON"]
    return settings


def checkpoint(db: Database) -> bool:
    """Move everything from the write-ahead log into the database file and empty the log.

    A flipped bit in the log would silently drop every commit from there on; in the database file it is found.

    Returns:
        False when a reader was in the way: nothing is lost, try again later.
    """
    busy: int = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return busy == 0
