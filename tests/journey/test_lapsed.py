"""Every lease ends while there is no connection: what is told is true, and nothing is said to be given back."""

from modstation.core.status import Link
from tests.support.live_service import texts
from tests.support.person import Journey


def test_the_open_item_whose_lease_ends_offline_is_not_said_to_be_given_back(journey: Journey) -> None:
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.wait_for_link(Link.ONLINE)
    journey.service.stop()
    person.press("Ctrl+R", "N")
    person.wait_for_link(Link.OFFLINE)
    told: list[str] = []
    person.place.control.told.connect(told.append)
    person.place.leaving.told.connect(told.append)
    journey.clock.leap(48 * 3600)
    person.place._tick()
    assert person.desk.current is None
    assert told == [
        "The lease of the item you had open has ended. Your draft is kept.",
        "3 leases have ended. Drafts are kept.",
    ]
    assert "The leases of the items here have ended." in person.frame.panes.item._empty.accessibleName()
    journey.service.start()
    person.press("Ctrl+R")
    person.wait_for_link(Link.ONLINE)
    assert not person.place.leaving.lapsed, "what the desk says then is what is true then"
