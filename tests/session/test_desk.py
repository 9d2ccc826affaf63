"""The desk: the next item is there at once, the disk catches up, and nothing is lost on the way."""

import errno

import pytest

from modstation.core import decision as trade
from modstation.core.changes import Changes
from modstation.core.decision import Draft, Missing, Verdict
from modstation.core.ids import DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.session.views import Refused, State, What
from modstation.store import drafts, items, outbox, policies
from modstation.store.journal import Journal
from modstation.wire import translate
from tests.session.conftest import Stand
from tests.support.builders import a_policy
from tests.support.vaults import a_stored_item, an_entry_id

FINE = Draft(verdict=Verdict.NO_VIOLATION)
NOTED = Draft(verdict=Verdict.CANNOT_DECIDE, rationale="a quiet note")
FULL = Problem("store.disk_full", "The disk is full: this was not saved.")


def one(n: int) -> ItemId:
    return ItemId(f"item-{n}")


def decide(stand: Stand, n: int = 1, draft: Draft = FINE) -> DecisionId:
    stand.desk.open(one(n))
    stand.desk.compose(draft)
    return stand.desk.decide()


def test_moving_stays_within_the_queue_and_an_item_that_is_gone_clears_the_desk(stand):
    desk = stand.desk
    assert desk.step(0) == one(1)  # nothing is open: the first
    desk.open(one(1))
    assert (desk.step(-1), desk.step(1), desk.step(99)) == (one(1), one(2), one(5))
    assert desk.open(ItemId("elsewhere")) is None
    assert desk.current is None
    assert desk.open(None) is None


def test_an_empty_queue_leads_nowhere(stand):
    stand.write(lambda db: items.gone(db, [one(n) for n in range(1, 6)]))
    assert stand.desk.step(1) is None
    stand.desk.warm()


def test_what_is_lacking_is_told_and_nothing_open_lacks_nothing(stand):
    assert stand.desk.lacks == ()
    stand.desk.open(one(1))
    assert stand.desk.lacks == (Missing.VERDICT,)


def test_nothing_can_be_decided_or_skipped_on_an_empty_desk(stand):
    for act in (stand.desk.decide, stand.desk.skip):
        with pytest.raises(Problem, match="no item on the desk"):
            act()
    stand.desk.compose(FINE)  # and nothing can be composed
    assert stand.desk.current is None


def test_an_incomplete_draft_is_not_decided_and_stays(stand):
    stand.desk.open(one(1))
    with pytest.raises(Problem, match="not complete"):
        stand.desk.decide()
    assert stand.desk.current.item.item_id == one(1)


def test_a_decision_leaves_at_once_and_is_told_when_it_is_durable(stand):
    stand.desk.open(one(2))
    stand.clock.move(4)
    stand.desk.looked()
    entry_id = decide_open(stand)
    assert stand.desk.current.item.item_id == one(3)
    assert one(2) not in stand.desk.waiting
    assert stand.desk.saving == {entry_id}
    assert not stand.nudges
    stand.settle()
    assert not stand.desk.saving
    assert stand.nudges == 1
    assert stand.moved[-1].decisions == {entry_id}
    entry = stand.desk.records.entry(entry_id)
    assert (entry.decision.spent_ms, entry.decision.media_seen) == (4000, True)
    assert (entry.send_after - entry.decided_at).total_seconds() == 30
    assert stand.vault.journal_ids() == [entry_id]


def decide_open(stand: Stand) -> DecisionId:
    stand.desk.compose(FINE)
    return stand.desk.decide()


def test_after_the_last_of_the_queue_comes_the_one_before_and_after_the_only_one_nothing(stand):
    decide(stand, 5)
    assert stand.desk.current.item.item_id == one(4)
    for n in (4, 3, 2, 1):
        decide(stand, n)
    assert stand.desk.current is None
    stand.settle()
    assert len(stand.desk.records.entries()) == 5


def test_a_write_that_is_refused_gives_the_item_and_its_draft_back(stand, monkeypatch):
    monkeypatch.setattr(outbox, "add", _refuse)
    decide(stand, 1, NOTED)
    stand.settle()
    (refused,) = stand.failed
    assert isinstance(refused, Refused)
    assert (refused.code, refused.title, refused.item_id) == (FULL.code, FULL.title, one(1))
    assert stand.desk.waiting[0] == one(1)
    assert refused.summary == stand.desk.records.cards([one(1)])[one(1)].summary
    assert not stand.desk.saving
    assert stand.desk.open(one(1)).draft == NOTED


def test_a_draft_that_the_disk_refuses_too_is_still_there_when_its_item_comes_back(stand, monkeypatch):
    def refuse(*_: object) -> None:
        raise Problem("store.not_saved", "The disk refused to take this: it was not saved.")

    monkeypatch.setattr(outbox, "add", refuse)
    monkeypatch.setattr(drafts, "put", refuse)
    decide(stand, 1, NOTED)
    stand.settle()
    assert stand.desk.open(one(1)).draft == NOTED


