"""Decisions being composed, one for each item, as the bytes the session gives."""

from modstation.core.ids import ItemId
from modstation.store.driver import Database


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


def orphans(db: Database) -> list[ItemId]:
    """Items that have a draft here and are not held any more: kept for when they come back, dropped by the session."""
    rows = db.conn.execute("SELECT item_id FROM drafts WHERE item_id NOT IN (SELECT item_id FROM items)").fetchall()
    return [ItemId(row[0]) for row in rows]
