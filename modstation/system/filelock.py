"""A lock on a file that the operating system takes away when the process ends, however it ends."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from modstation.core.problem import Problem

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """Held from construction until `release`, or to the end of a ``with``. The file is made when there is none.

    Raises:
        Problem: `in_use`, when another holds it.
    """

    def __init__(self, path: Path, in_use: Problem) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._handle, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            raise in_use from error

    def release(self) -> None:
        """Let go. Harmless when repeated."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
