"""Core counts code points, Qt counts UTF-16 units: a span must cover the same characters in both."""

from hypothesis import given
from hypothesis import strategies as st

from modstation.ui.item.offsets import Offsets, covers

TEXTS = st.text(
    st.sampled_from("ab \u05d0\u0627\u0939\u200f\U0001f600\U0001f468\u200d\U0001f1ec\U000e0068"), max_size=40
)


@given(TEXTS, st.data())
def test_a_span_covers_the_same_characters_in_utf_16(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    offsets = Offsets.of(text)
    units = text.encode("utf-16-le")[offsets.unit(start) * 2 : offsets.unit(end) * 2]
    assert units.decode("utf-16-le") == text[start:end]


@given(TEXTS, st.data())
def test_boxes_move_the_rest_and_belong_to_the_character_before(text, data):
    points = st.sets(st.integers(0, max(0, len(text) - 1)), max_size=5) if text else st.just(set())
    after = sorted(data.draw(points))
    offsets = Offsets.of(text, after)
    shown = "".join(char + ("#" if n in after else "") for n, char in enumerate(text))
    units = shown.encode("utf-16-le")
    for n, char in enumerate(text):
        piece = units[offsets.unit(n) * 2 : offsets.unit(n + 1) * 2].decode("utf-16-le")
        assert piece == char + ("#" if n in after else "")
    for n in after:
        assert units[offsets.box(n) * 2 : offsets.box(n) * 2 + 2] == b"#\x00"


@given(TEXTS, st.data())
def test_every_unit_leads_back_to_its_character(text, data):
    points = st.sets(st.integers(0, max(0, len(text) - 1)), max_size=5) if text else st.just(set())
    offsets = Offsets.of(text, data.draw(points))
    for n in range(len(text)):
        for unit in range(offsets.unit(n), offsets.unit(n + 1)):
            assert offsets.point(unit) == n
    assert offsets.point(offsets.unit(len(text))) == len(text)


def test_ranges_that_touch_are_one_and_ranges_apart_stay_apart():
    assert covers([(30.0, 40.0), (0.0, 10.0), (10.2, 20.0)]) == [(0.0, 20.0), (30.0, 40.0)]
