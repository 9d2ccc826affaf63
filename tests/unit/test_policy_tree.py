"""The clauses of a policy as a tree."""

from dataclasses import replace

from modstation.core.ids import ClauseId
from tests.support.builders import a_policy


def numbers(clauses) -> list[str]:
    return [clause.number for clause in clauses]


def test_the_children_of_a_clause_are_those_right_beneath_it():
    policy = a_policy()
    assert numbers(policy.children(ClauseId("c4"))) == ["4.2", "4.3", "4.5"]
    assert numbers(policy.children(ClauseId("c72"))) == []
    assert numbers(policy.children(ClauseId("unknown"))) == []


def test_grandchildren_are_no_children():
    deep = a_policy(clauses=tuple(_deeper(clause) for clause in a_policy().clauses))
    assert numbers(deep.children(ClauseId("c4"))) == ["4.2", "4.5"]
    assert numbers(deep.children(ClauseId("c42"))) == ["4.3"]


def _deeper(clause):
    return replace(clause, depth=2) if clause.number == "4.3" else clause
