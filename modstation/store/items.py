"""Items held under a lease. Written by sync from the service's replies; read by the session.

Purging is one promise kept here and in `sweep`: keys and rows go in the transaction, files and the log right after it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from modstation.core.changes import Changes
from modstation.core.content import Kind, Media, Preview
from modstation.core.ids import ItemId, MediaId, QueueName
from modstation.core.item import ItemCard, Lease, TaskKind
from modstation.store.driver import Database
from modstation.store.instants import from_us, to_us


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as it is kept: the card lists show, the raw wire JSON of the item, and the files that belong to it."""

    card: ItemCard
    body: bytes
    media: tuple[Media, ...] = ()


_INSERT = "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# Plain strings: an enum would be sent through the driver's adapters, which doubles the cost of a row.
_PLAIN = attrgetter(
    "item_id", "rev", "kind.value", "task_kind.value", "queue", "language", "severity", "category", "summary",
    "n_flags", "priority", "estimate_s",
)  # fmt: skip
_UPDATE = """
    UPDATE items SET rev = ?, task_kind = ?, language = ?, severity = ?, category = ?, summary = ?, n_flags = ?,
        priority = ?, estimate_s = ?, created_at = ?, lease_gen = ?, granted_at = ?, expires_at = ?
    WHERE n = ?"""
_CARD = """
    SELECT item_id, rev, kind, task_kind, queue, language, severity, category, summary, n_flags, priority, estimate_s,
        created_at, lease_gen, granted_at, expires_at
    FROM items WHERE item_id IN (SELECT value FROM json_each(?))"""


def lease(db: Database, items: Sequence[StoredItem]) -> Changes:
    """Keep items leased to this station, new ones or new revisions and leases of held ones. Twice is the same as once.

    Files that no item names any more are purged.
    """
    if not items:
        return Changes()
    wanted = {item.card.item_id: item for item in items}
    known = _known(db, wanted)
    moved = [i for i, (_, kind, queue) in known.items() if (kind, queue) != (wanted[i].card.kind, wanted[i].card.queue)]
    if moved:  # another kind or queue is another item under the same name
        _delete(db, moved)
        known = {i: row for i, row in known.items() if i not in set(moved)}
    free = db.conn.execute("SELECT coalesce(max(n), 0) + 1 FROM items").fetchone()[0]
    numbered = {i: known[i][0] for i in known}
    fresh = [i for i in wanted if i not in known]
    numbered |= {i: free + k for k, i in enumerate(fresh)}
    db.conn.executemany(_INSERT, (_row(numbered[i], wanted[i].card) for i in fresh))
    db.conn.executemany("INSERT INTO bodies VALUES (?, ?)", ((numbered[i], wanted[i].body) for i in fresh))
    if known:
        db.conn.executemany(_UPDATE, (_update(numbered[i], wanted[i].card) for i in known))
        db.conn.executemany("UPDATE bodies SET body = ? WHERE n = ?", ((wanted[i].body, numbered[i]) for i in known))
    files = _files(db, wanted, numbered, replaced=[numbered[i] for i in known])
    return Changes(items=frozenset(wanted), media=files)


