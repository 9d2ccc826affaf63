"""The clauses of a policy as a tree."""

from dataclasses import replace

from modstation.core.ids import ClauseId
from modstation.core.policy import Clause
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


def test_a_note_among_rules_is_read_with_the_clause_above_it_and_is_none_itself():
    policy = a_policy(clauses=(*a_policy().clauses, NOTE, APPENDIX, SECTION))
    assert policy.notes == {NOTE.clause_id}
    assert numbers(policy.notes_of(ClauseId("c7"))) == ["7.3"]
    assert numbers(policy.children(ClauseId("c7"))) == ["7.1", "7.2"]
    assert numbers(policy.children(APPENDIX.clause_id)) == ["9.1"]


def test_the_words_of_a_note_lead_to_the_clause_it_is_read_with():
    policy = a_policy(clauses=(*a_policy().clauses, NOTE, APPENDIX, SECTION))
    assert numbers(policy.search("how to read")) == ["7"]
    assert numbers(policy.search("lantern")) == ["7"]
    assert numbers(policy.search("hurt lantern")) == ["7"]
    assert numbers(policy.search("section")) == ["9.1"]


NOTE = Clause(ClauseId("c7n"), "7.3", "How to read this", "A lantern is no goods.", depth=1, citable=False)
APPENDIX = Clause(ClauseId("c9"), "9", "Appendix", "", citable=False)
SECTION = Clause(ClauseId("c91"), "9.1", "Section", "No rule near.", depth=1, citable=False)


def _deeper(clause):
    return replace(clause, depth=2) if clause.number == "4.3" else clause
