"""From a key to the next item painted, in the real window on a real vault with 10,000 items.

Ours: the key event, the command, the desk, every pane, and the paint of all that changed, until the item's body has
been painted and the event loop has nothing left to paint. Baseline: the same item's texts put into a bare QTextBrowser
of the same size, until it has painted. Both offscreen, one right after the other.

What the window does between two keys (reading ahead, counting) is not in the figure, as a person's next key comes
later than that; what it costs is told by ``next_item.recount``, measured with 5,000 decisions waiting for a connection.
"""

import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTextBrowser

from modstation.app.station import application, look
from modstation.core.content import Kind, parts
from modstation.core.decision import Decision, Verdict
from modstation.core.ids import DecisionId, ItemId, uuid7
from modstation.core.item import Item
from modstation.media.decoder import Decoder
from modstation.session.around import Around
from modstation.session.desk import Desk
from modstation.session.finder import Finder
from modstation.session.pictures import Pictures
from modstation.store import outbox
from modstation.store.driver import Database
from modstation.store.outbox import OutboxRow, What
from modstation.system import memory
from modstation.system.clock import SystemClock
from modstation.system.settings import Settings
from modstation.ui.window.bridge import Bridge
from modstation.ui.window.shell import Shell
from modstation.wire import translate
from tests.bench import furnished
from tests.bench.row import Budget, Pairs, Row, at

ITEMS = 10_000
HELD = 5_000
FRAME_MS = 16.7
BUDGET = Budget(ratio=4.0, p99=FRAME_MS)
AGAINST = "the same texts in a bare QTextBrowser"
WARM_UP = 30
PATIENCE_S = 5.0
BETWEEN_S = 0.03  # a key held down repeats this often