def _refuse(*_: object) -> None:
    raise FULL


def test_what_is_saved_without_a_safety_copy_is_done_all_the_same(stand, monkeypatch):
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Journal, "append", broken)
    entry_id = decide(stand, 1, NOTED)
    stand.settle()
    assert [problem.code for problem in stand.failed] == ["store.journal_failed"]
    assert stand.moved[-1].decisions == {entry_id}
    assert stand.nudges == 1  # the service is to have it soon
    assert stand.vault.writer.run(lambda db: drafts.get(db, one(1))) is None
    back: list[ItemId] = []
    stand.desk.undo(entry_id, back.append)
    stand.settle()
    assert back == [one(1)]
    assert one(1) in stand.desk.waiting
    assert len(stand.failed) == 2


def test_a_bug_in_a_write_is_not_taken_for_a_problem(stand, monkeypatch):
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(outbox, "add", break_down)
    decide(stand)
    with pytest.raises(ZeroDivisionError):
        stand.settle()
    assert stand.failed == []


def test_a_skip_is_kept_like_a_decision_and_can_be_undone_without_a_draft(stand):
    stand.desk.open(one(1))
    entry_id = stand.desk.skip()
    back: list[ItemId] = []
    stand.desk.undo(entry_id, back.append)
    assert stand.desk.undoing == {entry_id}
    stand.settle()
    assert back == [one(1)]
    assert stand.desk.undoing == frozenset()
    assert stand.desk.open(one(1)).draft.is_empty
    assert stand.desk.records.entries() == []


def test_what_was_begun_about_a_skipped_item_is_there_again_when_the_skip_is_undone(stand):
    stand.desk.open(one(1))
    stand.desk.compose(Draft(rationale="half a"))
    stand.desk.compose(NOTED)  # the disk has not seen this one yet
    entry_id = stand.desk.skip()
    stand.settle()
    stand.desk.undo(entry_id, lambda _: None)
    stand.settle()
    assert stand.desk.open(one(1)).draft == NOTED


def test_undo_gives_the_decision_back_as_a_draft_and_the_journal_forgets_it(stand):
    entry_id = decide(stand, 1, NOTED)
    back: list[ItemId] = []
    stand.desk.undo(entry_id, back.append)  # before it is durable
    stand.settle()
    assert back == [one(1)]
    assert stand.desk.open(one(1)).draft == NOTED
    assert stand.vault.journal_ids() == []


def test_what_is_on_its_way_is_not_undone_and_that_is_told(stand):
    entry_id = decide(stand)
    stand.settle()
    stand.vault.writer.run(lambda db: outbox.send(db, [entry_id]))
    back: list[ItemId] = []
    stand.desk.undo(entry_id, back.append)
    stand.settle()
    assert [problem.code for problem in stand.failed] == ["outbox.sent"]
    assert (back, stand.desk.undoing) == ([], frozenset())
    assert stand.desk.records.entry(entry_id).state is State.SENDING
    assert stand.vault.journal_ids() == [entry_id], "should this cache be lost now, the decision must be found again"


def test_an_undo_that_cannot_be_written_is_told_and_the_decision_stands(stand, monkeypatch):
    entry_id = decide(stand)
    stand.settle()
    monkeypatch.setattr(outbox, "undo", _refuse)
    stand.desk.undo(entry_id, lambda _: pytest.fail("nothing was undone"))
    stand.settle()
    assert stand.failed == [FULL]
    assert stand.desk.undoing == frozenset()
    assert stand.desk.records.entry(entry_id) is not None


def test_a_returned_decision_is_amended_and_the_new_one_takes_its_place(stand):
    entry_id = decide(stand, 1, NOTED)
    stand.settle()
    stand.returned(entry_id, one(1))
    opened = stand.desk.amend(entry_id)
    assert opened == stand.desk.current
    assert (opened.draft, opened.supersedes) == (NOTED, entry_id)
    stand.desk.compose(FINE)
    second = stand.desk.decide()
    stand.settle()
    assert [entry.entry_id for entry in stand.desk.records.entries()] == [second]
    assert stand.desk.records.entry(second).decision.supersedes == entry_id
    assert stand.vault.journal_ids() == [second]  # a recovery from the journal does not bring the first one back


def test_what_was_changed_since_is_kept_unless_it_is_wanted_as_it_was(stand):
    entry_id = decide(stand, 1, NOTED)
    stand.settle()
    stand.returned(entry_id, one(1))
    stand.desk.amend(entry_id)
    stand.desk.compose(FINE)
    stand.settle()
    stand.desk.open(one(2))
    assert stand.desk.amend(entry_id).draft == FINE
    assert stand.desk.amend(entry_id, as_it_was=True).draft == NOTED


