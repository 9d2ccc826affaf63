"""A folder of Markdown becomes a numbered tree of clauses with ids that stay."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from modstation.core.policy import Policy
from modstation.core.problem import Problem
from modstation.service import policy_source
from modstation.service.policy_markdown import escape, plain
from modstation.system import paths
from modstation.wire import translate

DAY = datetime(2026, 11, 12, tzinfo=UTC)
TOML = """
policy_id = "house"
title = "House rules"
[[files]]
path = "kindness.md"
prefix = "kind"
severity = 2
actions = ["remove"]
categories = ["harassment"]
[[files]]
path = "spam.md"
prefix = "spam"
plain_lists = ["Reporting"]
"""
KIND = """---
title: GitHub Kindness
shortTitle: Kindness
redirect_from:
  - /somewhere
---
<!-- a comment -->
Be kind. This means that you do not:

* mock people; or
* post **very** [rude](/relative) words about *others* ![a picture](x.png), see [there](https://example.org);

Criticism of goods is welcome.

## 1. Exceptions

Satire <b>stays</b>.

### Of satire

It says so.

## Appeals

Write to us.
"""
SPAM = (
    "No spam.\n\n## Selling\n\n- **Bulk mail** - the same words to many.\n\n## Reporting\n\n- Name the link\n- Wait\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("policy.toml", TOML), ("kindness.md", KIND), ("spam.md", SPAM)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def published(folder: Path, previous: Policy | None = None) -> Policy:
    made = policy_source.next_version(policy_source.read(folder), previous, DAY)
    assert made is not None
    return made


def refused(folder: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        policy_source.read(folder)
    return caught.value


def test_files_headings_and_list_items_are_numbered_in_reading_order(folder):
    found = [(c.number, c.clause_id, c.title, c.depth) for c in policy_source.read(folder).clauses]
    assert found == [
        ("1", "kind", "Kindness", 0),
        ("1.1", "kind/mock-people", "Mock people", 1),
        ("1.2", "kind/post-very-rude-words-about-others-see-there", "Post very rude words about others , see there", 1),
        ("1.3", "kind/notes", "How to read this", 1),
        ("1.4", "kind/exceptions", "Exceptions", 1),
        ("1.4.1", "kind/of-satire", "Of satire", 2),
        ("1.5", "kind/appeals", "Appeals", 1),
        ("2", "spam", "spam", 0),
        ("2.1", "spam/selling", "Selling", 1),
        ("2.1.1", "spam/bulk-mail-the-same-words-to-many", "Bulk mail", 2),
        ("2.2", "spam/reporting", "Reporting", 1),
    ]


def test_text_keeps_emphasis_and_web_links_and_drops_pictures_html_and_front_matter(folder):
    clauses = {c.clause_id: c for c in policy_source.read(folder).clauses}
    rule = clauses["kind/post-very-rude-words-about-others-see-there"]
    assert rule.text == "Post **very** rude words about _others_ , see [there](https://example.org)."
    assert clauses["kind"].text == "Be kind. This means that you do not:"
    assert clauses["kind/exceptions"].text == "Satire stays."
    assert clauses["spam/reporting"].text == "- Name the link\n- Wait"
    assert not any("redirect_from" in c.text or "<" in c.text for c in clauses.values())


def test_rules_can_be_cited_with_what_their_file_says_and_notes_can_not(folder):
    clauses = {c.clause_id: c for c in policy_source.read(folder).clauses}
    rule, notes = clauses["kind/mock-people"], clauses["kind/notes"]
    assert (rule.citable, rule.severity, rule.actions, rule.categories) == (True, 2, ("remove",), ("harassment",))
    assert (notes.citable, notes.categories) == (False, ())


def test_a_clause_entry_changes_one_clause_and_can_keep_an_older_id(folder):
    extra = '[clauses."kind/mock-people"]\nid = "kind/mockery"\ntitle = "Mockery"\nseverity = 4\n'
    (folder / "policy.toml").write_text(TOML + extra)
    rule = policy_source.read(folder).clauses[1]
    assert (rule.clause_id, rule.title, rule.severity, rule.text) == ("kind/mockery", "Mockery", 4, "Mock people.")


def test_only_clauses_whose_words_changed_carry_the_new_version(folder):
    first = published(folder)
    assert policy_source.next_version(policy_source.read(folder), first, DAY) is None
    (folder / "kindness.md").write_text(KIND.replace("It says so.", "It says so at its beginning."))
    second = published(folder, first)
    assert second.version == 2
    assert [c.clause_id for c in second.clauses if c.changed_in == 2] == ["kind/of-satire"]


def test_moving_a_rule_changes_its_number_and_not_its_id_nor_the_version_of_its_words(folder):
    first = published(folder)
    (folder / "kindness.md").write_text(KIND.replace("* mock people; or\n", "* shout\n* mock people; or\n"))
    moved = published(folder, first).by_id["kind/mock-people"]
    assert (moved.number, moved.changed_in) == ("1.2", 1)


@pytest.mark.parametrize(
    ("name", "text", "code", "place"),
    [
        ("policy.toml", 'policy_id = "x\n', "policy.toml", "policy.toml: line 1"),
        ("policy.toml", TOML.replace("severity = 2", "severity = 9"), "policy.toml", "line 4: files[0].severity"),
        ("policy.toml", TOML.replace('prefix = "spam"', 'prefix = "spam"\nodd = 1'), "policy.toml", "line 10"),
        ("policy.toml", TOML.replace("spam.md", "none.md"), "policy.no_file", "policy.toml: line 10"),
        ("policy.toml", TOML.replace("spam.md", "x" * 300), "policy.no_file", "policy.toml: line 10"),
        ("policy.toml", TOML.replace("spam.md", "x\\u0000"), "policy.no_file", "policy.toml: line 10"),
        ("policy.toml", "a = " + "[" * 9_000, "policy.toml", "policy.toml"),
        ("policy.toml", TOML.replace("spam.md", "../x.md"), "policy.outside", "policy.toml: line 10"),
        ("policy.toml", TOML + '[clauses."kind/gone"]\n', "policy.no_clause", "policy.toml: line 14"),
        ("policy.toml", TOML.replace('prefix = "spam"', 'prefix = "kind"'), "policy.same_id", "policy.toml"),
        ("policy.toml", TOML.replace("House", "H\\u0000"), "policy.control", "policy.toml: line 3: title"),
        (
            "policy.toml",
            TOML.replace('"remove"]', '"remove"]\ntitle = "\\u009b"'),
            "policy.control",
            "line 4: files[0].title",
        ),
        ("policy.toml", TOML + '[clauses."kind"]\ntitle = "a\\u001bb"\n', "policy.control", "clauses.kind.title"),
        ("policy.toml", TOML + '[replace]\n"x\\u0007" = "y"\n', "policy.control", "replace.x?"),
        ("spam.md", "a\nb \x00\n", "policy.control", "spam.md: line 2"),
        ("spam.md", "", "policy.empty_file", "spam.md"),
        ("spam.md", "a\n\n##\n\nb\n", "policy.empty_clause", "spam.md: line 3"),
        ("spam.md", "a:\n\n- b\n- ![x](y.png)\n", "policy.empty_clause", "spam.md: line 4"),
        ("spam.md", "a\nb {{ site }}\n", "policy.template", "spam.md: line 2"),
        ("spam.md", "---\ntitle: a\n", "policy.front_matter", "spam.md: line 1"),
    ],
)
def test_what_does_not_fit_is_told_with_file_and_line(folder, name, text, code, place):
    (folder / name).write_text(text)
    problem = refused(folder)
    assert problem.code == code
    assert place in problem.place


@pytest.mark.parametrize(
    ("was", "given", "told"),
    [
        ("severity = 2", "severity = 9", "It must be a whole number of at most 4."),
        ("severity = 2", 'severity = "2"', "It must be a whole number, and is text in double quotes."),
        ('prefix = "spam"', 'prefix = "Spam!"', "It may have small letters, digits and dashes only"),
        ('prefix = "spam"', "", "The field `prefix` is missing."),
        ('prefix = "spam"', 'prefix = "spam"\nodd = 1', "There is no field `odd` here."),
        (
            "[[files]]",
            '[clauses.kind]\nexamples = [{ bearing = "bad", text = "a" }]\n[[files]]',
            "breaks, stays, depends",
        ),
    ],
)
def test_what_does_not_fit_is_told_in_words_with_what_to_do(folder, was, given, told):
    (folder / "policy.toml").write_text(TOML.replace(was, given, 1))
    problem = refused(folder)
    assert told in problem.title
    assert "Expected" not in problem.title
    assert problem.advice.startswith("Nothing was published. Correct it, then publish again")


def test_a_file_that_is_no_text_is_refused_with_its_line(folder):
    (folder / "spam.md").write_bytes(b"one\ntwo\n\xff\n")
    assert (refused(folder).code, refused(folder).place) == ("policy.not_utf8", "spam.md: line 3")


def test_a_version_can_not_be_demanded_before_it_exists(folder):
    (folder / "policy.toml").write_text("accepts_from = 2\n" + TOML)
    with pytest.raises(Problem, match="accepts_from"):
        published(folder)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z"))))
def test_escaped_words_come_back_as_they_were(words):
    tree = SyntaxTreeNode(MarkdownIt("commonmark").parse(escape("x" + words)))
    assert plain(tree) == "x" + words


@given(st.text())
def test_ids_made_of_any_words_fit_the_contract(words):
    made = policy_source.slug(words)
    assert 1 <= len(made) <= 48
    assert made.replace("-", "").isalnum()
    assert made == policy_source.slug(words)


def test_the_sample_policy_reads_whole_and_travels():
    source = policy_source.read(paths.resources() / "policies" / "github-site-policy")
    made = policy_source.next_version(source, None, DAY)
    assert made is not None
    assert translate.load(Policy, translate.dump(made)) == made
    assert 100 <= len(made.clauses) <= 250
    assert all(clause.text or not clause.citable or made.parents(clause.clause_id) == () for clause in made.clauses)
    offered = {"remove", "restrict", "label", "warn_author", "limit_author", "refer", "close_account"}
    assert {action for clause in made.clauses for action in clause.actions} <= offered
    assert not any("\N{HORIZONTAL ELLIPSIS}" in clause.title for clause in made.clauses)
