"""Memory shared with the worker, without a name anybody else could open it by, and never on a disk.

`multiprocessing.shared_memory` is not used: its resource tracker is one more process, and on Python 3.11 it unlinks
the memory when the child ends.
"""

import contextlib
import mmap
import os
import secrets
import sys
from dataclasses import dataclass

if sys.platform not in {"win32", "linux"}:
    import _posixshmem


@dataclass(frozen=True, slots=True)
class Shared:
    """A piece of shared memory. `handle` goes on the worker's command line; `fd` is inherited by it (-1: none)."""

    view: mmap.mmap
    handle: str
    fd: int

    def wipe(self, start: int, size: int) -> None:
        """Overwrite a part with zeros: content does not linger between two pictures."""
        self.view[start : start + size] = bytes(size)

    def close(self) -> None:
        """Give the memory back."""
        self.view.close()
        if self.fd >= 0:
            os.close(self.fd)


def create(size: int) -> Shared:
    """Make `size` bytes, all zero. Pages that are never touched cost nothing."""
    if sys.platform == "win32":
        name = f"modstation-{secrets.token_hex(16)}"
        return Shared(mmap.mmap(-1, size, tagname=name), name, -1)
    if sys.platform == "linux":
        fd = os.memfd_create("modstation", os.MFD_CLOEXEC)
    else:
        name = f"/ms-{secrets.token_hex(8)}"
        fd = _posixshmem.shm_open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o600)
        with contextlib.suppress(OSError):
            _posixshmem.shm_unlink(name)
    os.ftruncate(fd, size)
    return Shared(mmap.mmap(fd, size), str(fd), fd)


def attach(handle: str, size: int) -> mmap.mmap:
    """The worker's view of the memory that `create` made in its parent."""
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=handle)
    return mmap.mmap(int(handle), size)
