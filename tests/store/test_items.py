"""Items: what is leased is queued in order, applied twice is applied once, and what is gone leaves no key."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modstation.core.content import Kind
from modstation.core.ids import ItemId, MediaId, PolicyId, QueueName
from modstation.store import drafts, history, items, meta, outbox, policies
from modstation.store import vault as vaults
from modstation.store.driver import Database
from tests.support.builders import NOW, a_lease, a_media
from tests.support.vaults import a_receipt, a_row, a_stored_item

LATER = NOW + timedelta(minutes=1)


def dump(db: Database) -> list[tuple[object, ...]]:
    """Every row of the tables that sync fills, keys of files left out."""
    found: list[tuple[object, ...]] = []
    for query in (
        "SELECT * FROM items ORDER BY n",
        "SELECT * FROM bodies ORDER BY n",
        "SELECT media_id, size, name, ready FROM media ORDER BY media_id",
        "SELECT * FROM item_media ORDER BY n, place",
    ):
        found += db.conn.execute(query).fetchall()
    return found


def test_what_was_leased_is_read_back_as_it_was(vault: vaults.Vault, reader: Database):
    given = [a_stored_item(f"item-{n}", priority=n, kind=kind) for n, kind in enumerate(Kind)]
    changes = vault.writer.run(lambda db: items.lease(db, given))
    assert changes.items == {item.card.item_id for item in given}
    assert items.cards(reader, [item.card.item_id for item in given]) == {i.card.item_id: i.card for i in given}
    assert items.cards(reader, [ItemId("nobody")]) == {}
    assert items.body(reader, given[3].card.item_id) == given[3].body
    assert items.body(reader, ItemId("nobody")) is None
    assert sorted(items.held(reader)) == sorted((i.card.item_id, i.card.lease.lease_gen, i.card.rev) for i in given)


def test_the_queue_is_ranked_by_priority_then_age_then_id(vault: vaults.Vault, reader: Database):
    given = [
        a_stored_item("b", priority=1, created_at=NOW),
        a_stored_item("a", priority=1, created_at=NOW),
        a_stored_item("old", priority=1, created_at=NOW - timedelta(days=1)),
        a_stored_item("urgent", priority=9, created_at=NOW),
        a_stored_item("low", priority=-5, created_at=NOW - timedelta(days=9)),
    ]
    vault.writer.run(lambda db: items.lease(db, given))
    assert items.queue_ids(reader, NOW) == ["urgent", "old", "a", "b", "low"]


def test_expired_and_decided_items_are_not_in_the_queue(vault: vaults.Vault, reader: Database):
    short = a_lease("short", expires_at=NOW + timedelta(seconds=30))
    given = [a_stored_item("short", lease=short), a_stored_item("decided"), a_stored_item("open", estimate_s=45)]
    vault.writer.run(lambda db: items.lease(db, given))
    vault.writer.run(lambda db: outbox.add(db, a_row(1, "decided")))
    assert items.queue_ids(reader, LATER) == ["open"]
    assert items.work_left(reader, LATER) == (1, 45)
    assert items.expired(reader, LATER) == ["short"]
    longer = replace(short, expires_at=NOW + timedelta(hours=1))
    stale = a_lease("open", lease_gen=99, expires_at=NOW)
    assert vault.writer.run(lambda db: items.renew(db, [longer, stale])).items == {"short"}
    assert set(items.queue_ids(reader, LATER)) == {"short", "open"}


def test_a_new_revision_takes_the_place_of_the_old_one(vault: vaults.Vault, reader: Database):
    old, new = a_media(media_id=MediaId("1" * 64)), a_media(media_id=MediaId("2" * 64))
    vault.writer.run(lambda db: items.lease(db, [a_stored_item("item-1", (old,))]))
    again = a_stored_item("item-1", (new,), rev=2, lease=a_lease("item-1", lease_gen=2), summary="Another summary")
    vault.writer.run(lambda db: items.lease(db, [replace(again, body=b"{}")]))
    assert items.cards(reader, [ItemId("item-1")]) == {"item-1": again.card}
    assert items.body(reader, ItemId("item-1")) == b"{}"
    assert [m.media_id for m in vault.media.missing(reader, 9)] == [new.media_id]


def test_an_item_that_moves_to_another_queue_is_a_new_one_under_its_name(vault: vaults.Vault, reader: Database):
    vault.writer.run(lambda db: items.lease(db, [a_stored_item("item-1"), a_stored_item("item-2")]))
    moved = a_stored_item("item-1", queue=QueueName("Elsewhere"))
    vault.writer.run(lambda db: items.lease(db, [moved]))
    assert items.cards(reader, [ItemId("item-1")]) == {"item-1": moved.card}
    assert len(items.held(reader)) == 2


def test_the_draft_for_an_item_that_has_left_waits_a_day_for_it_and_no_longer(vault: vaults.Vault, reader: Database):
    back, gone = ItemId("back"), ItemId("gone")
    for item_id in (back, gone, ItemId("here")):
        vault.writer.run(lambda db, i=item_id: items.lease(db, [a_stored_item(i)]))
        vault.writer.run(lambda db, i=item_id: drafts.put(db, i, b"half a thought"))
    vault.writer.run(lambda db: items.gone(db, [back, gone]))

    def swept(**later: float) -> int:
        return vault.writer.run(lambda db: drafts.sweep(db, NOW + timedelta(**later)))

    assert [swept(days=9), swept(), swept(hours=23)] == [0, 0, 0], "since it was first seen, by a clock that is right"
    vault.writer.run(lambda db: items.lease(db, [a_stored_item("back")]))
    assert swept(hours=24) == 1
    assert [drafts.get(reader, i) is None for i in (back, gone, ItemId("here"))] == [False, True, False]
    vault.writer.run(lambda db: items.gone(db, [back]))
    assert [swept(hours=25), swept(hours=48), swept(hours=49)] == [0, 0, 1], (
        "each absence counts from its own beginning"
    )


pages = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(1, 3), st.lists(st.sampled_from("1234"), max_size=2, unique=True)),
    max_size=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages, pages)
def test_a_page_applied_twice_is_applied_once(vault: vaults.Vault, before: list, page: list):
    def stored(rows: list) -> list[items.StoredItem]:
        return [a_stored_item(i, tuple(a_media(media_id=MediaId(m * 64)) for m in ms), rev=rev) for i, rev, ms in rows]

    reader = vault.reader()
    vault.writer.run(items.reset)
    vault.writer.run(lambda db: items.lease(db, stored(before)))
    vault.writer.run(lambda db: items.lease(db, stored(page)))
    once = dump(reader)
    vault.writer.run(lambda db: items.lease(db, stored(page)))
    assert dump(reader) == once
    latest = {i: (rev, ms) for i, rev, ms in [*before, *page]}
    assert {(i, rev) for i, _, rev in items.held(reader)} == {(i, rev) for i, (rev, _) in latest.items()}
    wanted = {m * 64 for _, ms in latest.values() for m in ms}
    assert {m.media_id for m in vault.media.missing(reader, 99)} == wanted
    vault.writer.run(lambda db: items.gone(db, [ItemId("a"), ItemId("b")]))
    gone = dump(reader)
    assert not vault.writer.run(lambda db: items.gone(db, [ItemId("a"), ItemId("b")]))
    assert dump(reader) == gone


def test_reset_forgets_items_and_leaves_drafts_and_outbox(vault: vaults.Vault, reader: Database):
    vault.writer.run(lambda db: items.lease(db, [a_stored_item("item-1"), a_stored_item("item-2")]))
    vault.writer.run(lambda db: outbox.add(db, a_row(1, "item-1")))
    vault.writer.run(lambda db: drafts.put(db, ItemId("item-2"), b"half a thought"))
    assert vault.writer.run(items.reset).gone == {"item-1", "item-2"}
    assert items.held(reader) == []
    assert len(outbox.rows(reader)) == 1
    assert drafts.get(reader, ItemId("item-2")) == b"half a thought"
    assert drafts.orphans(reader) == ["item-2"]


def test_old_policy_versions_stay_while_an_unsettled_decision_names_them(vault: vaults.Vault, reader: Database):
    market = PolicyId("market")
    for number in (2, 3):
        vault.writer.run(lambda db, number=number: policies.put(db, market, number, b"text %d" % number))
    vault.writer.run(lambda db: outbox.add(db, a_row(1)))  # made under version 3
    vault.writer.run(lambda db: policies.put(db, market, 4, b"text 4"))
    assert policies.newest(reader, market) == b"text 4"
    assert [policies.version(reader, market, n) for n in (2, 3, 4)] == [None, b"text 3", b"text 4"]
    assert policies.known(reader) == {market: 4}
    vault.writer.run(lambda db: policies.put(db, market, 3, b"text 3"))  # a repeated page brings nothing down
    assert policies.newest(reader, market) == b"text 4"
    vault.writer.run(lambda db: outbox.settle(db, [a_receipt(1)]))
    vault.writer.run(lambda db: policies.put(db, market, 5, b"text 5"))
    assert [policies.version(reader, market, n) for n in (3, 4, 5)] == [None, None, b"text 5"]
    assert history.last_used(reader, "c-1") == (NOW, 3)


def test_single_values_are_put_replaced_and_dropped(vault: vaults.Vault, reader: Database):
    for value in ("1", "2"):
        vault.writer.run(lambda db, value=value: meta.put(db, "cursor", value))
    assert meta.get(reader, "cursor") == "2"
    vault.writer.run(lambda db: meta.drop(db, "cursor"))
    assert meta.get(reader, "cursor") is None
