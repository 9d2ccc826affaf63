"""The only writing connection, and the one thread that owns it.

A unit is a function of the database. It runs inside one transaction, and what it raises travels to whoever asked.
"""

import errno
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import structlog

from modstation.core.problem import Problem
from modstation.store.ballast import Ballast
from modstation.store.cipher import checkpoint
from modstation.store.driver import Database, DatabaseError
from modstation.store.journal import Journal, taken_back

T = TypeVar("T")
Entry = tuple[str, bytes]  # of the journal: id and bytes

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ROOM_FOR_LOG = 1024 * 1024  # with less, SQLite calls it an I/O error that it can't lengthen the log's index
_log = structlog.get_logger(__name__)


class NoSafetyCopy(Problem):
    """The commit stands, and only the second copy is missing. `result` is what the unit returned."""

    def __init__(self, result: Any) -> None:
        super().__init__(
            "store.journal_failed",
            "This was saved, but its safety copy could not be written.",
            "Go online, so that the service has it, and have the disk looked at.",
        )
        self.result = result


class Writer:
    """Runs units one after the other, each in a transaction that is on the disk when it is done (synchronous=FULL).

    Args:
        db: the writing connection; nobody else uses it from now on.
        after: called with it after each commit, outside any transaction, before the caller hears of it: the sweep.
        ballast: let go when the disk is full; the unit that found out is run again then, unless it saves a decision.
    """

    def __init__(self, db: Database, after: Callable[[Database], None], ballast: Ballast) -> None:
        self._db = db
        self._after = after
        self._ballast = ballast
        self._journal: Journal | None = None
        self._closed = False
        self._ident = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer", initializer=self._remember_thread)

    def _remember_thread(self) -> None:
        self._ident = threading.get_ident()

    def run(self, unit: Callable[[Database], T]) -> T:
        """Run a unit and wait for it.

        Raises:
            Problem: ``store.disk_full``, ``store.not_saved`` or ``vault.damaged``; nothing of the unit is written then.
            Exception: what the unit raised; the same holds.
        """
        if threading.get_ident() == self._ident:
            raise RuntimeError("a unit can't wait for another unit")
        return self.submit(unit).result()

    def submit(self, unit: Callable[[Database], T], *, empties_log: bool = False) -> Future[T]:
        """Run a unit soon; see `run`.

        Args:
            unit: what to write.
            empties_log: before the next unit runs, this one is in the database file itself: a disk that never got the
                end of the log can't take it back.
        """
        return self._thread.submit(self._whole, unit, (), empties_log)

    def save(
        self, unit: Callable[[Database], T], record: bytes, record_id: str, *, ends: str | None = None
    ) -> Future[T]:
        """Run a unit and make it durable: commit, sealed copy in the journal, emptied log. Done means all of it.

        Args:
            unit: what to write.
            record: the same thing as bytes for the journal.
            record_id: stands beside the record in clear.
            ends: an earlier record that this one takes the place of: it must not come back after a loss.

        Raises:
            Problem: as `run`; `NoSafetyCopy` when the commit stands and only the second copy is missing.
                ``store.disk_full`` also while what was held in reserve for purging is all that is left.
            RuntimeError: there is no journal yet (see `Vault.open_journal`).
        """
        if self._journal is None:
            raise RuntimeError("decisions can't be saved before the journal is opened")
        entries = [(record_id, record)]
        if ends is not None:
            entries.append((taken_back(ends), b""))
        return self._thread.submit(self._whole, unit, entries, True)

    def keep_journal(self, journal: Journal) -> None:
        """Append what `save` saves to `journal` from now on; the one before it is closed."""
        self._thread.submit(self._take_journal, journal).result()

    def _take_journal(self, journal: Journal | None) -> None:
        if self._journal is not None:
            self._journal.close()
        self._journal = journal

    def checkpoint(self) -> bool:
        """Empty the log; False when a reader was in the way."""
        return self._thread.submit(checkpoint, self._db).result()

    def close(self) -> None:
        """Finish what was asked, then close journal and connection. Harmless when repeated."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._take_journal, None).result()
            self._thread.shutdown()
            self._db.close()

    def _whole(self, unit: Callable[[Database], T], entries: Sequence[Entry], empties_log: bool) -> T:
        saves = any(record for _, record in entries)  # what is taken back has none, and frees room
        if saves and self._ballast.spent and not self._ballast.hold():
            raise _disk_full()
        try:
            result = self._explained(unit, entries)
        except Problem as problem:
            if problem.code != "store.disk_full" or not self._ballast.let_go() or saves:
                raise
            result = self._explained(unit, entries)
        if entries and self._journal is not None:
            try:
                for entry in entries:
                    self._journal.append(*entry)
            except OSError as error:
                raise NoSafetyCopy(result) from error
        if empties_log:
            self._empty_log()
        self._after(self._db)
        return result

    def _explained(self, unit: Callable[[Database], T], entries: Sequence[Entry]) -> T:
        try:
            return self._transaction(unit, entries)
        except DatabaseError as error:
            raise explained(error, self._ballast.free()) from error
        except OSError as error:
            raise not_taken(error) from error

    def _empty_log(self) -> None:
        """The commit stands already: a checkpoint that fails loses nothing."""
        try:
            checkpoint(self._db)
        except DatabaseError as error:
            _log.warning("checkpoint put off", error=type(error).__name__)

    def _transaction(self, unit: Callable[[Database], T], entries: Sequence[Entry]) -> T:
        connection: Any = self._db.conn
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = unit(self._db)
            _require(connection.in_transaction, "a unit ended its own transaction")
            if self._journal is not None:
                for entry in entries:
                    self._journal.reserve(*entry)  # a full disk shows here, while nothing is committed yet
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        _require(not connection.in_transaction, "the commit left a transaction open")
        return result


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


def _disk_full() -> Problem:
    return Problem(
        "store.disk_full",
        "The disk is full: this was not saved.",
        "Free some space, then try again. What was saved before is safe.",
    )


def not_taken(error: OSError) -> Problem:
    """What a person is told of a disk that refused a file."""
    if error.errno in _FULL:
        return _disk_full()
    return Problem(
        "store.not_saved",
        "The disk refused to take this: it was not saved.",
        "Try again. If it comes back, have the disk looked at.",
        type(error).__name__,
    )


def explained(error: BaseException, free: int) -> BaseException:
    """The Problem behind a database error, or the error itself when it is a bug; `free` bytes are left on the disk."""
    text = str(error)
    if "disk is full" in text or ("disk I/O error" in text and free < _ROOM_FOR_LOG):
        return _disk_full()
    # After a page that fails its check, SQLCipher lets nothing more be written and calls the database read-only.
    if any(sign in text for sign in ("malformed", "not a database", "disk I/O error", "readonly database")):
        return Problem(
            "vault.damaged",
            "The encrypted cache can't be read or written any more.",
            "Rebuild it, and have the disk looked at. What you decided is found again in its safety copies.",
        )
    return error
