"""What time it is at the service, told from this machine's clocks: leases end by that time and by no other.

A lease must never last longer because somebody moved a clock. So of the times that are possible the later one counts,
and when the clocks contradict each other, or the machine was started anew, it is said that nobody knows for sure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

DOUBT = timedelta(minutes=2)  # clocks that differ by more do not tell the same story


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment at which the service told the time, as this machine's clocks showed it.

    Attributes:
        server_time: what the service said.
        wall: this machine's wall clock then.
        ticks: this machine's steady clock then, in seconds; its zero is the boot.
        boot: names the run of the machine in which `ticks` counts.
    """

    server_time: datetime
    wall: datetime
    ticks: float
    boot: str


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """The service's time, as far as it is known.

    Attributes:
        now: at the latest estimate; what a lease has left by it is the smaller of the two possible.
        unconfirmed: the clocks can't be trusted to tell it before the service is heard again.
    """

    now: datetime
    unconfirmed: bool = False


def estimate(anchor: Anchor | None, wall: datetime, ticks: float, boot: str) -> ServiceTime:
    """The service's time, from what the clocks have shown since the anchor.

    Args:
        anchor: None when the service was never heard: then the wall clock is all there is.
        wall: this machine's wall clock now.
        ticks: its steady clock now.
        boot: the name of its run.
    """
    if anchor is None:
        return ServiceTime(wall)
    by_wall = max(anchor.server_time, anchor.server_time + (wall - anchor.wall))  # time does not go back
    if boot != anchor.boot or ticks < anchor.ticks:
        return ServiceTime(by_wall, unconfirmed=True)
    by_ticks = anchor.server_time + timedelta(seconds=ticks - anchor.ticks)
    told_back = anchor.server_time + (wall - anchor.wall)
    return ServiceTime(max(by_wall, by_ticks), unconfirmed=abs(told_back - by_ticks) > DOUBT)
