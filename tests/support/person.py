"""Somebody at the window of a real station: presses keys, clicks, reads, and waits for the window to catch up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from modstation.app.station import Station
from modstation.core.status import Link
from modstation.system import settings
from modstation.system.clock import SystemClock
from modstation.system.keyring import KeyringLock
from modstation.system.settings import Settings
from tests.support.member import join
from tests.support.reader import Reader
from tests.support.running_service import RunningService
from tests.support.vaults import MemoryKeyring

PATIENCE_MS = 30_000
USUAL = Settings(theme="light", repeat_guard_ms=0, undo_hold_s=600)


class LeapingClock(SystemClock):
    """The machine's clock, with leaps forward: nobody waits for the time to undo to pass."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead)

    def ticks(self) -> float:
        return super().ticks() + self._ahead

    def leap(self, seconds: float) -> None:
        self._ahead += seconds


class Person(Reader):
    """One run of the program, from its start to its end, and who sits before it."""

    def __init__(self, station: Station, bot: QtBot) -> None:
        super().__init__(station)
        self._bot = bot

    # Waiting

    def wait(self, ready: Callable[[], object]) -> None:
        """Let the window work until `ready` is true."""
        self._bot.waitUntil(lambda: bool(ready()), timeout=PATIENCE_MS)

    def wait_for_desk(self, waiting: int = 1) -> None:
        """Until the desk is up with so many items in the queue, and what it last wrote is durable."""
        self.wait(lambda: self.station.running is not None and len(self.desk.waiting) >= waiting)

    def wait_for_link(self, link: Link) -> None:
        self.wait(lambda: self.place.link is link)

    def wait_until_durable(self) -> None:
        self.wait(lambda: not self.desk.saving)

    def wait_for_answers(self) -> None:
        """Until every decision was answered by the service."""
        self.wait(lambda: self.desk.records.tally().saved_here == 0)

    # Doing

    def press(self, *keys: str) -> None:
        """Press keys one after the other, each down and up, as they are written on key caps (``Ctrl+Enter``)."""
        for key in keys:
            target, code, modifiers = self._key(key)
            QTest.keyClick(target, code, modifiers)

    def hold(self, key: str) -> None:
        target, code, modifiers = self._key(key)
        QTest.keyPress(target, code, modifiers)

    def release(self, key: str) -> None:
        target, code, modifiers = self._key(key)
        QTest.keyRelease(target, code, modifiers)

    def type(self, words: str) -> None:
        QTest.keyClicks(self._focus(), words)

    def click(self, widget: QWidget, at: QPoint | QRect | None = None) -> None:
        """The left button, down and up, in the middle of a widget or at a place in it."""
        assert widget.isVisible()
        point = at.center() if isinstance(at, QRect) else at or widget.rect().center()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)

    def _key(self, key: str) -> tuple[QWidget, Qt.Key, Qt.KeyboardModifier]:
        combination = QKeySequence(key)[0]
        modifiers = combination.keyboardModifiers()
        if key == "?":
            modifiers |= Qt.KeyboardModifier.ShiftModifier
        return self._focus(), combination.key(), modifiers

    def _focus(self) -> QWidget:
        return self.shell.focusWidget() or self.shell


class Journey:
    """A service, and the same station opened again and again on its folder."""

    def __init__(self, folder: Path, bot: QtBot) -> None:
        self.service = RunningService(folder / "service")
        self.folder = folder / "station"
        self.clock = LeapingClock()
        self.keyring = MemoryKeyring()
        self._bot = bot
        self._person: Person | None = None
        self._others: list[Person] = []

    def sit_down(self, own: Settings = USUAL, keyring: KeyringLock | None = None) -> Person:
        """Start the program and show its window; nobody has joined by that."""
        self.folder.mkdir(exist_ok=True)
        settings.save(self.folder, own)
        station = Station(self.folder, self.clock, lambda: keyring or self.keyring)
        self._person = Person(station, self._bot)
        station.shell.show()
        station.shell.resize(1440, 900)  # the offscreen screen is smaller, and cuts a window when it comes up
        return self._person

    def begin(self, waiting: int, own: Settings = USUAL) -> Person:
        """Join the first time, open the desk, and wait until `waiting` items are in the queue."""
        person = self.sit_down(own)
        if not (self.folder / "vault.json").exists():
            join(person.station, self.service.address, self.service.code())
        person.station.begin()
        person.wait_for_desk(waiting)
        return person

    def get_up(self) -> None:
        """Close the window and end the program."""
        if self._person is not None:
            person, self._person = self._person, None
            person.shell.close()
            person.shell.deleteLater()
            person.station.deleteLater()

    def leave_open(self) -> Person:
        """Leave this window open; the next one sits beside it."""
        assert self._person is not None
        self._others.append(self._person)
        person, self._person = self._person, None
        return person

    def restart(self, waiting: int, own: Settings = USUAL) -> Person:
        self.get_up()
        return self.begin(waiting, own)

    def end(self) -> None:
        self.get_up()
        while self._others:
            self._person = self._others.pop()
            self.get_up()
        self.service.close()
