"""Leases: who may work on what, until when. Dated, fenced (`lease_gen`), never two at once on one item.

How long and how many is the queue's to say, see `service.terms`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Row, Select, String, and_, bindparam, exists, func, or_, select, update

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
SKIP_REST = timedelta(hours=8)  # an item that was skipped is not offered to the same person again before
RELEASE_REST = timedelta(minutes=1)  # nor one given back at the end of a shift before the station has closed
SKIPPED = "skipped"  # how a lease ended whose item the person passed over; its device is told that it was released
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


_PERSON = bindparam("person_id", type_=String)
_LACKS = (
    select(queue_skill.c.skill)
    .where(queue_skill.c.queue == person_queue.c.queue)
    .where(~exists().where(person_skill.c.person_id == _PERSON, person_skill.c.skill == queue_skill.c.skill))
)
_QUEUES = select(person_queue.c.queue).where(person_queue.c.person_id == _PERSON, ~_LACKS.exists())
_LANGUAGES = select(person_language.c.language).where(person_language.c.person_id == _PERSON)


def entitlement(conn: Connection, person_id: str) -> Entitlement:
    """The queues given to a person whose every skill they have, and their languages."""
    whose = {"person_id": person_id}
    return Entitlement(tuple(conn.scalars(_QUEUES, whose)), tuple(conn.scalars(_LANGUAGES, whose)))


@dataclass(frozen=True, slots=True)
class _Seeker:
    """A device that looks for work, and what its person may work on."""

    holder: Holder
    may: Entitlement
    now: datetime

    @property
    def statements(self) -> "_Statements":
        return _statements(any_language=not self.may.languages)

    @property
    def asks(self) -> dict[str, Any]:
        """What all the statements are asked with."""
        return {
            "device_id": self.holder.device_id,
            "person_id": self.holder.person_id,
            "queues": self.may.queues,
            "languages": (*self.may.languages, "und"),
            "now": self.now,
            "skipped_after": self.now - SKIP_REST,
            "released_after": self.now - RELEASE_REST,
        }


@dataclass(frozen=True, slots=True)
class _Statements:
    """What is asked for somebody who looks for work.

    Attributes:
        plain: one waiting item that is not severe.
        severe: waiting severe items of one queue, first those of highest rank.
        offered: waiting items as they are leased: severe ones only when they are among those named.
        lapsed: items whose lease has run out at another device.
    """

    plain: Select[str]
    severe: Select[str]
    offered: Select[str, int, int]
    lapsed: Select[str]


@cache  # built once: building and looking up a statement costs more than running it
def _statements(*, any_language: bool) -> _Statements:
    ranked = (item.c.rank, item.c.created_at, item.c.item_id)
    of_queues = item.c.queue.in_(bindparam("queues", expanding=True))
    spoken = item.c.language.in_(bindparam("languages", expanding=True))
    theirs = of_queues if any_language else and_(of_queues, spoken)
    skipped = exists().where(
        lease.c.item_id == item.c.item_id,
        lease.c.person_id == _PERSON,
        or_(
            and_(lease.c.ended_because == SKIPPED, lease.c.ended_at > bindparam("skipped_after")),
            and_(lease.c.ended_because == GoneBecause.RELEASED.value, lease.c.ended_at > bindparam("released_after")),
        ),
    )
    is_open = and_(item.c.state == WAITING, theirs, ~skipped)
    bearable = or_(item.c.severity < SEVERE, item.c.item_id.in_(bindparam("severe", expanding=True)))
    run_out = (lease.c.ended_at.is_(None), lease.c.expires_at <= bindparam("now"))
    return _Statements(
        plain=select(item.c.item_id).where(is_open, item.c.severity < SEVERE).limit(1),
        severe=select(item.c.item_id)
        .where(is_open, item.c.queue == bindparam("queue"), item.c.severity >= SEVERE)
        .order_by(*ranked)
        .limit(bindparam("most", type_=Integer)),
        offered=select(item.c.item_id, item.c.lease_gen, terms.life_s())
        .join_from(item, queue, item.c.queue == queue.c.queue)
        .where(is_open, bearable)
        .order_by(*ranked)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=item),  # SQLite: nothing, the transaction has the only write lock
        lapsed=select(lease.c.item_id)
        .join_from(lease, item, lease.c.item_id == item.c.item_id)
        .where(*run_out, lease.c.device_id != bindparam("device_id"), theirs)
        .order_by(lease.c.item_id)
        .limit(bindparam("most", type_=Integer)),
    )


_SEVERE_WAITS = (
    select(item.c.queue)
    .distinct()
    .where(item.c.state == WAITING, item.c.severity >= SEVERE)
    .where(item.c.queue.in_(bindparam("queues", expanding=True)))
)


def _bearable(conn: Connection, who: _Seeker) -> set[str]:
    """The severe items that the device has room for, those of highest rank."""
    some: set[str] = set()
    # Mostly none waits: then what the device holds of them need not be counted.
    waiting = conn.scalars(_SEVERE_WAITS, {"queues": who.may.queues}).all()
    for name, room in terms.severe_room(conn, who.holder.device_id, waiting).items() if waiting else ():
        if room > 0:
            some.update(conn.scalars(who.statements.severe, who.asks | {"queue": name, "most": room}))
    return some


def available(conn: Connection, holder: Holder, now: datetime) -> bool:
    """Whether there is anything to give: an item that waits, or one whose lease has run out at another device."""
    who = _Seeker(holder, entitlement(conn, holder.person_id), now)
    if not who.may.queues:
        return False
    if conn.execute(who.statements.plain, who.asks).first() is not None:
        return True
    return bool(_bearable(conn, who) or _lapsed(conn, who, 1))


def grant(conn: Connection, holder: Holder, want: int, now: datetime) -> int:
    """Lease up to `want` waiting items, first those of highest rank, and put them into the device's feed.

    Rank is priority (large first), then age, then item id. When too few are waiting, items whose lease has run out at
    another device are taken back first.
    """
    if want <= 0:
        return 0
    who = _Seeker(holder, entitlement(conn, holder.person_id), now)
    if not who.may.queues:
        return 0
    rows = _waiting(conn, who, want)
    if len(rows) < want:
        lapsed = _lapsed(conn, who, want - len(rows))
        if lapsed:
            end(conn, lapsed, GoneBecause.EXPIRED, now)
            rows = _waiting(conn, who, want)
    _give(conn, holder, rows, now)
    return len(rows)


def _waiting(conn: Connection, who: _Seeker, want: int) -> Sequence[Row[str, int, int]]:
    """Waiting items that are offered to a device: its person may have them, and it has room."""
    asked = who.asks | {"severe": _bearable(conn, who), "most": want}
    return conn.execute(who.statements.offered, asked).all()


def _lapsed(conn: Connection, who: _Seeker, want: int) -> Sequence[str]:
    """Ids of items in the person's queues whose lease has run out at another device."""
    return conn.scalars(who.statements.lapsed, who.asks | {"most": want}).all()


