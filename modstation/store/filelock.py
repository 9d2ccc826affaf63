"""A lock that the operating system takes away when the process ends, however it ends."""

import os
import sys
from pathlib import Path

from modstation.core.problem import Problem

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """Held from construction until `release`.

    Raises:
        Problem: ``vault.in_use`` when another holds it.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._handle, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise Problem(
                "vault.in_use", "ModStation is already running with this cache.", "Go to its window, or close it."
            ) from None

    def release(self) -> None:
        """Let go. Harmless when repeated."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
