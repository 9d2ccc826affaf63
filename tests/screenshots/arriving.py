"""Scenes before the desk: joining, unlocking, and what can stand in the way."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from modstation.app.station import Station
from modstation.store import vault
from modstation.store.vault import Locks
from modstation.system import settings
from modstation.system.clock import SystemClock
from modstation.system.keyring import KeyringLock
from modstation.system.paths import private
from modstation.system.settings import Settings
from tests.screenshots.camera import Play, Scene
from tests.screenshots.stage import PASSPHRASE, Stage
from tests.support.vaults import MemoryKeyring


@dataclass
class Arrival:
    """A station of its own, in a folder of its own."""

    stage: Stage
    station: Station

    @classmethod
    def at(cls, stage: Stage, name: str, keyring: KeyringLock | None = None, own: Settings | None = None) -> "Arrival":
        """A new station; with its `own` settings, if it has any."""
        if own is not None:
            settings.save(private(stage.home / name), own)
        station = Station(private(stage.home / name), SystemClock(), lambda: keyring)
        station.shell.show()
        station.shell.activateWindow()
        return cls(stage, station)

    def address(self, address: str) -> None:
        """Type an address and leave the field."""
        page = self.station.shell.entrance.joining.screen.join_page
        QTest.keyClicks(page.address, address)
        page.code.setFocus()
        self.stage.settle()

    def code(self) -> None:
        """Type a good code and confirm the fingerprint."""
        page = self.station.shell.entrance.joining.screen.join_page
        self.stage.wait(page.same.isEnabled)
        QTest.keyClicks(page.code, self.stage.code())
        page.same.setChecked(True)
        self.stage.settle()

    def join(self) -> None:
        """Press Join and wait for the next page."""
        first = self.station.shell.entrance.joining.screen
        first.join_page.join.click()
        self.stage.wait(lambda: first.step == "protect")

    def close(self) -> None:
        """The window is closed."""
        self.station.shell.close()
        self.station.shell.deleteLater()
        self.stage.settle()


def joining(
    act: Callable[[Arrival], None],
    keyring: Callable[[], KeyringLock | None] = lambda: None,
    own: Settings | None = None,
) -> Play:
    """A first run that has come as far as `act` takes it."""

    def play(stage: Stage) -> Iterator[QWidget]:
        name = f"joining-{len(list(stage.home.iterdir()))}"
        arrival = Arrival.at(stage, name, keyring(), own)
        arrival.station.begin()
        stage.settle()
        act(arrival)
        yield arrival.station.shell
        arrival.close()

    return play


def answered(arrival: Arrival) -> None:
    """The service answered, half of the code is typed."""
    arrival.address(arrival.stage.service.address)
    page = arrival.station.shell.entrance.joining.screen.join_page
    arrival.stage.wait(page.same.isEnabled)
    QTest.keyClicks(page.code, "K7QD4M2")
    arrival.stage.settle()


def ready(arrival: Arrival) -> None:
    """Nothing is missing."""
    arrival.address(arrival.stage.service.address)
    arrival.code()


def unreachable(arrival: Arrival) -> None:
    """Nobody answers at the address."""
    arrival.address("http://127.0.0.1:9")
    page = arrival.station.shell.entrance.joining.screen.join_page
    arrival.stage.wait(lambda: page._status.text() not in {"", "asking"})


def protecting(arrival: Arrival) -> None:
    """The second page."""
    ready(arrival)
    arrival.join()


def joined(arrival: Arrival) -> None:
    """The last page."""
    protecting(arrival)
    first = arrival.station.shell.entrance.joining.screen
    if first.protect_page.passphrase.isChecked():
        QTest.keyClicks(first.protect_page.typed, PASSPHRASE)
        QTest.keyClicks(first.protect_page.again, PASSPHRASE)
    first.protect_page.protect.click()
    arrival.stage.wait(lambda: first.step == "done")


def unlocking(typed: str) -> Play:
    """A vault with a passphrase; `typed` is tried."""

    def play(stage: Stage) -> Iterator[QWidget]:
        name = f"locked-{len(list(stage.home.iterdir()))}"
        vault.create(private(stage.home / name), Locks(passphrase=PASSPHRASE)).close()
        arrival = Arrival.at(stage, name)
        arrival.station.begin()
        unlock = arrival.station.shell.entrance.unlock
        stage.wait(lambda: arrival.station.shell.entrance.currentWidget() is unlock and not unlock._busy)
        if typed:
            QTest.keyClicks(unlock.typed, typed)
            unlock.unlock.click()
            stage.wait(lambda: not unlock._busy)
        yield arrival.station.shell
        arrival.close()

    return play


def broken(hurt: Callable[[Path, MemoryKeyring], None]) -> Play:
    """A vault that does not open, because of what `hurt` did to it."""

    def play(stage: Stage) -> Iterator[QWidget]:
        keyring = MemoryKeyring("Secret Service")
        folder = private(stage.home / f"broken-{len(list(stage.home.iterdir()))}")
        vault.create(folder, Locks(keyring)).close()
        hurt(folder, keyring)
        arrival = Arrival.at(stage, folder.name, keyring)
        arrival.station.begin()
        entrance = arrival.station.shell.entrance
        stage.wait(lambda: entrance.currentWidget() is entrance.problem)
        yield arrival.station.shell
        arrival.close()
        shutil.rmtree(folder)

    return play


def damage(folder: Path, _keyring: MemoryKeyring) -> None:
    """One bit of the first page."""
    data = bytearray((folder / "vault.db").read_bytes())
    data[100] ^= 1
    (folder / "vault.db").write_bytes(data)


def send_to_future(folder: Path, _keyring: MemoryKeyring) -> None:
    """Written by a newer ModStation."""
    told = json.loads((folder / "vault.json").read_text()) | {"schema": 999}
    (folder / "vault.json").write_text(json.dumps(told))


def lose_key(_folder: Path, keyring: MemoryKeyring) -> None:
    """The keyring was emptied."""
    keyring.secrets.clear()


def in_use(stage: Stage) -> Iterator[QWidget]:
    """A second window on the same vault."""
    keyring = MemoryKeyring("Secret Service")
    folder = private(stage.home / "twice")
    opened = vault.create(folder, Locks(keyring))
    arrival = Arrival.at(stage, folder.name, keyring)
    arrival.station.begin()
    entrance = arrival.station.shell.entrance
    stage.wait(lambda: entrance.currentWidget() is entrance.problem)
    yield arrival.station.shell
    arrival.close()
    opened.close()


def failing(arrival: Arrival) -> None:
    """The code was mistyped."""
    arrival.address(arrival.stage.service.address)
    page = arrival.station.shell.entrance.joining.screen.join_page
    arrival.stage.wait(page.same.isEnabled)
    QTest.keyClicks(page.code, "WRNG2345")
    page.same.setChecked(True)
    page.join.click()
    arrival.stage.wait(page.code.hasSelectedText)


def locked_away(stage: Stage) -> Iterator[QWidget]:
    """A vault that only the keyring opens, and the keyring is not to be had in this session."""
    folder = private(stage.home / f"away-{len(list(stage.home.iterdir()))}")
    vault.create(folder, Locks(MemoryKeyring("Secret Service"))).close()
    arrival = Arrival.at(stage, folder.name)
    arrival.station.begin()
    entrance = arrival.station.shell.entrance
    stage.wait(lambda: entrance.currentWidget() is entrance.unlock)
    yield arrival.station.shell
    arrival.close()


SCENES = (
    Scene("first-run-empty", joining(lambda _: None)),
    Scene("first-run-answered", joining(answered)),
    Scene("first-run-ready", joining(ready)),
    Scene("first-run-problem", joining(unreachable)),
    Scene("first-run-protect-passphrase", joining(protecting)),
    Scene("first-run-protect-keyring", joining(protecting, lambda: MemoryKeyring("Secret Service"))),
    Scene("first-run-refused", joining(failing, lambda: MemoryKeyring("Secret Service"))),
    Scene("first-run-done", joining(joined, lambda: MemoryKeyring("Secret Service"))),
    Scene("unlock", unlocking("")),
    Scene("unlock-wrong", unlocking("five quiet gulls")),
    Scene("unlock-keyring", locked_away),
    Scene("problem-damaged", broken(damage)),
    Scene("problem-future", broken(send_to_future)),
    Scene("problem-key-missing", broken(lose_key)),
    Scene("problem-in-use", in_use),
)