def _known(db: Database, ids: Iterable[ItemId]) -> dict[ItemId, tuple[int, str, str]]:
    rows = db.conn.execute(
        "SELECT item_id, n, kind, queue FROM items WHERE item_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ).fetchall()
    return {ItemId(item_id): (n, kind, queue) for item_id, n, kind, queue in rows}


def _row(n: int, card: ItemCard) -> tuple[Any, ...]:
    held = card.lease
    times = to_us(card.created_at), held.lease_gen, to_us(held.granted_at), to_us(held.expires_at)
    return (n, *_PLAIN(card), *times)


def _update(n: int, card: ItemCard) -> tuple[Any, ...]:
    row = _row(n, card)
    return (row[2], row[4], *row[6:], n)


def _files(
    db: Database, wanted: dict[ItemId, StoredItem], numbered: dict[ItemId, int], replaced: list[int]
) -> frozenset[MediaId]:
    """Note which files the items name; each new one gets a key and a name of its own."""
    if replaced:
        db.conn.executemany("DELETE FROM item_media WHERE n = ?", ((n,) for n in replaced))
    named = [(numbered[i], place, m) for i, item in wanted.items() for place, m in _placed(item.media)]
    if named:
        db.conn.executemany(
            "INSERT INTO media VALUES (?, ?, lower(hex(entropy(16))), entropy(32), 0) ON CONFLICT DO NOTHING",
            ((m.media_id, m.size) for _, _, m in named),
        )
        db.conn.executemany("INSERT INTO item_media VALUES (?, ?, ?)", ((n, p, m.media_id) for n, p, m in named))
    if replaced:
        _drop_unnamed_files(db)
    return frozenset(m.media_id for _, _, m in named)


def _placed(media: Sequence[Media]) -> Iterator[tuple[int, Media | Preview]]:
    """The files of an item under their places, and the previews of files under places below zero."""
    for place, file in enumerate(media):
        yield place, file
        if file.preview is not None:
            yield -1 - place, file.preview


def gone(db: Database, ids: Sequence[ItemId]) -> Changes:
    """Purge items: their rows, the keys of files nobody else names; after the commit the files and the log.

    Drafts stay, in case the items come back; see `drafts.sweep`.
    """
    held = list(_known(db, ids))
    if held:
        _delete(db, held)
    return Changes(gone=frozenset(held))


def reset(db: Database) -> Changes:
    """Purge every item. Drafts and outbox are not touched."""
    return gone(db, [ItemId(row[0]) for row in db.conn.execute("SELECT item_id FROM items").fetchall()])


def _delete(db: Database, ids: Sequence[ItemId]) -> None:
    db.conn.execute("DELETE FROM items WHERE item_id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))
    _drop_unnamed_files(db)
    db.conn.execute("INSERT OR IGNORE INTO waste VALUES ('')")


def _drop_unnamed_files(db: Database) -> None:
    db.conn.execute("DELETE FROM media WHERE NOT EXISTS (SELECT 1 FROM item_media i WHERE i.media_id = media.media_id)")


def renew(db: Database, leases: Sequence[Lease]) -> Changes:
    """Take over new dates of leases; one of another generation than the held one is ignored."""
    moved = set[ItemId]()
    for new in leases:
        done = db.conn.execute(
            "UPDATE items SET granted_at = ?, expires_at = ? WHERE item_id = ? AND lease_gen = ?",
            (to_us(new.granted_at), to_us(new.expires_at), new.item_id, new.lease_gen),
        )
        if done.rowcount:
            moved.add(new.item_id)
    return Changes(items=frozenset(moved))


def queue_ids(db: Database, now: datetime) -> list[ItemId]:
    """Ids of the items to work on, best first: leased, not expired, nothing about them in the outbox."""
    rows = db.conn.execute("SELECT item_id FROM queue WHERE expires_at > ?", (to_us(now),)).fetchall()
    return [ItemId(row[0]) for row in rows]


def next_end(db: Database, now: datetime) -> datetime | None:
    """When the next lease ends of those that have not; None when there is none."""
    found = db.conn.execute("SELECT min(expires_at) FROM items WHERE expires_at > ?", (to_us(now),)).fetchone()[0]
    return None if found is None else from_us(found)


def queues(db: Database) -> list[str]:
    """Names of the queues that the held items come from, in order."""
    return [str(row[0]) for row in db.conn.execute("SELECT DISTINCT queue FROM items ORDER BY queue").fetchall()]


def leases(db: Database, now: datetime) -> list[Lease]:
    """The leases of the items to work on, as in `queue_ids`."""
    rows = db.conn.execute(
        """SELECT i.item_id, i.lease_gen, i.granted_at, i.expires_at FROM queue JOIN items i USING (n)
           WHERE i.expires_at > ?""",
        (to_us(now),),
    ).fetchall()
    return [Lease(ItemId(i), gen, from_us(granted), from_us(expires)) for i, gen, granted, expires in rows]


def files_lacking(db: Database) -> tuple[int, int]:
    """(how many files of the items to work on are not here yet, their bytes)."""
    files, size = db.conn.execute(
        """SELECT count(*), coalesce(sum(size), 0) FROM media WHERE ready = 0 AND media_id IN (
               SELECT media_id FROM item_media WHERE n IN (SELECT n FROM queue))"""
    ).fetchone()
    return files, size


def undecided(db: Database) -> list[ItemCard]:
    """The held items that nothing in the outbox is about, also those whose lease has ended."""
    rows = db.conn.execute("SELECT item_id FROM items WHERE item_id NOT IN (SELECT item_id FROM outbox)").fetchall()
    return list(cards(db, [ItemId(row[0]) for row in rows]).values())


def given_back(db: Database) -> list[ItemId]:
    """Ids of held items that the person has given back, whether or not the service knows it."""
    rows = db.conn.execute(
        "SELECT item_id FROM items WHERE item_id IN (SELECT item_id FROM outbox WHERE what = 'skip')"
    ).fetchall()
    return [ItemId(row[0]) for row in rows]


def returned(db: Database) -> list[ItemId]:
    """Ids of held items whose decision came back and lies before the person."""
    rows = db.conn.execute(
        "SELECT item_id FROM items WHERE item_id IN (SELECT item_id FROM outbox WHERE state = 'returned')"
    ).fetchall()
    return [ItemId(row[0]) for row in rows]


def expired(db: Database, now: datetime) -> list[ItemId]:
    """Ids of held items whose lease has ended."""
    rows = db.conn.execute("SELECT item_id FROM items WHERE expires_at <= ?", (to_us(now),)).fetchall()
    return [ItemId(row[0]) for row in rows]


def cards(db: Database, ids: Sequence[ItemId]) -> dict[ItemId, ItemCard]:
    """The cards of those of `ids` that are held, in the order of `ids`."""
    rows = {row[0]: row for row in db.conn.execute(_CARD, (json.dumps(ids),)).fetchall()}
    return {i: _card(rows[i]) for i in ids if i in rows}


def _card(row: tuple[Any, ...]) -> ItemCard:
    item_id, created, gen, granted, expires = row[0], *row[12:]
    return ItemCard(
        item_id, row[1], Kind(row[2]), TaskKind(row[3]), QueueName(row[4]), row[5], row[6], row[7], row[8], row[9],
        row[10], row[11], from_us(created), Lease(item_id, gen, from_us(granted), from_us(expires)),
    )  # fmt: skip


def body(db: Database, item_id: ItemId) -> bytes | None:
    """The raw wire JSON of a held item, None when it is not held."""
    row = db.conn.execute("SELECT body FROM bodies JOIN items USING (n) WHERE item_id = ?", (item_id,)).fetchone()
    return None if row is None else bytes(row[0])


def judged(db: Database, item_id: ItemId) -> bytes | None:
    """The raw wire JSON of a held item before its first change after it was decided; None when it has not changed."""
    row = db.conn.execute("SELECT body FROM judged WHERE item_id = ?", (item_id,)).fetchone()
    return None if row is None else bytes(row[0])


def held(db: Database) -> list[tuple[ItemId, int, int]]:
    """(item id, lease generation, revision) of everything held: what the service compares."""
    rows = db.conn.execute("SELECT item_id, lease_gen, rev FROM items").fetchall()
    return [(ItemId(item_id), gen, rev) for item_id, gen, rev in rows]


def work_left(db: Database, now: datetime) -> tuple[int, int]:
    """(items waiting, seconds they usually take)."""
    waiting, seconds = db.conn.execute(
        "SELECT count(*), coalesce(sum(estimate_s), 0) FROM queue WHERE expires_at > ?", (to_us(now),)
    ).fetchone()
    return waiting, seconds
