"""The network goes away in the middle of the work, the station is restarted without it, and then it comes back."""

import pytest

from modstation.core.decision import Verdict
from modstation.core.status import Link
from modstation.session.views import State
from modstation.ui.rail.entry import lease_words
from modstation.ui.screens.marks import Mark
from modstation.ui.window.workplace import Workplace
from tests.support.live_service import texts
from tests.support.person import Journey

SENT = "Written without a connection."


def test_work_goes_on_without_the_service_and_everything_is_accepted_once_when_it_is_back(journey: Journey):
    journey.service.fill(texts(12))
    person = journey.begin(12)
    person.wait_for_link(Link.ONLINE)
    person.press("N", "D", "N", "D")
    journey.service.stop()
    person.press("Ctrl+R")
    person.wait_for_link(Link.OFFLINE)

    person.press("N", "D", "1", "D", "C", "T")
    person.type(SENT)
    person.press("Ctrl+Return", "X", "N", "D")
    person.press("U")  # the last one is taken back, offline
    person.wait(lambda: person.opened.draft.verdict is Verdict.NO_VIOLATION)
    person.press("1")
    person.wait_until_durable()
    on_the_desk, draft = person.item_id, person.opened.draft
    left = list(person.desk.waiting)
    made = person.entries()
    assert len(made) == 6
    assert len(left) == 6

    person = journey.restart(6)
    assert person.desk.waiting == left
    assert person.entries() == made
    assert person.item_id == on_the_desk
    assert person.opened.draft == draft
    person.wait_for_link(Link.OFFLINE)
    person.press("D")
    person.wait_until_durable()

    journey.clock.leap(601)
    journey.service.start()
    person.press("Ctrl+R")
    person.wait(lambda: not person.entries())
    person.wait_for_link(Link.ONLINE)
    told = journey.service.decisions()
    assert all(len(rows) == 1 and rows[0][2] == "accepted" for rows in told.values())
    assert {rows[0][0] for rows in told.values()} >= set(made[:4])
    assert len(told) == 6  # five and the one after the restart; the skip is no decision
    counted = journey.service.stats()
    assert (counted.accepted_items, counted.applied_twice, counted.items["waiting"]) == (6, 0, 1)


def test_what_is_left_of_the_leases_is_shown_from_the_first_moment(journey: Journey, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Workplace, "_tick", lambda _self: None)  # as in the first second
    journey.service.fill(texts(3))
    model = journey.begin(3).frame.rail.model
    assert model.now is not None
    assert lease_words(model.card(0), model.now)


def test_rail_and_strip_tell_of_a_lease_at_one_moment_and_the_strip_only_beside_its_item(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    model, strip = person.frame.rail.model, person.frame.strip
    journey.clock.leap(150)  # two minutes and a half go by within one second
    person.press("J")
    row = model.row_of(person.item_id)
    assert row is not None
    assert f"lease {lease_words(model.card(row), model.now)} h" in strip.words()
    person.press("Ctrl+3")
    assert "lease" not in strip.words()
    person.press("Ctrl+1")
    assert "lease" in strip.words()


def test_the_open_outbox_does_not_hold_a_decision_whose_time_is_over(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    journey.service.stop()
    person.press("Ctrl+R")
    person.wait_for_link(Link.OFFLINE)
    person.press("N", "D")
    person.wait_until_durable()
    person.wait(lambda: person.place.held)
    person.press("Ctrl+3")
    outbox = person.place._views.outbox
    assert [line.mark for line in outbox._lines] == [Mark.HELD]
    journey.clock.leap(601)
    person.place._second.timeout.emit()  # one second later, before the next word of the service, or of its silence
    assert [line.mark for line in outbox._lines] == [Mark.SAVED]


def test_what_was_skipped_stands_in_the_outbox_until_the_service_has_taken_it_back(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.wait_for_link(Link.ONLINE)
    person.press("X")
    person.wait(lambda: person.place.held)
    person.press("Ctrl+3")
    outbox = person.place._views.outbox
    assert [(line.mark, line.sentence) for line in outbox._lines] == [(Mark.HELD, "Skipped")]
    journey.clock.leap(601)
    person.press("Ctrl+R")
    person.wait(lambda: not outbox._lines)


def test_a_draft_is_kept_at_every_keystroke_also_without_a_connection(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    journey.service.stop()
    person.press("J", "C", "T")
    written, typed = person.item_id, ""
    for letter in "Seen":
        person.type(letter)
        typed += letter
        assert person.opened.draft.rationale == typed
    person = journey.restart(3)  # closed in the middle of a word, with the cursor in the note
    person.press("J")
    assert person.item_id == written
    assert person.opened.draft.rationale == "Seen"
    assert person.opened.draft.verdict is Verdict.CANNOT_DECIDE


def test_what_was_held_when_the_station_closed_is_sent_after_the_next_start(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    person.press("N", "D")
    person.wait_until_durable()
    (entry,) = person.entries(State.HELD)
    journey.get_up()
    journey.clock.leap(601)
    person = journey.begin(1)
    person.wait_for_answers()
    assert [rows[0][0] for rows in journey.service.decisions().values()] == [entry]
