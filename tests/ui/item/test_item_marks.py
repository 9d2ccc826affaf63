"""Flags become spans in reading order, each tied to its flags by letters."""

from hypothesis import given
from hypothesis import strategies as st

from modstation.core.ids import FlagId
from modstation.core.item import FlagSource, Span
from modstation.ui.item.marks import Stroke, marks_of, stretches
from tests.support.builders import a_flag

PARTS = {"title": "Pump yes, seller no", "text": "The pump folds flat."}
SOURCES = st.sampled_from(list(FlagSource))
SPANS = st.builds(Span, st.sampled_from(["title", "text", "gone"]), st.integers(-3, 25), st.integers(-3, 30))
FLAGS = st.lists(
    st.builds(
        lambda n, source, spans: a_flag(flag_id=FlagId(str(n)), source=source, spans=tuple(spans)),
        st.integers(0, 9),
        SOURCES,
        st.lists(SPANS, max_size=3),
    ),
    max_size=5,
)


def flag(source, *spans):
    return a_flag(source=source, spans=tuple(Span(*span) for span in spans))


def test_the_only_flag_of_an_item_needs_no_letter():
    (mark,) = marks_of((flag(FlagSource.RULE, ("text", 0, 3)),), PARTS)
    assert mark.letters == ""


def test_a_span_of_two_flags_is_one_mark_with_both_letters():
    classifier = flag(FlagSource.CLASSIFIER, ("text", 4, 8))
    report = flag(FlagSource.USER_REPORT, ("text", 4, 8), ("title", 0, 4))
    marks = marks_of((classifier, report), PARTS)
    assert [(mark.part, mark.letters, mark.stroke) for mark in marks] == [
        ("title", "b", Stroke.DOTTED),
        ("text", "ab", Stroke.DOUBLE),
    ]


def test_each_source_has_a_stroke_of_its_own():
    drawn = {source: marks_of((flag(source, ("text", 0, 3)),), PARTS)[0].stroke for source in FlagSource}
    assert drawn[FlagSource.CLASSIFIER] is Stroke.SOLID
    assert drawn[FlagSource.USER_REPORT] is Stroke.DOTTED
    assert drawn[FlagSource.RULE] is drawn[FlagSource.HASH_MATCH] is Stroke.BOX


@given(FLAGS)
def test_whatever_flags_say_marks_lie_within_their_text_and_in_reading_order(flags):
    marks = marks_of(flags, PARTS)
    assert all(0 <= mark.start < mark.end <= len(PARTS[mark.part]) for mark in marks)
    keys = [(list(PARTS).index(mark.part), mark.start, mark.end) for mark in marks]
    assert keys == sorted(set(keys))


@given(FLAGS)
def test_stretches_cover_what_the_marks_cover_and_nothing_twice(flags):
    marks = [mark for mark in marks_of(flags, PARTS) if mark.part == "text"]
    covered = {n for mark in marks for n in range(mark.start, mark.end)}
    drawn = [n for one in stretches(marks) for n in range(one.start, one.end)]
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == covered
