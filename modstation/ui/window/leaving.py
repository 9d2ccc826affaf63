"""Leaving the desk for a while, or for the day: what the two overlays show and what is done about it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from modstation.core.changes import Changes
from modstation.core.ids import ItemId
from modstation.core.status import Link, SyncStatus
from modstation.session.desk import Desk
from modstation.system.clock import Clock
from modstation.ui.text import tr, trn
from modstation.ui.window.control import DeskControl
from modstation.ui.window.frame import Frame
from modstation.ui.window.overlays import Overlays

if TYPE_CHECKING:
    from modstation.ui.overlay.away import Away
    from modstation.ui.overlay.ending import Ending


class Leaving(QObject):
    """Opens the overlays and carries out what is chosen in them.

    Signals:
        renew_wanted(object): ask for more time with these items, a tuple of ids.
        fetch_wanted(): fetch every file that is still missing.
        end_wanted(): the shift is over.
        ended(): leases have ended here.
        told(str): something to tell in the status strip for a moment.

    Attributes:
        lapsed: whether leases have ended here since the service was last reached.
    """

    renew_wanted = Signal(object)
    fetch_wanted = Signal()
    end_wanted = Signal()
    ended = Signal()
    told = Signal(str)

    def __init__(self, frame: Frame, desk: Desk, control: DeskControl, overlays: Overlays, clock: Clock) -> None:
        super().__init__(frame)
        self._frame, self._desk, self._control, self._overlays = frame, desk, control, overlays
        self._clock = clock
        self._status = SyncStatus()
        self.lapsed = False

    def commands(self) -> Mapping[str, Callable[[int], object]]:
        """The commands of leaving."""
        return {"station.away": lambda _: self.away.open(), "station.end": lambda _: self._open_ending()}

    def lapse(self) -> None:
        """Once a second: what has ended leaves queue and desk."""
        gone = self._desk.lapse()
        if gone:
            self.lapsed = True
            self.ended.emit()
            # Nothing was given back to anybody, as without a connection: its time is over.
            self._control.absorb(gone, tr("The lease of the item you had open has ended. Your draft is kept."))
            n = len(gone.gone)
            one, many = "The lease of {n} item has ended. Drafts are kept.", "{n} leases have ended. Drafts are kept."
            self.told.emit(trn(one, many, n))
            self.moved()

    def moved(self) -> None:
        """Something moved here or at the service: the picture follows."""
        if "away" in vars(self) and self.away.is_open:  # where a cached property keeps what it made
            self.away.look()

    def show_status(self, status: SyncStatus) -> None:
        """How the exchange with the service stands."""
        before, self._status = self._status, status
        self.lapsed = self.lapsed and status.state is not Link.ONLINE
        if (before.state, before.media_left) != (status.state, status.media_left):
            self.moved()

    @cached_property
    def away(self) -> "Away":
        """Going away; built when it is first opened."""
        from modstation.ui.overlay.away import Ask, Away  # noqa: PLC0415 - see `overlays`

        planner = self._desk.planner
        ask = Ask(planner.away, planner.offline, self._clock.now, self._is_online)
        away = self._overlays.keep(Away(self._frame, ask))
        away.renew_wanted.connect(self.renew_wanted)
        away.give_back_wanted.connect(self._give_back)
        away.fetch_wanted.connect(self.fetch_wanted)
        return away

    @cached_property
    def _ending(self) -> "Ending":
        from modstation.ui.overlay.ending import Ending  # noqa: PLC0415 - see `overlays`

        ending = self._overlays.keep(Ending(self._frame))
        ending.end_wanted.connect(self.end_wanted)
        return ending

    def _open_ending(self) -> None:
        tally = self._desk.records.tally()
        self._ending.open_for(len(self._desk.waiting), tally.saved_here, online=self._is_online())

    def _is_online(self) -> bool:
        return self._status.state is Link.ONLINE

    def _give_back(self, ids: object) -> None:
        self._desk.shift.give_back(cast("Sequence[ItemId]", ids), self._gave)

    def _gave(self, changes: Changes) -> None:
        self._control.absorb(changes)
        self.told.emit(trn("{n} item given back.", "{n} items given back.", len(changes.items)))
        self.moved()
