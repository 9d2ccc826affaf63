"""A scripted shift through the real window: key events in, the service cut off for the middle third, figures out."""

import math
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from modstation.app.station import Station, application
from modstation.core.decision import Missing, confirming_digit
from modstation.core.ids import DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.core.status import Link
from modstation.demo import plaintext
from modstation.demo.member import take_part
from modstation.demo.process import ServiceProcess, admin
from modstation.session.desk import Desk
from modstation.session.views import Opened, State
from modstation.system import log, settings
from modstation.system.clock import SystemClock
from modstation.system.keyring import SystemKeyring
from modstation.system.paths import private
from modstation.system.settings import Settings

PATIENCE_S = 120.0
HURRIED = Settings(undo_hold_s=1, repeat_guard_ms=0, hold_items=20_000)
UNDO_EVERY = 25
WINDOW = (1440, 900)
NOTE = "Held back by the service."


class Shift:
    """Presses keys in the window of a station, as a person would, and times what follows.

    Attributes:
        next_item_ms: from a key that leaves an item to the next one painted, a figure for each.
        decided: ids of the decisions made and not taken back.
    """

    def __init__(self, station: Station) -> None:
        self.station = station
        self.app = application()
        self.next_item_ms: list[float] = []
        self.decided: list[DecisionId] = []

    def wait(self, what: str, ready: Any, patience_s: float = PATIENCE_S) -> None:
        """Let the window work until `ready` is true.

        Raises:
            Problem: ``demo.waited`` when that takes too long.
        """
        until = time.monotonic() + patience_s
        while not ready():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            if time.monotonic() > until:
                raise Problem("demo.waited", f"Waited {patience_s:.0f} s for: {what}.")
            time.sleep(0.002)

    @property
    def link(self) -> Link:
        """How the window says the connection stands."""
        place = self.station.shell.workplace
        return place.link if place is not None else Link.STARTING

    def watch(self) -> None:
        """Keep the ids of what is decided from now on."""
        place = self.station.shell.workplace
        assert place is not None
        place.control.left.connect(self.decided.append)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """One key, down and up, to whoever has the focus."""
        QTest.keyClick(self._focus(), key, modifiers)

    def decide(self, n: int) -> None:
        """Decide the item on the desk, the `n`-th of the shift.

        Raises:
            Problem: ``demo.stuck`` when the keys did not lead to a decision.
        """
        opened = self._current()
        self._compose(opened, n)
        self._commit()
        if n % UNDO_EVERY == UNDO_EVERY - 1:
            self._undo(opened.item.item_id)
            self._commit()
        self.app.processEvents()

    def _compose(self, opened: Opened, n: int) -> None:
        if opened.item.restricted:
            self.press(Qt.Key.Key_C)
            self._write_note()
        elif n % 3 == 1 and opened.recommended:
            self.press(Qt.Key.Key_1)
            if Missing.ACTION in self._desk.lacks:
                self.press(Qt.Key.Key_A)
                self.press(Qt.Key.Key_1)
                self.press(Qt.Key.Key_Return)
        elif n % 3 == 2 and opened.item.teams and n % 6 == 2:
            self.press(Qt.Key.Key_C)
            self._write_note()
        else:
            self.press(Qt.Key.Key_N)

    def _write_note(self) -> None:
        self.press(Qt.Key.Key_T)
        QTest.keyClicks(self._focus(), NOTE)
        self.press(Qt.Key.Key_Escape)

    def _commit(self) -> None:
        """D, and the digit where one is asked for; the last of these keys is the one that is timed."""
        opened = self._current()
        digit = confirming_digit(opened.draft, opened.item)
        keys = [Qt.Key.Key_D] + ([Qt.Key(Qt.Key.Key_0.value + digit)] if digit else [])
        for key in keys[:-1]:
            self.press(key)
        focus = self._focus()
        begun = time.perf_counter()
        QTest.keyClick(focus, keys[-1])
        self.app.processEvents()
        self.next_item_ms.append((time.perf_counter() - begun) * 1000)
        after = self._desk.current
        if after is not None and after.item.item_id == opened.item.item_id:
            raise Problem(
                "demo.stuck", f"The keys did not decide: {', '.join(self._desk.lacks)}.", place=opened.card.kind
            )

    def _undo(self, item_id: ItemId) -> None:
        self.press(Qt.Key.Key_U)
        self.decided.pop()
        desk = self._desk
        self.wait("the undo", lambda: desk.current is not None and desk.current.item.item_id == item_id)

    def _focus(self) -> QWidget:
        shell = self.station.shell
        return shell.focusWidget() or shell

    @property
    def _desk(self) -> Desk:
        assert self.station.running is not None
        return self.station.running.desk

    def _current(self) -> Opened:
        opened: Opened | None = self._desk.current
        if opened is None:
            raise Problem("demo.stuck", "There is no item on the desk.")
        return opened


