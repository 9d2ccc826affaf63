"""The service has removed this computer: the person is told what is gone and what is kept, and a lead has the rest."""

import pytest
from PySide6.QtWidgets import QFocusFrame
from sqlalchemy import text

from modstation.core.status import Link, SyncStatus
from modstation.service import devices
from modstation.ui.overlay.telling import Telling
from tests.support.live_service import texts
from tests.support.person import Journey, Person


@pytest.fixture
def person(journey: Journey) -> Person:
    """Somebody who decided two items without a connection, on a computer that was removed meanwhile."""
    journey.service.fill(texts(4))
    person = journey.begin(4)
    person.wait_for_link(Link.ONLINE)
    journey.service.stop()
    person.press("N", "D", "N", "D")
    person.wait_until_durable()
    journey.clock.leap(601)
    journey.service.start()
    service = journey.service.running

    def unit(conn) -> None:
        device_id = conn.execute(text("SELECT device_id FROM device")).scalar_one()
        devices.revoke_device(conn, device_id, service.clock.now())

    service.database.write(unit)
    person.press("Ctrl+R")
    person.wait_for_link(Link.SIGNED_OUT)
    return person


def test_it_is_told_what_is_gone_and_what_is_kept_and_a_lead_has_the_decisions(person: Person):
    telling = person.overlay()
    assert isinstance(telling, Telling)
    for words in ("This computer was signed out.", "its items are gone from here", "What you decided is kept"):
        assert words in person.words()
    person.press("Esc")
    assert person.overlay() is None
    assert not person.desk.waiting
    person.wait(lambda: len(person.place.returned) == 2)
    person.press("Ctrl+3")
    lines = person.place._views.outbox._model
    spoken = [lines.line(n).spoken for n in range(lines.rowCount())]
    assert sum("with your lead" in line for line in spoken) == 2


def test_a_locked_window_says_nothing_more_of_the_connection(person: Person):
    person.press("Esc")
    person.place.notice("Something for a moment")
    place = person.place
    person.station.quit()
    assert not place._hush.isActive()  # it would read from a cache that is closed


def test_what_is_to_be_said_is_said_one_after_the_other(person: Person):
    person.press("Esc")
    place = person.place
    place._unsay(place._notice)
    place._coming.clear()
    place._unsay(place._notice)
    for words in ("One.", "Two.", "Two."):
        place.notice(words)
    assert "One." in person.frame.strip.words()
    place._say_next()
    assert "Two." in person.frame.strip.words()
    place._say_next()
    assert "Two." not in person.frame.strip.words()


def test_no_ring_is_left_behind_when_the_telling_is_gone(person: Person):
    person.press("Esc")
    assert not [ring for ring in person.shell.findChildren(QFocusFrame) if ring.isVisible()]
    person.press("Ctrl+3")
    assert person.place.view == "outbox"  # and keys still do what they say


def test_a_computer_removed_with_a_skip_still_held_forgets_it_and_the_service_hears_that_it_is_empty(journey: Journey):
    journey.service.fill(texts(4))
    person = journey.begin(4)
    person.wait_for_link(Link.ONLINE)
    person.press("X")
    person.wait(lambda: len(person.place.held) == 1)
    service = journey.service.running

    def revoke(conn) -> None:
        device_id = conn.execute(text("SELECT device_id FROM device")).scalar_one()
        devices.revoke_device(conn, device_id, service.clock.now())

    def purged() -> bool:
        asked = text("SELECT purged_at FROM device")
        return service.database.read(lambda conn: conn.execute(asked).scalar_one()) is not None

    service.database.write(revoke)
    person.press("Ctrl+R")
    person.wait_for_link(Link.SIGNED_OUT)
    person.wait(purged)
    person.wait(lambda: not person.place.held)


def test_a_service_that_does_not_know_the_computer_hides_the_items_and_takes_none_away(journey: Journey):
    journey.service.fill(texts(4))
    person = journey.begin(4)
    person.wait_for_link(Link.ONLINE)
    journey.service.running.database.write(lambda conn: conn.execute(text("UPDATE device SET token_sha256 = 'other'")))
    person.press("Ctrl+R")
    person.wait_for_link(Link.SIGNED_OUT)
    assert "not shown until it has joined again" in person.words()
    person.press("Esc", "J")
    assert person.desk.current is None
    assert person.frame.rail.model.rowCount() == 0
    assert len(person.desk.waiting) == 4
    person.place.show_status(SyncStatus())  # as after joining again: a new engine begins
    assert person.desk.current is not None
    assert person.frame.rail.model.rowCount() == 4


def test_after_not_now_the_code_can_be_typed_from_the_empty_desk_by_mouse_and_by_key(person: Person):
    entrance, way = person.shell.entrance, person.frame.panes.item._empty.way
    for act in (
        lambda: person.click(way),
        lambda: person.press("Ctrl+J"),
        lambda: person.press("Ctrl+1", "Enter"),
    ):
        person.press("Esc")
        assert "Join again with a code" in way.text()
        assert not entrance.isVisible()
        act()
        assert entrance.isVisible()


def test_the_key_on_the_way_back_works_over_the_message_too_but_not_through_the_cover(person: Person):
    entrance = person.shell.entrance
    assert isinstance(person.overlay(), Telling)
    person.place.overlays.cover()
    person.press("Ctrl+J")
    assert not entrance.isVisible()
    person.place.overlays._cover.leave()
    person.press("Ctrl+J")
    assert entrance.isVisible()
    assert not person.place.overlays.is_open


def test_a_computer_that_has_joined_is_asked_for_no_code(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    person.wait_for_link(Link.ONLINE)
    person.press("Ctrl+J")
    assert not person.shell.entrance.isVisible()
    assert not person.frame.panes.item._empty.way.isVisible()
