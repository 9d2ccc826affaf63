"""A narrow window, or large text: policy, context and flags are still one key away."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint

from modstation.core.decision import FlagVerdict
from modstation.ui import theme
from modstation.ui.overlay.keysheet import KeySheet
from modstation.ui.window.shell import Shell
from tests.support.live_service import texts
from tests.support.person import USUAL, Journey, Person

TIGHT = pytest.mark.parametrize(
    ("width", "height", "zoom"), [(1120, 760, 100), (1280, 720, 125), (1440, 900, 150), (1440, 900, 200)]
)


def _sit(journey: Journey, width: int, height: int, zoom: int) -> Person:
    journey.service.fill(texts(3))
    person = journey.begin(3, replace(USUAL, zoom=zoom))
    person.shell.resize(width, height)
    return person


def _open(person: Person) -> str:
    """The tab that can be read: as wide as one needs to read in it, and nothing of it beyond the window."""
    panes = person.frame.panes
    side = panes.side
    shown = [name for name, page in side._pages.items() if page.isVisible()]
    if not shown:
        assert side.width() < theme.scaled(100)
        return ""
    assert side.width() >= theme.scaled(300)
    assert panes.rect().contains(side.geometry())
    assert panes.item.width() >= theme.scaled(300)
    return shown[0]


@TIGHT
def test_each_tab_is_opened_by_its_key_and_the_panel_folded_by_its_own(journey: Journey, width, height, zoom):
    person = _sit(journey, width, height, zoom)
    assert _open(person) == ""
    for key, tab in (("P", "policy"), ("O", "context"), ("F", "flags"), ("/", "policy")):
        person.press(key)
        assert _open(person) == tab
        focused = person.shell.focusWidget()
        assert focused is not None
        assert person.frame.panes.side.isAncestorOf(focused)
        person.press("Ctrl+.")
        assert _open(person) == ""
    person.press("Ctrl+.")
    assert _open(person) == "policy"


@TIGHT
def test_each_tab_is_opened_by_a_click_on_its_drawing(journey: Journey, width, height, zoom):
    person = _sit(journey, width, height, zoom)
    side = person.frame.panes.side
    for name in ("context", "flags", "policy"):
        person.click(side.tabs[name])
        assert _open(person) == name
        person.press("Ctrl+.")
        assert _open(person) == ""


@TIGHT
def test_the_keys_of_the_left_hand_open_the_tabs_too(journey: Journey, width, height, zoom):
    journey.service.fill(texts(3))
    person = journey.begin(3, replace(USUAL, zoom=zoom, keys="left_hand"))
    person.shell.resize(width, height)
    for key, tab in (("V", "policy"), ("C", "context"), ("F", "flags"), ("Ctrl+F", "policy")):
        person.press(key)
        assert _open(person) == tab
        person.press("Ctrl+G")
        assert _open(person) == ""


def test_the_palette_opens_a_tab_in_a_narrow_window(journey: Journey):
    person = _sit(journey, 1120, 760, 100)
    person.press("Ctrl+K")
    person.type("context")
    person.press("Enter")
    assert _open(person) == "context"


@TIGHT
def test_a_flag_is_judged_with_its_keys(journey: Journey, width, height, zoom):
    person = _sit(journey, width, height, zoom)
    first = person.opened.item.flags[0].flag_id
    person.press("F", "=")
    assert person.opened.draft.flag_verdicts == (FlagVerdict(first, holds=True),)


@TIGHT
def test_what_was_opened_stays_open_through_a_lock(journey: Journey, width, height, zoom):
    person = _sit(journey, width, height, zoom)
    person.press("P", "Shift+F4")
    person.click(person.shell.entrance.unlock.keyring)
    person.wait_for_desk(3)
    assert _open(person) == "policy"


@pytest.mark.parametrize(("width", "height", "zoom"), [(1280, 720, 125), (1440, 900, 150)])
def test_the_size_of_the_text_counts_at_once_and_back(journey: Journey, width, height, zoom):
    person = _sit(journey, width, height, 100)
    own = person.station.settings
    rail = person.frame.rail.width()
    assert _open(person) == "policy"
    person.place.settings_changed.emit(replace(own, zoom=zoom))
    assert _open(person) == ""
    assert person.frame.top.height() == theme.scaled(theme.tokens().px["topbar"])
    person.press("P")
    assert _open(person) == "policy"
    assert person.frame.rail.width() < rail
    person.press("Ctrl+.")
    assert _open(person) == ""
    person.place.settings_changed.emit(replace(own, zoom=100))
    assert _open(person) == "policy"
    assert person.frame.rail.width() == rail
    person.press("Ctrl+.")
    assert _open(person) == ""
    assert person.frame.rail.width() == rail
    person.press("P")
    assert _open(person) == "policy"


def test_what_was_chosen_is_kept_for_each_width(journey: Journey):
    person = _sit(journey, 1440, 900, 100)
    person.shell.resize(1120, 760)
    person.press("O")
    person.shell.resize(1440, 900)
    person.press("Ctrl+.")
    assert _open(person) == ""
    person.shell.resize(1120, 760)
    assert _open(person) == "context"
    person.shell.resize(1440, 900)
    assert _open(person) == ""


def test_the_rules_stand_beside_the_item_with_text_at_125_percent(journey: Journey):
    person = _sit(journey, 1440, 900, 125)
    assert _open(person) == "policy"
    assert person.frame.panes.item.width() >= theme.scaled(500)


@TIGHT
def test_a_folded_panel_shows_the_keys_that_open_it(journey: Journey, width, height, zoom):
    person = _sit(journey, width, height, zoom)
    tab = person.frame.panes.side.tabs["policy"]
    keyed = tab.grab().toImage()
    tab.set_key("")
    assert tab.grab().toImage() != keyed


@pytest.mark.parametrize(("width", "height", "zoom"), [(1280, 720, 125), (1280, 720, 150), (1440, 900, 150)])
def test_the_lists_of_the_policy_shave_no_row(journey: Journey, width, height, zoom):
    person = _sit(journey, width, height, zoom)
    person.press("P")
    policy = person.frame.panes.side.policy
    assert policy.list.height() == policy.list.height_of(policy._rows_in_sight())
    last = policy.list.indexAt(policy.list.rect().bottomLeft())
    assert policy.list.rect().bottom() == policy.list.visualRect(last).bottom()
    person.click(policy.whole)
    rows = policy.tree
    last = rows.indexAt(rows.rect().bottomLeft())
    assert last.row() > 0
    assert rows.rect().bottom() == rows.visualRect(last).bottom()


def test_the_key_sheet_scrolls_as_one(journey: Journey):
    person = _sit(journey, 1280, 720, 125)
    person.press("?")
    found = next(sheet for sheet in person.shell.findChildren(KeySheet) if sheet.is_open)
    assert all(column.verticalScrollBar().maximum() == 0 for column in found._columns)
    assert found._all.verticalScrollBar().maximum() > 0
    station = found._columns[-1]
    station.setFocus()
    person.press(*["Down"] * 30)
    row = station.visualRect(station.currentIndex())
    assert station.currentIndex().row() == station.lines.rowCount() - 1
    assert found._all.viewport().rect().contains(row.translated(station.mapTo(found._all.viewport(), QPoint())))


def test_the_window_leaves_room_for_its_title_bar(journey: Journey):
    fresh = Shell(journey.clock)
    screen = fresh.screen().availableSize()
    assert fresh.width() <= screen.width()
    assert fresh.height() + 40 <= screen.height()
    fresh.deleteLater()
