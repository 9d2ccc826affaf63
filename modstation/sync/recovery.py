"""Finding decisions again: after this station lost some of its cache, or the service was restored from a backup.

Three roads lead here. At the start the journals, also those of caches that were set aside, are compared with the cache:
what the cache does not know was lost by it. When the service shows another epoch, it was restored: all that it has
settled is asked for again, before anything else is sent. In both cases the service first says what it still knows, and
only what it does not know goes up, as the sealed segments that hold it: the station can't read them. Every step can be
repeated, so a failure, or a restart in the middle, costs nothing but the repetition.
"""

import base64
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from modstation.core.changes import Changes
from modstation.core.receipt import Receipt as CoreReceipt
from modstation.store import history, journal, meta, outbox
from modstation.store.driver import Database
from modstation.store.vault import ASIDE, Vault
from modstation.sync.failures import Offline, Refused
from modstation.sync.transport import Transport
from modstation.wire.decision import Receipt
from modstation.wire.limits import MAX_CHECKED, MAX_SEGMENT, Uuid
from modstation.wire.recovery import JournalReply, JournalRequest, ReceiptsRequest
from modstation.wire.translate import to_core

log = structlog.get_logger(__name__)

RECHECK = "sync.recheck"
"""In `meta` while the service is asked again for what it had settled: the last decision that was asked for."""

KNOWN_EPOCH = "sync.known_epoch"
"""In `meta`: the epoch as the service told it last, also when the cursor means nothing."""

_GIVEN_UP = "recovery.given_up"  # decisions whose records are damaged: not asked for again
_UNPROVEN = "quarantined.unproven"  # nobody can tell who made it: a lead has it
_NOT_READ = frozenset({"journal.unreadable", "journal.other_key"})
_FOR_GOOD = frozenset({400, 404, 405, 409, 413, 422})  # asking again brings the same answer


@dataclass(frozen=True, slots=True)
class Standing:
    """How the recovery stands, for the person.

    Attributes:
        rechecking: (done, total) while it goes on; None otherwise.
        recovered: decisions found again since the start.
        unprovable: decisions that could not be: damaged in the journal, not in it, or without proof who made them.
    """

    rechecking: tuple[int, int] | None = None
    recovered: int = 0
    unprovable: int = 0


@dataclass(slots=True)
class _Found:
    """What was found of one batch: the receipts, and the ids that are beyond finding."""

    receipts: list[CoreReceipt] = field(default_factory=list)
    damaged: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)


