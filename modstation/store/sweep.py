"""The end of a purge: after the commit that deleted keys and rows, their files go and the log is emptied.

What is to be swept stands in the table `waste`, so a crash or a full disk only delays it.
"""

import structlog

from modstation.store.cipher import checkpoint
from modstation.store.driver import Database, DatabaseError
from modstation.store.media import MediaFiles

_log = structlog.get_logger(__name__)


def sweep(db: Database, media: MediaFiles) -> bool:
    """Sweep what is due, on the writing connection outside any transaction.

    Returns:
        False when something stays for the next time: a reader kept the log, or the disk refused.
    """
    try:
        names = [row[0] for row in db.conn.execute("SELECT name FROM waste").fetchall()]
        if not names:
            return True
        media.unlink([name for name in names if name])
        if not checkpoint(db):
            return False
        db.conn.execute("DELETE FROM waste")
    except (DatabaseError, OSError) as error:
        _log.warning("sweep put off", error=type(error).__name__)
        return False
    return True
