"""One exchange: what is asked, read from the cache; what is answered, written to it in a single unit."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from modstation.core.changes import Changes
from modstation.core.ids import DecisionId, ItemId
from modstation.core.receipt import Outcome, Receipt
from modstation.core.servicetime import Anchor
from modstation.store import anchor, drafts, items, meta, outbox, policies
from modstation.store.driver import Database
from modstation.store.outbox import OutboxRow, What
from modstation.store.vault import Vault
from modstation.sync.held import Holding
from modstation.sync.page import Emptied, Gone, Leased, Operation, Page, Published, Unread, glance, is_gapless, read
from modstation.sync.recovery import KNOWN_EPOCH, RECHECK
from modstation.wire import decision as wire_decision
from modstation.wire.exchange import DeviceState, Held, Sent, SyncReply, SyncRequest
from modstation.wire.limits import MAX_DECISIONS, MAX_PAGE
from modstation.wire.translate import to_core

log = structlog.get_logger(__name__)

EPOCH, CURSOR, UNREAD = "sync.epoch", "sync.cursor", "sync.unread"
MAX_ROOM = 20_000
NOTHING = Changes()
MAX_IDS = 500  # renewed or released in one exchange


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and the outbox entries that travel in it."""

    request: SyncRequest
    entries: tuple[OutboxRow, ...] = ()

    @property
    def decisions(self) -> tuple[DecisionId, ...]:
        """Ids of the decisions in it."""
        return tuple(entry.entry_id for entry in self.entries if entry.what is What.DECISION)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a reply did here.

    Attributes:
        stale: the cache had moved on since the question; nothing was applied.
        sound: False when the feed had a hole or an element could not be read: do not ask again at once.
        settled: how many receipts were taken.
        revoked: this device is no longer one; its items are purged, and so is what was given back and not told yet.
    """

    changes: Changes = NOTHING
    more: bool = False
    stale: bool = False
    sound: bool = True
    settled: int = 0
    leased: int = 0
    revoked: bool = False


class Exchange:
    """Builds requests and applies replies. One thread at a time; only `Vault.writer` writes.

    Args:
        is_ours: whether the pinned key signed a receipt.
        hold_items: how many items the station wants to hold.
    """

    def __init__(
        self, vault: Vault, is_ours: Callable[[wire_decision.Receipt], bool], hold_items: Callable[[], int]
    ) -> None:
        self._vault = vault
        self._is_ours = is_ours
        self._hold_items = hold_items
        self._holding: Holding | None = None

    def ask(
        self,
        db: Database,
        now: datetime,
        room: int,
        *,
        renew: tuple[ItemId, ...] = (),
        waiting: Collection[DecisionId] = (),
    ) -> Asked:
        """A request that carries what is due at `now` and not `waiting`, at most `room` entries, now locked."""
        due = outbox.due(db, now, limit=min(room, MAX_DECISIONS), waiting=waiting) if room else []
        if due:
            ids = [entry.entry_id for entry in due]
            # The undo may have won since the read above: only what is locked now is sent.
            due = self._vault.writer.run(lambda db: outbox.send(db, ids))
        decisions = tuple(Sent(entry.seq, msgspec.Raw(entry.body)) for entry in due if entry.seq is not None)
        given = [entry for entry in due if entry.what is What.SKIP]
        for_all = {entry.item_id for entry in given if entry.body == outbox.FOR_ALL}
        release = [entry.item_id for entry in given]
        release += [ItemId(i) for i in json.loads(meta.get(db, UNREAD) or "[]") if i not in release]
        release = release[:MAX_IDS]
        skipped = tuple(item_id for item_id in release if item_id not in for_all)
        leaving = sum(entry.item_id in self._held(db) for entry in due)
        request = msgspec.structs.replace(
            self._request(db, leaving), decisions=decisions, release=tuple(release), skipped=skipped, renew=renew
        )
        return Asked(request, tuple(due))

    def listen(self, db: Database, wait_s: int) -> Asked:
        """A request that carries nothing and waits for news."""
        return Asked(msgspec.structs.replace(self._request(db, 0), wait_s=wait_s))

    def _request(self, db: Database, leaving: int) -> SyncRequest:
        """What every request says; `leaving` of the held items make room when it goes through."""
        held = self._held(db)
        return SyncRequest(
            epoch=meta.get(db, EPOCH) or "",
            cursor=int(meta.get(db, CURSOR) or 0),
            room=max(0, min(MAX_ROOM, self._hold_items() - len(held) + leaving)),
            held=held.told(),
            limit=MAX_PAGE,
        )

    def _held(self, db: Database) -> Holding:
        if self._holding is None:
            self._holding = Holding(items.held(db))
        return self._holding

    def apply(
        self,
        asked: Asked,
        reply: SyncReply,
        look_ahead: Callable[[Asked], None] | None = None,
        told: Anchor | None = None,
    ) -> Applied:
        """Write everything a reply says in one unit: receipts, changes, leases and the cursor, or nothing.

        Args:
            asked: the question.
            reply: the answer to it.
            look_ahead: given the next question before the writing begins, when the answer foretells it: then the
                service can prepare the next page meanwhile. What comes of it is applied only if the writing succeeds.
            told: the time the service told with it, kept in the same unit.
        """
        receipts = self._receipts(asked, reply)
        gapless = is_gapless(asked.request, reply)
        foretold = look_ahead is not None and gapless and self._foretell(asked, reply, look_ahead)
        page = read(reply.changes if gapless else ())
        _warn(asked, reply, page, gapless=gapless)
        revoked = reply.device_state is DeviceState.REVOKED
        skips = [entry.entry_id for entry in asked.entries if entry.what is What.SKIP]

        def unit(db: Database) -> Changes | None:
            if not is_current(db, asked):
                return None
            done = outbox.settle(db, receipts) | outbox.skipped(db, skips)
            for operation in page.operations:
                done |= _applied(db, operation)
            done |= items.renew(db, [to_core(lease) for lease in reply.renewed])
            if revoked:  # nobody takes back what is given back here: the items are no longer ours, all of them go
                left = [entry.entry_id for entry in outbox.rows(db) if entry.what is What.SKIP]
                done |= outbox.skipped(db, left) | items.reset(db)
            _note_epoch(db, asked.request.epoch, reply.epoch)
            _note_cursor(db, reply, gapless=gapless)
            _note_unread(db, asked.request, page.unread)
            if told is not None:
                anchor.put(db, told)
            return done

        try:
            changes = self._vault.writer.run(unit)
        except BaseException:
            self._holding = None
            raise
        if changes is None:
            self._holding = None
            return Applied(stale=True)
        if not foretold:
            self._follow(page.operations, changes, revoked=revoked)
        elif page.unread:
            self._holding = None  # less than was foretold
        return Applied(
            changes=changes,
            more=reply.more,
            sound=gapless and not page.unread,
            settled=len(receipts),
            leased=sum(len(operation.items) for operation in page.operations if isinstance(operation, Leased)),
            revoked=revoked,
        )

    def _foretell(self, asked: Asked, reply: SyncReply, tell: Callable[[Asked], None]) -> bool:
        """Tell the next question, when it is known before this reply is read: it only brings items and policies.

        Should one of the items turn out to be unreadable, the question says too much of what is held: the answer to
        it is as good as any other, and the question after it is right again.
        """
        if self._holding is None or not reply.more or asked.entries or reply.renewed or reply.receipts:
            return False
        arriving = glance(reply.changes)
        if arriving is None or reply.device_state is DeviceState.REVOKED:
            return False
        for item_id, lease_gen, rev in arriving:
            self._holding.put(item_id, lease_gen, rev)
        tell(Asked(_next(asked.request, reply, self._holding.told())))
        return True

    def give_back(self, entry_id: DecisionId, now: datetime) -> Changes:
        """Return a decision to the person that the service can't even read as a message."""

        def unit(db: Database) -> Changes:
            entry = outbox.row(db, entry_id)
            if entry is None:
                return Changes()
            reason = "The service could not read this decision."
            return outbox.settle(
                db, [Receipt(entry_id, entry.item_id, Outcome.REFUSED, "refused.unreadable", now, reason)]
            )

        return self._vault.writer.run(unit)

    def purge(self, ids: Sequence[ItemId]) -> Changes:
        """Purge items that are no longer ours, with or without a connection. What was decided stays."""
        if not ids:
            return Changes()
        changes = self._vault.writer.run(lambda db: items.gone(db, ids))
        self._follow((), changes, revoked=False)
        return changes

    def _receipts(self, asked: Asked, reply: SyncReply) -> list[Receipt]:
        """The receipts to believe: signed, and about something that was asked."""
        sent = {entry.entry_id: entry.item_id for entry in asked.entries if entry.what is What.DECISION}
        good: list[Receipt] = []
        for receipt in reply.receipts:
            if sent.get(DecisionId(receipt.decision_id)) == receipt.item_id and self._is_ours(receipt):
                good.append(to_core(receipt))
            else:
                log.warning("receipt_not_believed", decision_id=receipt.decision_id)
        return good

    def _follow(self, operations: tuple[Operation, ...], changes: Changes, *, revoked: bool) -> None:
        """Keep the holding in step with what was just written."""
        if self._holding is None:
            return
        if revoked or any(isinstance(operation, Emptied) for operation in operations):
            self._holding = None  # read it from the cache again: a reset is how a difference is mended
            return
        for operation in operations:
            if isinstance(operation, Leased):
                for item in operation.items:
                    self._holding.put(item.card.item_id, item.card.lease.lease_gen, item.card.rev)
        held_again = {i for o in operations if isinstance(o, Leased) for i in (s.card.item_id for s in o.items)}
        self._holding.drop(changes.gone - held_again)
        if changes.gone & held_again:
            self._holding = None  # gone and leased in one page: the cache knows the order


