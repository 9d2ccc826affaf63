"""What each device is to be told: a gapless feed per device, numbered under the device row's lock.

A row says *that* something changed; what is sent is the state at the time of reading. So a row may be read late or
twice, and reading from any `reset` on gives the whole picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, func, select, text, update

from modstation.service.database import insert_many
from modstation.service.tables import device, feed, from_us, item, lease, policy
from modstation.wire import exchange
from modstation.wire.item import Lease

MAX_PAGE_BYTES = 4 * 1024 * 1024
KEEP = 5_000  # rows kept behind the cursor
RESET_REST = timedelta(seconds=60)  # a station that keeps miscounting is not sent everything at every exchange

_MINE = device.c.device_id == bindparam("of_device")
_LENGTHEN = (
    update(device)
    .where(_MINE)
    .values(feed_head=device.c.feed_head + bindparam("rows", type_=BigInteger))
    .returning(device.c.feed_head)
)
_KNOWN = select(device.c.feed_head, device.c.revoked_at).where(_MINE).with_for_update()
_BEGIN_ANEW = update(device).where(_MINE)
_EMPTY = delete(feed).where(feed.c.device_id == bindparam("of_device"))
_HELD = (
    select(lease.c.item_id)
    .join_from(lease, item, lease.c.item_id == item.c.item_id)
    .where(lease.c.device_id == bindparam("of_device"), lease.c.ended_at.is_(None))
    .order_by(item.c.rank, item.c.created_at, item.c.item_id)
)
_NEWEST_POLICIES = (
    select(policy.c.policy_id, func.max(policy.c.version)).group_by(policy.c.policy_id).order_by(policy.c.policy_id)
)


class Op(StrEnum):
    """The kinds of row; they become the changes of `wire.exchange`."""

    LEASED = "leased"
    GONE = "gone"
    POLICY = "policy"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class News:
    """One row to append."""

    op: Op
    item_id: str | None = None
    because: str | None = None
    policy_id: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the feed as it goes on the wire; `more` when the feed goes on behind it."""

    changes: tuple[exchange.Change, ...]
    next_cursor: int
    more: bool


def append(conn: Connection, device_id: str, news: Sequence[News]) -> int:
    """Append rows to a device's feed and return the number of the last one. Takes the device row's lock."""
    rows = [(one.op.value, one.item_id, one.because, one.policy_id, one.version) for one in news]
    return _append(conn, device_id, rows)


def append_leased(conn: Connection, device_id: str, item_ids: Sequence[str]) -> int:
    """As `append`, with a row for each item that the device was given."""
    return _append(conn, device_id, [(Op.LEASED.value, item_id, None, None, None) for item_id in item_ids])


def _append(conn: Connection, device_id: str, rows: Sequence[tuple[Any, ...]]) -> int:
    head = int(conn.execute(_LENGTHEN, {"of_device": device_id, "rows": len(rows)}).scalar_one())
    numbered = [(device_id, seq, *row) for seq, row in enumerate(rows, head - len(rows) + 1)]
    insert_many(conn, feed, ("device_id", "seq", "op", "item_id", "because", "policy_id", "version"), numbered)
    return head


def newest_policies(conn: Connection) -> list[News]:
    """A row for the newest version of every policy."""
    found = conn.execute(_NEWEST_POLICIES).all()
    return [News(Op.POLICY, policy_id=policy_id, version=version) for policy_id, version in found]


