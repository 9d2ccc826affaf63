"""The lock on a data folder: one serving process at a time. `modstation admin` works beside it and takes no lock."""

from pathlib import Path

from modstation.core.problem import Problem
from modstation.system.filelock import FileLock

FILE_NAME = "service.lock"


def lock(data_folder: Path, *, restoring: bool = False) -> FileLock:
    """Take it, to be held while the service runs, or while it is put back from a backup (`restoring`).

    Raises:
        Problem: ``service.folder_in_use``.
    """
    title = "Another service is using this data folder."
    advice = "Stop it, or give this one another folder."
    if restoring:
        title = "The service is running on this data folder."
        advice = "Nothing was changed. Stop the service, then give the command again."
    return FileLock(data_folder / FILE_NAME, Problem("service.folder_in_use", title, advice, str(data_folder)))
