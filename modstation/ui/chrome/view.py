"""What the status strip is told, and the words it makes of it."""

from dataclasses import dataclass
from datetime import datetime

from modstation.core.status import Link
from modstation.ui.text import ago, clock, day_and_clock, duration, left, tr, trn

LEASE_SHORT_S = 15 * 60
CLOCK_OFF_S = 120  # a clock that is off by less troubles nobody
_STEP_S = 10  # "online" is a state, not a stop-watch: within the first minute its age moves in steps
_DATED_S = 12 * 3600


@dataclass(frozen=True, slots=True)
class StatusView:
    """How the station stands.

    Attributes:
        exchanged_s: seconds since the service last answered; None when it has not since the start.
        offline_since: when the connection was lost.
        problem: why the state is what it is, and what helps; shown as a tip.
        saved_here, accepted, returned: decisions by their mark.
        waiting, work_s: items that can be decided without a connection, and the usual time that takes.
        lease_left_s: of the item on the desk; None when there is none.
        progress: (done, expected) while the cache is first filled.
        media_left: files still to be fetched.
        notice: something to say for a moment, in the place of the work.
        metered: whether only the files needed next are fetched.
        unconfirmed: whether the clocks here can't be trusted to tell what a lease has left.
        clock_off_s: how far this machine's clock is ahead of the service's, in seconds.
        rechecking: (done, total) decisions while the service is asked again what became of them.
        code: of the problem; empty when all is well.
        offline_s: how long ago the connection was lost; after half a day the date is said too.
        asking: whether the person has asked for an exchange and the service has not answered since.
    """

    link: Link = Link.STARTING
    exchanged_s: int | None = None
    offline_since: datetime | None = None
    problem: str = ""
    saved_here: int = 0
    accepted: int = 0
    returned: int = 0
    waiting: int = 0
    work_s: int = 0
    lease_left_s: int | None = None
    progress: tuple[int, int] | None = None
    media_left: int = 0
    notice: str = ""
    metered: bool = False
    unconfirmed: bool = False
    clock_off_s: int = 0
    rechecking: tuple[int, int] | None = None
    code: str = ""
    offline_s: int = 0
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One part of the strip.

    Attributes:
        name: what a click on it says.
        role: of its colour.
        reserve: words as long as these always fit, so that nothing beside them moves.
    """

    name: str
    text: str
    icon: str = ""
    role: str = "text_secondary"
    strong: bool = False
    reserve: str = ""


def link_words(view: StatusView) -> str:
    """The connection in words."""
    if view.link is Link.ONLINE:
        if view.code:
            return _trouble_words(view.code)
        # In any other state an exchange that fails as the one before is not told, and this would stand there for good.
        return tr("Asking the service") if view.asking else _online_words(view.exchanged_s or 0)
    if view.link is Link.OFFLINE:
        return _offline_words(view)
    if view.link is Link.BLOCKED:
        return _blocked_words(view.code)
    return {Link.STARTING: tr("Connecting"), Link.SIGNED_OUT: tr("Signed out by the service")}[view.link]


def _online_words(seconds: int) -> str:
    if seconds < _STEP_S:
        return tr("Online · just now")
    return tr("Online · {ago}", ago=ago(seconds - seconds % _STEP_S if seconds < 60 else seconds))


def _trouble_words(code: str) -> str:
    """The service answers, and something else is not as it should be."""
    return {
        "store.disk_full": tr("Online, but the disk is full"),
        "sync.protocol": tr("Online, but ModStation needs an update"),
        "sync.malformed_reply": tr("Online, but ModStation needs an update"),
    }.get(code, tr("Online, trying again"))


def _offline_words(view: StatusView) -> str:
    down = view.code == "sync.gateway"
    if view.offline_since is None:
        return tr("The service is not running") if down else tr("Offline")
    time = clock(view.offline_since) if view.offline_s < _DATED_S else day_and_clock(view.offline_since)
    return tr("Service not running since {time}", time=time) if down else tr("Offline since {time}", time=time)


def _blocked_words(code: str) -> str:
    """What answers in the service's place, as far as it can be told."""
    return {
        "sync.sign_in": tr("The network asks you to sign in"),
        "sync.proxy_password": tr("The network's proxy wants a password"),
        "sync.proxy": tr("The network's proxy lets nothing through"),
        "sync.proxy_setting": tr("The proxy set on this computer can't be used"),
        "sync.untrusted": tr("The connection is not trusted"),
    }.get(code, tr("Something else answers, not the service"))