def is_current(db: Database, asked: Asked) -> bool:
    """Whether the cache still stands where it stood when this was asked, so that the answer fits."""
    here = (meta.get(db, EPOCH) or "", int(meta.get(db, CURSOR) or 0))
    return here == (asked.request.epoch, asked.request.cursor)


def _warn(asked: Asked, reply: SyncReply, page: Page, *, gapless: bool) -> None:
    for bad in page.unread:
        log.warning("change_unread", seq=bad.seq, item_id=bad.item_id, code=bad.code, place=bad.place)
    if not gapless:
        log.warning("feed_gap", cursor=asked.request.cursor, next_cursor=reply.next_cursor)


def _next(request: SyncRequest, reply: SyncReply, held: Held) -> SyncRequest:
    """The question that follows when a reply is applied that only brought items and policies."""
    room = max(0, request.room - (held.count - request.held.count))
    replace = msgspec.structs.replace
    return replace(request, epoch=reply.epoch, cursor=reply.next_cursor, held=held, room=room, wait_s=0, renew=())


def _applied(db: Database, operation: Operation) -> Changes:
    if isinstance(operation, Leased):
        return items.lease(db, operation.items)
    if isinstance(operation, Gone):
        drafts.forget(db, operation.over)
        return items.gone(db, operation.ids)
    if isinstance(operation, Published):
        return policies.put(db, operation.policy_id, operation.version, operation.body)
    return items.reset(db)


