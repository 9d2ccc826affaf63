"""What types can't say: ids are not given twice, spans lie in their text, the focus is there, versions fit."""

from dataclasses import replace

import pytest

from modstation.core.item import Item, Span
from modstation.core.policy import Policy
from modstation.core.problem import Problem
from modstation.wire import translate
from tests.support.builders import a_content, a_flag, a_policy, a_report, an_item


def refused(kind: type, value: object) -> str:
    """The place where what was dumped is refused."""
    with pytest.raises(Problem) as told:
        translate.load(kind, translate.dump(value))
    assert told.value.code == "wire.senseless"
    return told.value.place


def test_an_item_that_makes_sense_comes_back_as_it_was():
    for item in (an_item(), an_item("conversation"), an_item("image")):
        assert translate.load(Item, translate.dump(item)) == item


def test_two_flags_never_share_an_id():
    item = an_item("text", flags=(a_flag(), a_report(), a_report()))
    assert refused(Item, item) == "flags[2].flag_id"


@pytest.mark.parametrize("span", [Span("text", 0, 10_000), Span("nowhere", 0, 1)])
def test_a_span_lies_in_its_text(span: Span):
    item = an_item("text", flags=(a_report(), a_flag(spans=(Span("text", 0, 3), span))))
    assert refused(Item, item) == "flags[1].spans[1]"


def test_the_focus_of_a_conversation_is_one_of_its_posts():
    talk = replace(a_content("conversation"), focus=99)
    assert refused(Item, an_item("conversation", content=talk, flags=())) == "content.focus"


def test_two_clauses_never_share_an_id():
    clauses = a_policy().clauses
    assert refused(Policy, a_policy(clauses=(*clauses, clauses[-1]))) == "clauses"


def test_a_version_demands_no_later_one():
    assert refused(Policy, a_policy(version=3, accepts_from=4)) == "accepts_from"
