"""Planning an absence: which leases end meanwhile, and which of them more time from the service would keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from modstation.core.ids import ItemId
from modstation.core.item import Lease

BARS = 24  # of a picture; the absence takes half of them


@dataclass(frozen=True, slots=True)
class Bar:
    """Leases that end within a stretch of time.

    Attributes:
        from_s: seconds from now at which the stretch begins.
        to_s: seconds from now at which it ends; None for all the time after.
        lapsing: how many of the items lapse before the person is back.
    """

    from_s: int
    to_s: int | None
    items: int
    lapsing: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an absence costs.

    Attributes:
        away_s: seconds until the person is back.
        items: how many items are held now.
        lapsing: those whose lease ends before the person is back, the first to end first.
        renewable: those of `lapsing` that would be kept if the service renewed their leases now.
        bars: when the leases end; the last bar is all the time after.
    """

    away_s: int
    items: int
    lapsing: tuple[ItemId, ...]
    renewable: tuple[ItemId, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Offline:
    """What can be done without a connection.

    Attributes:
        items, work_s: items to decide, and the seconds that usually takes.
        files: how many of their files are not here yet.
        file_bytes: the size of those files.
    """

    items: int
    work_s: int
    files: int = 0
    file_bytes: int = 0


def outlook(leases: Sequence[Lease], now: datetime, away_s: int) -> Outlook:
    """Look ahead over an absence of `away_s` seconds (at least one) that begins `now`, by the service's clock.

    How long a renewed lease lasts is the service's to say; as long as the lease was made for is the best guess.
    """
    away_s = max(1, away_s)
    back_at = now + timedelta(seconds=away_s)
    by_end = sorted(leases, key=lambda lease: (lease.expires_at, lease.item_id))
    lapsing = [lease for lease in by_end if lease.expires_at <= back_at]
    renewable = [one.item_id for one in lapsing if now + (one.expires_at - one.granted_at) > back_at]
    return Outlook(
        away_s, len(leases), tuple(one.item_id for one in lapsing), tuple(renewable), _bars(by_end, now, away_s)
    )


def _bars(leases: Sequence[Lease], now: datetime, away_s: int) -> tuple[Bar, ...]:
    """Stretches of equal length, of which one ends when the person is back, and one for all the time after."""
    items = [0] * (BARS + 1)
    lapsing = [0] * (BARS + 1)
    half = BARS // 2
    for lease in leases:
        left_s = max(0.0, (lease.expires_at - now).total_seconds())
        at = min(BARS, int(left_s * half / away_s))
        if left_s <= away_s:
            at = min(at, half - 1)  # exactly at the end of the absence is too late
            lapsing[at] += 1
        items[at] += 1
    edges = [round(away_s * n / half) for n in range(BARS + 1)]
    ends = (*edges[1:], None)
    return tuple(Bar(edges[n], ends[n], items[n], lapsing[n]) for n in range(BARS + 1))
