"""Words: values, plurals, times, direction."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from modstation.ui import text

LTR, RTL = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


def test_numbers_are_written_as_the_country_writes_them(qapp):
    assert text.tr("{n} saved here", n=12345) == "12,345 saved here"


def test_a_value_with_braces_is_shown_as_it_is(qapp):
    assert text.tr("Item {name}", name="{n} {0}") == "Item {n} {0}"


def test_a_sentence_without_values_may_contain_braces(qapp):
    assert text.tr("Write {like this}") == "Write {like this}"


def test_a_missing_value_is_a_bug_and_says_so(qapp):
    with pytest.raises(KeyError):
        text.tr("{n} of {total}", n=1)


@pytest.mark.parametrize(("n", "words"), [(0, "0 items"), (1, "1 item"), (2, "2 items")])
def test_one_is_not_many(qapp, n, words):
    assert text.trn("{n} item", "{n} items", n) == words


@given(st.integers(-10, 10**6))
def test_time_left_never_promises_more_than_there_is(seconds):
    hours, minutes = text.left(seconds).split(":")
    assert len(minutes) == 2
    assert 0 <= max(0, seconds) - (int(hours) * 3600 + int(minutes) * 60) < 60


@pytest.mark.parametrize(("seconds", "words"), [(40, "40 s"), (60, "1 min"), (3599, "59 min"), (6600, "1 h 50 min")])
def test_durations_are_said_in_words(qapp, seconds, words):
    assert text.duration(seconds) == words


def test_the_last_seconds_are_just_now(qapp):
    assert text.ago(1) == "just now"
    assert text.ago(40) == "40 s ago"


def test_a_date_is_the_persons_own_day(qapp):
    assert text.day(datetime(2026, 11, 14, 12, 0, tzinfo=UTC)) == "14 Nov 2026"


@pytest.mark.parametrize(
    ("sample", "direction"),
    [
        ("pump", LTR),
        ("مضخة", RTL),
        ("מפתח pump", RTL),
        ("1234 – pump", LTR),
        ("42 مضخة", RTL),
        ("", LTR),
        ("… 12", LTR),
        ("\u200fpump", RTL),
    ],
)
def test_the_first_strong_character_gives_the_direction(sample, direction):
    assert text.first_strong(sample) == direction
