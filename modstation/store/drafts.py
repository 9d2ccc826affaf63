"""Decisions being composed, one for each item, as the bytes the session gives.

The draft for an item that has left waits a day, in case the item comes back; then it goes too, like everything here.
"""

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from modstation.core.ids import ItemId
from modstation.store import meta
from modstation.store.driver import Database
from modstation.store.instants import from_us, to_us

KEPT = timedelta(days=1)
_GONE = "drafts.gone"  # in `meta`: since when each item with a draft was seen to be gone


def put(db: Database, item_id: ItemId, body: bytes) -> None:
    """Keep `body` as the draft for an item."""
    db.conn.execute(
        "INSERT INTO drafts VALUES (?, ?) ON CONFLICT (item_id) DO UPDATE SET body = excluded.body", (item_id, body)
    )


def get(db: Database, item_id: ItemId) -> bytes | None:
    """The draft for an item, None when there is none."""
    row = db.conn.execute("SELECT body FROM drafts WHERE item_id = ?", (item_id,)).fetchone()
    return None if row is None else bytes(row[0])


def drop(db: Database, item_id: ItemId) -> None:
    """Forget the draft for an item."""
    db.conn.execute("DELETE FROM drafts WHERE item_id = ?", (item_id,))


def forget(db: Database, ids: Collection[ItemId]) -> None:
    """Forget the drafts for items that will not come back."""
    if ids:
        db.conn.execute(
            "DELETE FROM drafts WHERE item_id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
        )
        db.conn.execute("INSERT OR IGNORE INTO waste VALUES ('')")  # what was noted goes from the log too


def sweep(db: Database, now: datetime) -> int:
    """Forget the drafts for items that were gone at an earlier sweep, a day ago or more, and still are.

    Returns:
        How many went.
    """
    before = {ItemId(i): from_us(at) for i, at in json.loads(meta.get(db, _GONE) or "{}").items()}
    since = {i: min(now, before.get(i, now)) for i in orphans(db)}  # a date to come is from a clock put right since
    over = [i for i, at in since.items() if now - at >= KEPT]
    forget(db, over)
    left = {i: at for i, at in since.items() if i not in over}
    if left != before:
        meta.put(db, _GONE, json.dumps({i: to_us(at) for i, at in left.items()}))
    return len(over)


def orphans(db: Database) -> list[ItemId]:
    """Items that have a draft here and are not held any more."""
    rows = db.conn.execute("SELECT item_id FROM drafts WHERE item_id NOT IN (SELECT item_id FROM items)").fetchall()
    return [ItemId(row[0]) for row in rows]
