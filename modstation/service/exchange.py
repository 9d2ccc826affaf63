"""The one exchange: pull and push in one request, one transaction.

Most exchanges have nothing to write: a page of a long feed, or nothing new at all. They are answered from a reading
transaction that waits for nobody. Whatever writes does so under the lock of the device's row.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, select, update

from modstation.service import devices, feed, identity, leases
from modstation.service.database import Database
from modstation.service.devices import Device
from modstation.service.holdings import Holdings
from modstation.service.keys import Keys
from modstation.service.leases import Holder
from modstation.service.recording import Recorder
from modstation.service.tables import device as device_table
from modstation.system.clock import Clock
from modstation.wire.exchange import DeviceState, GoneBecause, SyncReply, SyncRequest

HOLD_LIMIT = 20_000  # items one device may hold
AT_ONCE = 1_000  # items leased in one exchange: nobody waits long for the lock, and the first page comes soon
_SEEN_EVERY = timedelta(minutes=1)  # how far `station list` may be behind

_log = structlog.get_logger(__name__)
_STATE = select(
    *(device_table.c[name] for name in ("feed_head", "feed_floor", "reset_seq", "reset_at")),
    *(device_table.c[name] for name in ("decision_seq", "seen_at", "revoked_at", "purged_at")),
).where(device_table.c.device_id == bindparam("of_device"))
_STATE_LOCKED = _STATE.with_for_update()
_SEEN = update(device_table).where(device_table.c.device_id == bindparam("of_device"))


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply; `wrote` when the database changed, `quiet` when there was nothing to say."""

    reply: SyncReply
    wrote: bool

    @property
    def quiet(self) -> bool:
        """Whether waiting could make the answer a better one."""
        return not (self.reply.changes or self.reply.receipts or self.reply.renewed)


@dataclass(frozen=True, slots=True)
class _State:
    """A device's row."""

    feed_head: int
    feed_floor: int
    reset_seq: int
    reset_at: datetime | None
    decision_seq: int
    seen_at: datetime | None
    revoked_at: datetime | None
    purged_at: datetime | None

    def purges_now(self, request: SyncRequest) -> bool:
        """Whether a removed device says for the first time that it holds nothing any more."""
        return self.revoked_at is not None and self.purged_at is None and not request.held.count


