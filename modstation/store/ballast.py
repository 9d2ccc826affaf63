"""Space held in reserve for the day the disk is full: a file that can be let go at once.

With no room left SQLite can't even delete: a purge needs room in the log first. So on the first refusal the reserve is
let go, which leaves enough to purge and to take the service's answers; from then on no new decision is taken, and
nothing is fetched ahead, until there is room to hold it again.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import structlog

BYTES = 32 * 1024 * 1024
PREFETCH_BYTES = 1024 * 1024 * 1024  # with less room than this, files are no longer fetched ahead
_TO_SPARE = BYTES  # room that must be left beside the reserve when it is made
_NAME = "ballast"

_log = structlog.get_logger(__name__)


class Ballast:
    """The reserve of one vault. Safe to use from any thread: each step is one call to the system.

    Attributes:
        free: bytes that the disk has left.
        spent: the reserve was let go, and there has been no room to hold it again.
    """

    def __init__(self, folder: Path, free: Callable[[], int] | None = None) -> None:
        self._path = folder / _NAME
        self.free = free or (lambda: shutil.disk_usage(folder).free)
        self.spent = not self.is_held and self.free() < BYTES + _TO_SPARE

    @property
    def is_held(self) -> bool:
        """Whether the space is taken."""
        return self._path.exists()

    @property
    def may_fetch(self) -> bool:
        """Whether there is room for files that are not needed yet."""
        return not self.spent and self.free() >= PREFETCH_BYTES

    def hold(self) -> bool:
        """Take the space, when there is enough of it. It may take a moment: not for a thread that a person waits for.

        Returns:
            Whether the reserve is held now.
        """
        if not self.is_held and self.free() >= BYTES + _TO_SPARE:
            unfinished = self._path.with_suffix(".new")
            try:
                _fill(unfinished)
                unfinished.replace(self._path)
            except OSError as error:
                unfinished.unlink(missing_ok=True)
                _log.info("ballast_not_held", error=type(error).__name__)
        self.spent = self.spent and not self.is_held
        return self.is_held

    def let_go(self) -> bool:
        """Give the space back.

        Returns:
            Whether there was any: then what failed for want of room may work now.
        """
        self.spent = True
        if not self.is_held:
            return False
        self._path.unlink(missing_ok=True)
        _log.warning("ballast_let_go")
        return True

    def make_room(self) -> None:
        """Before a vault is opened: a disk without room for its log would make it look damaged."""
        if self.free() < BYTES // 4:
            self.let_go()


def _fill(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(handle, 0, BYTES)
        else:
            for _ in range(BYTES // (1024 * 1024)):
                os.write(handle, bytes(1024 * 1024))
        os.fsync(handle)
    finally:
        os.close(handle)
