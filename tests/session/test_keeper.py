"""The draft is kept at every keystroke, and no keystroke waits."""

import pytest

from modstation.core.decision import Draft
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.session.keeper import DraftKeeper
from modstation.store import drafts
from modstation.store.vault import Vault
from modstation.wire import translate

ITEM, OTHER = ItemId("item-1"), ItemId("item-2")
FULL = Problem("store.disk_full", "The disk is full: this was not saved.")


class Bench:
    def __init__(self, opened: Vault) -> None:
        self.vault = opened
        self.posted: list = []
        self.failed: list[Problem] = []
        self.writes = 0
        self.keeper = DraftKeeper(opened.writer, self.posted.append, self.failed.append)

    def settle(self) -> None:
        self.vault.writer.run(lambda _db: None)
        while self.posted:
            self.writes += 1
            self.posted.pop(0)()
            self.vault.writer.run(lambda _db: None)

    def kept(self, item_id: ItemId = ITEM) -> str | None:
        reader = self.vault.reader()
        body = drafts.get(reader, item_id)
        return None if body is None else translate.load(Draft, body).rationale


@pytest.fixture
def bench(opened: Vault) -> Bench:
    return Bench(opened)


def test_what_is_typed_while_a_write_runs_is_written_once_after_it(bench):
    for words in ("S", "Se", "See", "Seen"):
        bench.keeper.keep(ITEM, Draft(rationale=words))
    bench.settle()
    assert bench.kept() == "Seen"
    assert bench.writes == 2


def test_drafts_of_two_items_do_not_displace_each_other(bench):
    for n in range(4):
        bench.keeper.keep(ITEM, Draft(rationale=f"one {n}"))
        bench.keeper.keep(OTHER, Draft(rationale=f"two {n}"))
    bench.settle()
    assert (bench.kept(), bench.kept(OTHER)) == ("one 3", "two 3")


def test_an_empty_draft_removes_what_was_kept(bench):
    bench.keeper.keep(ITEM, Draft(rationale="Seen"))
    bench.keeper.keep(ITEM, Draft())
    bench.settle()
    assert bench.kept() is None


def test_what_is_forgotten_is_not_written(bench):
    bench.keeper.keep(ITEM, Draft(rationale="first"))
    bench.keeper.keep(ITEM, Draft(rationale="second"))
    bench.keeper.forget(ITEM)
    bench.keeper.forget(OTHER)
    bench.settle()
    assert bench.kept() == "first"


def test_a_full_disk_is_told_and_the_next_keystroke_tries_again(bench, monkeypatch):
    def refuse(*_: object) -> None:
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr(drafts, "put", refuse)
        bench.keeper.keep(ITEM, Draft(rationale="Se"))
        bench.settle()
    assert bench.failed == [FULL]
    bench.keeper.keep(ITEM, Draft(rationale="Seen"))
    bench.settle()
    assert bench.kept() == "Seen"


def test_a_bug_is_not_taken_for_a_problem(bench, monkeypatch):
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(drafts, "put", break_down)
    bench.keeper.keep(ITEM, Draft(rationale="Se"))
    with pytest.raises(ZeroDivisionError):
        bench.settle()


def test_closing_hands_over_what_was_typed_last_and_tells_nothing_more(bench):
    bench.keeper.keep(ITEM, Draft(rationale="See"))
    bench.keeper.keep(ITEM, Draft(rationale="Seen"))
    bench.keeper.keep(OTHER, Draft(rationale="Too"))
    bench.keeper.close()
    bench.settle()
    assert (bench.kept(), bench.kept(OTHER)) == ("Seen", "Too")
