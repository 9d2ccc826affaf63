"""Finding the right clause."""

from dataclasses import replace

from modstation.core.ids import ClauseId
from modstation.core.policy import Clause
from tests.support.builders import a_flag, a_policy

POLICY = a_policy()


def test_recommended_clauses_follow_the_strongest_flag() -> None:
    weak, strong = a_flag(category="repeat", score=0.2), a_flag(category="safety", score=0.9)
    found = [clause.clause_id for clause in POLICY.recommended((weak, strong))]
    assert found == ["c71", "c72", "c43"]


def test_headings_are_never_recommended() -> None:
    category = next(clause.categories[0] for clause in POLICY.clauses if clause.categories)
    heading = Clause(ClauseId("h"), "9", "Heading", "", citable=False, categories=(category,))
    found = replace(POLICY, clauses=(*POLICY.clauses, heading)).recommended((a_flag(category=category),))
    assert found
    assert heading not in found


def test_search_finds_words_in_any_order_and_titles_first() -> None:
    policy = replace(
        POLICY,
        clauses=(
            Clause(ClauseId("a"), "1", "Spam", "Nobody may insult a person here."),
            Clause(ClauseId("b"), "2", "Insult of a person", "Text."),
        ),
    )
    assert [clause.clause_id for clause in policy.search("person INSULT")] == ["b", "a"]
    assert policy.search("  ") == ()
    assert policy.search("insult nowhere") == ()


def test_parents_are_the_headings_above() -> None:
    clauses = (
        Clause(ClauseId("1"), "1", "One", "", depth=0),
        Clause(ClauseId("1.1"), "1.1", "Two", "", depth=1),
        Clause(ClauseId("2"), "2", "Three", "", depth=0),
        Clause(ClauseId("2.1"), "2.1", "Four", "", depth=1),
    )
    policy = replace(POLICY, clauses=clauses)
    assert [clause.clause_id for clause in policy.parents(ClauseId("2.1"))] == ["2"]
    assert policy.parents(ClauseId("none")) == ()
