"""The disk takes nothing more: what was decided is on the desk again, with its name in the message."""

import pytest
from PySide6.QtWidgets import QApplication, QFocusFrame

from modstation.core.decision import Verdict
from modstation.core.problem import Problem
from modstation.store import drafts, outbox
from tests.support.live_service import texts
from tests.support.person import Journey, Person


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill(texts(4))
    return journey.begin(4)


@pytest.fixture
def refusing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Problem("store.not_saved", "The disk refused to take this: it was not saved.", "Try again.")

    monkeypatch.setattr(outbox, "add", refuse)
    monkeypatch.setattr(drafts, "put", refuse)


def told(person: Person) -> str:
    return person.place.overlays._telling.accessibleDescription()


@pytest.mark.usefixtures("refusing")
def test_the_refused_item_is_open_again_with_its_draft_and_is_named(person: Person) -> None:
    first, summary = person.item_id, person.opened.card.summary
    person.press("N", "D")
    assert person.item_id != first
    person.wait(lambda: person.place.overlays.is_open and person.item_id == first)
    assert person.opened.draft.verdict is Verdict.NO_VIOLATION
    assert f"It is about “{summary}”" in told(person)
    person.wait(lambda: not person.desk._keeper._running)  # the draft is refused too: the name stays
    assert f"It is about “{summary}”" in told(person)


@pytest.mark.usefixtures("refusing")
def test_the_button_of_the_message_has_the_focus_and_shows_it(person: Person) -> None:
    person.press("N", "D")
    person.wait(lambda: person.place.overlays.is_open)
    read = person.place.overlays._telling._read
    assert person.shell.focusWidget() is read
    rings = [frame for frame in QApplication.allWidgets() if isinstance(frame, QFocusFrame) and frame.widget() is read]
    assert [ring.isVisible() for ring in rings] == [True]


@pytest.mark.usefixtures("refusing")
def test_two_refused_before_the_first_is_read_are_both_named_and_the_first_is_open(person: Person) -> None:
    first, one = person.item_id, person.opened.card.summary
    person.press("N", "D")
    two = person.opened.card.summary
    person.press("N", "D")
    person.wait(lambda: not person.desk.saving and person.place.overlays.is_open)
    assert f"Not saved: {one}; {two}." in told(person)
    assert person.item_id == first
    assert len(person.desk.waiting) == 4