class Exchange:
    """Answers exchanges. Safe to call from many threads."""

    def __init__(self, database: Database, keys: Keys, clock: Clock, hold_limit: int = HOLD_LIMIT) -> None:
        self._database = database
        self._clock = clock
        self._hold_limit = hold_limit
        self._recorder = Recorder(keys)
        self._holdings = Holdings()

    def answer(self, who: Device, request: SyncRequest) -> Answer:
        """Answer one exchange of an authenticated device."""
        now = self._clock.now()
        if not (request.decisions or request.renew or request.release):
            reply = self._database.read(lambda conn: self._look(conn, who, request, now))
            if reply is not None:
                return Answer(reply, wrote=False)
        return Answer(self._database.write(lambda conn: self._exchange(conn, who, request, now)), wrote=True)

    def _look(self, conn: Connection, who: Device, request: SyncRequest, now: datetime) -> SyncReply | None:
        """The answer when it needs no writing; None when it does."""
        epoch = identity.epoch(conn)
        state = _state(conn, who.device_id, lock=False)
        lapsed = leases.lapsed(conn, who.device_id, now)
        if lapsed or not _is_valid(request, epoch, state) or self._miscounts(conn, who, request, epoch, state, now):
            return None
        if state.seen_at is None or now - state.seen_at > _SEEN_EVERY or state.purges_now(request):
            return None
        if state.revoked_at is None:
            holder = Holder(who.device_id, who.person_id)
            if self._room(conn, request, state, request.cursor, who) and leases.available(conn, holder, now):
                return None
        page = feed.page(conn, who.device_id, request.cursor, state.feed_head, request.limit)
        return _reply(epoch, now, page, state)

    def _exchange(self, conn: Connection, who: Device, request: SyncRequest, now: datetime) -> SyncReply:
        epoch = identity.epoch(conn)
        state = _state(conn, who.device_id, lock=True)
        holder = Holder(who.device_id, who.person_id)
        lapsed = leases.lapsed(conn, who.device_id, now)
        may_differ = bool(lapsed or request.release)
        cursor = self._start(conn, who, request, epoch, state, now, may_differ=may_differ)
        _watch_sequence(who, request, state)
        receipts = self._recorder.record(conn, holder, request.decisions, now, revoked=state.revoked_at is not None)
        renewed = leases.renew(conn, who.device_id, request.renew, now)
        leases.release(conn, who.device_id, request.release, request.skipped, now)
        if not (request.decisions or request.renew):
            leases.end(conn, lapsed, GoneBecause.EXPIRED, now)
        granted = room = 0
        if state.revoked_at is None:
            room = self._room(conn, request, _state(conn, who.device_id, lock=False), cursor, who)
            granted = leases.grant(conn, holder, min(room, AT_ONCE), now)
        sequence = max((one.seq for one in request.decisions), default=state.decision_seq)
        seen = {
            "of_device": who.device_id,
            "seen_at": now,
            "decision_seq": max(state.decision_seq, sequence),
            "purged_at": now if state.purges_now(request) else state.purged_at,
        }
        conn.execute(_SEEN, seen)
        feed.trim(conn, who.device_id, cursor, state.feed_floor)
        head = _state(conn, who.device_id, lock=False).feed_head
        page = feed.page(conn, who.device_id, cursor, head, request.limit)
        if granted == AT_ONCE < room:
            page = replace(page, more=True)
        return _reply(epoch, now, page, state, receipts=receipts, renewed=renewed)

    def _start(
        self,
        conn: Connection,
        who: Device,
        request: SyncRequest,
        epoch: str,
        state: _State,
        now: datetime,
        *,
        may_differ: bool,
    ) -> int:
        """The number the page starts behind: the cursor, or the newest `reset` when the cursor means nothing.

        `may_differ`: some leases have run out or are given back just now; the station may have purged their items.
        """
        if _is_valid(request, epoch, state):
            if may_differ or not self._miscounts(conn, who, request, epoch, state, now):
                return request.cursor
            _log.warning("held_differs", device_id=who.device_id, theirs=request.held.count)
        elif state.reset_seq > max(request.cursor, state.feed_floor):
            return state.reset_seq - 1  # the reset is on its way already: this is a repetition
        return feed.append_reset(conn, who.device_id, request.cursor, now) - 1

    def _miscounts(
        self, conn: Connection, who: Device, request: SyncRequest, epoch: str, state: _State, now: datetime
    ) -> bool:
        """Whether a station that has applied everything holds something else than the service thinks."""
        if request.cursor != state.feed_head:
            return False
        if state.reset_at is not None and now - state.reset_at < feed.RESET_REST and request.cursor > state.reset_seq:
            return False
        return request.held != self._holdings.at(conn, who.device_id, epoch, state.feed_head)

    def _room(self, conn: Connection, request: SyncRequest, state: _State, cursor: int, who: Device) -> int:
        """How many items to lease now. None while the station is more than a page behind.

        What was given but not told yet counts as given: a repeated request, its reply lost, gets no second helping.
        """
        if not request.room or state.feed_head - cursor > request.limit:
            return 0
        untold = feed.undelivered(conn, who.device_id, cursor) if state.feed_head > cursor else 0
        room = request.room - untold
        return max(0, min(room, self._hold_limit - leases.count(conn, who.device_id))) if room > 0 else 0


def authenticate(database: Database, token: str) -> Device | None:
    """The device a bearer token names."""
    return database.read(lambda conn: devices.by_token(conn, token))


def _state(conn: Connection, device_id: str, *, lock: bool) -> _State:
    return _State(*conn.execute(_STATE_LOCKED if lock else _STATE, {"of_device": device_id}).one())


def _is_valid(request: SyncRequest, epoch: str, state: _State) -> bool:
    """Whether the cursor names a place in this feed. Before the first exchange it is 0 and the epoch is empty."""
    if request.epoch != epoch and (request.epoch or request.cursor or state.feed_floor):
        return False
    return state.feed_floor <= request.cursor <= state.feed_head


def _watch_sequence(who: Device, request: SyncRequest, state: _State) -> None:
    """Say so in the log when a device's numbers have a hole: something it sent never came.

    After a restore, and of a device that has just joined, the first numbers are taken as they come: what is missing
    before them is asked for by id, and a computer that has joined again goes on counting where it was.
    """
    known = state.decision_seq != identity.NO_SEQUENCE
    expected = state.decision_seq + 1
    for one in request.decisions:
        if one.seq > expected and known:
            _log.warning("decision_sequence_hole", device_id=who.device_id, expected=expected, got=one.seq)
        expected, known = max(expected, one.seq + 1), True


def _reply(epoch: str, now: datetime, page: feed.Page, state: _State, **more: Any) -> SyncReply:
    return SyncReply(
        epoch=epoch,
        server_time=now,
        receipts=more.pop("receipts", ()),
        changes=page.changes,
        next_cursor=page.next_cursor,
        more=page.more,
        device_state=DeviceState.ACTIVE if state.revoked_at is None else DeviceState.REVOKED,
        **more,
    )
