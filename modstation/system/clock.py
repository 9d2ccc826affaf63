"""Time, as an argument. Nothing in the product asks the machine for the time but this module."""

import os
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """Two times: the wall's, which people may set, and one that only moves on."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def ticks(self) -> float:
        """Seconds that never go back and count the time asleep; their zero means nothing."""
        ...

    def boot(self) -> str:
        """Names the run of the machine in which `ticks` counts: another name, other ticks."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def ticks(self) -> float:
        """Seconds since boot, sleep included where the system counts it (CLOCK_BOOTTIME)."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    def boot(self) -> str:
        """The kernel's name for this boot; where there is none, one for this process: older ticks then mean nothing."""
        return _boot()


@cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return f"process-{os.getpid()}-{time.time_ns()}"
