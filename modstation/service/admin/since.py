"""What was removed after a backup is removed again when that is put back, as far as the replaced database can tell.

A computer that was lost must not work again, and content that was destroyed must not come back.
"""

from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select
from sqlcipher3 import dbapi2

from modstation.service import catalogue, database, devices
from modstation.service.leases import DELETED
from modstation.service.tables import device

_SOME = 500  # ids in one statement


@dataclass(frozen=True, slots=True)
class Before:
    """What the replaced database knew: its devices, those of them that were removed, and the items that were."""

    known: frozenset[str]
    revoked: frozenset[str]
    deleted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """What was removed again: how many devices, how many items."""

    stations: int
    items: int


def read(file: Path) -> Before | None:
    """Read the database that is to be replaced; None when it can't be read."""
    with suppress(dbapi2.DatabaseError), closing(database.connect(file)) as conn:
        rows = conn.execute("SELECT device_id, revoked_at FROM device").fetchall()
        items = conn.execute("SELECT item_id FROM item WHERE state = ? ORDER BY item_id", (DELETED,)).fetchall()
        known, revoked = (row[0] for row in rows), (row[0] for row in rows if row[1] is not None)
        return Before(frozenset(known), frozenset(revoked), tuple(row[0] for row in items))
    return None


def remove_again(conn: Connection, before: Before, now: datetime) -> Again:
    """Remove what had been removed, in the database that is put back. Files are left to the caller."""
    working = set(conn.scalars(select(device.c.device_id).where(device.c.revoked_at.is_(None))))
    removed = sorted(working & before.revoked)
    for device_id in removed:
        devices.revoke_device(conn, device_id, now)
    items = sum(
        catalogue.remove_items(conn, before.deleted[at : at + _SOME], now)
        for at in range(0, len(before.deleted), _SOME)
    )
    return Again(len(removed), items)
