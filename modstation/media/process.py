"""One worker process, seen from its parent: start, ask, end."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import modstation
from modstation.media.frame import IN_BYTES, SHARED_BYTES, Done, Job
from modstation.media.memory import Shared, create

START_S = 30.0


class Lost(Exception):
    """The worker is gone or silent; `args[0]` is ``crashed`` or ``too_slow``."""


def worker_command() -> tuple[str, ...]:
    """How the worker is started from a Python installation; a frozen application brings its own."""
    return (sys.executable, "-s", "-P", "-B", "-m", "modstation.media.worker")


class Process:
    """A running worker. Used by one thread at a time.

    Raises:
        Lost: it does not start: the machine may be out of memory or of processes.
    """

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._memory = create(SHARED_BYTES)
        except OSError:
            raise Lost("crashed") from None
        try:
            self._child = _started(command, self._memory)
        except OSError:
            self._memory.close()
            raise Lost("crashed") from None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name="media-listener", daemon=True)
        self._listener.start()
        try:
            self.confinement: dict[str, bool] = json.loads(self._line(START_S))
        except (Lost, ValueError):
            self.end()
            raise Lost("crashed") from None

    def ask(self, data: bytes, step: int, width_px: int, limit_s: float) -> tuple[Done, bytes]:
        """Decode `data`. Raises `Lost`; then this process is of no more use and must be ended."""
        self._memory.view[: len(data)] = data
        try:
            self._say(asdict(Job(len(data), step, width_px)))
            done = _understood(self._line(limit_s))
            size = done.stride * done.height
            pixels = self._memory.view[IN_BYTES : IN_BYTES + size]
            self._memory.wipe(IN_BYTES, size)
        finally:
            self._memory.wipe(0, len(data))
        return done, pixels

    def kill(self) -> None:
        """Stop the worker now, from any thread; who is asking it gets `Lost`."""
        self._child.kill()

    def end(self) -> None:
        """Kill the worker and give everything back. It has nothing to save."""
        self._child.kill()
        self._child.wait()
        self._listener.join()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._memory.close()

    def _say(self, told: dict[str, Any]) -> None:
        pipe = self._child.stdin
        if pipe is None:
            raise Lost("crashed")
        try:
            pipe.write(json.dumps(told).encode() + b"\n")
            pipe.flush()
        except OSError:
            raise Lost("crashed") from None

    def _line(self, limit_s: float) -> bytes:
        try:
            line = self._lines.get(timeout=limit_s)
        except queue.Empty:
            raise Lost("too_slow") from None
        if not line:
            raise Lost("crashed")
        return line

    def _listen(self) -> None:
        pipe = self._child.stdout
        while pipe is not None:
            line = pipe.readline(4096)
            self._lines.put(line)
            if not line:
                return


def _started(command: Sequence[str], memory: Shared) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own program, no shell, nothing from outside in it
        [*command, memory.handle],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        pass_fds=() if memory.fd < 0 else (memory.fd,),
    )


def _understood(line: bytes) -> Done:
    """The worker's answer, believed no further than it can be checked. Raises `Lost`."""
    try:
        told = Done(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        raise Lost("crashed") from None
    if told.error:
        return Done(error=str(told.error)[:40])
    if not told.holds():
        raise Lost("crashed")
    return told


def _environment() -> dict[str, str]:
    """The least a Python process needs; the package's folder stands in for an installation."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": str(Path(modstation.__file__).parent.parent), "LC_ALL": "C.UTF-8"}
