"""A morning at the keyboard: verdicts, clauses, notes, escalation, skips, and taking things back."""

from dataclasses import replace

import pytest

from modstation.core.decision import FlagVerdict, Verdict
from modstation.core.ids import TeamName
from modstation.session.views import State, What
from tests.support.live_service import texts
from tests.support.person import Journey, Person


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill([replace(item, teams=(TeamName("Legal"), TeamName("Safety"))) for item in texts(9)])
    return journey.begin(9)


def send(journey: Journey, person: Person) -> None:
    """Let the time to undo pass, and everything be answered."""
    person.wait_until_durable()
    journey.clock.leap(601)
    person.press("Ctrl+R")
    person.wait_for_answers()


def test_n_and_d_decide_and_the_next_item_is_there_before_the_disk_is(journey, person):
    first = person.item_id
    person.press("N")
    assert person.opened.draft.verdict is Verdict.NO_VIOLATION
    person.press("D")
    assert person.item_id != first
    assert first not in person.desk.waiting
    send(journey, person)
    (made,) = journey.service.decisions()[first]
    assert made[1:] == ("no_violation", "accepted")


def test_a_digit_chooses_the_recommended_clause_with_its_usual_severity_and_actions(journey, person):
    first, recommended = person.item_id, person.opened.recommended
    person.press("1")
    finding = person.opened.draft.findings[0]
    assert (finding.clause_id, finding.severity) == (recommended[0].clause_id, recommended[0].severity)
    assert person.opened.draft.actions
    person.press("D")
    assert person.item_id != first
    send(journey, person)
    assert journey.service.decisions()[first][0][1:] == ("violation", "accepted")


def test_severity_three_needs_its_digit_and_any_other_key_goes_back(person):
    first = person.item_id
    person.press("1", "S", "S")
    assert person.opened.draft.findings[0].severity == 3
    person.press("D")
    assert person.item_id == first
    for other in ("4", "N", "Esc", "Y", "Tab", "Backspace"):
        before = person.opened.draft
        person.press(other)
        assert person.opened.draft == before, other
        person.press("3")  # no longer the answer to D: only the third recommended clause, of which there is none
        assert person.item_id == first, other
        person.press("D")
    person.press("3")
    assert person.item_id != first


def test_f_opens_the_flag_whose_span_is_in_hand(person):
    flags = [flag.flag_id for flag in person.opened.item.flags]
    person.press("F")
    person.press("H", "H", "F", "=")
    assert person.opened.draft.flag_verdicts == (FlagVerdict(flags[1], holds=True),)


def test_the_sentence_names_numbers_for_a_clause_only_while_they_choose_one(person):
    def numbers():
        return [part.segment.numbers for part in person.frame.panes.bar.sentence.slots() if part.segment.numbers]

    offered = [len(person.opened.recommended)]
    assert numbers() == offered
    person.press("F", "-")
    assert numbers() == []
    person.press("9")  # no clause is chosen behind the question
    assert person.opened.draft.findings == ()
    person.press("P")
    assert numbers() == offered
    person.press("F")
    assert numbers() == []
    person.press("Esc")
    assert numbers() == offered
    person.press("1")
    assert len(person.opened.draft.findings) == 1


def test_a_note_is_written_with_t_and_ctrl_enter_decides_from_within_it(journey, person):
    first = person.item_id
    person.press("C", "D")
    assert person.item_id == first  # cannot decide wants a note or a team
    person.press("T")
    person.type("Nothing here can be checked, 50 days later.")
    assert person.opened.draft.verdict is Verdict.CANNOT_DECIDE  # the letters went into the note
    person.press("Ctrl+Return")
    assert person.item_id != first
    person.press("N", "D")  # the keys are awake again
    assert len(person.desk.waiting) == 7
    send(journey, person)
    assert journey.service.decisions()[first][0][1:] == ("cannot_decide", "accepted")


def test_escalating_names_a_team_and_then_decides(journey, person):
    first = person.item_id
    person.press("E", "2", "Return")
    assert person.overlay() is None
    assert person.opened.draft.escalation.team == "Safety"
    person.press("D")
    assert person.item_id != first
    send(journey, person)
    assert journey.service.decisions()[first][0][1:] == ("cannot_decide", "accepted")


def test_a_skip_gives_the_item_back_and_nobody_asks_why(journey, person):
    first = person.item_id
    person.press("X")
    assert person.item_id != first
    person.wait_until_durable()
    (entry,) = person.desk.records.entries()
    assert entry.what is What.SKIP
    journey.clock.leap(601)
    person.press("Ctrl+R")
    person.wait(lambda: not person.entries())
    assert first not in journey.service.decisions()
    assert journey.service.stats().items["waiting"] == 1


def test_undo_right_after_d_brings_the_item_back_with_its_draft_even_before_it_is_durable(journey, person):
    first = person.item_id
    person.press("1", "T")
    person.type("Twice.")
    person.press("Esc")
    draft = person.opened.draft
    person.press("D")
    assert person.desk.saving  # the disk does not have it yet
    person.press("U")
    person.wait(lambda: person.item_id == first)
    assert person.opened.draft == draft
    person.wait_until_durable()
    assert not person.entries()
    assert person.desk.waiting[0] == first
    person.press("D")
    send(journey, person)
    assert len(journey.service.decisions()[first]) == 1


@pytest.mark.parametrize("leave", [("X",), ("E", "2", "Return", "D"), ("1", "D"), ("1", "S", "D")])
def test_what_was_begun_is_back_when_it_is_undone_after_the_station_was_closed(journey, person, leave):
    first = person.item_id
    person.press("T")
    person.type("Half a thought.")
    person.press("Esc", *leave[:-1])
    draft = person.opened.draft
    assert draft.rationale == "Half a thought."
    person.press(leave[-1])
    person.wait_until_durable()
    person = journey.restart(8)
    person.press("U")
    person.wait(lambda: person.item_id == first)
    assert person.opened.draft == draft


def test_nothing_to_undo_is_said(person):
    person.press("U")
    assert "Nothing to undo" in person.frame.strip.words()


def test_several_are_taken_back_one_after_the_other_the_last_first(journey, person):
    ids = list(person.desk.waiting)
    for _ in range(4):
        person.press("N", "D")
    person.press("X")
    person.press("U", "U", "U", "U", "U")
    person.wait(lambda: person.desk.waiting == ids)
    assert person.overlay() is None
    assert not person.entries()
    person.wait(lambda: person.item_id == ids[0])


def test_undo_reaches_decisions_made_before_the_station_was_closed(journey, person):
    ids = list(person.desk.waiting)
    person.press("N", "D", "N", "D")
    person.wait_until_durable()
    person = journey.restart(7)
    assert len(person.entries(State.HELD)) == 2
    person.press("U")
    person.wait(lambda: person.item_id == ids[1])
    assert person.opened.draft.verdict is Verdict.NO_VIOLATION


def test_what_was_sent_cannot_be_undone_and_u_says_so_calmly(journey, person):
    person.press("N", "D")
    send(journey, person)
    person.press("U")
    assert person.overlay() is None
    assert len(person.desk.waiting) == 8
