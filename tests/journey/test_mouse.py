"""One decision with the mouse alone, and taken back with it."""

from PySide6.QtWidgets import QPushButton

from modstation.core.decision import Verdict
from modstation.session.views import State
from modstation.ui.decide.sentence import Role
from tests.support.live_service import texts
from tests.support.person import Journey


def test_a_decision_is_made_taken_back_and_made_again_without_a_key(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    bar, side = person.frame.panes.bar, person.frame.panes.side
    first = person.item_id
    person.click(bar.verdicts._buttons[1])
    assert person.opened.draft.verdict is Verdict.VIOLATION
    assert not bar.decide.isEnabled()
    person.click(side.tabs["policy"])
    rows = side.policy.list
    number = next(n for n in range(rows.model().rowCount()) if "4.2" in str(rows.model().index(n, 0).data()))
    row = rows.visualRect(rows.model().index(number, 0))
    person.click(rows.viewport(), row)  # the first click reads
    assert not person.opened.draft.findings
    person.click(rows.viewport(), row)  # the second one chooses
    assert person.opened.draft.actions
    severity = person.opened.draft.findings[0].severity
    for step in (1, 2, 3):
        person.click(next(slot for slot in bar.sentence.slots() if slot.segment.role is Role.SEVERITY))
        assert person.opened.draft.findings[0].severity == (severity - 1 + step) % 4 + 1
    person.click(bar.decide)
    assert person.item_id != first
    person.wait_until_durable()
    person.wait(lambda: person.place.held)
    person.click(bar.undo)
    person.wait(lambda: person.item_id == first)
    person.click(bar.decide)
    assert person.item_id != first
    person.wait_until_durable()
    assert len(person.entries(State.HELD)) == 1


def test_a_serious_decision_is_confirmed_by_a_second_click_on_purpose(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    bar = person.frame.panes.bar
    first = person.item_id
    person.press("1", "S", "S")
    person.click(bar.decide)
    assert person.item_id == first
    person.click(bar.decide)
    assert person.item_id != first


def test_the_tabs_above_and_the_counts_below_lead_to_every_view_and_back(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    top = person.frame.top
    for view in ("returned", "outbox", "desk"):
        person.click(top._tabs[view])
        assert person.place.view == view
    person.click(top._tools["station.keys"])
    sheet = person.overlay()
    assert sheet is not None
    buttons = [one for one in sheet.findChildren(QPushButton) if one.isVisible() and one.text() == "Close"]
    if buttons:
        person.click(buttons[0])
    else:
        person.press("Esc")
    assert person.overlay() is None
