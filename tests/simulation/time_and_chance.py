"""Virtual time and seeded randomness: nothing in a world asks the machine for either."""

from datetime import datetime, timedelta
from random import Random

from tests.support.builders import NOW


class TrueTime:
    """What time it really is. The service's clock shows it; each station's own clock may be off."""

    def __init__(self) -> None:
        self._now = NOW
        self.passed = 0.0

    def now(self) -> datetime:
        return self._now

    def ticks(self) -> float:
        return 5000.0 + self.passed

    def boot(self) -> str:
        return "service"

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self.passed += seconds


class StationClock:
    """A computer's clock: its wall may jump, its ticks only go on, and begin anew at each boot."""

    def __init__(self, true: TrueTime) -> None:
        self._true = true
        self._off = timedelta(0)
        self._booted_at = -1000.0
        self._boots = 1

    def now(self) -> datetime:
        return self._true.now() + self._off

    def ticks(self) -> float:
        return self._true.passed - self._booted_at

    def boot(self) -> str:
        return f"boot-{self._boots}"

    @property
    def off_s(self) -> float:
        return self._off.total_seconds()

    def jump(self, seconds: float) -> None:
        self._off += timedelta(seconds=seconds)

    def jump_to(self, moment: datetime) -> None:
        self._off = moment - self._true.now()

    def correct(self) -> None:
        self._off = timedelta(0)

    def reboot(self) -> None:
        self._boots += 1
        self._booted_at = self._true.passed - 12.0


class Chance:
    """The entropy of one side of a world."""

    def __init__(self, seed: str) -> None:
        self.rng = Random(seed)

    def __call__(self, n: int) -> bytes:
        return self.rng.randbytes(n)

    def nonce(self) -> str:
        return self.rng.randbytes(16).hex()
