"""What the worker gives up before it touches a hostile byte: network, files, memory, time, core dumps.

Each is taken where the system offers it; the worker goes on without those it could not take and says which it has.
"""

import contextlib
import ctypes
import sys

if sys.platform != "win32":
    import resource

MEMORY = 1024 * 1024 * 1024
FILES = 16
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38


def leave_network() -> bool:
    """Move to an empty network of our own (Linux). Must run while the process has one thread."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return bool(libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def limit() -> bool:
    """Cap memory, open files, written files, core dumps and child processes. Everything needed is open by now."""
    if sys.platform == "win32":
        return False
    caps = {"RLIMIT_AS": MEMORY, "RLIMIT_NOFILE": FILES, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0, "RLIMIT_NPROC": 0}
    taken = True
    for name, cap in caps.items():
        try:
            resource.setrlimit(getattr(resource, name), (cap, cap))
        except (AttributeError, OSError, ValueError):
            taken = False
    return taken


def allow_cpu(seconds: int) -> None:
    """From now on this process may use `seconds` of processor time; then the system ends it."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))
