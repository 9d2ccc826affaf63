"""The outbox: nothing leaves without a trace, numbers have no gaps, and only what is held can be taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from modstation.core.decision import Escalation, Verdict
from modstation.core.ids import DecisionId, ItemId, TeamName
from modstation.core.receipt import SETTLED, Outcome
from modstation.store import drafts, history, items, migrations, outbox
from modstation.store import vault as vaults
from modstation.store.driver import Database, connection
from modstation.store.outbox import State, What
from modstation.wire import translate
from tests.support.builders import NOW, a_lease
from tests.support.vaults import a_decision, a_receipt, a_row, a_stored_item, an_entry_id

LATER = NOW + timedelta(minutes=1)
BACK = [outcome for outcome in Outcome if outcome not in SETTLED]


def run(vault: vaults.Vault, unit, *args, **named):
    return vault.writer.run(lambda db: unit(db, *args, **named))


def test_an_entry_is_read_back_as_it_was_and_its_draft_is_gone(vault: vaults.Vault, reader: Database):
    run(vault, drafts.put, ItemId("item-1"), b"half")
    row = a_row()
    assert run(vault, outbox.add, row).decisions == {row.entry_id}
    assert outbox.rows(reader) == [row]
    assert outbox.rows(reader, State.RETURNED) == []
    assert drafts.get(reader, ItemId("item-1")) is None


def test_only_a_new_entry_with_a_real_decision_is_taken(vault: vaults.Vault):
    with pytest.raises(ValueError, match="held"):
        run(vault, outbox.add, a_row(state=State.SENDING))
    with pytest.raises(ValueError, match="Expecting"):
        run(vault, outbox.add, a_row(body=b"not json"))


def test_a_decision_is_held_until_its_time_and_locked_once_it_is_sent(vault: vaults.Vault, reader: Database):
    row = a_row()
    run(vault, outbox.add, row)
    assert outbox.due(reader, NOW) == []
    assert [r.entry_id for r in outbox.due(reader, LATER)] == [row.entry_id]
    (sent,) = run(vault, outbox.send, [row.entry_id])
    assert (sent.state, sent.seq) == (State.SENDING, 1)
    assert run(vault, outbox.undo, row.entry_id) is None
    assert outbox.due(reader, NOW) == [sent]  # what is on its way is repeated until it is answered
    assert run(vault, outbox.send, [row.entry_id]) == [sent]


def test_what_was_decided_with_the_clock_ahead_is_due_once_the_clock_is_right(vault: vaults.Vault, reader: Database):
    ahead = NOW + timedelta(days=4000)
    row = a_row(decided_at=ahead, send_after=ahead + timedelta(seconds=30))
    run(vault, outbox.add, row)
    assert outbox.due(reader, ahead) == []
    assert outbox.due(reader, ahead - timedelta(seconds=20)) == []  # a clock put right by seconds ends no time to undo
    assert [r.entry_id for r in outbox.due(reader, NOW)] == [row.entry_id]
    told = outbox.next_due(reader, NOW)
    assert told is not None
    assert told < NOW


def test_the_next_time_something_is_due_is_told_and_is_past_for_what_is_on_its_way(
    vault: vaults.Vault, reader: Database
):
    assert outbox.next_due(reader) is None
    late, soon = a_row(1, "item-1", send_after=NOW + timedelta(hours=1)), a_row(2, "item-2")
    run(vault, outbox.add, late)
    run(vault, outbox.add, soon)
    assert outbox.next_due(reader) == soon.send_after
    run(vault, outbox.send, [soon.entry_id])
    told = outbox.next_due(reader)
    assert told is not None
    assert told < NOW
    run(vault, outbox.settle, [a_receipt(2, item_id="item-2", outcome=Outcome.RETURNED)])
    assert outbox.next_due(reader) == late.send_after


def test_undo_gives_the_entry_back_and_is_remembered(vault: vaults.Vault, reader: Database):
    row = a_row()
    run(vault, outbox.add, row)
    assert run(vault, outbox.undo, row.entry_id) == row
    assert run(vault, outbox.undo, row.entry_id) is None
    assert outbox.rows(reader) == []
    assert outbox.known(reader, [row.entry_id, "never seen"]) == {row.entry_id}


def test_a_batch_stays_below_its_size_and_count_but_is_never_empty(vault: vaults.Vault, reader: Database):
    for n in range(1, 6):
        run(vault, outbox.add, a_row(n, f"item-{n}"))
    size = len(a_row().body)
    assert len(outbox.due(reader, LATER, limit=3)) == 3
    assert len(outbox.due(reader, LATER, max_bytes=size * 2)) == 2
    assert len(outbox.due(reader, LATER, max_bytes=1)) == 1


def test_what_was_numbered_first_goes_first_whatever_its_age(vault: vaults.Vault, reader: Database):
    slow, quick = a_row(1, "item-1", send_after=NOW + timedelta(seconds=90)), a_row(2, "item-2")
    run(vault, outbox.add, slow)
    run(vault, outbox.add, quick)
    run(vault, outbox.send, [quick.entry_id])
    due = outbox.due(reader, NOW + timedelta(minutes=5))
    assert [row.entry_id for row in due] == [quick.entry_id, slow.entry_id]
    assert [row.seq for row in run(vault, outbox.send, [row.entry_id for row in due])] == [1, 2]


def test_a_settled_decision_moves_to_the_history_without_its_note_and_its_item_is_purged(
    vault: vaults.Vault, reader: Database
):
    row = a_row()
    run(vault, items.lease, [a_stored_item("item-1")])
    run(vault, outbox.add, row)
    run(vault, outbox.send, [row.entry_id])
    receipt = a_receipt(outcome=Outcome.ACCEPTED_LATE, reason="late, and fine")
    changes = run(vault, outbox.settle, [receipt])
    assert changes.decisions == {row.entry_id}
    assert changes.gone == {"item-1"}
    assert not run(vault, outbox.settle, [receipt])
    assert outbox.rows(reader) == []
    (settled,) = history.recent(reader, 10)
    assert (settled.entry_id, settled.outcome, settled.reason) == (row.entry_id, receipt.outcome, receipt.reason)
    assert (settled.verdict, settled.clauses) == ("violation", ("c-1",))
    assert (settled.decided_at, settled.settled_at) == (NOW, receipt.at)
    assert outbox.counts(reader) == outbox.Counts(held=0, sending=0, accepted=1, returned=0)


def test_an_item_leased_anew_outlives_the_settlement_of_its_earlier_lease(vault: vaults.Vault, reader: Database):
    row = a_row()
    run(vault, outbox.add, row)
    run(vault, items.lease, [a_stored_item("item-1", lease=a_lease("item-1", lease_gen=2))])
    assert not run(vault, outbox.settle, [a_receipt()]).gone
    assert items.queue_ids(reader, LATER) == ["item-1"]


@pytest.mark.parametrize("outcome", BACK)
def test_what_the_service_does_not_take_stays_before_the_person(
    vault: vaults.Vault, reader: Database, outcome: Outcome
):
    row = a_row()
    run(vault, outbox.add, row)
    run(vault, outbox.send, [row.entry_id])
    run(vault, outbox.settle, [a_receipt(outcome=outcome, code="returned.why", reason="The item was revised.")])
    (back,) = outbox.rows(reader, State.RETURNED)
    assert (back.outcome, back.code, back.reason) == (outcome, "returned.why", "The item was revised.")
    assert back.body == row.body
    assert outbox.due(reader, LATER) == []
    assert run(vault, outbox.send, [row.entry_id]) == []
    run(vault, outbox.discard, row.entry_id, LATER)
    (settled,) = history.recent(reader, 1)
    assert (settled.outcome, settled.settled_at) == (outcome, LATER)
    assert outbox.counts(reader).returned == 0


@pytest.mark.parametrize("agrees", [True, False, None])
def test_of_a_decision_that_does_not_count_it_is_kept_whether_the_one_that_does_agrees(
    vault: vaults.Vault, reader: Database, agrees: bool | None
):
    run(vault, outbox.add, a_row())
    receipt = replace(a_receipt(outcome=Outcome.SUPERSEDED, code="superseded.decided_by_other"), agrees=agrees)
    run(vault, outbox.settle, [receipt])
    (settled,) = history.recent(reader, 1)
    assert settled.agrees is agrees
    again = replace(receipt, agrees=not agrees)
    run(vault, history.recovered, [again, replace(again, decision_id=an_entry_id(7))])  # one it has, one it has lost
    assert [settled.agrees for settled in history.recent(reader, 2)] == [not agrees, not agrees]


def test_what_the_service_has_lost_again_is_not_counted_as_accepted(vault: vaults.Vault, reader: Database):
    for n in (1, 2):
        run(vault, outbox.add, a_row(n, f"item-{n}"))
    run(vault, outbox.settle, [a_receipt(1), a_receipt(2)])
    assert outbox.counts(reader).accepted == 2
    run(vault, history.unprovable, [an_entry_id(2)])
    assert outbox.counts(reader).accepted == 1


def test_only_a_returned_decision_can_be_discarded(vault: vaults.Vault, reader: Database):
    row = a_row()
    run(vault, outbox.add, row)
    assert not run(vault, outbox.discard, row.entry_id)
    assert outbox.row(reader, row.entry_id) == row


def test_a_skip_is_sent_without_a_number_and_leaves_with_its_item(vault: vaults.Vault, reader: Database):
    skip = a_row(1, what=What.SKIP, body=b"")
    run(vault, items.lease, [a_stored_item("item-1")])
    run(vault, outbox.add, skip)
    run(vault, drafts.put, ItemId("item-1"), b"begun")
    assert items.queue_ids(reader, NOW) == []
    (sent,) = run(vault, outbox.send, [skip.entry_id])
    assert (sent.state, sent.seq) == (State.SENDING, None)
    assert outbox.counts(reader).saved_here == 0
    assert run(vault, outbox.skipped, [skip.entry_id]).gone == {"item-1"}
    assert outbox.rows(reader) == []
    assert drafts.get(reader, ItemId("item-1")) is None, "whoever gives an item back leaves nothing of it here"


def test_a_decision_is_never_rewritten_whatever_sql_says(vault: vaults.Vault):
    run(vault, outbox.add, a_row())
    run(vault, outbox.send, [an_entry_id(1)])
    for assignment in ("body = x'00'", "item_id = 'another'", "seq = 7", "seq = NULL"):
        with pytest.raises(Exception, match=r"never rewritten|given once"):
            vault.writer.run(lambda db, change=assignment: db.conn.execute(f"UPDATE outbox SET {change}"))


def test_a_clause_was_last_used_when_it_was_last_decided_settled_or_not(vault: vaults.Vault, reader: Database):
    assert history.last_used(reader, "c-1") is None
    run(vault, outbox.add, a_row(1))
    run(vault, outbox.settle, [a_receipt(1)])
    run(vault, outbox.add, a_row(2, "item-2", at=LATER))
    assert history.last_used(reader, "c-1") == (LATER, 3)
    run(vault, outbox.undo, an_entry_id(2))
    assert history.last_used(reader, "c-1") == (NOW, 3)


def test_what_an_older_version_left_in_the_outbox_counts_as_used():
    db = Database(connection(":memory:"))
    migrations.migrate(db, migrations.STEPS[:2])
    outbox.add(db, a_row(1))
    migrations.migrate(db)
    assert history.last_used(db, "c-1") == (NOW, 3)
    outbox.undo(db, an_entry_id(1))
    assert history.last_used(db, "c-1") is None
    db.conn.close()


def test_decisions_are_counted_without_reading_them_also_in_a_cache_of_an_older_version():
    db = Database(connection(":memory:"))
    migrations.migrate(db, migrations.STEPS[:5])
    outbox.add(db, a_row(1))
    outbox.add(db, a_row(2, "item-2", what=What.SKIP, body=b""))
    migrations.migrate(db)
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    assert outbox.counts(db).held == 1
    db.conn.set_trace_callback(None)
    (counted,) = [sql for sql in asked if "FROM outbox" in sql]
    plan = " ".join(row[3] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {counted}"))
    assert "USING COVERING INDEX" in plan
    db.conn.close()


def test_the_team_an_item_was_handed_to_outlives_the_decision(vault: vaults.Vault, reader: Database):
    handed = a_decision(clauses=(), verdict=Verdict.CANNOT_DECIDE, escalation=Escalation(TeamName("legal")))
    run(vault, outbox.add, a_row(1, body=translate.dump(handed)))
    run(vault, outbox.add, a_row(2, "item-2"))
    run(vault, outbox.settle, [a_receipt(1), a_receipt(2, item_id="item-2")])
    assert {one.item_id: one.team for one in history.recent(reader, 9)} == {"item-1": "legal", "item-2": ""}


def test_what_an_older_version_left_in_the_history_is_readable_and_names_no_team():
    db = Database(connection(":memory:"))
    migrations.migrate(db, migrations.STEPS[:6])
    db.conn.execute(
        "INSERT INTO history VALUES (?, 'item-1', 'accepted', '', '', 'A text', 'text', 'cannot_decide', '[]', 3, 1, "
        "0, 0, '', NULL)",
        (an_entry_id(1),),
    )
    migrations.migrate(db)
    (old,) = history.recent(db, 9)
    assert (old.verdict, old.team) == ("cannot_decide", "")
    db.conn.close()


def test_old_history_can_be_forgotten(vault: vaults.Vault, reader: Database):
    for n in (1, 2):
        run(vault, outbox.add, a_row(n, f"item-{n}"))
        run(vault, outbox.settle, [a_receipt(n, at=NOW + timedelta(days=n))])
    assert run(vault, history.prune, NOW + timedelta(days=2)) == 1
    assert [settled.entry_id for settled in history.recent(reader, 9)] == [an_entry_id(2)]


class OutboxMachine(RuleBasedStateMachine):
    """Any order of what the person and the network may do: each decision is in exactly one place, always."""

    entries = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        self.db = Database(connection(":memory:"), execute_plugins=False)
        migrations.migrate(self.db)
        self.made: set[DecisionId] = set()
        self.undone: set[DecisionId] = set()
        self.sent: list[DecisionId] = []
        self.bodies: dict[DecisionId, bytes] = {}

    def teardown(self) -> None:
        self.db.close()

    @rule(target=entries, wait=st.integers(0, 3))
    def add(self, wait: int) -> DecisionId:
        n = len(self.made) + 1
        row = a_row(n, f"item-{n}", send_after=NOW + timedelta(minutes=wait))
        outbox.add(self.db, row)
        self.made.add(row.entry_id)
        self.bodies[row.entry_id] = row.body
        return row.entry_id

    @rule(entry=entries)
    def undo(self, entry: DecisionId) -> None:
        if outbox.undo(self.db, entry) is not None:
            assert entry not in self.sent
            self.undone.add(entry)

    @rule(minute=st.integers(0, 3), limit=st.integers(1, 4))
    def send(self, minute: int, limit: int) -> None:
        due = outbox.due(self.db, NOW + timedelta(minutes=minute), limit)
        sent = outbox.send(self.db, [row.entry_id for row in due])
        assert [row.entry_id for row in sent] == [row.entry_id for row in due]
        self.sent += [row.entry_id for row in sent if row.entry_id not in self.sent]

    @rule(entry=entries, outcome=st.sampled_from(Outcome))
    def settle(self, entry: DecisionId, outcome: Outcome) -> None:
        if entry in self.sent:
            outbox.settle(self.db, [replace(a_receipt(outcome=outcome), decision_id=entry)] * 2)

    @rule(entry=consumes(entries))
    def discard(self, entry: DecisionId) -> None:
        outbox.discard(self.db, entry)

    @invariant()
    def each_decision_is_in_exactly_one_place(self) -> None:
        here = [row.entry_id for row in outbox.rows(self.db)]
        past = [settled.entry_id for settled in history.recent(self.db, 1_000)]
        assert sorted([*here, *past, *self.undone]) == sorted(self.made)
        assert outbox.known(self.db, self.made) == self.made
        counts = outbox.counts(self.db)
        assert counts.held + counts.sending + counts.returned == len(here)

    @invariant()
    def numbers_have_no_gaps_and_bodies_never_change(self) -> None:
        numbered = self.db.conn.execute(
            "SELECT seq, entry_id FROM outbox WHERE seq IS NOT NULL UNION SELECT seq, entry_id FROM history ORDER BY 1"
        ).fetchall()
        assert numbered == list(enumerate(self.sent, 1))
        assert all(row.body == self.bodies[row.entry_id] for row in outbox.rows(self.db))


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=60, stateful_step_count=30)


def revised(text: str, rev: int):
    item = a_stored_item(rev=rev)
    return replace(item, body=text.encode())


def test_what_was_judged_is_kept_through_later_changes_and_gone_with_the_decision(
    vault: vaults.Vault, reader: Database
):
    item_id = ItemId("item-1")
    run(vault, items.lease, [revised("first", 1)])
    run(vault, items.lease, [revised("undecided", 2)])
    assert items.judged(reader, item_id) is None  # nobody has decided it
    row = a_row()
    run(vault, outbox.add, row)
    run(vault, items.lease, [revised("undecided", 2)])
    assert items.judged(reader, item_id) is None  # leased again, unchanged
    run(vault, items.lease, [revised("edited", 3)])
    run(vault, items.lease, [revised("edited twice", 4)])
    assert items.judged(reader, item_id) == b"undecided"
    run(vault, outbox.undo, row.entry_id)
    assert items.judged(reader, item_id) is None


def test_what_was_judged_goes_with_its_item(vault: vaults.Vault, reader: Database):
    run(vault, items.lease, [revised("first", 1)])
    run(vault, outbox.add, a_row())
    run(vault, items.lease, [revised("edited", 2)])
    assert items.judged(reader, ItemId("item-1")) == b"first"
    run(vault, items.gone, [ItemId("item-1")])
    assert reader.conn.execute("SELECT count(*) FROM judged").fetchone() == (0,)
