"""Single values by name: device identity, epoch, cursor, what is told once."""

from modstation.store.driver import Database


def get(db: Database, key: str) -> str | None:
    """The value of `key`, None when it was never put."""
    row = db.conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def put(db: Database, key: str, value: str) -> None:
    """Set `key` to `value`."""
    db.conn.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )


def drop(db: Database, key: str) -> None:
    """Forget `key`."""
    db.conn.execute("DELETE FROM meta WHERE key = ?", (key,))
