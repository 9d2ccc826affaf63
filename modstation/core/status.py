"""How the station stands with the service: what the status bar shows, told by the sync engine."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from modstation.core.problem import Problem


class Link(StrEnum):
    """The connection, in the words of the status bar."""

    STARTING = "starting"
    ONLINE = "online"
    OFFLINE = "offline"
    BLOCKED = "blocked"
    SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The state of the exchange with the service.

    Attributes:
        state: `BLOCKED` means that something between us and the service answers in its place (a sign-in page, a proxy).
        last_exchange: when the service last answered; None when it has not since the start.
        progress: (items done, items expected) during the first filling of the cache; None otherwise.
        media_left: files that are still to be fetched.
        problem: why the state is what it is; None when all is well.
        clock_off_s: how far this machine's clock is ahead of the service's, in seconds.
        rechecking: (done, total) decisions while the service is asked what became of them, after a loss; else None.
        recovered: decisions that were lost here or there and have been found again, since the start.
        unprovable: decisions that could not be found again, or that nobody can prove, since the start.
    """

    state: Link = Link.STARTING
    last_exchange: datetime | None = None
    progress: tuple[int, int] | None = None
    media_left: int = 0
    problem: Problem | None = None
    clock_off_s: int = 0
    rechecking: tuple[int, int] | None = None
    recovered: int = 0
    unprovable: int = 0
