"""One station from start to end: join or unlock, run, lock, quit. What takes time happens on a worker."""

import gc
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TypeVar, cast

import structlog
from PySide6.QtCore import QLoggingCategory, QObject, QTimer
from PySide6.QtWidgets import QApplication

from modstation.app import offscreen, reachable, single
from modstation.app.edges import heed_signals, report
from modstation.app.ending import Ending
from modstation.app.entering import Entering
from modstation.app.mending import Hands, Mending
from modstation.app.rejoining import Rejoining
from modstation.app.running import Running, Told
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.store import header, vault
from modstation.store.driver import DatabaseError
from modstation.store.vault import Locks, Vault
from modstation.store.writer import explained
from modstation.system import log, memory, settings
from modstation.system.clock import Clock, SystemClock
from modstation.system.filelock import FileLock
from modstation.system.keyring import KeyringLock, SystemKeyring
from modstation.system.paths import private
from modstation.system.settings import Settings
from modstation.ui import theme
from modstation.ui.window.bridge import Bridge
from modstation.ui.window.shell import Shell

AFTER_PAINT_MS = 30
STARTED_MS = 3000
T = TypeVar("T")
logger = structlog.get_logger(__name__)


class Station(QObject):
    """Joins the window with the vault behind it.

    Attributes:
        shell: the window.
        running: what works behind it while the vault is open.

    Args:
        folder: the station's folder.
        clock: the time.
        keyring: gives the keyring of this session, or None where there is none. Asked once, by the first worker that
            needs it: looking for one takes longer than to show the window, and a person may have to answer first.
    """

    def __init__(self, folder: Path, clock: Clock, keyring: Callable[[], KeyringLock | None]) -> None:
        super().__init__()
        self._folder = private(folder)
        self._clock = clock
        self._keyring = cache(keyring)
        self._last_item: ItemId | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="station")
        self._bridge = Bridge()
        self.settings, self._complaints = settings.load(folder)
        self.running: Running | None = None
        self.shell = Shell(clock)
        self._entering = Entering(
            self._folder, clock, self.shell, self._keyring, self._locks, self._off_screen, self.unlock
        )
        hands = Hands(self._off_screen, self._locks, self._opened, self._stop, self._entering.begin)
        self._mending = Mending(self._folder, clock, self.shell, hands)
        self._ending = Ending(self._folder, self.shell, self._off_screen, self._lock_ended)
        self._rejoining = Rejoining(self.shell, lambda: self.running, self._off_screen)
        self._connect()

    def begin(self) -> None:
        """Show what comes first: joining, unlocking, or the desk."""
        if not vault.exists(self._folder):
            self._entering.begin()
            return
        self.unlock("")

    def unlock(self, passphrase: str) -> None:
        """Open the vault with the keyring, or with a passphrase when one is given."""
        self.shell.entrance.show_opening()
        if self._mending.unlock(passphrase):
            return
        self._off_screen(
            lambda: vault.open_(self._folder, self._locks(passphrase)),
            lambda opened: self._opened(opened, passphrase),
            lambda problem: self._mending.refused(problem, passphrase),
        )

    def come_forward(self) -> None:
        """Somebody started the program again: this is the window."""
        single.bring_forward(self.shell)

    def lock(self) -> None:
        """Close the vault and ask for it to be opened again."""
        if self.running is not None:
            current = self.running.desk.current
            self._last_item = current.item.item_id if current else None
            saved_here = self.running.desk.records.tally().saved_here
            self._stop(lambda: self.shell.entrance.show_lock(header.ways(self._folder), saved_here))

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """The handler for what no one else has handled: a bug is reported, a damaged cache is closed and told."""
        problem = explained(error, shutil.disk_usage(self._folder).free) if isinstance(error, DatabaseError) else error
        report(kind, error, trace)
        if isinstance(problem, Problem):
            self._mending.failed(problem)

    def quit(self) -> None:
        """Close the vault; what is not sent yet goes out at the next start."""
        self._stop()
        self._worker.shutdown()

    # Inside

    def _connect(self) -> None:
        shell = self.shell
        shell.closing.connect(self.quit)
        shell.lock_wanted.connect(self.lock)
        shell.entrance.unlock_wanted.connect(self.unlock)
        shell.entrance.set_aside_wanted.connect(self._set_aside)
        shell.entrance.rebuild_wanted.connect(self._mending.rebuild)
        shell.sync_wanted.connect(lambda: self._tell(lambda running: running.engine.refresh()))
        shell.lease_wanted.connect(lambda ids: self._tell(lambda running: running.engine.renew(ids)))
        shell.fetch_wanted.connect(lambda: self._tell(lambda running: running.engine.fetcher.fetch_all()))
        shell.item_shown.connect(lambda: self._tell(Running.item_shown))
        shell.end_wanted.connect(lambda: self._tell(self._ending.end))
        shell.settings_changed.connect(self._settle)
        look(self.settings)
        shell.apply_settings(self.settings)

    def _tell(self, act: Callable[[Running], None]) -> None:
        if self.running is not None:
            act(self.running)

    def _lock_ended(self, ended: Running, show: Callable[[], None]) -> None:
        """The shift is over, whatever came of it: close the vault, unless that was done meanwhile."""
        if self.running is ended:
            self._last_item = None
            self._stop(show)

    def _locks(self, passphrase: str) -> Locks:
        return Locks(passphrase=passphrase) if passphrase else Locks(keyring=self._keyring())

    def _opened(self, opened: Vault, passphrase: str) -> None:
        told = Told(
            decided=self.shell.person_moved,
            synced=self.shell.sync_moved,
            status=self._mending.heard,
            failed=self._mending.failed,
        )
        try:
            running = Running(opened, self._clock, lambda: self.settings, self._bridge.post, told)
        except (Problem, DatabaseError) as error:
            problem = explained(error, opened.ballast.free())
            opened.close()
            if not isinstance(problem, Problem):
                raise
            if problem.code == "vault.not_enrolled":  # joining was interrupted: go on with it
                self._entering.go_on(passphrase)
            else:
                self.shell.entrance.show_problem(problem)
            return
        self.running = running
        self.shell.entrance.forget()
        self.shell.prepare_desk(running.desk, running.finder, running.pictures, running.person, self._last_item)
        if self._entering.just_joined:
            self._entering.just_joined = False
            self.shell.entrance.joining.show_joined(running.person)
        else:
            self.shell.show_desk()
        for complaint in self._complaints:
            self.shell.show_failed(complaint)
        # The first item is painted first; what comes over the network can wait that long.
        QTimer.singleShot(AFTER_PAINT_MS, self, lambda: running.start() if self.running is running else None)

    def _stop(self, show: Callable[[], None] | None = None) -> None:
        if self.running is not None:
            running, self.running = self.running, None
            self.shell.clear_desk()
            if show is not None:
                show()
            self.shell.repaint()  # closing may take a moment; nothing stays on the screen meanwhile
            running.close()

    def _settle(self, wanted: Settings) -> None:
        self.settings = wanted
        look(wanted)
        self.shell.apply_settings(wanted)
        self._off_screen(lambda: _save(self._folder, wanted), lambda _: None, self.shell.show_failed)

    def _set_aside(self) -> None:
        self._entering.begin_anew()
        self._mending.set_aside()

    def _off_screen(self, job: Callable[[], T], done: Callable[[T], None], failed: Callable[[Problem], None]) -> None:
        """Run `job` on the worker; exactly one of the other two follows on the screen's thread."""

        def finish() -> None:
            error = future.exception()
            if isinstance(error, Problem):
                failed(error)
            elif error is not None:
                raise error
            else:
                done(future.result())

        future = self._worker.submit(job)
        future.add_done_callback(lambda _: self._bridge.post(finish))


