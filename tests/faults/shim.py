"""The C shim: compiled where the tests run, chosen by environment or, in a process that has it, by a call."""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
FAULTS = ("enospc", "eio", "short", "full")


class NoCompiler(Exception):
    """The shim can't be made here: the message says what is missing."""


def build(folder: Path | None = None) -> Path:
    """Compile the shim, once for each version of its source.

    Raises:
        NoCompiler: there is no C compiler, or this is not Linux.
    """
    if sys.platform != "linux":
        raise NoCompiler("Storage faults are injected by LD_PRELOAD, which only Linux has. Run this on Linux.")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NoCompiler(
            "Storage faults need a C compiler, and there is none. On Debian: apt-get install gcc libc6-dev"
        )
    into = folder or Path(tempfile.gettempdir()) / f"modstation-faults-{os.getuid()}"
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = into / f"shim-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]}.so"
    if not made.exists():
        unfinished = made.with_suffix(f".{os.getpid()}")
        command = [
            compiler,
            "-O2",
            "-Wall",
            "-shared",
            "-fPIC",
            "-o",
            str(unfinished),
            str(SOURCE),
            "-ldl",
            "-lpthread",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoCompiler(f"The C compiler could not make the shim:\n{done.stderr}")
        unfinished.replace(made)
    return made


def environment(shim: Path, **chosen: object) -> dict[str, str]:
    """What a process needs to have the shim; `chosen` are the settings in the source, as ``folder=…, at=3``."""
    told = {f"FAULTS_{name.upper()}": str(value) for name, value in chosen.items()}
    return os.environ | {"LD_PRELOAD": str(shim)} | told


def arm(folder: Path, log: Path | None, fault: str, at: int = 0, calls: str = "", suffix: str = "") -> None:
    """Choose a fault for this very process, which must have been started with the shim."""
    texts = (str(folder), str(log or ""), calls, suffix)
    _library().faults_arm(*(text.encode() for text in texts), ctypes.c_long(at), fault.encode())


def disarm() -> None:
    """From now on every call is passed on."""
    _library().faults_disarm()


def seen() -> int:
    """How many calls were counted since `arm`."""
    return int(_library().faults_seen())


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    library.faults_seen.restype = ctypes.c_long
    return library
