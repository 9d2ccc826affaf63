"""The terms of a queue's leases: how long one lasts, for how long it can be renewed, how much severe content at once.

Severe content (severity 3 and 4) stays at a home computer for a short time and in small numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select

from modstation.service.tables import item, lease, queue

SEVERE = 3  # from this severity on
LEASE_S = 8 * 3600

_SEVERE_HELD = (
    select(item.c.queue, func.count())
    .join_from(lease, item, lease.c.item_id == item.c.item_id)
    .where(lease.c.device_id == bindparam("device_id"), lease.c.ended_at.is_(None), item.c.severity >= SEVERE)
    .group_by(item.c.queue)
)
_SEVERE_LIMITS = select(queue.c.queue, queue.c.severe_hold).where(
    queue.c.queue.in_(bindparam("queues", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a queue's leases.

    Attributes:
        lease_max_s: seconds from the grant after which a lease ends, however often it was renewed.
        severe_ttl_s: seconds of a lease on severe content, when that is less than on other content.
        severe_hold: how many severe items of the queue one device holds at most.
    """

    lease_max_s: int = 24 * 3600
    severe_ttl_s: int = 3600
    severe_hold: int = 10


LIMITS = Limits()


def life_s() -> ColumnElement[int]:
    """Seconds a lease of `item` in `queue` lasts, as an expression over both: at most the hard maximum."""
    severe = and_(item.c.severity >= SEVERE, queue.c.severe_ttl_s < queue.c.lease_ttl_s)
    wanted = case((severe, queue.c.severe_ttl_s), else_=queue.c.lease_ttl_s)
    return case((wanted > queue.c.lease_max_s, queue.c.lease_max_s), else_=wanted)


def renewed(granted_at: datetime, expires_at: datetime, life_s: int, max_s: int, now: datetime) -> datetime:
    """When a lease ends that is renewed now: a whole life from now, never earlier than before, within its maximum."""
    longer = max(expires_at, now + timedelta(seconds=life_s))
    return min(longer, granted_at + timedelta(seconds=max_s))


def severe_room(conn: Connection, device_id: str, queues: Iterable[str]) -> dict[str, int]:
    """How many more severe items a device may be given, by queue."""
    holding: dict[str, int] = {row[0]: row[1] for row in conn.execute(_SEVERE_HELD, {"device_id": device_id})}
    limits = conn.execute(_SEVERE_LIMITS, {"queues": tuple(queues)})
    return {name: max(0, limit - holding.get(name, 0)) for name, limit in limits}
