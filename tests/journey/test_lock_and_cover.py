"""Somebody comes into the room: cover with F4, lock with Shift+F4, and back to where it was."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLineEdit

from modstation.core.ids import TeamName
from modstation.session.views import State
from modstation.ui.item import ItemPane
from modstation.ui.overlay.cover import Cover
from tests.support.live_service import texts
from tests.support.member import join
from tests.support.person import USUAL, Journey

PASSPHRASE = "seven quiet herons"


def test_the_lock_takes_everything_off_the_window_and_unlocking_returns_to_the_item_with_its_draft(journey: Journey):
    journey.service.fill(texts(4))
    person = journey.begin(4)
    person.press("J", "J", "1", "T")
    person.type("Not done yet")
    item_id, draft = person.item_id, person.opened.draft
    person.press("Shift+F4")
    assert person.station.running is None
    assert not any(pane.isVisible() for pane in person.shell.findChildren(ItemPane))
    assert "Not done yet" not in person.words()
    person.press("N", "D")  # keys of the desk mean nothing here
    person.click(person.shell.entrance.unlock.keyring)
    person.wait_for_desk(4)
    assert person.item_id == item_id
    assert person.opened.draft == draft
    person.press("D")
    person.wait_until_durable()
    assert len(person.entries(State.HELD)) == 1


def test_a_decision_made_in_the_moment_of_locking_is_saved(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.press("N", "D", "Shift+F4")
    person.click(person.shell.entrance.unlock.keyring)
    person.wait_for_desk(2)
    assert len(person.entries(State.HELD)) == 1


def test_an_undo_in_the_moment_of_locking_is_done(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.press("N", "D", "U", "Shift+F4")
    person.click(person.shell.entrance.unlock.keyring)
    person.wait_for_desk(3)
    assert not person.entries()


def test_a_passphrase_does_not_stay_in_its_field_once_the_vault_is_open(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.sit_down(USUAL)
    join(person.station, journey.service.address, journey.service.code(), PASSPHRASE)
    person.station.begin()
    unlock = person.shell.entrance.unlock
    person.wait(unlock.isVisible)
    assert not unlock.keyring.isVisible()  # only the passphrase opens this one
    person.type(PASSPHRASE)
    person.press("Return")
    person.wait_for_desk(2)
    person.press("Shift+F4")
    assert all(not field.text() for field in person.shell.findChildren(QLineEdit))
    person.press("Return")
    assert person.station.running is None
    person.type("not this one at all")
    person.press("Return")
    person.wait(lambda: "not the passphrase" in person.words())
    person.type(PASSPHRASE)  # what was typed is selected, ready to be typed over
    person.press("Return")
    person.wait_for_desk(2)


def test_the_cover_hides_every_pixel_and_no_key_that_decides_lifts_it(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    person.press("N")
    covered_item, draft = person.item_id, person.opened.draft
    person.press("F4")
    over = person.overlay()
    assert over is not None
    assert over.geometry() == person.frame.rect()
    for key in ("D", "N", "V", "1", "X", "U"):
        person.press(key)
        assert person.overlay() is over, key
    assert (person.item_id, person.opened.draft) == (covered_item, draft)
    covered = person.shell.grab().toImage()
    person.press("J")
    assert person.overlay() is None
    assert person.item_id == covered_item  # the key lifted, and did nothing else
    person.press("D")
    assert person.item_id != covered_item
    assert person.shell.grab().toImage() != covered
    person.press("F4")
    assert person.shell.grab().toImage() == covered  # whatever lies beneath


@pytest.mark.parametrize("opens", ["Ctrl+K", "?", "A", "E"])
def test_cover_and_lock_work_while_something_else_is_open(journey: Journey, opens: str):
    journey.service.fill([replace(item, teams=(TeamName("Legal"),)) for item in texts(2)])
    person = journey.begin(2)
    person.press(opens)
    below = person.overlay()
    assert below is not None
    person.press("F4")
    assert isinstance(person.overlay(), Cover)
    person.press("J")
    assert person.overlay() is below  # and the work goes on where it was
    person.press("Shift+F4")
    assert person.station.running is None