def append_reset(conn: Connection, device_id: str, at_least: int, now: datetime) -> int:
    """Start a device's feed afresh: `reset`, the policies, what it holds. Returns the number of the `reset`.

    One that was removed holds nothing, and is told no policies any more.

    Args:
        conn: a writing transaction.
        device_id: whose feed.
        at_least: a number the feed has to get past: the station's cursor.
        now: the service's time.
    """
    mine = {"of_device": device_id}
    known = conn.execute(_KNOWN, mine).one()
    reset_seq = max(int(known.feed_head), at_least) + 1
    before = reset_seq - 1
    moved = {"feed_head": before, "feed_floor": before, "reset_seq": reset_seq, "reset_at": now}
    conn.execute(_BEGIN_ANEW, mine | moved)
    conn.execute(_EMPTY, mine)
    leased = [News(Op.LEASED, item_id=item_id) for item_id in conn.scalars(_HELD, mine)]
    policies = newest_policies(conn) if known.revoked_at is None else []
    append(conn, device_id, [News(Op.RESET), *policies, *leased])
    return reset_seq


def trim(conn: Connection, device_id: str, cursor: int, floor: int) -> None:
    """Drop rows far behind the cursor of a device, now and then."""
    if cursor - floor < 2 * KEEP:
        return
    conn.execute(delete(feed).where(feed.c.device_id == device_id, feed.c.seq <= cursor - KEEP))
    conn.execute(update(device).where(device.c.device_id == device_id).values(feed_floor=cursor - KEEP))


_PAGE = text("""
    SELECT f.seq, f.op, f.item_id, f.because, l.lease_gen, l.granted_at, l.expires_at, b.body, p.body
    FROM feed f
    LEFT JOIN lease l ON f.op = 'leased' AND l.item_id = f.item_id AND l.ended_at IS NULL AND l.device_id = f.device_id
    LEFT JOIN item_body b ON b.item_id = l.item_id
    LEFT JOIN policy p ON p.policy_id = f.policy_id AND p.version = f.version
    WHERE f.device_id = :device_id AND f.seq > :cursor
    ORDER BY f.seq LIMIT :limit
""")


def page(conn: Connection, device_id: str, cursor: int, head: int, limit: int) -> Page:
    """The changes after `cursor`, at most `limit` of them and about 4 MiB."""
    if cursor >= head:
        return Page((), cursor, more=False)
    changes: list[exchange.Change] = []
    size = 0
    moments = _Moments()
    for row in conn.execute(_PAGE, {"device_id": device_id, "cursor": cursor, "limit": limit}).all():
        size += len(row[7] or b"") + len(row[8] or b"")
        if changes and size > MAX_PAGE_BYTES:
            break
        changes.append(_change(row, moments))
    last = cursor + len(changes)
    return Page(tuple(changes), last, more=last < head)


class _Moments(dict[int, datetime]):
    """The times of a page: items leased together share theirs."""

    def __missing__(self, us: int) -> datetime:
        self[us] = made = from_us(us)
        return made


def _change(row: Sequence[Any], moments: _Moments) -> exchange.Change:
    seq, op, item_id, because, lease_gen, granted_at, expires_at, body, policy_body = row
    if op == Op.LEASED and lease_gen is not None:
        held = Lease(item_id, lease_gen, moments[granted_at], moments[expires_at])
        return exchange.ItemLeased(seq=seq, lease=held, item=msgspec.Raw(body))
    if op == Op.POLICY:
        return exchange.PolicyPublished(seq=seq, policy=msgspec.Raw(policy_body))
    if op == Op.RESET:
        return exchange.Reset(seq=seq)
    reason = exchange.GoneBecause(because) if because else exchange.GoneBecause.EXPIRED
    return exchange.ItemGone(seq=seq, item_id=item_id, because=reason)


_UNTOLD = (
    select(func.count(feed.c.item_id.distinct()))
    .join_from(feed, lease, (lease.c.item_id == feed.c.item_id) & (lease.c.device_id == feed.c.device_id))
    .where(feed.c.device_id == bindparam("of_device"), feed.c.seq > bindparam("cursor"))
    .where(feed.c.op == Op.LEASED.value, lease.c.ended_at.is_(None))
)


def undelivered(conn: Connection, device_id: str, cursor: int) -> int:
    """How many items the device was given that it has not been told of yet."""
    return conn.scalar(_UNTOLD, {"of_device": device_id, "cursor": cursor}) or 0