def look(wanted: Settings) -> None:
    """Put theme and text size in force."""
    theme.apply(application(), cast("theme.Choice", wanted.theme))
    theme.set_zoom(application(), wanted.zoom / 100)


def _save(folder: Path, wanted: Settings) -> None:
    try:
        settings.save(folder, wanted)
    except OSError as error:
        raise Problem(
            "settings.not_saved",
            "Your settings could not be kept.",
            "They hold until you close this window. Look at the disk.",
            type(error).__name__,
        ) from error


def usable_keyring() -> KeyringLock | None:
    """The keyring of this session; None where there is none to be trusted: a passphrase is asked for then."""
    try:
        return SystemKeyring()
    except Problem as problem:
        logger.info("no_keyring", code=problem.code)
        return None


def application() -> QApplication:
    """The one QApplication, themed, with the top-level handler for bugs."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("ModStation")
    app.setApplicationDisplayName("ModStation")
    sys.excepthook = report
    # Qt complains of every font that lacks a script although it then finds another one that has it.
    QLoggingCategory.setFilterRules("qt.text.font.db=false")
    offscreen.hush()
    return app


def open_station(folder: Path, only: FileLock | None = None) -> int:
    """Open the window and run until it is closed.

    Args:
        folder: the station's folder.
        only: what `single.take` gave, when the caller has taken it already; released at the end all the same.

    Raises:
        Problem: ``vault.in_use`` when a process has the folder and no window that can be raised;
            ``station.folder`` when nothing can be written there.
    """
    app = application()
    try:
        private(folder)
        only = only or single.take(folder)
        log.configure(folder)
    except OSError as error:
        if only is not None:
            only.release()
        raise Problem(
            "station.folder",
            f"ModStation can't write to its folder: {error.strerror or type(error).__name__}.",
            "Look at whom it belongs to and at the space on the disk, then start again.",
            str(folder),
        ) from error
    except Problem:
        if single.ping(folder):
            return 0
        raise
    station = Station(folder, SystemClock(), usable_keyring)
    sys.excepthook = station.caught
    memory.settle()
    heed_signals(app)
    station.shell.show()
    station.shell.activateWindow()  # nobody else does where there is no window manager
    station.begin()
    QTimer.singleShot(STARTED_MS, station, collect_garbage)
    QTimer.singleShot(STARTED_MS, station, lambda: single.listen(folder, station.come_forward, station))
    QTimer.singleShot(STARTED_MS, station, lambda: reachable.listen(station.shell.sync_wanted.emit, station))
    try:
        return app.exec()
    finally:
        only.release()


def collect_garbage() -> None:
    """From now on; never again among what the start has loaded: that stays, and looking at it would delay a key."""
    gc.freeze()
    gc.enable()
