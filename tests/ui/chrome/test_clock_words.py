"""A clock that can't be trusted, and a connection that costs by the byte, are said in a quiet word."""

from modstation.ui.chrome.view import CLOCK_OFF_S, StatusView, clock_words, end_cells


def cells(view: StatusView) -> dict[str, str]:
    return {cell.name: cell.text for cell in end_cells(view)}


def test_a_clock_is_spoken_of_only_when_it_is_off_by_more_than_two_minutes_either_way():
    assert clock_words(StatusView(clock_off_s=CLOCK_OFF_S)) == ""
    assert clock_words(StatusView(clock_off_s=-CLOCK_OFF_S)) == ""
    assert clock_words(StatusView(clock_off_s=3600)) == "this clock is 1 h 0 min off"
    assert clock_words(StatusView(clock_off_s=-3600)) == "this clock is 1 h 0 min off"
    assert cells(StatusView(unconfirmed=True))["clock"] == "lease times not confirmed"


def test_metered_is_said_with_what_is_not_here():
    assert cells(StatusView(metered=True))["fetching"] == "metered"
    assert cells(StatusView(metered=True, media_left=2))["fetching"] == "metered · 2 files not here"
    assert "fetching" not in cells(StatusView())
