"""Leases: who may work on what, until when. Dated, fenced (`lease_gen`), never two at once on one item.

How long and how many is the queue's to say, see `service.terms`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update

from modstation.service import feed, terms
from modstation.service.database import insert_many
from modstation.service.feed import News, Op
from modstation.service.tables import (
    item,
    lease,
    person_language,
    person_queue,
    person_skill,
    queue,
    queue_skill,
    to_us,
)
from modstation.service.terms import SEVERE
from modstation.wire.exchange import GoneBecause
from modstation.wire.item import Lease

WAITING, LEASED, CLOSED, DELETED = "waiting", "leased", "closed", "deleted"
"""The states of an item."""

_SOME = 1_000  # ids in one statement
SKIP_REST = timedelta(hours=8)  # a released item is not offered to the same person again before
REVISED = "revised"  # a lease that made way for a newer one of the same device: nothing is told as gone


@dataclass(frozen=True, slots=True)
class Holder:
    """A device and the person who works at it."""

    device_id: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a person may work on. No languages means every language."""

    queues: tuple[str, ...]
    languages: tuple[str, ...]


def primary(language: str) -> str:
    """The primary subtag of a BCP 47 tag, lower case: ``pt-BR`` gives ``pt``."""
    return language.split("-", maxsplit=1)[0].lower()


def entitlement(conn: Connection, person_id: str) -> Entitlement:
    """The queues given to a person whose every skill they have, and their languages."""
    lacks = (
        select(queue_skill.c.skill)
        .where(queue_skill.c.queue == person_queue.c.queue)
        .where(~exists().where(person_skill.c.person_id == person_id, person_skill.c.skill == queue_skill.c.skill))
    )
    queues = select(person_queue.c.queue).where(person_queue.c.person_id == person_id, ~lacks.exists())
    languages = select(person_language.c.language).where(person_language.c.person_id == person_id)
    return Entitlement(tuple(conn.scalars(queues)), tuple(conn.scalars(languages)))


def _offered(conn: Connection, may: Entitlement, holder: Holder, now: datetime) -> ColumnElement[bool]:
    """The condition under which a waiting item is offered to a device: its person may have it, and it has room."""
    return and_(_open(may, holder.person_id, now), _bearable(conn, may, holder, now))


def _bearable(conn: Connection, may: Entitlement, holder: Holder, now: datetime) -> ColumnElement[bool]:
    """Severe items only as far as the device has room for them, those of highest rank; of the others any."""
    some: set[str] = set()
    # Mostly none waits: then what the device holds of them need not be counted.
    severe = select(item.c.queue).distinct().where(item.c.state == WAITING, item.c.severity >= SEVERE)
    waiting = conn.scalars(severe.where(item.c.queue.in_(may.queues))).all()
    for name, room in terms.severe_room(conn, holder.device_id, waiting).items() if waiting else ():
        next_ones = select(item.c.item_id).where(_open(may, holder.person_id, now), item.c.queue == name)
        next_ones = next_ones.where(item.c.severity >= SEVERE)
        ranked = next_ones.order_by(item.c.rank, item.c.created_at, item.c.item_id).limit(room)
        some.update(conn.scalars(ranked) if room > 0 else ())
    return or_(item.c.severity < SEVERE, item.c.item_id.in_(some))


def _open(may: Entitlement, person_id: str, now: datetime) -> ColumnElement[bool]:
    """The condition under which a waiting item is open to a person."""
    conditions = [item.c.state == WAITING, item.c.queue.in_(may.queues)]
    if may.languages:
        conditions.append(item.c.language.in_((*may.languages, "und")))
    skipped = exists().where(
        lease.c.item_id == item.c.item_id,
        lease.c.person_id == person_id,
        lease.c.ended_because == GoneBecause.RELEASED.value,
        lease.c.ended_at > now - SKIP_REST,
    )
    return and_(*conditions, ~skipped)