_TAKE = update(item).where(item.c.item_id.in_(bindparam("item_ids", expanding=True)))
_TAKE = _TAKE.values(state=LEASED, lease_gen=item.c.lease_gen + 1)


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
        conn.execute(_TAKE, {"item_ids": ids[start : start + _SOME]})
    feed.append_leased(conn, holder.device_id, ids)


_ONE = (
    select(item.c.item_id, item.c.lease_gen, terms.life_s())
    .join_from(item, queue, item.c.queue == queue.c.queue)
    .where(item.c.item_id == bindparam("item_id"))
)


def give(conn: Connection, holder: Holder, item_id: str, now: datetime) -> None:
    """Lease this item to this device afresh, with a new `lease_gen`; a lease of its own that is live makes way.

    The item must be waiting or leased to this very device.
    """
    conn.execute(_END, {"item_ids": [item_id], "ended_at": now, "ended_because": REVISED})
    _give(conn, holder, conn.execute(_ONE, {"item_id": item_id}).all(), now)


_LIVE = and_(lease.c.item_id.in_(bindparam("item_ids", expanding=True)), lease.c.ended_at.is_(None))
_END = update(lease).where(_LIVE)
_ENDING = _END.returning(lease.c.device_id, lease.c.item_id)
_AGAIN = update(item).where(item.c.item_id.in_(bindparam("item_ids", expanding=True)), item.c.state == LEASED)
_AGAIN = _AGAIN.values(state=WAITING)


