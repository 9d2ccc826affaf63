"""A person's own choices: in force at once, kept for the next start, and told when they can't be kept."""

from dataclasses import replace

import pytest

from modstation.app import station as stations
from modstation.core.problem import Problem
from modstation.system import settings
from tests.support.live_service import texts
from tests.support.person import USUAL, Journey


def test_the_left_hand_keys_work_at_once_and_after_a_restart(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.place.settings_changed.emit(replace(USUAL, keys="left_hand"))
    person.press("Q", "D")
    assert len(person.desk.waiting) == 2
    person.wait(lambda: settings.load(journey.folder)[0].keys == "left_hand")
    person = journey.restart(2, settings.load(journey.folder)[0])
    person.press("N", "D")
    assert len(person.desk.waiting) == 2
    person.press("Q", "D")
    assert len(person.desk.waiting) == 1


def test_with_single_keys_off_letters_alone_do_nothing(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2, replace(USUAL, single_keys=False))
    person.press("N", "D")
    assert len(person.desk.waiting) == 2
    person.press("Alt+N", "Alt+D")
    assert len(person.desk.waiting) == 1


def test_a_double_press_never_decides_an_item_that_nobody_has_seen(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3, replace(USUAL, repeat_guard_ms=2000))
    journey_begins = person.item_id
    person.press("N", "X")  # the item was painted just now
    assert person.item_id == journey_begins


def test_settings_that_cannot_be_kept_hold_and_are_told(journey: Journey, monkeypatch: pytest.MonkeyPatch):
    journey.service.fill(texts(2))
    person = journey.begin(2)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "not yours")

    monkeypatch.setattr(settings, "save", refuse)
    person.place.settings_changed.emit(replace(USUAL, keys="left_hand"))
    person.wait(lambda: "could not be kept" in person.words())
    person.press("Return")
    person.press("Q", "D")
    assert len(person.desk.waiting) == 1
    monkeypatch.undo()


def test_without_a_keyring_to_be_trusted_the_program_starts_and_asks_for_a_passphrase(monkeypatch: pytest.MonkeyPatch):
    def none() -> None:
        raise Problem("keyring.absent", "No keyring can be reached in this session.")

    monkeypatch.setattr(stations, "SystemKeyring", none)
    assert stations.usable_keyring() is None