def test_what_cannot_be_amended_is_none(stand):
    assert stand.desk.amend(an_entry_id(99)) is None
    stand.desk.open(one(1))
    skipped = stand.desk.skip()
    gone = decide(stand, 2)
    stand.settle()
    assert stand.desk.amend(skipped) is None
    stand.write(lambda db: items.gone(db, [one(2)]))
    assert stand.desk.amend(gone) is None


def test_a_withdrawn_decision_puts_its_item_back_into_the_queue(stand):
    entry_id = decide(stand)
    stand.settle()
    stand.returned(entry_id, one(1))
    done: list[int] = []
    stand.desk.withdraw(entry_id, lambda: done.append(1))
    stand.settle()
    assert done == [1]
    assert one(1) in stand.desk.waiting
    assert stand.moved[-1].items == {one(1)}
    assert stand.vault.journal_ids() == []  # nor does a recovery from the journal bring it back


@pytest.mark.parametrize("is_open", [True, False])
def test_what_is_withdrawn_while_it_is_amended_is_not_replaced_by_the_next_decision(stand, is_open):
    entry_id = decide(stand, 1, NOTED)
    stand.settle()
    stand.returned(entry_id, one(1))
    assert stand.desk.amend(entry_id).supersedes == entry_id
    if not is_open:
        stand.desk.open(one(2))
    stand.desk.withdraw(entry_id, lambda: None)
    stand.settle()
    if not is_open:
        stand.desk.open(one(1))
    assert stand.desk.current.item.item_id == one(1)
    assert stand.desk.current.supersedes is None
    stand.desk.compose(FINE)
    second = stand.desk.decide()
    stand.settle()
    assert stand.desk.records.entry(second).decision.supersedes is None


def test_new_items_join_the_queue_and_those_being_saved_stay_out_of_it(stand):
    stand.desk.open(one(1))
    decide_open(stand)
    stand.write(lambda db: items.lease(db, [a_stored_item("item-6")]))
    assert set(stand.desk.waiting) == {one(n) for n in range(2, 7)}


def test_a_revision_of_the_item_on_the_desk_keeps_the_draft_also_when_one_comes_back_to_it(stand):
    stand.desk.open(one(1))
    stand.desk.compose(NOTED)
    stand.write(lambda db: items.lease(db, [a_stored_item("item-1", rev=2)]))
    assert stand.desk.current.draft == NOTED
    assert stand.desk.current.card.rev == 2
    stand.desk.open(one(2))
    assert stand.desk.open(one(1)).draft == NOTED


def test_a_new_policy_stands_beside_the_item_at_once_and_the_draft_is_kept(stand):
    newer = a_policy(version=4)
    stand.desk.open(one(1))
    stand.desk.compose(NOTED)

    def publish(db):
        policies.put(db, newer.policy_id, 4, translate.dump(newer))
        return Changes(policies=frozenset({newer.policy_id}))

    stand.write(publish)
    assert stand.desk.current.policy.version == 4
    assert stand.desk.current.draft == NOTED


def test_an_item_taken_away_leaves_the_desk_empty(stand):
    stand.desk.open(one(1))
    stand.write(lambda db: items.gone(db, [one(1)]))
    assert stand.desk.current is None
    stand.write(lambda db: items.gone(db, [one(2)]))  # also when there is nothing on it
    assert stand.desk.current is None


def test_news_of_other_items_leave_the_desk_as_it_is(stand):
    before = stand.desk.open(one(1))
    stand.write(lambda db: items.lease(db, [a_stored_item("item-2", rev=2)]))
    assert stand.desk.current is before


def test_nothing_is_lost_or_told_when_the_vault_closes_right_after_a_key(stand):
    stand.desk.open(one(2))
    stand.desk.compose(FINE)
    stand.desk.compose(NOTED)  # the first is being written, this one waits for it
    decide(stand, 1)
    stand.desk.open(one(2))
    stand.desk.close()
    stand.settle()
    stand.desk.warm()
    assert (stand.failed, stand.moved, stand.desk.current) == ([], [], None)
    reader = stand.vault.reader()
    assert len(outbox.rows(reader)) == 1
    assert translate.load(Draft, drafts.get(reader, one(2))) == NOTED


def test_the_kind_of_an_entry_is_known_for_skips_and_decisions(stand):
    decide(stand, 1)
    stand.desk.skip()
    stand.settle()
    whats = [entry.what for entry in stand.desk.records.entries()]
    assert whats == [What.DECISION, What.SKIP]
    assert trade.draft_of(stand.desk.records.entries()[0].decision) == FINE
