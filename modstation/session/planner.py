"""What a person can plan with: the work at hand without a connection, and what an absence would cost."""

from modstation.core.planning import Offline, Outlook, outlook
from modstation.store import anchor, items
from modstation.store.driver import Database
from modstation.system.clock import Clock


class Planner:
    """Answers from the local cache, on the thread that owns `reader`; leases count by the service's time."""

    def __init__(self, reader: Database, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    def offline(self) -> Offline:
        """The work that needs no connection, and the files that it still lacks."""
        waiting, work_s = items.work_left(self._reader, anchor.service_time(self._reader, self._clock).now)
        files, file_bytes = items.files_lacking(self._reader)
        return Offline(waiting, work_s, files, file_bytes)

    def away(self, away_s: int) -> Outlook:
        """What lapses in an absence of so many seconds that begins now."""
        now = anchor.service_time(self._reader, self._clock).now
        return outlook(items.leases(self._reader, now), now, away_s)
