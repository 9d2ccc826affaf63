"""Files fetched ahead, nearest in the queue first, each resumed where it was cut and verified before it counts.

On a thread of its own: a slow file never delays a decision, and text comes first (the engine nudges this thread when
its page of changes is complete).
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from random import Random

import structlog

from modstation.core.changes import Changes
from modstation.core.ids import ItemId, MediaId
from modstation.core.problem import Problem
from modstation.store.driver import Database
from modstation.store.frames import Receiver
from modstation.store.media import Missing
from modstation.store.vault import Vault
from modstation.store.writer import not_taken
from modstation.sync.failures import Blocked, Offline, Refused, delay_after
from modstation.sync.transport import Transport
from modstation.system.clock import Clock

log = structlog.get_logger(__name__)

AT_ONCE = 8  # files whose arrival is written in one commit, for each that may be on its way at the same time


Near = Callable[[], Sequence[ItemId] | None]
"""On a metered connection: the items whose files are wanted now. None: those of all items are."""


def everything() -> None:
    """No connection is metered."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one round brought. `problem` stopped it; `left` files are still to come."""

    arrived: int
    left: int
    problem: Problem | None = None


class Fetcher:
    """Fetches what the held items name.

    Args:
        on_changes: which files arrived; from this object's thread.
        on_left: how many files are still to come; from this object's thread.
        near: see `Near`.
        hands: how many files may be on their way at the same time. While one waits for the disk, another comes.
    """

    def __init__(
        self,
        vault: Vault,
        transport: Transport,
        clock: Clock,
        rng: Random,
        on_changes: Callable[[Changes], None],
        on_left: Callable[[int], None],
        near: Near = everything,
        hands: int = 1,
    ) -> None:
        self._vault = vault
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._on_changes = on_changes
        self._on_left = on_left
        self._near = near
        self._hands = hands
        self._all_once = False
        self._bell = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._db: Database | None = None
        self._failures = 0
        self._passed_over: set[MediaId] = set()

    def start(self) -> None:
        """Begin to work in the background; the first round waits for a nudge."""
        self._thread = threading.Thread(target=self._run, name="media-fetch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what has arrived of a file is kept."""
        self._stop.set()
        self._bell.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def nudge(self) -> None:
        """There may be something to fetch, or the connection is back."""
        self._bell.set()

    def fetch_all(self) -> None:
        """Fetch everything that is missing now, whatever it costs: the person asked for it."""
        self._all_once = True
        self._bell.set()

    def again(self) -> None:
        """What was passed over is tried once more: somebody has nudged."""
        self._passed_over.clear()

    def step(self) -> Fetched:
        """One round, synchronous: up to a handful of files. Never raises a `Problem`."""
        if self._db is None:
            self._db = self._vault.reader()
        db = self._db
        arrived: list[MediaId] = []
        problem: Problem | None = None
        near = None if self._all_once else self._near()
        at_once = AT_ONCE * self._hands
        at_most = at_once + len(self._passed_over)
        wanted = self._vault.media.missing(db, at_most, near) if self._vault.ballast.may_fetch else []
        wanted = [m for m in wanted if m.media_id not in self._passed_over][:at_once]
        # Previews can be looked at as soon as they are here: they don't wait for full files to arrive with them.
        wanted = [m for m in wanted if m.is_preview == wanted[0].is_preview]
        with closing(self._bring(db, wanted)) as coming:
            for missing, came in coming:
                try:
                    came.result()
                    arrived.append(missing.media_id)
                except (Offline, Blocked) as found:
                    problem = found
                except OSError as found:  # the disk, not the line: that is a `Problem` before it comes here
                    problem = not_taken(found)
                except Problem as found:
                    # Not ours any more, damaged on the way, refused: the next file has nothing to do with it.
                    log.info("file_passed_over", media_id=missing.media_id, code=found.code)
                    self._passed_over.add(missing.media_id)
                    if isinstance(found, Refused) and found.status not in {404, 410, 416}:
                        problem = found
                if problem is not None:
                    break
        try:
            if arrived:
                self._on_changes(self._vault.writer.run(lambda db: self._vault.media.arrived(db, arrived)))
        except Problem as found:  # what has arrived is on the disk, and is only looked at again
            arrived, problem = [], found
        left = self._vault.media.left(db)
        self._all_once = self._all_once and left > len(self._passed_over)
        self._on_left(left)
        return Fetched(len(arrived), left, problem)

    def _bring(self, db: Database, wanted: Sequence[Missing]) -> Generator[tuple[Missing, Future[None]], None, None]:
        """Each file and what comes of it, in order; closing this waits for what is on its way, and begins no more."""
        with ThreadPoolExecutor(self._hands, thread_name_prefix="media-hand") as pool:
            under_way: deque[tuple[Missing, Future[None]]] = deque()
            for missing in wanted:
                if self._stop.is_set():
                    break
                under_way.append((missing, self._begin(pool, db, missing)))
                if len(under_way) >= self._hands:
                    yield under_way.popleft()
            yield from under_way

    def _begin(self, pool: ThreadPoolExecutor, db: Database, missing: Missing) -> Future[None]:
        try:
            receiver = self._vault.media.receive(db, missing.media_id)
        except (Problem, OSError) as error:
            failed: Future[None] = Future()
            failed.set_exception(error)
            return failed
        return pool.submit(self._fetch, missing, receiver)

    def _fetch(self, missing: Missing, into: Receiver) -> None:
        with into as receiver:
            if receiver.offset < missing.size:
                with self._transport.media(missing.media_id, receiver.offset) as coming:
                    # A proxy may answer a range with the whole: what is here already is passed over.
                    known = receiver.offset - coming.start
                    if known < 0:
                        raise Problem("media.wrong_range", "A part of a file is missing.", place=missing.media_id)
                    for chunk in coming.chunks:
                        if self._stop.is_set():
                            raise Offline("sync.stopping", "The station is closing.")
                        if known >= len(chunk):
                            known -= len(chunk)
                            continue
                        receiver.write(chunk[known:])
                        known = 0
            receiver.finish()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._bell.wait()
            self._bell.clear()
            self.again()
            self._rounds()

    def _rounds(self) -> None:
        while not self._stop.is_set():
            try:
                fetched = self.step()
            except Exception as error:
                if self._stop.is_set():
                    return
                log.exception("fetch_bug", kind=type(error).__name__)
                return
            if fetched.problem is not None:
                self._failures += 1
                if self._bell.wait(delay_after(fetched.problem, self._failures, self._rng)):
                    self._passed_over.clear()  # a lease may have been renewed
                self._bell.clear()
            elif fetched.arrived == 0:
                return
            else:
                self._failures = 0
