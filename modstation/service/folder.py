"""The lock on a data folder: one serving process at a time. `modstation admin` works beside it and takes no lock."""

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

FILE_NAME = "service.lock"


class FolderLock:
    """Held while the service runs; the system lets go of it when the process ends in whatever way."""

    def __init__(self, data_folder: Path) -> None:
        self._file = data_folder / FILE_NAME
        self._handle = -1

    def __enter__(self) -> Self:
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._handle, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise Problem(
                "service.folder_in_use",
                "Another service is using this data folder.",
                "Stop it, or give this one another folder.",
                str(self._file.parent),
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)
