"""What each device holds, kept in memory and in step with its feed.

Nothing a device holds changes without a row in its feed; so what it holds at a feed number follows from what it held at
an earlier one and the rows between. The cost is that of the changes, not of everything held.
"""

import threading
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select

from modstation.service.feed import Op
from modstation.service.tables import feed, item, lease
from modstation.wire.envelope import held_hash
from modstation.wire.exchange import Held

_FEW = 2_000  # beyond so many rows, reading everything is simpler

_MOVED = select(feed.c.item_id, feed.c.op).where(
    feed.c.device_id == bindparam("device_id"), feed.c.seq > bindparam("head")
)
_HELD = (
    select(lease.c.item_id, lease.c.lease_gen, item.c.rev)
    .join_from(lease, item, lease.c.item_id == item.c.item_id)
    .where(lease.c.device_id == bindparam("device_id"), lease.c.ended_at.is_(None))
)
_HELD_OF = _HELD.where(lease.c.item_id.in_(bindparam("item_ids", expanding=True)))


@dataclass(slots=True)
class _Holding:
    epoch: str
    head: int
    items: dict[str, int] = field(default_factory=dict)  # item id: its hash
    total: int = 0

    def put(self, item_id: str, lease_gen: int, rev: int) -> None:
        self.drop(item_id)
        one = self.items[item_id] = held_hash(item_id, lease_gen, rev)
        self.total ^= one

    def drop(self, item_id: str) -> None:
        self.total ^= self.items.pop(item_id, 0)


class Holdings:
    """Safe to ask from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, _Holding] = {}

    def at(self, conn: Connection, device_id: str, epoch: str, head: int) -> Held:
        """What a device holds at `head`, which must be the head of its feed in this transaction, before any writing."""
        with self._lock:
            holding = self._known.get(device_id)
            if holding is None or holding.epoch != epoch or not 0 <= head - holding.head <= _FEW:
                holding = _Holding(epoch, head)
                _fill(conn, holding, device_id, None)
                self._known[device_id] = holding
            elif holding.head != head:
                moved = conn.execute(_MOVED, {"device_id": device_id, "head": holding.head}).all()
                if any(row.op == Op.RESET for row in moved):
                    holding = self._known[device_id] = _Holding(epoch, head)
                    _fill(conn, holding, device_id, None)
                else:
                    _fill(conn, holding, device_id, {row.item_id for row in moved if row.item_id})
                holding.head = head
            return Held(count=len(holding.items), digest=f"{holding.total:064x}")


def _fill(conn: Connection, holding: _Holding, device_id: str, only: set[str] | None) -> None:
    """Bring a holding up to date, for some items or for all."""
    for item_id in only or ():
        holding.drop(item_id)
    asked = {"device_id": device_id} if only is None else {"device_id": device_id, "item_ids": only}
    for item_id, lease_gen, rev in conn.execute(_HELD if only is None else _HELD_OF, asked):
        holding.put(item_id, lease_gen, rev)