def end(conn: Connection, item_ids: Collection[str], because: GoneBecause, now: datetime, *, noted: str = "") -> None:
    """End the live leases of these items and tell their devices; the items wait again, unless they are closed.

    `noted` is kept as the reason instead of what the devices are told.

    Only what this transaction has ended itself waits again: PostgreSQL may have let another end it first, and lease it.
    """
    if not item_ids:
        return
    ending = {"item_ids": item_ids, "ended_at": now, "ended_because": noted or because.value}
    ended = sorted(tuple(row) for row in conn.execute(_ENDING, ending))
    conn.execute(_AGAIN, {"item_ids": [row[1] for row in ended]})
    for device_id in sorted({row[0] for row in ended}):
        gone = [News(Op.GONE, item_id=row[1], because=because.value) for row in ended if row[0] == device_id]
        feed.append(conn, device_id, gone)


_HELD = and_(lease.c.device_id == bindparam("device_id"), lease.c.ended_at.is_(None))
_HELD_OF = select(lease.c.item_id).where(_HELD, lease.c.item_id.in_(bindparam("item_ids", expanding=True)))
_LAPSED = select(lease.c.item_id).where(_HELD, lease.c.expires_at <= bindparam("now"))
_HOLDS = select(func.count()).select_from(lease).where(_HELD)
_RENEWED = (
    select(lease.c.item_id, lease.c.lease_gen, lease.c.granted_at, lease.c.expires_at)
    .add_columns(terms.life_s().label("life_s"), queue.c.lease_max_s)
    .join_from(lease, item, lease.c.item_id == item.c.item_id)
    .join(queue, queue.c.queue == item.c.queue)
    .where(_HELD, lease.c.item_id.in_(bindparam("item_ids", expanding=True)))
    .order_by(lease.c.item_id)
)
_RENEW = update(lease).where(lease.c.device_id == bindparam("of_device"), _LIVE)


def held_of(conn: Connection, device_id: str, item_ids: Collection[str]) -> list[str]:
    """Which of these items the device holds."""
    return list(conn.scalars(_HELD_OF, {"device_id": device_id, "item_ids": item_ids}))


def renew(conn: Connection, device_id: str, item_ids: Collection[str], now: datetime) -> tuple[Lease, ...]:
    """Extend what the device still holds, also what has run out and was given to nobody, within the hard maximum.

    Every item held is answered: by its lease, or, when its maximum is reached, by `gone` in the device's feed. One that
    is not held any more has been told as gone before; unknown ids are passed over.
    """
    if not item_ids:
        return ()
    rows = conn.execute(_RENEWED, {"device_id": device_id, "item_ids": item_ids}).all()
    until = {
        row.item_id: terms.renewed(row.granted_at, row.expires_at, row.life_s, row.lease_max_s, now) for row in rows
    }
    for end_at in {moment for moment in until.values() if moment > now}:
        ids = [item_id for item_id, moment in until.items() if moment == end_at]
        conn.execute(_RENEW, {"of_device": device_id, "item_ids": ids, "expires_at": end_at})
    end(conn, [item_id for item_id, moment in until.items() if moment <= now], GoneBecause.EXPIRED, now)
    return tuple(
        Lease(row.item_id, row.lease_gen, row.granted_at, until[row.item_id])
        for row in rows
        if until[row.item_id] > now
    )


def release(
    conn: Connection, device_id: str, item_ids: Collection[str], skipped: Collection[str], now: datetime
) -> None:
    """Give back what the device holds of these: others may have it at once.

    This person may have it after `RELEASE_REST`, and what is `skipped` after `SKIP_REST`.
    """
    if item_ids:
        held = held_of(conn, device_id, item_ids)
        passed_over = frozenset(skipped)
        end(conn, [one for one in held if one in passed_over], GoneBecause.RELEASED, now, noted=SKIPPED)
        end(conn, [one for one in held if one not in passed_over], GoneBecause.RELEASED, now)


def lapsed(conn: Connection, device_id: str, now: datetime) -> list[str]:
    """Ids of items whose lease has run out at this device, and that it still holds."""
    return list(conn.scalars(_LAPSED, {"device_id": device_id, "now": now}))


def count(conn: Connection, device_id: str) -> int:
    """How many items a device holds."""
    return conn.scalar(_HOLDS, {"device_id": device_id}) or 0
