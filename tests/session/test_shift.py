"""Giving work back: what is undecided goes, what is decided stays and goes out at once, connected or not."""

from datetime import timedelta

import pytest

from modstation.core.changes import Changes
from modstation.core.decision import Draft, Verdict
from modstation.core.ids import ItemId, MediaId
from modstation.core.planning import Offline
from modstation.session.planner import Planner
from modstation.session.shift import Ended
from modstation.store import drafts, items, outbox
from modstation.store.outbox import State, What
from tests.session.conftest import Stand
from tests.support.builders import NOW, a_lease, a_media
from tests.support.vaults import a_stored_item

LOG = "vault.db-wal"


def decided(stand: Stand) -> ItemId:
    opened = stand.desk.open(stand.desk.step(0))
    assert opened is not None
    stand.desk.compose(Draft(verdict=Verdict.NO_VIOLATION))
    stand.desk.decide()
    return opened.item.item_id


def given(stand: Stand) -> set[ItemId]:
    return {row.item_id for row in outbox.rows(stand.vault.reader()) if row.what is What.SKIP}


def test_the_end_of_a_shift_gives_back_what_is_undecided_and_sends_the_rest_at_once(stand: Stand) -> None:
    everything = set(stand.desk.waiting)
    done = decided(stand)
    told: list[Ended] = []
    stand.desk.shift.end(told.append)
    stand.settle()
    assert (told[0].given_back, told[0].to_send) == (len(everything) - 1, 1)
    assert given(stand) == everything - {done}
    due = {row.item_id for row in outbox.due(stand.vault.reader(), stand.clock.now(), limit=100)}
    assert due == everything, "the time to undo is over for all of it"
    assert stand.nudges


def test_a_power_cut_after_the_end_of_a_shift_cannot_bring_the_time_to_undo_back(stand: Stand) -> None:
    decided(stand)
    stand.settle()
    stand.desk.shift.end(lambda _: None)
    stand.vault.writer.run(lambda _db: None)
    assert (stand.vault.folder / LOG).stat().st_size == 0, "whatever may be sent now is in the database file"


def test_what_is_given_back_leaves_queue_and_desk_and_nothing_else_does(stand: Stand) -> None:
    first, second, *_ = stand.desk.waiting
    stand.desk.open(first)
    before = list(stand.desk.waiting)
    told: list[Changes] = []
    stand.desk.shift.give_back([first, ItemId("unknown")], told.append)
    stand.settle()
    stand.desk.absorb(told[0])
    assert told[0].items == {first}
    assert stand.desk.current is None
    assert stand.desk.waiting == before[1:]
    assert stand.desk.open(second) is not None


def test_what_is_given_back_cannot_be_undone_and_a_skip_can(stand: Stand) -> None:
    first, second, *_ = stand.desk.waiting
    stand.desk.open(second)
    skipped = stand.desk.skip()
    stand.settle()
    told: list[Changes] = []
    stand.desk.shift.give_back([first], told.append)
    stand.settle()
    (given_back,) = told[0].decisions
    assert [entry.entry_id for entry in stand.desk.records.entries(State.HELD)] == [skipped], (
        "what an undo is offered for"
    )
    undone: list[ItemId] = []
    for entry_id in (given_back, skipped):
        stand.desk.undo(entry_id, undone.append)
        stand.settle()
    assert undone == [second]
    assert [problem.code for problem in stand.failed] == ["outbox.sent"]
    assert given(stand) == {first}
    assert first not in stand.desk.waiting


def test_a_decision_that_is_just_being_saved_is_never_given_back(stand: Stand) -> None:
    done = decided(stand)
    stand.desk.shift.end(lambda _: None)
    stand.settle()
    assert done not in given(stand)
    assert [row.item_id for row in outbox.rows(stand.vault.reader(), State.HELD) if row.what is What.DECISION] == [done]


def test_an_item_whose_lease_has_ended_leaves_queue_and_desk_at_once_and_keeps_its_draft(stand: Stand) -> None:
    item_id = ItemId("short")
    stored = a_stored_item("short", lease=a_lease("short", expires_at=NOW + timedelta(minutes=5)), priority=99)
    stand.write(lambda db: items.lease(db, [stored]))
    assert stand.desk.open(item_id) is not None
    stand.desk.compose(Draft(verdict=Verdict.VIOLATION))
    assert not stand.desk.lapse()
    stand.clock.move(301)
    gone = stand.desk.lapse()
    assert gone.gone == {item_id}
    stand.desk.absorb(gone)
    stand.settle()
    assert stand.desk.current is None
    assert item_id not in stand.desk.waiting
    assert stand.desk.open(item_id) is None
    assert drafts.get(stand.vault.reader(), item_id) is not None


def test_the_planner_counts_the_work_and_the_files_it_still_lacks(stand: Stand) -> None:
    planner = Planner(stand.vault.reader(), stand.clock)
    before = planner.offline()
    stand.write(lambda db: items.lease(db, [a_stored_item("pictured", media=(a_media(),), estimate_s=40)]))
    after = planner.offline()
    assert (after.items, after.work_s) == (before.items + 1, before.work_s + 40)
    assert after.files == before.files + 1
    assert after.file_bytes > before.file_bytes
    stand.write(lambda db: stand.vault.media.arrived(db, [MediaId("a" * 64)]))
    assert planner.offline() == Offline(after.items, after.work_s, before.files, before.file_bytes)


@pytest.mark.parametrize(("away_s", "lapses"), [(60, False), (4000, True)])
def test_the_planner_tells_what_lapses_before_somebody_is_back(stand: Stand, away_s: int, lapses: bool) -> None:
    short = a_lease("short", granted_at=NOW - timedelta(hours=7), expires_at=NOW + timedelta(hours=1))
    stand.write(lambda db: items.lease(db, [a_stored_item("short", lease=short)]))
    seen = Planner(stand.vault.reader(), stand.clock).away(away_s)
    assert (ItemId("short") in seen.lapsing) == lapses
    assert (ItemId("short") in seen.renewable) == lapses
