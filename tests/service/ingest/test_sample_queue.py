"""What the shipped sample promises: it imports whole, is varied, and its summaries give nothing away."""

import json
import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from modstation.core.content import Kind, parts
from modstation.core.item import Permanence
from modstation.service import policy_source
from modstation.service.ingest import form, lines
from modstation.system import paths

SAMPLE = paths.resources() / "sample"
TEN = {"ar", "de", "es", "fr", "hi", "it", "nl", "pl", "pt", "zh"}


@pytest.fixture(scope="module")
def items():
    return [form.form(line.body, SAMPLE).item for line in lines.read(SAMPLE / "items.jsonl")]


@pytest.fixture(scope="module")
def policy():
    source = policy_source.read(paths.resources() / "policies" / "github-site-policy")
    return policy_source.next_version(source, None, datetime(2026, 11, 12, tzinfo=UTC))


def test_it_holds_at_least_three_hundred_and_twenty_items_of_every_kind(items):
    assert len({item.item_id for item in items}) == len(items) >= 320
    assert {item.kind for item in items} == set(Kind)
    assert {item.queue for item in items} == {"marketplace", "community"}


def test_ten_languages_have_at_least_eight_texts_each(items):
    counts = Counter(item.language for item in items if item.kind is Kind.TEXT)
    assert all(counts[language] >= 8 for language in TEN)


def test_no_summary_quotes_its_content(items):
    def words(text):
        return re.findall(r"\w+", text.casefold())

    for item in items:
        summary = words(item.summary)
        runs = {tuple(summary[n : n + 3]) for n in range(len(summary) - 2)}
        for text in parts(item.content).values():
            quoted = words(text)
            assert not runs & {tuple(quoted[n : n + 3]) for n in range(len(quoted) - 2)}, item.item_id
            assert len(quoted) < 2 or text.casefold() not in item.summary.casefold(), item.item_id


def test_every_item_is_flagged_and_every_flag_leads_to_a_clause(items, policy):
    for item in items:
        assert 1 <= len(item.flags) <= 4, item.item_id
        assert 1 <= item.severity <= 3
        assert all(policy.recommended([flag]) for flag in item.flags), item.item_id


def test_the_usual_actions_of_the_policy_are_offered_with_every_item(items, policy):
    usual = {action for clause in policy.clauses for action in clause.actions}
    for item in items:
        assert usual <= {action.action_id for action in item.actions}
        final = [a.action_id for a in item.actions if a.permanence is Permanence.IRREVERSIBLE]
        assert final == ["close_account"]


def test_invisible_and_turned_characters_are_among_the_texts(items):
    everything = "".join(text for item in items for text in parts(item.content).values())
    assert all(sign in everything for sign in ("\u200f", "\u202e", "\u200b", "\u2066"))


def test_it_is_small_and_its_licences_travel_with_it():
    files = [path for path in SAMPLE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 6 * 1024 * 1024
    named = {line["content"]["media"]["file"] for line in _records() if isinstance(line["content"].get("media"), dict)}
    assert {f"media/{path.name}" for path in (SAMPLE / "media").iterdir()} == named
    assert {"LICENSE.dummyjson", "LICENSE.multilingual_hatecheck"} <= {path.name for path in files}


def _records():
    return [json.loads(line.body) for line in lines.read(SAMPLE / "items.jsonl")]


def test_the_author_told_of_a_thread_wrote_the_post_under_review(items):
    threads = [item for item in items if item.kind is Kind.CONVERSATION]
    assert threads
    for item in threads:
        assert item.context.author.handle == item.content.posts[item.content.focus].author, item.item_id