class Journey:
    """The whole of ``make demo-headless``."""

    def __init__(self, home: Path, service: ServiceProcess, at_most: int) -> None:
        self._home = home
        self._data = home / "service"
        self._folder = private(home / "station")
        self._service = service
        self._at_most = at_most

    def run(self) -> dict[str, Any]:
        """Sync, decide a third, lose the service, decide a third, get it back, decide the rest; count everything."""
        application()
        settings.save(self._folder, HURRIED)
        log.configure(self._folder)
        before = admin(self._data, "stats")
        take_part(self._home, self._service.address, SystemClock(), SystemKeyring)
        station = Station(self._folder, SystemClock(), SystemKeyring)
        shift = Shift(station)
        first_sync_s = self._first_sync(station, shift, int(before["items"].get("waiting", 0)))
        assert station.running is not None
        desk = station.running.desk
        clear = self._needles(desk)
        synced = len(desk.waiting)
        shift.watch()
        offline, hits = self._decide_all(shift, min(synced, self._at_most or synced), clear)
        shift.wait("every decision to be answered", lambda: desk.records.tally().saved_here == 0)
        returned = desk.records.entries(State.RETURNED)
        answered = {done.entry_id for done in desk.records.settled(limit=2 * synced)}
        lost = set(shift.decided) - answered - {entry.entry_id for entry in returned}
        station.quit()
        after = admin(self._data, "stats")
        return {
            "items_synced": synced,
            "decided": len(shift.decided),
            "decided_offline": offline,
            "accepted": after["accepted_items"] - before["accepted_items"],
            "returned": len(returned),
            "refused": after["decisions"].get("refused", 0) - before["decisions"].get("refused", 0),
            "lost": len(lost),
            "applied_twice": after["applied_twice"],
            "next_item_ms": _percentiles(shift.next_item_ms),
            "first_sync_s": round(first_sync_s, 3),
            "plaintext_hits": hits + plaintext.hits(self._folder, clear),
            "cache_bytes": sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file()),
        }

    def _first_sync(self, station: Station, shift: Shift, waiting: int) -> float:
        """Seconds from the opened window to the last item of the queue on this computer."""
        station.shell.resize(*WINDOW)
        station.shell.show()
        begun = time.perf_counter()
        station.begin()
        shift.wait("the desk", lambda: station.running is not None)
        running = station.running
        assert running is not None
        shift.wait("the first sync", lambda: len(running.desk.waiting) >= waiting and shift.link is Link.ONLINE)
        took_s = time.perf_counter() - begun
        shift.wait("the files", lambda: running.engine.status.media_left == 0)
        return took_s

    def _decide_all(self, shift: Shift, wanted: int, clear: set[bytes]) -> tuple[int, int]:
        """Decide, the middle third without a service; how many that were, and what was found in clear meanwhile."""
        cut, back = wanted // 3, 2 * wanted // 3
        hits = 0
        for n in range(wanted):
            if n == cut:
                self._service.kill()
                shift.wait("the station to notice", lambda: shift.link is Link.OFFLINE)
                hits = plaintext.hits(self._folder, clear)
            if n == back:
                self._service.start()
            shift.decide(n)
        return back - cut, hits

    def _needles(self, desk: Desk) -> set[bytes]:
        items = (desk.records.item(item_id) for item_id in desk.waiting)
        files = (path.read_bytes() for path in sorted((self._data / "media").rglob("*")) if path.is_file())
        return plaintext.needles((item for item in items if item), files)


def _percentiles(figures: list[float]) -> dict[str, float]:
    ordered = sorted(figures)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)], 2) if ordered else 0.0

    return {"p50": at(0.50), "p95": at(0.95), "p99": at(0.99)}
