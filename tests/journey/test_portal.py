"""A hotel's sign-in page stands in the service's place and answers 200 to everything. It changes nothing."""

import pytest

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
    person.wait(lambda: "Open a web browser and sign in to the network." in person.frame.strip.words())
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


@pytest.mark.parametrize(
    ("status", "link", "words"),
    [
        (407, Link.BLOCKED, "The network's proxy wants a password"),
        (404, Link.BLOCKED, "Something else answers, not the service"),
        (503, Link.OFFLINE, "Service not running since"),
    ],
)
def test_whatever_else_answers_is_told_as_what_it_is_and_changes_nothing(
    journey: Journey, status: int, link: Link, words: str
):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.wait_for_link(Link.ONLINE)
    journey.service.begin_portal(status)
    person.press("Ctrl+R")
    person.wait_for_link(link)
    person.wait(lambda: words in person.frame.strip.words())
    assert len(person.desk.waiting) == 3
    journey.service.end_portal()
    journey.service.start()
    person.press("Ctrl+R")
    person.wait_for_link(Link.ONLINE)