def available(conn: Connection, holder: Holder, now: datetime) -> bool:
    """Whether there is anything to give: an item that waits, or one whose lease has run out at another device."""
    may = entitlement(conn, holder.person_id)
    if not may.queues:
        return False
    plain = select(item.c.item_id).where(_open(may, holder.person_id, now), item.c.severity < SEVERE).limit(1)
    if conn.execute(plain).first() is not None:
        return True
    waiting = select(item.c.item_id).where(_offered(conn, may, holder, now)).limit(1)
    return conn.execute(waiting).first() is not None or bool(_lapsed(conn, holder, may, now, 1))


def grant(conn: Connection, holder: Holder, want: int, now: datetime) -> int:
    """Lease up to `want` waiting items, first those of highest rank, and put them into the device's feed.

    Rank is priority (large first), then age, then item id. When too few are waiting, items whose lease has run out at
    another device are taken back first.
    """
    may = entitlement(conn, holder.person_id)
    if want <= 0 or not may.queues:
        return 0
    rows = _waiting(conn, holder, may, want, now)
    if len(rows) < want:
        lapsed = _lapsed(conn, holder, may, now, want - len(rows))
        if lapsed:
            end(conn, lapsed, GoneBecause.EXPIRED, now)
            rows = _waiting(conn, holder, may, want, now)
    _give(conn, holder, rows, now)
    return len(rows)


def _waiting(
    conn: Connection, holder: Holder, may: Entitlement, want: int, now: datetime
) -> Sequence[Row[str, int, int]]:
    ranked = (
        select(item.c.item_id, item.c.lease_gen, terms.life_s())
        .join_from(item, queue, item.c.queue == queue.c.queue)
        .where(_offered(conn, may, holder, now))
        .order_by(item.c.rank, item.c.created_at, item.c.item_id)
        .limit(want)
        .with_for_update(skip_locked=True, of=item)  # SQLite: nothing, the transaction has the only write lock
    )
    return conn.execute(ranked).all()


def _lapsed(conn: Connection, holder: Holder, may: Entitlement, now: datetime, want: int) -> Sequence[str]:
    """Ids of items in the person's queues whose lease has run out at another device."""
    found = select(lease.c.item_id).join_from(lease, item, lease.c.item_id == item.c.item_id)
    found = found.where(lease.c.ended_at.is_(None), lease.c.expires_at <= now, lease.c.device_id != holder.device_id)
    found = found.where(item.c.queue.in_(may.queues))
    if may.languages:
        found = found.where(item.c.language.in_((*may.languages, "und")))
    return conn.scalars(found.order_by(lease.c.item_id).limit(want)).all()


def _give(conn: Connection, holder: Holder, rows: Sequence[Row[str, int, int]], now: datetime) -> None:
    if not rows:
        return
    at = to_us(now)
    names = ("item_id", "lease_gen", "device_id", "person_id", "granted_at", "expires_at")
    grants = [
        (item_id, lease_gen + 1, holder.device_id, holder.person_id, at, at + ttl_s * 1_000_000)
        for item_id, lease_gen, ttl_s in rows
    ]
    insert_many(conn, lease, names, grants)
    ids = [row[0] for row in rows]
    for start in range(0, len(ids), _SOME):
        taken = update(item).where(item.c.item_id.in_(ids[start : start + _SOME]))
        conn.execute(taken.values(state=LEASED, lease_gen=item.c.lease_gen + 1))
    feed.append_leased(conn, holder.device_id, ids)


def give(conn: Connection, holder: Holder, item_id: str, now: datetime) -> None:
    """Lease this item to this device afresh, with a new `lease_gen`; a lease of its own that is live makes way.

    The item must be waiting or leased to this very device.
    """
    live = and_(lease.c.item_id == item_id, lease.c.ended_at.is_(None))
    conn.execute(update(lease).where(live).values(ended_at=now, ended_because=REVISED))
    found = select(item.c.item_id, item.c.lease_gen, terms.life_s())
    found = found.join_from(item, queue, item.c.queue == queue.c.queue).where(item.c.item_id == item_id)
    _give(conn, holder, conn.execute(found).all(), now)


