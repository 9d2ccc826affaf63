"""A hotel's sign-in page stands in the service's place and answers 200 to everything. It changes nothing."""

from modstation.core.status import Link
from tests.support.live_service import texts
from tests.support.person import Journey


def test_a_sign_in_page_changes_nothing_is_told_as_such_and_work_goes_on(journey: Journey):
    journey.service.fill(texts(6))
    person = journey.begin(6)
    person.wait_for_link(Link.ONLINE)
    person.press("N", "D")
    person.wait_until_durable()
    journey.service.begin_portal()
    journey.clock.leap(601)
    person.press("Ctrl+R")
    person.wait_for_link(Link.BLOCKED)
    assert len(person.desk.waiting) == 5
    assert len(person.entries()) == 1
    person.wait(lambda: "The network asks you to sign in" in person.frame.strip.words())
    person.press("1", "D")
    person.wait_until_durable()
    assert len(person.entries()) == 2
    assert person.desk.records.tally().accepted == 0

    journey.service.end_portal()
    journey.service.start()
    journey.clock.leap(601)
    person.press("Ctrl+R")
    person.wait_for_answers()
    person.wait_for_link(Link.ONLINE)
    assert journey.service.stats().accepted_items == 2
    assert journey.service.stats().applied_twice == 0
