"""Text is laid out whole, in every script, and only as far as somebody looks."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from modstation.ui.item.faces import face
from modstation.ui.item.flagtext import FlagText
from modstation.ui.item.flow import Flow
from modstation.ui.item.hidden import find

ARABIC = "المضخة نفسها جيدة. السيد Tallow لا يقرأ بريده."
HEBREW = "המשאבה עצמה בסדר."
LTR, RTL = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
# Hindi is drawn by a fallback font; that the first font lacks it is told on a warning channel.
pytestmark = pytest.mark.qt_log_ignore("OpenType support missing")


def flow(text, width=320.0):
    return Flow(text, face("item"), width)


def laid(text, width=320.0):
    made = flow(text, width)
    made.ensure(1e9)
    return made


@pytest.mark.usefixtures("qapp")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.text(st.sampled_from("ab \n\t\r\u05d0\u0627\u4e2d\u0939\u200f\u202e\U0001f600\u0301"), max_size=200))
def test_no_character_is_lost_or_shown_twice(text):
    rows = laid(text, 90.0).rows()
    assert all(start < end for start, end in rows)
    assert all(one[1] <= two[0] for one, two in pairwise(rows))
    shown = {n for start, end in rows for n in range(start, end)}
    assert all(text[n] in "\r\n" for n in set(range(len(text))) - shown)


@pytest.mark.usefixtures("qapp")
def test_a_very_long_text_costs_a_screen_and_still_reaches_its_end():
    long = flow("A pump that folds flat. " * 8_400)
    long.ensure(700)
    assert not long.complete
    assert sum(end - start for start, end in long.rows()) < 4_000
    guess = long.height
    long.ensure_point(len(long.text) - 1)
    assert long.complete
    assert long.rows()[-1][1] == len(long.text)
    assert abs(guess - long.height) < 0.1 * long.height


@pytest.mark.usefixtures("qapp")
def test_pieces_join_without_a_seam():
    text = "folds flat and " * 400
    joined = laid(text).rows()
    whole = [n for n in range(1, len(joined) - 1) if text[joined[n][1] - 1] != " "]
    assert not whole, "a line ended in the middle of a word"


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(("text", "right"), [(ARABIC, True), (HEBREW, True), ("The pump.", False), ("中文。", False)])
def test_a_paragraph_begins_on_the_side_of_its_first_strong_character(text, right):
    made = laid(f"12 {text}")
    first = made.rects(0, 1, 0, 30)[0]
    assert (first.center().x() > 160) is right
    assert made.is_rtl(3) is right


@pytest.mark.usefixtures("qapp")
def test_each_paragraph_has_its_own_direction_and_labels_keep_the_one_of_the_screen():
    mixed = laid(f"The pump.\n{ARABIC}\n...")
    assert [mixed.is_rtl(n) for n in (0, 12, len(mixed.text) - 1)] == [False, True, True]
    label = Flow(ARABIC[:6], face("ui"), 320.0, align=LTR)
    assert label.rects(0, 6, 0, 40)[0].left() < 5


@pytest.mark.usefixtures("qapp")
def test_a_span_over_two_directions_gives_one_rectangle_for_each_run():
    text = "abc אבג def"
    made = laid(text)
    whole = made.rects(0, len(text), 0, 30)
    part = made.rects(2, 5, 0, 30)  # "c" and the first Hebrew letter, which stands far from it
    assert len(whole) == 1
    assert len(part) == 2
    assert part[1].right() == pytest.approx(made.rects(4, 7, 0, 30)[0].right(), abs=1)


@pytest.mark.usefixtures("qapp")
def test_spans_after_emoji_stand_where_the_same_words_stand():
    text = "\U0001f469\u200d\U0001f469\u200d\U0001f467\U0001f600 pump"
    made = laid(text)
    start = text.index("pump")
    pump = made.rects(start, start + 4, 0, 30)[0]
    before = made.rects(0, start, 0, 30)[0]
    assert before.right() == pytest.approx(pump.left(), abs=1)
    assert pump.width() == pytest.approx(face("item").metrics.horizontalAdvance("pump"), abs=2)


@pytest.mark.usefixtures("qapp")
def test_boxes_for_hidden_characters_leave_spans_on_their_words():
    text = "Free\u200b ship\u202eping tod\u202cay, \u200fBX-20"
    plain, boxed = FlagText("text", text), FlagText("text", text)
    plain.lay(face("item"), 600.0)
    boxed.lay(face("item"), 600.0, boxes=True)
    start = text.index("BX-20")
    one = plain.flow.rects(start, start + 5, 0, 30)
    two = boxed.flow.rects(start, start + 5, 0, 30)
    assert one[0].width() == pytest.approx(two[0].width(), abs=1)
    assert two[0].left() > one[0].left()
    boxes = boxed.flow.boxes(0, 100)
    assert [hidden.label for hidden, _ in boxes] == [hidden.label for hidden in find(text)]
    assert all(rect.width() > 60 for _, rect in boxes)
    assert not any(rect.intersects(two[0]) for _, rect in boxes)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("char", ["\u200b", "\u200f", "\u202e"])
def test_a_flagged_character_without_a_width_is_marked_where_it_stands(char):
    made = laid(f"{HEBREW} one {char}two")
    at = made.text.index(char)
    (mark,) = made.rects(at, at + 1, 0, 1e9)
    assert 0 < mark.width() < 4
    (after,) = made.rects(at + 1, at + 4, 0, 1e9)
    assert min(abs(mark.left() - after.left()), abs(mark.left() - after.right())) < 20


@pytest.mark.usefixtures("qapp")
def test_tall_scripts_get_taller_lines_so_that_fills_stay_apart():
    made = laid(ARABIC * 6)
    rects = made.rects(0, len(made.text), 0, 1e6)
    assert len(rects) > 2
    assert all(one.bottom() < two.top() for one, two in pairwise(rects))