def end(conn: Connection, item_ids: Collection[str], because: GoneBecause, now: datetime) -> None:
    """End the live leases of these items and tell their devices; the items wait again, unless they are closed.

    Only what this transaction has ended itself waits again: PostgreSQL may have let another end it first, and lease it.
    """
    if not item_ids:
        return
    live = and_(lease.c.item_id.in_(item_ids), lease.c.ended_at.is_(None))
    ending = update(lease).where(live).values(ended_at=now, ended_because=because.value)
    ended = sorted(tuple(row) for row in conn.execute(ending.returning(lease.c.device_id, lease.c.item_id)))
    again = update(item).where(item.c.item_id.in_([row[1] for row in ended]), item.c.state == LEASED)
    conn.execute(again.values(state=WAITING))
    for device_id in sorted({row[0] for row in ended}):
        gone = [News(Op.GONE, item_id=row[1], because=because.value) for row in ended if row[0] == device_id]
        feed.append(conn, device_id, gone)


def held_of(conn: Connection, device_id: str, item_ids: Collection[str]) -> list[str]:
    """Which of these items the device holds."""
    mine = select(lease.c.item_id).where(lease.c.device_id == device_id, lease.c.ended_at.is_(None))
    return list(conn.scalars(mine.where(lease.c.item_id.in_(item_ids))))


def renew(conn: Connection, device_id: str, item_ids: Collection[str], now: datetime) -> tuple[Lease, ...]:
    """Extend what the device still holds, also what has run out and was given to nobody, within the hard maximum.

    Every item held is answered: by its lease, or, when its maximum is reached, by `gone` in the device's feed. One that
    is not held any more has been told as gone before; unknown ids are passed over.
    """
    if not item_ids:
        return ()
    live = and_(lease.c.device_id == device_id, lease.c.ended_at.is_(None), lease.c.item_id.in_(item_ids))
    columns = (lease.c.item_id, lease.c.lease_gen, lease.c.granted_at, lease.c.expires_at)
    rows = conn.execute(
        select(*columns, terms.life_s().label("life_s"), queue.c.lease_max_s)
        .join_from(lease, item, lease.c.item_id == item.c.item_id)
        .join(queue, queue.c.queue == item.c.queue)
        .where(live)
        .order_by(lease.c.item_id)
    ).all()
    until = {
        row.item_id: terms.renewed(row.granted_at, row.expires_at, row.life_s, row.lease_max_s, now) for row in rows
    }
    for end_at in {moment for moment in until.values() if moment > now}:
        ids = [item_id for item_id, moment in until.items() if moment == end_at]
        conn.execute(update(lease).where(live, lease.c.item_id.in_(ids)).values(expires_at=end_at))
    end(conn, [item_id for item_id, moment in until.items() if moment <= now], GoneBecause.EXPIRED, now)
    return tuple(
        Lease(row.item_id, row.lease_gen, row.granted_at, until[row.item_id])
        for row in rows
        if until[row.item_id] > now
    )


def release(conn: Connection, device_id: str, item_ids: Collection[str], now: datetime) -> None:
    """Give back what the device holds of these; others may have it at once."""
    if item_ids:
        end(conn, held_of(conn, device_id, item_ids), GoneBecause.RELEASED, now)


def lapsed(conn: Connection, device_id: str, now: datetime) -> list[str]:
    """Ids of items whose lease has run out at this device, and that it still holds."""
    out = select(lease.c.item_id).where(lease.c.device_id == device_id, lease.c.ended_at.is_(None))
    return list(conn.scalars(out.where(lease.c.expires_at <= now)))


def count(conn: Connection, device_id: str) -> int:
    """How many items a device holds."""
    mine = select(func.count()).select_from(lease).where(lease.c.device_id == device_id, lease.c.ended_at.is_(None))
    return conn.scalar(mine) or 0
