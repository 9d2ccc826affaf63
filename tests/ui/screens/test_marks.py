"""What became of a decision is said by a drawing and words, and in a sentence where the mark is not enough."""

from dataclasses import replace

import pytest

from modstation.core.content import Kind
from modstation.core.ids import ItemId
from modstation.core.receipt import Outcome
from modstation.session.views import UNPROVABLE, Settled
from modstation.ui import theme
from modstation.ui.screens.marks import ANSWERED, OPEN, Mark, mark_look, mark_title, settled_mark, why
from tests.support.builders import NOW
from tests.support.vaults import an_entry_id

DONE = Settled(
    an_entry_id(1), ItemId("item-1"), Outcome.ACCEPTED, "accepted", "", "Review of a tea kettle", Kind.REVIEW.value,
    "no_violation", (), NOW, NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("over", "mark"),
    [
        ({}, Mark.ACCEPTED),
        ({"outcome": Outcome.ACCEPTED_LATE}, Mark.LATE),
        ({"outcome": Outcome.SECOND_OPINION}, Mark.SECOND_OPINION),
        ({"outcome": Outcome.SUPERSEDED, "code": "superseded.decided_by_other", "agrees": True}, Mark.SAME_ANSWER),
        ({"outcome": Outcome.SUPERSEDED, "code": "superseded.decided_by_other", "agrees": False}, Mark.OTHER_ANSWER),
        ({"outcome": Outcome.SUPERSEDED, "code": "superseded.decided_by_other"}, Mark.SUPERSEDED),
        ({"outcome": Outcome.SUPERSEDED, "code": "superseded.item_deleted"}, Mark.ITEM_GONE),
        ({"outcome": Outcome.QUARANTINED, "code": "quarantined.device_revoked"}, Mark.WITH_LEAD),
        ({"outcome": Outcome.ACCEPTED, "code": UNPROVABLE}, Mark.UNPROVEN),
        ({"outcome": Outcome.RETURNED, "code": "returned.content_changed"}, Mark.WITHDRAWN),
        ({"outcome": Outcome.RETURNED, "code": "returned.content_changed", "verdict": ""}, Mark.NOT_APPLIED),
        ({"outcome": Outcome.REFUSED, "code": "refused.malformed"}, Mark.WITHDRAWN),
    ],
)
def test_each_outcome_has_its_mark(over, mark):
    assert settled_mark(replace(DONE, **over)) is mark


def test_what_came_back_and_was_decided_anew_says_so():
    assert settled_mark(replace(DONE, outcome=Outcome.RETURNED), decided_anew=True) is Mark.DECIDED_ANEW
    assert settled_mark(DONE, decided_anew=True) is Mark.ACCEPTED


@pytest.mark.parametrize("mark", list(Mark))
def test_every_mark_has_a_drawing_and_words_of_its_own(qapp, mark):
    drawing, _ = mark_look(mark)
    assert mark is Mark.HELD or not theme.icons.pixmap(drawing, 16, theme.tokens().text_primary).isNull()
    assert mark_title(mark)
    assert [mark_title(other) for other in Mark].count(mark_title(mark)) == 1


@pytest.mark.parametrize("mark", sorted(ANSWERED - {Mark.ACCEPTED}))
def test_an_answer_that_is_not_simply_accepted_says_why(qapp, mark):
    assert why(mark).endswith(".")


@pytest.mark.parametrize(("code", "cause"), [("", "lease"), (".removed", "removed"), (".restored", "backup")])
def test_a_late_answer_names_its_own_cause(qapp, code, cause):
    said = why(Mark.LATE, "accepted_late" + code)
    assert [word for word in ("lease", "removed", "backup") if word in said] == [cause]
    assert said.endswith("It counts all the same.")


def test_the_double_tick_stands_for_what_counts_and_for_nothing_else(qapp):
    assert {mark for mark in Mark if mark_look(mark)[0] == "accepted"} == {Mark.ACCEPTED, Mark.LATE}


def test_every_mark_has_its_section():
    assert OPEN | ANSWERED | {Mark.HELD, Mark.SAVED, Mark.SENDING, Mark.WAITING} == set(Mark)