def _note_epoch(db: Database, asked: str, told: str) -> None:
    """Another epoch than the last one told: the service was restored, and must be asked for what it had settled."""
    before = meta.get(db, KNOWN_EPOCH) or asked
    if before and before != told:
        meta.put(db, RECHECK, "")
    if before != told:
        meta.put(db, KNOWN_EPOCH, told)


def _note_cursor(db: Database, reply: SyncReply, *, gapless: bool) -> None:
    """Move the cursor. After a hole our copy can't be trusted: one of no epoch makes the service send everything anew.

    It is not 0 then, nor from before the hole: asked from there, the service might tell the same hole again.
    """
    meta.put(db, EPOCH, reply.epoch if gapless else "")
    meta.put(db, CURSOR, str(reply.next_cursor if gapless else max(1, reply.next_cursor)))


def _note_unread(db: Database, request: SyncRequest, unread: tuple[Unread, ...]) -> None:
    """Remember items that could not be read: the next exchange gives them back, so that somebody else gets them."""
    before = json.loads(meta.get(db, UNREAD) or "[]")
    left = [item_id for item_id in before if item_id not in request.release]
    left += [bad.item_id for bad in unread if bad.item_id and bad.item_id not in left]
    if left != before:
        meta.put(db, UNREAD, json.dumps(left))
