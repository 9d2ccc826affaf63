"""What screens ask: items ahead of time, the outbox, the history, a few words, the rules of that day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from modstation.core.decision import Draft
from modstation.core.ids import ClauseId, ItemId, PolicyId
from modstation.core.item import Item
from modstation.core.receipt import Outcome
from modstation.session.finder import AT_MOST, Finder, Found
from modstation.session.library import Library
from modstation.session.records import Records
from modstation.session.shelf import HELD, Shelf
from modstation.session.views import State, Tally
from modstation.store import drafts, items, outbox, policies
from modstation.store.driver import Database
from modstation.store.vault import Vault
from modstation.wire import translate
from tests.support.builders import NOW, a_content, a_policy, an_item
from tests.support.station import HandClock
from tests.support.vaults import a_decision, a_receipt, a_row, a_stored_item, an_entry_id

MARKET = PolicyId("market")


@pytest.fixture
def reader(opened: Vault) -> Database:
    return opened.reader()


@pytest.fixture
def records(reader: Database) -> Records:
    return Records(reader, HandClock())


class Counting:
    """Counts how often a policy is parsed."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, kind, body):
        self.times += 1
        return translate.load(kind, body)


# Library


def test_a_policy_is_parsed_once_and_again_only_when_it_moved(opened, reader):
    load = Counting()
    library = Library(reader, load)
    assert library.newest(MARKET) is library.newest(MARKET)
    assert load.times == 1
    newer = a_policy(version=4)
    opened.writer.run(lambda db: policies.put(db, MARKET, 4, translate.dump(newer)))
    assert library.newest(MARKET).version == 3
    library.forget(frozenset({MARKET, PolicyId("another")}))
    assert library.newest(MARKET).version == 4


def test_without_an_item_there_is_a_policy_to_read_the_one_asked_for_last_else_the_newest(opened, reader):
    later = a_policy(policy_id=PolicyId("forum"), published_at=a_policy().published_at + timedelta(days=1))
    opened.writer.run(lambda db: policies.put(db, later.policy_id, later.version, translate.dump(later)))
    assert Library(reader).at_hand() == later
    library = Library(reader)
    library.newest(MARKET)
    assert library.at_hand() is library.newest(MARKET)
    library.newest(PolicyId("unknown"))
    assert library.at_hand() == later


def test_the_version_a_decision_named_is_found_while_it_is_held(opened, reader):
    library = Library(reader)
    assert library.version(MARKET, 3) is library.newest(MARKET)
    assert library.version(MARKET, 9) is None
    assert library.newest(PolicyId("unknown")) is None
    assert library.version(PolicyId("unknown"), 1) is None


# Shelf


def shelf_on(reader: Database) -> Shelf:
    return Shelf(reader, Library(reader))


def test_an_opened_item_stands_with_its_policy_recommendations_and_draft(opened, reader):
    draft = Draft(rationale="Half a sen")
    opened.writer.run(lambda db: drafts.put(db, ItemId("item-1"), translate.dump(draft)))
    found = shelf_on(reader).open(ItemId("item-1"))
    assert found.draft == draft
    assert found.policy.version == 3
    assert found.recommended == found.policy.recommended(found.item.flags)


def test_an_item_whose_policy_is_not_here_yet_opens_without_one(opened, reader):
    stored = a_stored_item("item-9")
    item = translate.load(Item, stored.body)
    other = stored.body.replace(b'"market"', b'"other"')
    assert item.policy_id == MARKET
    opened.writer.run(lambda db: items.lease(db, [type(stored)(stored.card, other)]))
    found = shelf_on(reader).open(ItemId("item-9"))
    assert (found.policy, found.recommended) == (None, ())


def test_an_item_that_is_not_here_is_none(reader):
    assert shelf_on(reader).open(ItemId("elsewhere")) is None


def test_the_shelf_keeps_a_few_and_lets_the_longest_unused_go(opened, reader):
    opened.writer.run(lambda db: items.lease(db, [a_stored_item(f"more-{n}") for n in range(HELD)]))
    shelf = shelf_on(reader)
    first, second = shelf.open(ItemId("item-1")), shelf.open(ItemId("item-2"))
    shelf.warm([ItemId(f"more-{n}") for n in range(HELD - 2)])
    assert shelf.open(ItemId("item-1")) is first  # used again: the other one goes now
    shelf.warm([ItemId(f"more-{HELD - 1}")])
    assert shelf.open(ItemId("item-1")) is first
    assert shelf.open(ItemId("item-2")) is not second


def test_what_changed_is_read_again_and_what_was_edited_is_kept(reader):
    shelf = shelf_on(reader)
    opened = shelf.open(ItemId("item-1"))
    edited = type(opened)(opened.item, opened.card, opened.policy, opened.recommended, Draft(rationale="edited"))
    shelf.put(edited)
    assert shelf.open(ItemId("item-1")) is edited
    shelf.drop([ItemId("item-1"), ItemId("elsewhere")])
    assert shelf.open(ItemId("item-1")).draft.is_empty
    again = shelf.open(ItemId("item-1"))
    shelf.clear()
    assert shelf.open(ItemId("item-1")) is not again


# Records