class Recovery:
    """One thread at a time, the engine's. Does nothing, and costs next to nothing, when nothing was lost.

    Args:
        vault: the cache, and the journals beside it.
        transport: to the service.
        is_stopping: asked between requests: whether to leave it at that.
        on_standing: told how it stands, before and after each request.
    """

    def __init__(
        self,
        vault: Vault,
        transport: Transport,
        is_stopping: Callable[[], bool],
        on_standing: Callable[[Standing], None],
    ) -> None:
        self._vault = vault
        self._transport = transport
        self._is_stopping = is_stopping
        self._on_standing = on_standing
        self._lost: list[str] | None = None
        self._passed_over = False
        self._total = self._done = 0
        self._epoch = ""  # as the service told it with what it knows
        self.standing = Standing()

    def step(self, db: Database) -> Changes | None:
        """One batch; None when there is nothing left to do.

        Raises:
            Problem: `Offline`, `Blocked`, `Refused`: nothing is lost, it is tried again.
        """
        if self._passed_over:
            return None
        if self._lost is None:
            taken_back = self._take_back()
            self._lost = self._look(db)
            self._total += len(self._lost)
            if taken_back:
                return taken_back
        after = meta.get(db, RECHECK)
        if not self._lost and after is None:
            return None
        try:
            return self._find_lost(self._lost) if self._lost else self._check_again(db, after or "")
        except Refused as problem:
            if problem.status not in _FOR_GOOD:
                raise
            # A service that does not know the question, or never answers it, must not keep everything else waiting.
            log.warning("recovery_refused", code=problem.code)
            self._passed_over = True
            self._tell(rechecking=None)
            return None

    def _take_back(self) -> Changes:
        """What was undone or withdrawn stays so, also when the cache has lost that."""
        ids = journal.taken_back_ids(self._vault.folder / "journal")
        return self._vault.writer.run(lambda db: outbox.take_back(db, ids)) if ids else Changes()

    def _look(self, db: Database) -> list[str]:
        """Decisions that the journals hold and the cache does not know."""
        held = [i for folder in self._vault.unfinished_journals(db) for i in journal.ids(folder) if _is_id(i)]
        known = outbox.known(db, held) | set(json.loads(meta.get(db, _GIVEN_UP) or "[]"))
        return sorted({i for i in held if i not in known})

    def _find_lost(self, lost: list[str]) -> Changes:
        batch, rest = lost[:MAX_CHECKED], lost[MAX_CHECKED:]
        self._tell(rechecking=(self._done, self._total))
        known = self._ask(batch)
        found = self._send([i for i in batch if i not in {r.decision_id for r in known}])
        found.receipts += known
        asides = [] if rest or found.refused else [folder.parent.name for folder in self._vault.journals()[1:]]

        def unit(db: Database) -> Changes:
            _add(db, _GIVEN_UP, found.damaged)
            _add(db, ASIDE, asides)
            self._note_epoch(db)
            return history.recovered(db, found.receipts)

        changes = self._vault.writer.run(unit)
        self._lost = rest
        self._ended(len(batch), recovered=len(found.receipts), found=found, last=not rest)
        return changes

    def _check_again(self, db: Database, after: str) -> Changes:
        batch: list[str] = list(history.settled_ids(db, after, MAX_CHECKED))
        if not batch:
            self._vault.writer.run(lambda db: meta.drop(db, RECHECK))
            self._ended(0, recovered=0, found=_Found(), last=True)
            return Changes()
        if self._done >= self._total:  # the first batch of this check, or of what is left of it after a restart
            self._total = self._done + history.count_settled(db, after)
        self._tell(rechecking=(self._done, self._total))
        known = self._ask(batch)
        forgotten = [i for i in batch if i not in {r.decision_id for r in known}]
        found = self._send(forgotten)
        again = len(found.receipts)
        found.damaged |= set(forgotten) - {r.decision_id for r in found.receipts} - found.refused
        found.receipts += known

        def unit(db: Database) -> Changes:
            meta.put(db, RECHECK, batch[-1])
            self._note_epoch(db)
            history.unprovable(db, found.damaged | found.refused)
            return history.recovered(db, found.receipts)

        changes = self._vault.writer.run(unit)
        self._ended(len(batch), recovered=again, found=found, last=False)
        return changes

    def _note_epoch(self, db: Database) -> None:
        """What was found was found under this epoch.

        A new cache knows none yet: a service restored before its first exchange would go unnoticed.
        """
        if meta.get(db, KNOWN_EPOCH) is None:
            meta.put(db, KNOWN_EPOCH, self._epoch)

    def _ask(self, batch: Sequence[str]) -> list[CoreReceipt]:
        """What the service still knows."""
        reply = self._transport.receipts(ReceiptsRequest(tuple(batch)))
        self._epoch = reply.epoch
        return self._believed(reply.receipts, batch)

    def _send(self, missing: Sequence[str]) -> _Found:
        """Send up what the service does not know, as the segments that hold it."""
        found = _Found()
        wanted = set(missing)
        for folder in self._vault.journals() if wanted else []:
            for path, here in journal.holding(folder, wanted):
                if self._is_stopping():
                    raise Offline("sync.stopping", "The station is closing.")
                self._send_segment(path, [i for i in here if i in wanted], found)
                wanted -= {receipt.decision_id for receipt in found.receipts}
        found.damaged -= {receipt.decision_id for receipt in found.receipts}
        found.refused -= {receipt.decision_id for receipt in found.receipts}
        return found

    def _send_segment(self, path: Path, wanted: list[str], found: _Found) -> None:
        segment = path.read_bytes() if wanted else b""
        if not wanted or len(segment) > MAX_SEGMENT:
            found.refused |= set(wanted)
            return
        request = JournalRequest(base64.b64encode(segment).decode(), tuple(wanted))
        try:
            reply: JournalReply = self._transport.journal(request)
        except Refused as problem:
            if problem.status not in _FOR_GOOD:
                raise
            log.warning("segment_refused", code=problem.code, wanted=len(wanted))
            (found.damaged if problem.code in _NOT_READ else found.refused).update(wanted)
            return
        receipts = self._believed(reply.receipts, wanted)
        found.receipts += receipts
        found.damaged |= set(wanted) - {receipt.decision_id for receipt in receipts}

    def _believed(self, receipts: Iterable[Receipt], asked: Collection[str]) -> list[CoreReceipt]:
        """The receipts that are signed, and about something that was asked."""
        asked = set(asked)
        good: list[CoreReceipt] = []
        for receipt in receipts:
            if receipt.decision_id in asked and self._transport.receipt_is_ours(receipt):
                good.append(to_core(receipt))
            else:
                log.warning("receipt_not_believed", decision_id=receipt.decision_id)
        return good

    def _ended(self, done: int, *, recovered: int, found: _Found, last: bool) -> None:
        self._done += done
        unproven = sum(receipt.code == _UNPROVEN for receipt in found.receipts)
        beyond = len(found.damaged | found.refused) + unproven
        log.info("recovered", asked=done, recovered=recovered, unprovable=beyond)
        if last:
            self._done = self._total = 0
        self._tell(
            rechecking=None if last else (self._done, self._total),
            recovered=self.standing.recovered + recovered - unproven,
            unprovable=self.standing.unprovable + beyond,
        )

    def _tell(
        self, rechecking: tuple[int, int] | None, recovered: int | None = None, unprovable: int | None = None
    ) -> None:
        before = self.standing
        self.standing = Standing(
            rechecking,
            before.recovered if recovered is None else recovered,
            before.unprovable if unprovable is None else unprovable,
        )
        self._on_standing(self.standing)


def _is_id(text: str) -> bool:
    """Whether this names a decision: in a damaged segment anything may stand where an id was."""
    try:
        msgspec.convert(text, Uuid)
    except msgspec.ValidationError:
        return False
    return True


def _add(db: Database, key: str, names: Collection[str]) -> None:
    """Add to a list in `meta`."""
    if names:
        before = json.loads(meta.get(db, key) or "[]")
        meta.put(db, key, json.dumps(sorted({*before, *names})))
