"""The lock on a data folder: one serving process at a time. `modstation admin` works beside it and takes no lock."""

from pathlib import Path

from modstation.core.problem import Problem
from modstation.system.filelock import FileLock

FILE_NAME = "service.lock"


def lock(data_folder: Path) -> FileLock:
    """Take it, to be held while the service runs.

    Raises:
        Problem: ``service.folder_in_use``.
    """
    title = "Another service is using this data folder."
    advice = "Stop it, or give this one another folder."
    return FileLock(data_folder / FILE_NAME, Problem("service.folder_in_use", title, advice, str(data_folder)))
