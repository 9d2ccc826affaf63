"""The shift ends: what is undecided goes back, what is decided is sent, the computer locks; connected or not."""

import threading

import pytest
from pytestqt.qtbot import QtBot

from modstation.core.problem import Problem
from modstation.core.status import Link
from modstation.store import items
from modstation.store.driver import DatabaseError
from modstation.sync import windup
from tests.support.live_service import texts
from tests.support.person import Journey, Person


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill(texts(5))
    return journey.begin(5)


def decide_one_and_end(person: Person) -> None:
    person.press("N", "D", "Ctrl+Shift+E", "Enter")
    person.wait(lambda: person.station.running is None)


def test_the_service_has_everything_back_and_the_decision_without_waiting_for_the_undo(
    journey: Journey, person: Person
) -> None:
    decide_one_and_end(person)
    assert "Your shift is over. 4 items were given back." in person.words()
    assert journey.service.stats().items == {"closed": 1, "waiting": 4}
    unlock = person.shell.entrance.unlock
    person.wait(lambda: person.shell.focusWidget() in {unlock.keyring, unlock.typed})
    person.click(person.shell.entrance.unlock.keyring)
    person.wait(lambda: person.station.running is not None)
    assert person.desk.records.tally().accepted == 1


def test_without_a_connection_nothing_stays_here_and_the_service_is_told_at_the_next_start(
    journey: Journey, person: Person
) -> None:
    journey.service.stop()
    person.press("Ctrl+R")
    person.wait_for_link(Link.OFFLINE)
    decide_one_and_end(person)
    assert "1 decision is saved here and will be sent." in person.words()
    journey.service.start()
    person.click(person.shell.entrance.unlock.keyring)
    person.wait(lambda: person.station.running is not None)
    kept = person.desk.records.cards([one.item_id for one in texts(5)])
    assert len(kept) <= 1, "only the item of the decision"
    person.wait(lambda: journey.service.stats().items == {"closed": 1, "waiting": 4})


@pytest.mark.parametrize(
    "error",
    [
        Problem("store.disk_full", "The disk is full: this was not saved.", "Free some space and try again."),
        DatabaseError("disk I/O error"),
    ],
)
def test_the_station_locks_also_when_the_end_of_the_shift_fails(
    journey: Journey, person: Person, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, error: Exception
) -> None:
    journey.service.stop()
    person.press("Ctrl+R")
    person.wait_for_link(Link.OFFLINE)

    def fails(_: object) -> None:
        raise error

    monkeypatch.setattr(windup, "purge", fails)
    with qtbot.captureExceptions() as bugs:
        decide_one_and_end(person)
    assert person.shell.workplace is None
    assert person.shell.entrance.unlock.isVisible()
    assert "1 decision is saved here and will be sent." in person.words()
    assert ("The disk is full" in person.words()) == isinstance(error, Problem)
    assert [bug[1] for bug in bugs] == ([] if isinstance(error, Problem) else [error])
    monkeypatch.undo()
    journey.service.start()
    person.click(person.shell.entrance.unlock.keyring)
    person.wait(lambda: person.station.running is not None)
    person.wait(lambda: journey.service.stats().items == {"closed": 1, "waiting": 4})


def test_a_lock_while_the_shift_ends_closes_the_cache_and_nothing_asks_it_any_more(
    person: Person, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    begun, over = threading.Event(), threading.Event()

    def patient(_vault: object, stop: threading.Event, _patience_s: float) -> bool:
        begun.set()
        return stop.wait(20)

    monkeypatch.setattr(windup, "wait", patient)
    with qtbot.captureExceptions() as bugs:
        person.press("Ctrl+Shift+E", "Enter")
        person.wait(begun.is_set)
        person.station.lock()
        assert person.station.running is None
        person.station._off_screen(lambda: None, lambda _: over.set(), lambda _: None)  # behind what the end has to say
        person.wait(over.is_set)
    assert bugs == []


def test_an_ended_lease_leaves_queue_and_desk_within_a_second(journey: Journey, person: Person) -> None:
    journey.service.stop()
    person.press("Ctrl+R")
    person.wait_for_link(Link.OFFLINE)
    person.press("1")
    journey.clock.leap(8 * 3600 + 60)
    person.wait(lambda: not person.desk.waiting)
    assert person.desk.current is None
    assert len(items.held(person.desk.records._reader)) == 5, "the content goes after a grace"
