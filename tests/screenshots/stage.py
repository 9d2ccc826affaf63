"""The stage: a real service with the sample queue, a real station in front of it, and hands to work it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from modstation.app.station import Station, application
from modstation.core.exposure import Step
from modstation.core.ids import ItemId
from modstation.core.status import Link
from modstation.demo.process import ServiceProcess, admin
from modstation.session.desk import Desk
from modstation.system import paths, settings
from modstation.system.clock import SystemClock
from modstation.system.paths import private
from modstation.system.settings import Settings
from modstation.ui.window.shell import Shell
from modstation.ui.window.workplace import Workplace
from tests.support.member import join

PASSPHRASE = "six quiet gulls"
PATIENCE_S = 120.0  # several may be working on this machine
SETTINGS = Settings(repeat_guard_ms=0)
ITEMS = paths.resources() / "sample" / "items.jsonl"


class Behind:
    """What stands behind the stage: the service, and what it is given.

    Attributes:
        home: a folder that goes away afterwards; the service is in `service`, the station in `station`.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.service = ServiceProcess(home / "service")

    @property
    def data(self) -> Path:
        """The service's folder."""
        return self.home / "service"

    def open_service(self) -> None:
        """Import the sample, and one item that the service holds back; then start."""
        admin(self.data, "init-demo")
        admin(self.data, "person", "add", "Wren 3", "--id", "wren-3")  # joins and joins, and is given no work
        self.add_item("own-review-2", item_id="held-back-1", restricted="awaiting a legal decision", priority=-1)
        self.service.start()

    def code(self, person: str = "wren-3") -> str:
        """A one-time code for a station."""
        return str(admin(self.data, "enrol-code", person)["code"])

    def waiting_at_service(self) -> int:
        """How many items the service has leased or offers."""
        counted = admin(self.data, "stats")["items"]
        return int(counted.get("waiting", 0))

    def add_item(self, like: str, **over: Any) -> None:
        """Import an item of the sample, changed in some fields; its files are left out."""
        path = self.home / "more.jsonl"
        path.write_text(json.dumps(self.sample(like) | over) + "\n", "utf-8")
        admin(self.data, "import", str(path))

    @staticmethod
    def sample(item_id: str) -> Any:
        """An item of the sample, as its file has it."""
        lines = (json.loads(line) for line in ITEMS.read_text("utf-8").splitlines())
        return next(line for line in lines if line["item_id"] == item_id)


class Stage(Behind):
    """Everything the scenes play with."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.app: QApplication = application()
        self.station: Station | None = None
        self.beside: dict[str, Stage] = {}  # stages of their own, kept for the scenes that share them

    def open_station(self) -> None:
        """Join, unlock, and wait until everything has been fetched."""
        folder = self.home / "station"
        self.station = self.a_station(folder, SETTINGS)
        join(self.station, self.service.address, self.code("heron-12"), PASSPHRASE)
        self.station.unlock(PASSPHRASE)
        self.wait(lambda: self.station is not None and self.station.running is not None)
        self.wait(lambda: len(self.desk.waiting) >= self.waiting_at_service() and self.place.link is Link.ONLINE)
        self.place.show_status(self.place._status)
        self.wait(lambda: self.place._tally.waiting > 0 and not self.media_missing())

    def close(self) -> None:
        """End the station and the service."""
        for one in self.beside.values():
            one.close()
        if self.station is not None:
            self.station.quit()
            self.station.shell.deleteLater()
        self.service.stop()
        self.settle()

    def a_station(self, folder: Path, own: Settings = SETTINGS) -> Station:
        """A station that shows itself; it has no keyring."""
        settings.save(private(folder), own)
        station = Station(folder, SystemClock(), lambda: None)
        station.shell.show()
        station.shell.activateWindow()
        return station

    def media_missing(self) -> bool:
        """Whether files are still to be fetched."""
        assert self.station is not None
        assert self.station.running is not None
        running = self.station.running
        return running._vault.media.left(running._reader) > 0

    # What is on it

    @property
    def shell(self) -> Shell:
        """The window."""
        assert self.station is not None
        return self.station.shell

    @property
    def place(self) -> Workplace:
        """The desk at work."""
        assert self.shell.workplace is not None
        return self.shell.workplace

    @property
    def desk(self) -> Desk:
        """What the desk works on."""
        assert self.station is not None
        assert self.station.running is not None
        return self.station.running.desk

    # Hands

    def press(self, keys: str, window: QWidget | None = None) -> None:
        """Type commands: one key per character; ``+Ctrl+K`` style names are not needed here."""
        window = window or self.shell
        for key in keys:
            QTest.keyClicks(window.focusWidget() or window, key)
        self.settle()

    def key(self, key: Qt.Key) -> None:
        """One key that is no character."""
        QTest.keyClick(self.shell.focusWidget() or self.shell, key)
        self.settle()

    def open(self, item_id: str) -> None:
        """Put an item on the desk and its picture, if it has one, at the step its severity opens with."""
        self.shell.activateWindow()  # another stage's window may have come up since: no focus would be seen
        self.settle()
        self.place.go_to("desk")
        self.place.control.go(ItemId(item_id))
        assert self.desk.current is not None, f"{item_id} is not waiting"
        self.settle()
        self.seen()

    def seen(self) -> None:
        """Wait until the pixels that were asked for are there."""
        looking = self.place._frame.panes.item._looking
        self.wait(lambda: looking.shown is Step.HIDDEN or looking.has_pixels)

    def settle(self) -> None:
        """Let everything that is due be done."""
        for _ in range(4):
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def wait(self, ready: Callable[[], bool]) -> None:
        """Let the window work until `ready`."""
        until = time.monotonic() + PATIENCE_S
        while not ready():
            assert time.monotonic() < until, "waited too long"
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)
        self.settle()
