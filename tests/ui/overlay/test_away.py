"""Going away: the time is chosen by keys, what lapses is told, and only what helps is offered."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from modstation.core.ids import ItemId
from modstation.core.item import Lease
from modstation.core.planning import Offline, outlook
from modstation.ui.overlay.away import LONGEST_S, Ask, Away, seconds_in, until_morning
from modstation.ui.overlay.ending import Ending
from modstation.ui.pieces.lettering import Lettering
from tests.support.builders import NOW

HOUR = 3600


class World:
    """What the overlay asks about: leases by the minutes they have left, and how long they were made for."""

    def __init__(self) -> None:
        self.held = {"soon": (30, 480), "short": (45, 60), "late": (400, 480)}
        self.offline = Offline(3, 600)
        self.online = True

    def away(self, away_s):
        leases = [
            Lease(ItemId(i), 1, NOW + timedelta(minutes=left - life), NOW + timedelta(minutes=left))
            for i, (left, life) in self.held.items()
        ]
        return outlook(leases, NOW, away_s)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def window(qtbot):
    made = QWidget()
    made.resize(1280, 720)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def away(window, world):
    made = Away(window, Ask(world.away, lambda: world.offline, lambda: NOW, lambda: world.online))
    made.open()
    return made


def words(away):
    return " ".join(label.text() for label in away.findChildren(Lettering) if not label.isHidden())


def press(away, key):
    QTest.keyClick(away.window().focusWidget() or away, key)


def test_digits_choose_the_time_and_the_sentence_follows(away):
    press(away, Qt.Key.Key_3)
    assert away.away_s() == 2 * HOUR
    assert "2 items lapse" in words(away)
    press(away, Qt.Key.Key_1)
    assert away.away_s() == HOUR // 2
    assert "1 item lapses" in words(away)
    assert away.timeline.accessibleDescription() == "1 item lapses before you are back. 2 items stay."


def test_the_focus_goes_where_a_digit_leads(away, qtbot):
    qtbot.waitUntil(away.window().isActiveWindow)
    press(away, Qt.Key.Key_4)
    assert away.window().focusWidget().text() == "Until the morning"
    press(away, Qt.Key.Key_5)
    assert away.own.hasFocus()
    away.choice.setFocus()
    away.choice.findChildren(QPushButton)[4].setFocus()
    press(away, Qt.Key.Key_3)
    assert away.window().focusWidget().text() == "2 h"


def test_when_nothing_lapses_it_says_so_and_offers_nothing(away, world):
    world.held = {"late": (400, 480)}
    away.look()
    assert "Nothing lapses before you are back" in words(away)
    assert away.renew.isHidden()
    assert away.give.isHidden()
    assert away.fetch.isHidden()


def test_more_time_is_asked_for_only_where_it_helps(away, qtbot):
    with qtbot.waitSignal(away.renew_wanted) as asked:
        press(away, Qt.Key.Key_R)
    assert asked.args == [("soon",)]


def test_giving_back_takes_the_key_twice_and_another_time_takes_the_first_back(away, qtbot):
    given = []
    away.give_back_wanted.connect(given.append)
    press(away, Qt.Key.Key_G)
    assert given == []
    press(away, Qt.Key.Key_4)
    press(away, Qt.Key.Key_3)
    press(away, Qt.Key.Key_G)
    assert given == []
    press(away, Qt.Key.Key_G)
    assert given == [("soon", "short")]


def test_without_a_connection_nothing_is_asked_of_the_service(away, world):
    world.online, world.offline = False, Offline(3, 600, 2, 5000)
    away.look()
    asked = []
    away.renew_wanted.connect(asked.append)
    away.fetch_wanted.connect(lambda: asked.append("files"))
    press(away, Qt.Key.Key_R)
    press(away, Qt.Key.Key_F)
    assert asked == []
    assert "when the service can be reached" in words(away)


def test_files_are_fetched_with_their_progress(away, world, qtbot):
    world.offline = Offline(3, 600, 4, 3_000_000)
    away.look()
    assert "4 of their files are still to come (3 MB)" in words(away)
    with qtbot.waitSignal(away.fetch_wanted):
        press(away, Qt.Key.Key_F)
    world.offline = Offline(3, 600, 1, 900_000)
    away.look()
    assert away.fetch.text() == "Fetching: 3 of 4"


def test_an_own_time_is_written_with_the_keyboard_alone(away):
    press(away, Qt.Key.Key_5)
    assert away.away_s() is None
    assert "How long" in words(away)
    assert away.timeline.isHidden()
    QTest.keyClicks(away.window().focusWidget(), "1:15")
    assert away.away_s() == 75 * 60
    assert not away.timeline.isHidden()


@given(st.integers(0, 999), st.integers(0, 59))
def test_hours_and_minutes_are_read_up_to_a_week(hours, minutes):
    seconds = (hours * 60 + minutes) * 60
    assert seconds_in(f"{hours}:{minutes:02}") == (seconds if 0 < seconds <= LONGEST_S else None)


@given(st.text(st.sampled_from("019:. h-"), max_size=6))
def test_anything_else_is_no_time(typed):
    found = seconds_in(typed)
    assert found is None or 0 < found <= LONGEST_S


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 - hypothesis wants them naive
def test_tomorrow_morning_is_more_than_an_hour_and_at_most_a_day_and_an_hour_away(here):
    away_s = until_morning(here.astimezone())
    assert HOUR < away_s <= 25 * HOUR + 1


@pytest.fixture
def ending(window):
    return Ending(window)


def test_the_end_of_a_shift_is_said_before_it_happens_and_esc_takes_it_back(ending):
    ended = []
    ending.end_wanted.connect(lambda: ended.append(True))
    ending.open_for(41, 3, online=True)
    assert "41 undecided items go back" in words(ending)
    assert "3 decisions are sent now" in words(ending)
    press(ending, Qt.Key.Key_Escape)
    assert not ended
    ending.open_for(0, 1, online=False)
    assert "1 decision stays saved here" in words(ending)
    press(ending, Qt.Key.Key_Tab)
    press(ending, Qt.Key.Key_Return)
    assert not ended, "the focus was on the way back"
    ending.open_for(1, 0, online=True)
    press(ending, Qt.Key.Key_Return)
    assert ended
