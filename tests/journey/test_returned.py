"""A decision comes back: the item was changed meanwhile, or the rules were. It stands before the person again."""

from dataclasses import replace

import pytest

from modstation.core.decision import Verdict
from modstation.core.policy import Policy
from modstation.session.views import State
from tests.support.builders import a_policy
from tests.support.live_service import texts
from tests.support.person import Journey, Person

ITEMS = texts(4)


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill(ITEMS)
    return journey.begin(4)


def send(journey: Journey, person: Person) -> None:
    person.wait_until_durable()
    journey.clock.leap(601)
    person.press("Ctrl+R")


def come_back(journey: Journey, person: Person) -> None:
    """Decide the first item as a violation, let the service have a new revision of it, and meet that decision again."""
    person.press("1", "D")
    person.wait_until_durable()
    journey.service.stop()
    journey.service.start()  # the poll that was open is gone: nothing tells the station of the revision
    journey.service.revise(ITEMS[0])
    send(journey, person)
    person.wait(lambda: len(person.place.returned) == 1)


def stricter(**over: object) -> Policy:
    """The next version, which takes no decision made under the one before."""
    return replace(a_policy(), version=4, accepts_from=4, **over)


def test_it_tells_its_story_and_m_amends_it_to_the_item_as_it_is_now(journey, person):
    come_back(journey, person)
    person.press("Ctrl+2")
    assert person.place.view == "returned"
    for words in ("What you saw", "revision 1, decided", "What it is now", "revision 2, 1 field changed"):
        assert words in person.words()
    person.press("M")
    assert person.place.view == "desk"
    assert person.item_id == ITEMS[0].item_id
    assert person.opened.item.rev == 2
    assert person.opened.draft.verdict is Verdict.VIOLATION
    old = person.opened.supersedes
    person.press("N", "D")
    send(journey, person)
    person.wait(lambda: not person.entries())
    first, second = journey.service.decisions()[ITEMS[0].item_id]
    assert first == (old, "violation", "returned")
    assert second[1:] == ("no_violation", "accepted")


def test_r_sends_it_again_as_it_is(journey, person):
    come_back(journey, person)
    person.press("Ctrl+2", "R")
    assert person.place.view == "desk"
    send(journey, person)
    person.wait(lambda: not person.entries())
    assert [row[1:] for row in journey.service.decisions()[ITEMS[0].item_id]] == [
        ("violation", "returned"),
        ("violation", "accepted"),
    ]


def test_w_withdraws_it_and_the_item_waits_again(journey, person):
    come_back(journey, person)
    person.press("Ctrl+2", "W")
    person.wait(lambda: ITEMS[0].item_id in person.desk.waiting)
    assert not person.entries()
    person.wait(lambda: ITEMS[0].item_id in person.frame.rail.model.ids())
    person.press("Ctrl+1", "K", "K", "K", "K")
    assert person.item_id == ITEMS[0].item_id
    person.press("N", "D")
    send(journey, person)
    person.wait(lambda: not person.entries())
    assert journey.service.stats().accepted_items == 1


def test_what_was_amended_is_kept_when_the_person_looks_at_something_else_in_between(journey, person):
    come_back(journey, person)
    person.press("Ctrl+2", "M", "C", "T")
    person.type("Changed since.")
    person.press("Esc", "J")
    assert person.item_id != ITEMS[0].item_id
    person.press("Ctrl+2", "M")
    assert person.opened.draft.rationale == "Changed since."


def test_it_is_still_there_after_a_restart_and_withdrawing_the_last_one_fills_an_empty_desk(journey, person):
    person.press("N", "D", "N", "D", "N", "D", "N", "D")
    person.wait_until_durable()
    journey.service.stop()
    journey.service.start()
    journey.service.revise(ITEMS[3])
    send(journey, person)
    person.wait(lambda: person.entries(State.RETURNED) and len(person.entries()) == 1)
    assert person.desk.current is None
    person = journey.restart(0)
    person.wait(lambda: len(person.place.returned) == 1)
    person.press("Ctrl+2", "W")
    person.wait(lambda: person.desk.current is not None)
    assert person.item_id == ITEMS[3].item_id


def test_rules_that_changed_bring_a_decision_back_and_the_same_one_goes_through_under_them(journey, person):
    person.press("1", "D")
    person.wait_until_durable()
    journey.service.stop()
    journey.service.start()
    journey.service.publish(stricter())
    send(journey, person)
    person.wait(lambda: person.place.returned)
    person.press("Ctrl+2", "R")
    assert person.desk.saving
    send(journey, person)
    person.wait(lambda: not person.entries())
    rows = journey.service.decisions()[ITEMS[0].item_id]
    assert [row[2] for row in rows] == ["returned", "accepted"]


def test_a_clause_that_the_new_rules_do_not_have_any_more_must_be_chosen_anew(journey, person):
    chosen = person.opened.recommended[0].clause_id
    person.press("1", "D")
    person.wait_until_durable()
    journey.service.stop()
    journey.service.start()
    without = tuple(clause for clause in a_policy().clauses if clause.clause_id != chosen)
    journey.service.publish(stricter(clauses=without))
    send(journey, person)
    person.wait(lambda: person.place.returned)
    person.press("Ctrl+2", "R")
    assert person.place.view == "desk"
    assert person.entries(State.RETURNED)  # nothing was sent: the sentence is not complete under these rules
    assert person.item_id == ITEMS[0].item_id
    assert [lack.value for lack in person.desk.lacks] == ["clause"]


def test_rules_published_while_a_note_is_written_leave_the_words_alone(journey, person):
    person.press("C", "T")
    person.type("Half a sen")
    journey.service.publish(stricter())
    person.wait(lambda: person.opened.policy.version == 4)
    assert person.opened.draft.rationale == "Half a sen"
    person.press("J", "K")
    assert person.opened.draft.rationale == "Half a sen"


def test_a_lease_that_is_extended_disturbs_nobody_who_writes(journey, person):
    before = person.opened.card.lease
    person.press("L", "C", "T")
    person.type("Half a sen")
    journey.clock.leap(5)
    person.station.running.engine.renew((person.item_id,))
    person.wait(lambda: person.opened.card.lease.expires_at > before.expires_at)
    person.type("tence.")
    assert person.opened.draft.rationale == "Half a sentence."
