"""The views beside the desk: whoever is in one of them does nothing to an item that is not on the screen."""

import pytest

from modstation.core.status import Link
from tests.support.live_service import texts
from tests.support.person import Journey


@pytest.mark.parametrize("view", ["settings", "outbox", "returned"])
def test_no_key_decides_skips_or_passes_an_item_behind_another_view(journey: Journey, view: str):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    before = person.item_id
    person.place.go_to(view)
    person.press("N", "D", "X", "V", "1", "E", "A", "T")
    if view != "returned":
        person.press("J", "S")
    person.place.go_to("desk")
    assert (person.item_id, len(person.desk.waiting)) == (before, 3)
    assert person.desk.current is not None
    assert person.desk.current.draft.verdict is None


@pytest.mark.parametrize("view", ["settings", "outbox", "returned"])
def test_escape_leads_back_to_the_desk(journey: Journey, view: str):
    journey.service.fill(texts(1))
    person = journey.begin(1)
    person.place.go_to(view)
    person.press("Esc")
    assert person.place.view == "desk"


def test_a_command_of_the_desk_brings_it_up_before_anything_is_done(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    before = person.item_id
    for command in ("decide.skip", "decide.commit", "move.next", "decide.no_violation"):
        person.place.go_to("settings")
        person.shell.run(command)
        assert person.place.view == "desk"
        assert (person.item_id, len(person.desk.waiting)) == (before, 3)
    person.place.go_to("settings")
    person.shell.run("read.search")
    assert person.place.view == "desk"


def test_who_asks_for_an_exchange_sees_at_once_that_it_was_asked_for(journey: Journey):
    journey.service.fill(texts(1))
    person = journey.begin(1)
    person.wait_for_link(Link.ONLINE)
    strip = person.place._frame.strip
    assert "Asking" not in strip.words()
    person.press("Ctrl+R")
    assert "Asking the service" in strip.words()
    person.wait(lambda: "Online" in strip.words())
