"""Writing small files so that a crash leaves the old one or the new one, never half of either."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Replace `path` by `data`: new file beside it, fsync, rename, fsync of the folder. Readable by its owner only.

    Raises:
        OSError: the old file is untouched then.
    """
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    settle_folder(path.parent)


def settle_folder(folder: Path) -> None:
    """Make names made or removed in `folder` survive a power cut. Windows does this by itself and refuses the call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
