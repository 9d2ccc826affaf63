"""The service is restored from a backup, or this computer loses its cache: the person is told in numbers, calmly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from modstation.app import single
from modstation.core.problem import Problem
from modstation.store.cipher import PAGE_SIZE
from modstation.store.driver import DatabaseError
from modstation.ui.window.workplace import Workplace
from tests.conftest import Logged
from tests.support.live_service import texts
from tests.support.member import join
from tests.support.person import USUAL, Journey, Person

PASSPHRASE = "seven quiet herons"


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said in the status strip."""
    said: list[str] = []
    monkeypatch.setattr(Workplace, "notice", lambda _, words: said.append(words))
    return said


def decide(journey: Journey, person: Person, n: int) -> None:
    """Decide the next `n` items by keyboard, and let their time to undo pass."""
    for _ in range(n):
        person.press("N", "D")
    person.wait_until_durable()
    journey.clock.leap(USUAL.undo_hold_s + 1)
    person.press("Ctrl+R")
    person.wait_for_answers()


def spoil(folder: Path) -> bytes:
    """Damage every page of the cache but the first; what it holds then."""
    file = folder / "vault.db"
    with file.open("r+b") as bent:
        bent.seek(PAGE_SIZE)
        bent.write(bytes(file.stat().st_size - PAGE_SIZE))
    return file.read_bytes()


def accepted_once(journey: Journey, n: int) -> None:
    told = journey.service.decisions()
    assert len(told) == n
    assert all(len(rows) == 1 and rows[0][2] in {"accepted", "accepted_late"} for rows in told.values())
    counted = journey.service.stats()
    assert (counted.accepted_items, counted.applied_twice) == (n, 0)


def problem_screen(person: Person):
    screen = person.shell.entrance.problem
    person.wait(screen.isVisible)
    return screen


def test_a_hundred_decisions_survive_a_backup_taken_after_forty(journey: Journey, tmp_path: Path, notices: list[str]):
    journey.service.fill(texts(100))
    person = journey.begin(100)
    decide(journey, person, 40)
    journey.service.back_up(tmp_path / "backup")
    decide(journey, person, 60)
    accepted_once(journey, 100)
    journey.service.put_back(tmp_path / "backup")
    assert len(journey.service.decisions()) == 40
    person.press("Ctrl+R")
    person.wait(lambda: "60 decisions were found again." in notices)
    accepted_once(journey, 100)
    assert not any("hecking" in words for words in notices)  # the strip says it by itself, once
    assert person.desk.records.tally().accepted == 100
    assert not person.entries()


def test_a_cache_found_damaged_at_the_start_is_rebuilt_with_one_step_and_no_decision_is_lost(
    journey: Journey, notices: list[str]
):
    journey.service.fill(texts(9))
    person = journey.begin(9)
    decide(journey, person, 3)
    journey.service.stop()
    person.press("N", "D", "N", "D")
    person.wait_until_durable()
    journey.get_up()
    damaged = spoil(journey.folder)
    journey.service.start()
    person = journey.sit_down()
    person.station.begin()
    screen = problem_screen(person)
    assert "damaged" in person.words()
    assert screen.step.text() == "Rebuild the cache"
    person.press("Space")
    person.wait_for_desk(4)
    assert "Cache rebuilt: 5 decisions were sent for recovery." in person.words()
    (aside,) = journey.folder.glob("aside-*")
    assert str(aside) in person.words()
    assert (aside / "vault.db").read_bytes() == damaged
    person.press("Return")
    person.wait(lambda: "5 decisions were found again." in notices)
    accepted_once(journey, 5)
    decide(journey, person, 4)
    accepted_once(journey, 9)


def test_damage_found_at_work_closes_the_cache_and_rebuilding_asks_for_its_passphrase(journey: Journey, logged: Logged):
    journey.service.fill(texts(5))
    person = journey.sit_down()
    join(person.station, journey.service.address, journey.service.code(), PASSPHRASE)
    person.station.begin()
    person.wait(person.shell.entrance.unlock.isVisible)
    person.type(PASSPHRASE)
    person.press("Return")
    person.wait_for_desk(5)
    decide(journey, person, 2)
    assert person.station.running is not None
    vault = person.station.running._vault
    vault.writer.checkpoint()
    spoil(journey.folder)
    vault.writer.run(lambda db: db.conn.execute("PRAGMA shrink_memory").fetchall())
    person.press("N", "D")
    screen = problem_screen(person)
    assert person.station.running is None
    person.click(screen.step)
    person.wait(person.shell.entrance.unlock.isVisible)
    person.type(PASSPHRASE)
    person.press("Return")
    person.wait_for_desk(3)
    assert "Cache rebuilt: 2 decisions were sent for recovery." in person.words()
    logged.clear()  # whatever read or wrote first has said so
    accepted_once(journey, 2)


def test_damage_that_the_screen_itself_runs_into_closes_the_cache_too(journey: Journey, logged: Logged, capsys):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    error = DatabaseError("database disk image is malformed")
    person.station.caught(DatabaseError, error, None)
    assert problem_screen(person).step.text() == "Rebuild the cache"
    assert person.station.running is None
    logged.expect("bug")
    person.station.caught(KeyError, KeyError("a bug"), None)  # anything else is only reported
    logged.expect("bug")
    assert "a bug" in capsys.readouterr().err


def test_a_full_disk_refuses_the_decision_and_the_item_is_back(journey: Journey, logged: Logged):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    assert person.station.running is not None
    vault = person.station.running._vault
    vault.ballast.spent = True
    vault.ballast.free = lambda: 0
    item_id = person.item_id
    person.press("N", "D")
    person.wait(lambda: "The disk is full" in person.words())
    assert item_id in person.desk.waiting
    assert not person.entries()
    vault.ballast.free = lambda: 10**10
    person.press("Return")
    person.desk.open(item_id)
    person.press("N", "D")
    person.wait_until_durable()
    assert len(person.entries()) == 1
    assert not logged


def test_a_second_start_raises_the_first_window_and_ends(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    home = tmp_path / "station"
    home.mkdir(mode=0o700)
    pinged: list[int] = []
    here = QObject()
    assert not single.ping(home)
    with single.take(home):
        with pytest.raises(Problem, match=r"vault\.in_use"):
            single.take(home)
        single.listen(home, lambda: pinged.append(1), here)
        command = [sys.executable, "-m", "modstation", "station", "--home", str(home)]
        with subprocess.Popen(command, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}) as second:
            qtbot.waitUntil(lambda: pinged == [1], timeout=30_000)
            assert second.wait(30) == 0
        (socket,) = runtime.iterdir()
        assert socket.stat().st_mode & 0o077 == 0
    here.deleteLater()
