"""How things stand with the service: kept for whoever asks, and told when it changes."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from modstation.core.status import SyncStatus
from modstation.sync.exchange import Asked
from modstation.sync.recovery import Standing


class Telling:
    """The status of one engine; its threads may tell at the same time.

    Args:
        on_status: told only when something changed, by the thread that changed it.
    """

    def __init__(self, on_status: Callable[[SyncStatus], None]) -> None:
        self._on_status = on_status
        self._one_at_a_time = threading.Lock()
        self._status = SyncStatus()

    @property
    def status(self) -> SyncStatus:
        """How things stand."""
        return self._status

    def tell(self, **changed: Any) -> None:
        """These fields of the status are so now."""
        with self._one_at_a_time:
            before, self._status = self._status, replace(self._status, **changed)
            if self._status != before:
                self._on_status(self._status)

    def begin(self, asked: Asked) -> None:
        """A first filling begins with this question; it is told how far it is."""
        if not asked.request.epoch and self._status.progress is None:
            self.tell(progress=(0, asked.request.room))

    def progress(self, leased: int, *, more: bool) -> tuple[int, int] | None:
        """How far a filling is after so many items more; None when none goes on."""
        if self._status.progress is None or not more:
            return None
        done, total = self._status.progress
        return done + leased, max(total, done + leased)

    def files_left(self, left: int) -> None:
        """So many files are still to be fetched."""
        self.tell(media_left=left)

    def recovery(self, standing: Standing) -> None:
        """How the finding again of lost decisions stands."""
        self.tell(rechecking=standing.rechecking, recovered=standing.recovered, unprovable=standing.unprovable)
