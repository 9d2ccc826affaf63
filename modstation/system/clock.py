"""Time, as an argument. Nothing in the product asks the machine for the time but this module."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two times: the wall's, which people may set, and one that only moves on."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def ticks(self) -> float:
        """Seconds that never go back and count the time asleep; their zero means nothing."""
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
