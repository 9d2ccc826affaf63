"""Top bar and status strip."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from modstation.core.status import Link
from modstation.ui import paint, theme
from modstation.ui.chrome import StatusStrip, StatusView, TopBar
from modstation.ui.chrome.parts import BarButton, FindButton
from modstation.ui.chrome.view import end_cells, link_words, start_cells
from modstation.ui.text import day_and_clock
from tests.support.builders import NOW

ONLINE = StatusView(Link.ONLINE, 44, None, "", 3, 118, 0, 42, 110 * 60, 134 * 60)


@pytest.fixture
def strip(qtbot):
    made = StatusStrip()
    made.resize(1440, 28)
    qtbot.addWidget(made)
    made.show_status(ONLINE)
    return made


@pytest.fixture
def bar(qtbot):
    made = TopBar()
    made.resize(1440, 44)
    made.set_person("Heron 12")
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_the_strip_says_the_three_marks_and_never_confuses_them(strip):
    assert strip.words() == (
        "Online · 40 s ago, 3 saved here, 118 accepted, 0 returned, 42 items, about 1 h 50 min of work offline, "
        "lease 2:14 h"
    )
    icons = [cell.icon for cell in start_cells(ONLINE)]
    assert icons == ["online", "saved", "accepted", "returned", ""]


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (StatusView(), "Connecting"),
        (StatusView(Link.ONLINE, 3), "Online · just now"),
        (StatusView(Link.ONLINE, 59), "Online · 50 s ago"),
        (StatusView(Link.ONLINE, 59, asking=True), "Asking the service"),
        (StatusView(Link.OFFLINE, asking=True), "Offline"),
        (StatusView(Link.ONLINE, 61), "Online · 1 min ago"),
        (StatusView(Link.OFFLINE), "Offline"),
        (StatusView(Link.OFFLINE, code="sync.gateway"), "The service is not running"),
        (StatusView(Link.BLOCKED, code="sync.sign_in"), "The network asks you to sign in"),
        (StatusView(Link.BLOCKED, code="sync.proxy_password"), "The network's proxy wants a password"),
        (StatusView(Link.BLOCKED, code="sync.proxy"), "The network's proxy lets nothing through"),
        (StatusView(Link.BLOCKED, code="sync.proxy_setting"), "The proxy set on this computer can't be used"),
        (StatusView(Link.BLOCKED, code="sync.untrusted"), "The connection is not trusted"),
        (StatusView(Link.BLOCKED, code="sync.blocked"), "Something else answers, not the service"),
        (StatusView(Link.ONLINE, 3, code="store.disk_full"), "Online, but the disk is full"),
        (StatusView(Link.ONLINE, 3, code="sync.protocol"), "Online, but ModStation needs an update"),
        (StatusView(Link.ONLINE, 3, code="request.too_many"), "Online, trying again"),
        (StatusView(Link.SIGNED_OUT), "Signed out by the service"),
    ],
)
def test_every_state_of_the_connection_has_its_words(qapp, view, words):
    assert link_words(view) == words


def test_a_service_that_answers_with_something_amiss_is_not_simply_online(qapp):
    cell = start_cells(StatusView(Link.ONLINE, 3, code="store.disk_full"))[0]
    assert cell.strong


def test_decisions_that_are_checked_again_are_counted(qapp):
    cells = end_cells(StatusView(Link.ONLINE, 3, rechecking=(40, 100), media_left=7))
    assert [cell.text for cell in cells] == ["re-checking decisions: 40 of 100"]


def test_offline_says_since_when_and_stands_out_in_weight(qapp):
    cell = start_cells(StatusView(Link.OFFLINE, 90, NOW))[0]
    assert cell.text.startswith("Offline since ")
    assert cell.strong
    assert cell.icon == "offline"
    later = start_cells(StatusView(Link.OFFLINE, 90, NOW, offline_s=48 * 3600))[0]
    assert day_and_clock(NOW) in later.text, "after two days a time of day says too little"


def places(strip):
    return {cell.name: box for box, cell in strip._placed}


def test_no_number_moves_its_neighbours(strip):
    before = places(strip)
    strip.show_status(replace(ONLINE, saved_here=42, accepted=999, returned=7, waiting=7, lease_left_s=60))
    assert places(strip) == before


def test_a_cell_that_needed_more_room_keeps_it(strip):
    strip.show_status(replace(ONLINE, accepted=1_234_567))
    wide = places(strip)
    strip.show_status(ONLINE)
    assert places(strip) == wide


def test_the_first_filling_and_the_files_to_come_are_told(strip):
    strip.show_status(replace(ONLINE, progress=(1240, 10_000)))
    assert "fetching items: 1,240 of 10,000" in strip.words()
    strip.show_status(replace(ONLINE, media_left=1))
    assert "1 file still to come" in strip.words()


def test_a_narrow_strip_leaves_out_the_work_before_the_marks(strip):
    strip.resize(700, 28)
    strip.show_status(replace(ONLINE, saved_here=4))
    assert {"link", "saved", "accepted", "returned", "lease"} == set(places(strip))


def test_a_click_on_a_mark_says_which(strip, qtbot):
    told = []
    strip.clicked.connect(told.append)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=places(strip)["returned"].center())
    assert told == ["returned"]


def test_the_strip_is_read_aloud_as_it_is_seen(strip):
    assert strip.accessibleName() == strip.words()


def named(bar, title):
    return next(button for button in bar.findChildren(BarButton) if button.text() == title)


def test_tabs_and_tools_say_what_is_wanted(bar, qtbot):
    tabs, commands = [], []
    bar.tab_chosen.connect(tabs.append)
    bar.command.connect(commands.append)
    for title in ("Outbox", "Cover", "Keys"):
        qtbot.mouseClick(named(bar, title), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(bar.findChild(FindButton), Qt.MouseButton.LeftButton)
    assert tabs == ["outbox"]
    assert commands == ["station.cover", "station.keys", "station.palette"]


def test_what_is_open_is_marked_be_it_a_tab_or_a_tool(bar):
    bar.show_tab("returned")
    assert [b.text() for b in bar.findChildren(BarButton) if b.isChecked()] == ["Returned"]
    bar.show_tab("settings")
    assert [b.text() for b in bar.findChildren(BarButton) if b.isChecked()] == ["Settings"]


def test_a_number_on_a_tab_moves_nothing(bar):
    bar.set_count("returned", 0)
    before = named(bar, "Outbox").geometry()
    bar.set_count("returned", 7)
    assert named(bar, "Outbox").geometry() == before
    assert named(bar, "Returned").accessibleName() == "Returned, 7"


def test_every_button_can_be_reached_by_tab_has_a_name_and_is_large_enough(bar):
    for button in [*bar.findChildren(BarButton), bar.findChild(FindButton)]:
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert button.accessibleName()
        assert button.height() >= 24
        assert button.width() >= 24


@pytest.mark.parametrize("width", [1440, 1280, 1000, 760])
def test_nothing_overlaps_at_any_width(bar, width, qapp):
    bar.resize(width, 44)
    shown = [b for b in [*bar.findChildren(BarButton), bar.findChild(FindButton)] if b.isVisible()]
    boxes = sorted((b.geometry() for b in shown), key=lambda box: box.left())
    assert all(a.right() < b.left() for a, b in pairwise(boxes))
    assert boxes[-1].right() < width


@pytest.mark.parametrize(("width", "words"), [(340, "Find an item, a clause or a command"), (200, "Find")])
def test_a_narrow_search_says_less_and_is_not_cut(bar, monkeypatch, width, words):
    find, drawn = bar.findChild(FindButton), []
    find.resize(width, 28)
    monkeypatch.setattr(paint, "draw", lambda _painter, _box, text, *_rest, **_more: drawn.append(text))
    find.grab()
    assert words in drawn
    assert find.accessibleName() == "Find an item, a clause or a command"


def test_right_to_left_mirrors_the_bar(bar, qapp):
    left = named(bar, "Desk").geometry()
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    bar.resize(1441, 44)
    assert named(bar, "Desk").geometry().right() == 1440 - left.left()


def test_the_views_carry_their_keys_while_there_is_room_for_them(bar):
    bar.set_keys({"station.desk": "Ctrl 1", "station.returned": "Ctrl 2", "station.outbox": "Ctrl 3"})
    wide = named(bar, "Outbox").width()
    bar.resize(760, 44)
    narrow = named(bar, "Outbox").width()
    assert narrow < wide
    bar.resize(1440, 44)
    assert named(bar, "Outbox").width() == wide


@pytest.mark.parametrize("name", ["light", "dark", "high_contrast"])
def test_the_view_that_is_open_is_marked_in_every_theme(bar, name, qapp):
    theme.apply(qapp, name)
    desk = named(bar, "Desk")
    grounds = []
    for is_open in (True, False):
        bar.show_tab("desk" if is_open else "outbox")
        picture = bar.grab(desk.geometry()).toImage()
        grounds.append(picture.pixelColor(picture.width() // 2, picture.height() - 2))
    # By more than a shade: on a dark bar a sunken ground is darker by 5 of 255, and nobody sees that.
    assert abs(grounds[0].lightness() - grounds[1].lightness()) >= 8


def test_the_room_for_a_number_is_no_hole_between_the_tabs(bar, monkeypatch):
    bar.set_count("returned", 0)
    bar.resize(760, 44)
    boxes = {}
    monkeypatch.setattr(paint, "draw", lambda _painter, box, words, *_rest, **_more: boxes.update({words: box}))
    button = named(bar, "Returned")
    button.grab()
    before, after = boxes["Returned"].left(), button.width() - 1 - boxes["Returned"].right()
    assert abs(before - after) <= 1


def test_the_room_for_a_number_is_no_hole_before_the_key(bar, monkeypatch):
    bar.set_count("returned", 0)
    bar.set_keys({"station.returned": "Ctrl 2"})
    bar.resize(1800, 44)
    at = {}
    monkeypatch.setattr(paint, "draw", lambda _painter, box, words, *_rest, **_more: at.update({words: box}))
    monkeypatch.setattr(paint, "key_cap", lambda _painter, x, _y, keys, *_rest, **_more: at.update({keys: x}))
    button = named(bar, "Returned")
    button.grab()
    cap = paint.key_cap_width("Ctrl 2")
    assert at["Ctrl 2"] - at["Returned"].right() < 10
    assert abs(at["Returned"].left() - (button.width() - at["Ctrl 2"] - cap)) <= 1
