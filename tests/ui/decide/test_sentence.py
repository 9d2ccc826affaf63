"""The sentence says what will be decided, all of it, and which parts are still open."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.core.decision import (
    ChosenAction,
    Draft,
    Escalation,
    FlagVerdict,
    Missing,
    Urgency,
    Verdict,
    missing,
    with_actions,
    with_clause,
    with_escalation,
    with_flag_verdict,
    with_severity,
    with_verdict,
)
from modstation.core.ids import ActionId, FlagId, TeamName
from modstation.core.item import Appeal, FirstDecision
from modstation.ui.decide.flow import Bit, Size, bits, place
from modstation.ui.decide.sentence import Role, compose, letter, reason, spoken
from tests.support.builders import a_policy, an_item

ITEM, POLICY = an_item(), a_policy()
CLAUSE, OTHER = POLICY.by_id["c42"], POLICY.by_id["c71"]


def said(draft, item=ITEM, policy=POLICY):
    return spoken(compose(draft, item, policy, 2))


def test_a_clause_fills_verdict_severity_and_usual_actions_into_one_sentence():
    draft = with_clause(Draft(), CLAUSE, ITEM, POLICY)
    assert said(draft) == ("Violation of 4.2 Not about the product, severity 2: remove the review and warn the author.")


def test_every_finding_and_every_action_is_named():
    draft = with_clause(with_clause(Draft(), CLAUSE, ITEM, POLICY), OTHER, ITEM, POLICY)
    draft = with_actions(draft, tuple(ChosenAction(ActionId(a)) for a in ("remove", "warn", "close")))
    assert said(draft) == (
        "Violation of 4.2 Not about the product, severity 2, and 7.1 Missing safety mark, severity 3: "
        "remove the review, warn the author and close the account."
    )


def test_an_action_is_said_with_its_values():
    draft = with_actions(
        with_clause(Draft(), CLAUSE, ITEM, POLICY), (ChosenAction(ActionId("pause"), (("days", "7 days"),)),)
    )
    assert "pause the account (7 days)" in said(draft)


def test_handing_over_names_team_urgency_and_reason():
    draft = with_escalation(Draft(), Escalation(TeamName("Legal"), Urgency.URGENT, "a court order"))
    assert said(draft) == "Cannot decide: hand it to Legal, urgent, because “a court order”."


def test_what_was_said_of_flags_is_part_of_the_decision():
    draft = with_verdict(Draft(), Verdict.NO_VIOLATION)
    draft = with_flag_verdict(draft, FlagVerdict(FlagId("f2"), holds=False))
    draft = with_flag_verdict(draft, FlagVerdict(FlagId("f1"), holds=True))
    assert said(draft) == "No violation: the item stays as it is. Also, flag a holds and flag b is wrong."


def test_no_violation_promises_nothing_about_an_item_that_may_be_gone_already():
    appeal = Appeal(FirstDecision("violation", (), 1), "It was a joke.")
    assert said(with_verdict(Draft(), Verdict.NO_VIOLATION), an_item(task=appeal)) == "No violation."


def test_a_clause_of_another_version_is_named_by_its_id():
    draft = with_clause(Draft(), CLAUSE, ITEM, POLICY)
    assert "c42" in said(draft, policy=a_policy(clauses=()))


def test_keys_stand_under_the_first_slot_of_their_kind_and_severity_under_the_last():
    draft = with_clause(with_clause(Draft(), CLAUSE, ITEM, POLICY), OTHER, ITEM, POLICY)
    slots = [segment for segment in compose(draft, ITEM, POLICY, 5) if segment.role is not Role.GLUE]
    keys = [(slot.role, slot.keys) for slot in slots if slot.keys]
    assert keys == [
        (Role.VERDICT, ("decide.violation",)),
        (Role.CLAUSE, ("decide.clause",)),
        (Role.SEVERITY, ("decide.severity",)),
        (Role.ACTION, ("decide.actions",)),
    ]
    severities = [slot for slot in slots if slot.role is Role.SEVERITY]
    assert [slot.keys for slot in severities] == [(), ("decide.severity",)]


def test_without_recommendations_the_clause_slot_leads_to_the_search():
    clause = next(s for s in compose(Draft(), ITEM, POLICY, 0) if s.role is Role.CLAUSE)
    assert clause.keys == ("read.search",)


@pytest.mark.parametrize("lack", list(Missing))
def test_every_lack_has_a_reason_in_words(lack):
    assert reason((lack,))


def test_nothing_missing_needs_no_reason():
    assert reason(()) == ""


@given(st.integers(0, 700), st.integers(0, 700))
def test_two_flags_never_share_a_letter(first, second):
    assert (letter(first) == letter(second)) == (first == second)


def _made(verdict, clauses, steps, note):
    draft = Draft(rationale=note)
    if verdict is not None:
        draft = with_verdict(draft, verdict)
    if verdict is Verdict.VIOLATION:
        for clause in clauses:
            draft = with_clause(draft, POLICY.by_id[clause], ITEM, POLICY)
        for _ in range(steps):
            draft = with_severity(draft, 1)
    return draft


drafts = st.builds(
    _made,
    st.sampled_from([None, *Verdict]),
    st.lists(st.sampled_from(["c42", "c43", "c45", "c71", "c72"]), unique=True, max_size=4),
    st.integers(0, 3),
    st.sampled_from(["", "Seen twice."]),
)


@given(drafts)
def test_a_slot_is_open_exactly_when_something_is_missing(draft):
    segments = compose(draft, ITEM, POLICY, 2)
    assert any(segment.empty for segment in segments) == bool(missing(draft, ITEM, POLICY))


@given(drafts)
def test_every_finding_of_the_draft_is_in_the_sentence_with_its_severity(draft):
    sentence = said(draft)
    for finding in draft.findings:
        clause = POLICY.by_id[finding.clause_id]
        assert f"{clause.number} {clause.title}, severity {finding.severity}" in sentence


@given(drafts)
def test_taken_apart_for_wrapping_no_word_is_lost(draft):
    segments = compose(draft, ITEM, POLICY, 2)
    rebuilt = "".join((" " if bit.space else "") + bit.text for bit in bits(segments))
    assert rebuilt == spoken(segments)


pieces = st.lists(st.tuples(st.integers(1, 300), st.booleans()), min_size=1, max_size=30)


@given(pieces, st.integers(300, 1200))
def test_wrapped_pieces_keep_their_order_and_never_overlap_or_stick_out(given_pieces, width):
    run = [Bit("x", space, -1) for _, space in given_pieces]
    sizes = [Size(min(w, 40), 20) for w, _ in given_pieces]
    places, height = place(run, sizes, width, 6, 4)
    boxes = [(spot.y, spot.x, spot.x + size.width) for spot, size in zip(places, sizes, strict=True)]
    for (y, _, end), (next_y, next_x, _) in pairwise(boxes):
        assert (next_y == y and next_x >= end) or (next_y > y and next_x == 0)
    assert all(y + 20 <= height for y, _, _ in boxes)
    alone = [n for n, bit in enumerate(run) if bit.space and (n + 1 == len(run) or run[n + 1].space)]
    assert all(boxes[n][2] <= width for n in alone)


def test_a_comma_stays_with_its_slot():
    run = [Bit("slot", space=False, slot=0), Bit(",", space=False, slot=-1), Bit("next", space=True, slot=1)]
    places, _ = place(run, [Size(90, 20), Size(5, 20), Size(50, 20)], 100, 6, 4)
    assert [(spot.x, spot.y) for spot in places] == [(0, 0), (90, 0), (0, 24)]