def test_cards_and_items_that_are_gone_are_left_out(records):
    assert list(records.cards([ItemId("item-1"), ItemId("elsewhere")])) == ["item-1"]
    assert records.item(ItemId("item-1")).item_id == "item-1"
    assert records.item(ItemId("elsewhere")) is None


def test_the_outbox_and_the_counts_by_state(opened, records):
    opened.writer.run(lambda db: [outbox.add(db, a_row(n, f"item-{n}")) for n in (1, 2, 3)])
    opened.writer.run(lambda db: outbox.send(db, [an_entry_id(2), an_entry_id(3)]))
    opened.writer.run(
        lambda db: outbox.settle(
            db,
            [a_receipt(2, item_id="item-2"), a_receipt(3, Outcome.RETURNED, "item-3", code="returned.policy")],
        )
    )
    assert [entry.entry_id for entry in records.entries()] == [an_entry_id(1), an_entry_id(3)]
    (returned,) = records.entries(State.RETURNED)
    assert (returned.code, returned.decision.rationale) == ("returned.policy", "a quiet note")
    assert records.entry(an_entry_id(2)) is None
    assert [done.entry_id for done in records.settled()] == [an_entry_id(2)]
    waiting, seconds = items.work_left(opened.reader(), NOW)
    assert records.tally(saving=4) == Tally(waiting, seconds, 4, saved_here=1, accepted=1, returned=1)


def test_when_a_clause_was_last_cited_and_under_which_rules(opened, records):
    assert records.last_used(ClauseId("c-1")) is None
    opened.writer.run(lambda db: outbox.add(db, a_row(1, "item-1")))
    opened.writer.run(lambda db: outbox.settle(db, [a_receipt(1)]))
    assert records.last_used(ClauseId("c-1")) == (NOW, 3)
    assert records.policy(MARKET, 3).version == 3


def test_clauses_are_named_as_their_rules_name_them_and_else_as_the_newest_do(records):
    known = a_policy().clauses[0]
    ids = (known.clause_id, ClauseId("long-gone"))
    assert [one.title for one in records.clauses(ids, 3)] == [known.title]
    assert [one.title for one in records.clauses(ids, 1)] == [known.title]
    assert records.clauses((), 3) == []


# Finder


def waiting(reader: Database) -> list[ItemId]:
    return items.queue_ids(reader, NOW)


def test_every_word_must_be_in_an_items_summary_category_or_kind(opened, reader):
    opened.writer.run(lambda db: items.lease(db, [a_stored_item("kettle", summary="Review of a tea kettle")]))
    found = Finder(reader).find("KETTLE review", None, waiting(reader))
    assert [card.item_id for card in found.items] == ["kettle"]
    assert Finder(reader).find("kettle pump", None, waiting(reader)) == Found()


def test_clauses_come_from_the_policy_at_hand(reader):
    found = Finder(reader).find("advertising", a_policy(), ())
    assert [clause.number for clause in found.clauses] == ["4.5"]


def test_no_words_find_nothing(reader):
    assert Finder(reader).find("  ", a_policy(), waiting(reader)) == Found()


def test_only_the_first_few_are_given_and_items_that_are_gone_are_passed_over(opened, reader):
    opened.writer.run(lambda db: items.lease(db, [a_stored_item(f"many-{n:03}") for n in range(600)]))
    ids = [ItemId("elsewhere"), *waiting(reader)]
    assert len(Finder(reader).find("pump", None, ids).items) == AT_MOST
    last = Finder(reader).find("nothing has this", None, ids)
    assert last == Found()


# What came back


def a_revision(rev: int, text: str) -> items.StoredItem:
    item = an_item(rev=rev, content=replace(a_content("review"), text=text), flags=())
    return replace(a_stored_item(rev=rev), body=translate.dump(item))


def decide_and_have_it_edited(opened: Vault, rev: int) -> None:
    def unit(db: Database) -> None:
        items.lease(db, [a_revision(rev, "Before.")])
        outbox.add(db, a_row(body=translate.dump(a_decision(item_rev=1))))
        items.lease(db, [a_revision(rev + 1, "After.")])

    opened.writer.run(unit)


def test_a_story_has_the_item_as_it_was_judged_and_as_it_is_now(opened, records):
    decide_and_have_it_edited(opened, rev=1)
    opened.writer.run(lambda db: policies.put(db, MARKET, 4, translate.dump(a_policy(version=4))))
    story = records.story(records.entry(an_entry_id(1)))
    assert (story.judged.content.text, story.now.content.text) == ("Before.", "After.")
    assert (story.rules_then.version, story.rules_now.version) == (3, 4)


def test_a_story_never_shows_another_revision_as_the_judged_one(opened, records):
    decide_and_have_it_edited(opened, rev=7)
    story = records.story(records.entry(an_entry_id(1)))
    assert story.judged is None
    assert story.now.rev == 8


def test_a_story_about_an_unchanged_item_has_one_revision_and_about_a_gone_one_none(opened, records):
    opened.writer.run(lambda db: outbox.add(db, a_row()))
    story = records.story(records.entry(an_entry_id(1)))
    assert story.judged == story.now
    assert story.now is not None
    opened.writer.run(lambda db: items.gone(db, [ItemId("item-1")]))
    story = records.story(records.entry(an_entry_id(1)))
    assert story.judged is story.now is None
