"""The rules of composing and deciding."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.core import decision as trade
from modstation.core.decision import (
    ChosenAction,
    Decision,
    Draft,
    Escalation,
    FlagVerdict,
    Identity,
    Missing,
    Verdict,
)
from modstation.core.ids import ActionId, DecisionId, FlagId, TeamName, uuid7
from modstation.core.item import Action, Permanence
from modstation.core.policy import Clause
from modstation.core.problem import Problem
from tests.support.builders import NOW, a_card, a_policy, an_item

POLICY = a_policy()
CITABLE = [clause for clause in POLICY.clauses if clause.citable]
ITEM = an_item()
LEASE = a_card().lease
IDENTITY = Identity(DecisionId(uuid7(0, 0)), NOW)


def chosen(action: Action) -> ChosenAction:
    return ChosenAction(action.action_id, tuple((p.name, p.options[0]) for p in action.parameters))


edits = st.lists(
    st.one_of(
        st.sampled_from(CITABLE).map(lambda clause: lambda draft: trade.with_clause(draft, clause, ITEM, POLICY)),
        st.sampled_from(list(Verdict)).map(lambda verdict: lambda draft: trade.with_verdict(draft, verdict)),
        st.integers(-3, 3).map(lambda by: lambda draft: trade.with_severity(draft, by)),
        st.lists(st.sampled_from(ITEM.actions), unique=True, max_size=2).map(
            lambda taken: lambda draft: trade.with_actions(draft, tuple(map(chosen, taken)))
        ),
        st.just(lambda draft: trade.with_escalation(draft, Escalation(TeamName("legal")))),
        st.text(max_size=5).map(lambda note: lambda draft: replace(draft, rationale=note)),
    ),
    max_size=12,
)


@given(edits)
def test_whatever_is_pressed_a_draft_is_decided_or_says_what_it_lacks(made) -> None:
    draft = Draft()
    for edit in made:
        draft = edit(draft)
    lacks = trade.missing(draft, ITEM, POLICY)
    if lacks:
        with pytest.raises(Problem, match=r"decision\.incomplete"):
            trade.decide(draft, ITEM, LEASE, POLICY, IDENTITY)
        return
    decided = trade.decide(draft, ITEM, LEASE, POLICY, IDENTITY)
    assert trade.draft_of(decided) == replace(draft, rationale=draft.rationale.strip())
    assert all(1 <= finding.severity <= 4 for finding in decided.findings)
    assert decided.verdict is Verdict.VIOLATION or not (decided.findings or decided.actions)
    assert (decided.policy_version, decided.lease_gen) == (POLICY.version, LEASE.lease_gen)


@given(st.sampled_from(CITABLE))
def test_choosing_a_clause_fills_the_sentence_and_choosing_it_again_empties_it(clause) -> None:
    chosen = trade.with_clause(Draft(), clause, ITEM, POLICY)
    assert chosen.verdict is Verdict.VIOLATION
    assert [finding.clause_id for finding in chosen.findings] == [clause.clause_id]
    offered = {action.action_id for action in ITEM.actions}
    assert {action.action_id for action in chosen.actions} == offered & set(clause.actions)
    assert trade.with_clause(chosen, clause, ITEM, POLICY).findings == ()


def test_two_clauses_bring_the_usual_actions_of_the_graver_one_until_a_person_changes_them() -> None:
    one, two, *_ = (action.action_id for action in ITEM.actions)
    light = replace(CITABLE[0], severity=1, actions=(one,))
    grave = replace(CITABLE[1], severity=3, actions=(two,))
    policy = replace(POLICY, clauses=(light, grave))

    def draft(*clauses: Clause, of: Draft | None = None) -> Draft:
        made = of or Draft()
        for clause in clauses:
            made = trade.with_clause(made, clause, ITEM, policy)
        return made

    def actions(of: Draft) -> list[str]:
        return [action.action_id for action in of.actions]

    assert actions(draft(light)) == [one]
    assert actions(draft(light, grave)) == actions(draft(grave, light)) == [two]
    assert actions(draft(light, grave, grave)) == [one]  # dropped, it takes its actions along
    assert actions(draft(light, grave, grave, light)) == []
    mine = trade.with_actions(draft(light), (chosen(ITEM.actions[0]), chosen(ITEM.actions[1])))
    assert actions(draft(grave, of=mine)) == [one, two]
    none = trade.with_actions(draft(light), ())
    assert actions(draft(grave, of=none)) == []


def test_a_verdict_without_a_violation_drops_findings_and_actions() -> None:
    chosen = trade.with_clause(Draft(rationale="kept"), CITABLE[0], ITEM, POLICY)
    cleared = trade.with_verdict(chosen, Verdict.NO_VIOLATION)
    assert cleared == Draft(verdict=Verdict.NO_VIOLATION, rationale="kept")


def test_severity_goes_round() -> None:
    draft = trade.with_clause(Draft(), replace(CITABLE[0], severity=4), ITEM, POLICY)
    assert trade.with_severity(draft, 1).findings[0].severity == 1
    assert trade.with_severity(draft, -1).findings[0].severity == 3


def test_cannot_decide_asks_for_a_note_unless_a_team_takes_over() -> None:
    unsure = trade.with_verdict(Draft(), Verdict.CANNOT_DECIDE)
    assert trade.missing(unsure, ITEM, POLICY) == (Missing.NOTE,)
    assert trade.missing(replace(unsure, rationale=" why "), ITEM, POLICY) == ()
    assert trade.missing(trade.with_escalation(Draft(), Escalation(TeamName("legal"))), ITEM, POLICY) == ()


def test_a_violation_needs_a_policy_and_a_clause_that_policy_has() -> None:
    draft = trade.with_clause(Draft(), CITABLE[0], ITEM, POLICY)
    assert Missing.POLICY in trade.missing(draft, ITEM, None)
    other = replace(POLICY, clauses=tuple(c for c in POLICY.clauses if c != CITABLE[0]))
    assert Missing.CLAUSE in trade.missing(draft, ITEM, other)


def test_grave_or_final_decisions_ask_for_a_second_key() -> None:
    light = trade.with_clause(Draft(), replace(CITABLE[0], severity=2, actions=()), ITEM, POLICY)
    assert trade.confirming_digit(light, ITEM) is None
    assert trade.confirming_digit(trade.with_severity(light, 1), ITEM) == 3
    final = next(a for a in ITEM.actions if a.permanence is Permanence.IRREVERSIBLE)
    assert trade.confirming_digit(trade.with_actions(light, (chosen(final),)), ITEM) == 2


def test_an_action_that_was_not_offered_is_refused() -> None:
    draft = replace(trade.with_clause(Draft(), CITABLE[0], ITEM, POLICY), actions=(ChosenAction(ActionId("banish")),))
    with pytest.raises(Problem, match=r"foreign_action"):
        trade.decide(draft, ITEM, LEASE, POLICY, IDENTITY)


def test_judging_a_flag_twice_the_same_way_takes_it_back() -> None:
    verdict = FlagVerdict(FlagId("f1"), holds=False)
    once = trade.with_flag_verdict(Draft(), verdict)
    assert once.flag_verdicts == (verdict,)
    changed = trade.with_flag_verdict(once, replace(verdict, holds=True))
    assert [v.holds for v in changed.flag_verdicts] == [True]
    assert trade.with_flag_verdict(once, verdict).flag_verdicts == ()


def test_notes_and_content_stay_out_of_what_is_printed() -> None:
    draft = replace(trade.with_verdict(Draft(), Verdict.NO_VIOLATION), rationale="private words")
    decided = trade.decide(draft, ITEM, LEASE, POLICY, IDENTITY)
    assert isinstance(decided, Decision)
    assert "private words" not in repr(decided)
    assert "pump" not in repr(ITEM)


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**80 - 1), st.integers(0, 2**80 - 1))
def test_ids_sort_by_time_and_carry_version_and_variant(at, one, two) -> None:
    made = uuid7(at, one)
    assert made[14] == "7"
    assert made[19] in "89ab"
    if at + 1 < 2**48:
        assert made < uuid7(at + 1, two)