def rows(quick: bool) -> list[Row]:
    """The whole queue by J, decisions by D, then each kind by itself, then the counting between keys."""
    times = 60 if quick else 600
    few = 20 if quick else 150
    found = [
        Row("next_item", AGAINST, BUDGET, lambda: _window().by_next(times)),
        Row("next_item.decide", AGAINST, BUDGET, lambda: _window().by_deciding(times // 2)),
    ]
    found += [
        Row(f"next_item.{kind}", AGAINST, BUDGET, lambda kind=kind: _window().by_kind(kind, few)) for kind in Kind
    ]
    found.append(Row("next_item.recount", "nothing", Budget(p99=FRAME_MS), lambda: _window().recounted(few)))
    return found


@cache
def _window() -> "_Window":
    """One window for all rows: filling the vault takes longer than measuring."""
    return _Window()


def close() -> None:
    """Close that window, if there is one."""
    if _window.cache_info().currsize:
        _window().close()


class _Painted(QObject):
    """Sees when a widget has been painted. It stands on that one widget only."""

    def __init__(self, widget: Any) -> None:
        super().__init__(widget)
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if event.type() == QEvent.Type.Paint:
            self.seen = True
        return False


class _Window:
    """The real shell over a furnished vault, and the bare browser beside it."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory()
        furnished.furnish(Path(self._home.name), ITEMS)
        self._app = application()
        settings = Settings(repeat_guard_ms=0, theme="light", undo_hold_s=30)
        look(settings)
        self._vault = furnished.open_furnished(Path(self._home.name))
        clock, bridge = SystemClock(), Bridge()
        self._shell = Shell(clock)
        memory.settle()  # as the station does
        around = Around(
            clock, secrets.token_bytes, lambda: 30.0, bridge.post, self._shell.person_moved, lambda: None, _fail
        )
        self._desk = Desk(self._vault, around)
        self._decoder = Decoder()
        self._decoder.warm()
        self._pictures = Pictures(self._vault, self._decoder, bridge.post)
        self._shell.apply_settings(settings)
        self._shell.prepare_desk(self._desk, Finder(self._vault.reader()), self._pictures, "Robin")
        self._bare = QTextBrowser()
        self._bare.resize(1440, 900)
        self._bare.show()
        self._shell.show()
        self._shell.resize(1440, 900)  # the offscreen platform's screen is smaller than that, and Qt keeps to it
        self._shell.show_desk()
        self._shell.activateWindow()
        self._settle()
        assert self._shell.frame is not None
        self._item_painted = _Painted(self._shell.frame.panes.item._body.viewport())
        self._bare_painted = _Painted(self._bare.viewport())

    def by_next(self, times: int) -> Pairs:
        """J through the queue, as it is ordered."""
        return self._measure(times, lambda _: None, Qt.Key.Key_J)

    def by_deciding(self, times: int) -> Pairs:
        """N, then D: the D is timed."""
        return self._measure(times, lambda _: self._press(Qt.Key.Key_N), Qt.Key.Key_D)

    def by_kind(self, kind: Kind, times: int) -> Pairs:
        """J to items of one kind, from whatever stands before each."""
        waiting = self._desk.waiting
        cards = self._desk.records.cards(waiting)
        places = [n for n, item_id in enumerate(waiting) if n and cards[item_id].kind is kind]
        random.Random(5).shuffle(places)
        before = [waiting[n - 1] for n in places]
        return self._measure(times, lambda n: self._go(before[n % len(before)]), Qt.Key.Key_J)

    def recounted(self, times: int) -> Pairs:
        """The counting 120 ms after a decision, while `HELD` decisions wait for a connection; its paint included."""
        ids = self._desk.waiting[-HELD:]
        clock, rng = SystemClock(), random.Random(7)
        now = clock.now()
        entries = [_held(item_id, DecisionId(uuid7(n, rng.getrandbits(80))), n) for n, item_id in enumerate(ids)]

        def add(db: Database) -> None:
            for entry in entries:
                outbox.add(db, entry)

        self._vault.writer.run(add)
        place = self._shell.workplace
        assert place is not None
        ours = []
        for _ in range(times):
            begun = time.perf_counter()
            place._recount()
            self._app.processEvents()
            ours.append((time.perf_counter() - begun) * 1000)
            self._settle()
        return Pairs(ours, notes={"decisions held": str(len(place.held)), "since": now.isoformat(timespec="minutes")})

    def _measure(self, times: int, prepare: Callable[[int], None], key: Qt.Key) -> Pairs:
        ours, bare, cpu = [], [], list[tuple[float, float]]()
        for n in range(-min(WARM_UP, times), times):
            prepare(n)
            self._settle()
            took, busy = self._timed(lambda: self._press(key), self._item_painted)
            opened = self._desk.current
            assert opened is not None
            work = partial(self._bare.setPlainText, _words(opened.item))
            beside, bare_busy = self._timed(work, self._bare_painted)
            if n >= 0:
                ours.append(took)
                bare.append(beside)
                cpu.append((busy, bare_busy))
        return Pairs(ours, bare, _cpu_notes(cpu))

    def _timed(self, work: Callable[[], None], painted: _Painted) -> tuple[float, float]:
        """Ms by the wall clock, and ms of this thread's own work, which others on the machine can't stretch."""
        painted.seen = False
        begun, worked = time.perf_counter(), time.thread_time()
        work()
        self._app.processEvents()
        while not painted.seen:
            self._app.processEvents()
            if time.perf_counter() - begun > PATIENCE_S:
                raise RuntimeError(f"nothing was painted; an overlay is open: {self._overlay_open()}")
        return (time.perf_counter() - begun) * 1000, (time.thread_time() - worked) * 1000

    def _overlay_open(self) -> bool:
        place = self._shell.workplace
        return place is not None and place.overlays.is_open

    def _press(self, key: Qt.Key) -> None:
        QTest.keyClick(self._shell.focusWidget() or self._shell, key)

    def _go(self, item_id: ItemId) -> None:
        assert self._shell.workplace is not None
        self._shell.workplace.control.go(item_id)

    def _settle(self) -> None:
        """Let everything that follows a key come to rest: reading ahead, pictures, paints."""
        until = time.perf_counter() + BETWEEN_S
        while time.perf_counter() < until:
            self._app.processEvents()
            time.sleep(0.002)

    def close(self) -> None:
        assert self._shell.workplace is not None
        self._shell.workplace.stop()
        self._pictures.close()
        self._decoder.close()
        self._desk.close()
        self._vault.close()
        self._shell.close()
        self._bare.close()
        self._app.processEvents()
        self._home.cleanup()


def _cpu_notes(cpu: list[tuple[float, float]]) -> dict[str, float | str]:
    mine, others = [one for one, _ in cpu], [other for _, other in cpu]
    return {
        "thread's own ms, p50": at(mine, 0.50) or 0.0,
        "thread's own ms, p99": at(mine, 0.99) or 0.0,
        "baseline's own ms, p50": at(others, 0.50) or 0.0,
        "ratio of own ms": statistics.median(one / other for one, other in cpu),
    }


def _words(item: Item) -> str:
    """What the item's pane shows of it: its texts, and why it is here."""
    told = [f"{flag.title}\n{flag.explanation}" for flag in item.flags]
    return "\n\n".join([*parts(item.content).values(), *told])


def _held(item_id: ItemId, entry_id: DecisionId, n: int) -> OutboxRow:
    now = SystemClock().now() - timedelta(seconds=HELD - n)
    made = Decision(entry_id, item_id, 1, "c" * 64, 1, "github-site-policy", 1, Verdict.NO_VIOLATION, now)  # type: ignore[arg-type] # a policy id
    return OutboxRow(entry_id, What.DECISION, item_id, translate.dump(made), "A review", "review", now, now)


def _fail(problem: Exception) -> None:
    raise problem