def work_words(view: StatusView) -> str:
    """The work that needs no connection."""
    if not view.waiting:
        return tr("no work offline")
    time = duration(max(60, view.work_s))
    one, many = "{n} item, about {time} of work offline", "{n} items, about {time} of work offline"
    return trn(one, many, view.waiting, time=time)


def _fetching_words(view: StatusView) -> str:
    if view.rechecking is not None:
        done, total = view.rechecking
        return tr("re-checking decisions: {done} of {total}", done=done, total=total)
    if view.progress is not None:
        done, expected = view.progress
        return tr("fetching items: {done} of {expected}", done=done, expected=expected)
    if view.metered:
        one, many = "metered · {n} file not here", "metered · {n} files not here"
        return trn(one, many, view.media_left) if view.media_left else tr("metered")
    if view.media_left:
        return trn("{n} file still to come", "{n} files still to come", view.media_left)
    return ""


def clock_words(view: StatusView) -> str:
    """A quiet word about the time, when it can't be trusted; nothing when all is well."""
    if view.unconfirmed:
        return tr("lease times not confirmed")
    if abs(view.clock_off_s) > CLOCK_OFF_S:
        return tr("this clock is {time} off", time=duration(abs(view.clock_off_s)))
    return ""


def start_cells(view: StatusView) -> tuple[Cell, ...]:
    """The cells at the start: connection, the three marks, work."""
    online = view.link is Link.ONLINE
    lost = view.link is not Link.STARTING and (not online or bool(view.code))
    returned = view.returned > 0
    return (
        Cell(
            "link",
            link_words(view),
            "online" if online else "offline",
            "text_primary" if lost else "text_secondary",
            strong=lost,
            reserve=tr("Offline since {time}", time="00:00"),
        ),
        Cell(
            "saved",
            tr("{n} saved here", n=view.saved_here),
            "saved",
            "mark_saved" if view.saved_here else "text_muted",
            reserve=tr("{n} saved here", n=99),
        ),
        Cell(
            "accepted",
            tr("{n} accepted", n=view.accepted),
            "accepted",
            "mark_accepted" if view.accepted else "text_muted",
            reserve=tr("{n} accepted", n=999),
        ),
        Cell(
            "returned",
            tr("{n} returned", n=view.returned),
            "returned",
            "mark_returned" if returned else "text_muted",
            strong=returned,
            reserve=tr("{n} returned", n=9),
        ),
        Cell("notice", view.notice, "", "accent_text")
        if view.notice
        else Cell("work", work_words(view), reserve=work_words(StatusView(waiting=999, work_s=10 * 3600 + 59 * 60))),
    )


def end_cells(view: StatusView) -> tuple[Cell, ...]:
    """The cells at the end: what is being fetched, the lease."""
    cells: list[Cell] = []
    fetching = _fetching_words(view)
    if fetching:
        cells.append(Cell("fetching", fetching))
    if clock_words(view):
        cells.append(Cell("clock", clock_words(view)))
    if view.lease_left_s is not None:
        short = view.lease_left_s < LEASE_SHORT_S
        role = "mark_returned" if short else "text_secondary"
        words = tr("lease {left} h", left=left(view.lease_left_s))
        cells.append(Cell("lease", words, "lease", role, strong=short, reserve=tr("lease {left} h", left="00:00")))
    return tuple(cells)
