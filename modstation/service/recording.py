"""Writing decisions down: once, with receipt and effect in one transaction.

A batch is judged in memory, in the order of sending, and written in a few statements inside one savepoint. Should the
database refuse it, the batch is taken apart and each decision gets a savepoint of its own: one bad decision never
stops the others.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, bindparam, delete, update
from sqlalchemy.exc import DataError, IntegrityError

from modstation.core.decision import Decision
from modstation.core.problem import Problem
from modstation.core.receipt import ACCEPTED, Outcome
from modstation.service import decisions, leases
from modstation.service.database import insert_many
from modstation.service.decisions import Ruling
from modstation.service.dossier import Counting, Dossier, PolicyShelf
from modstation.service.keys import Keys
from modstation.service.leases import Holder
from modstation.service.tables import decision as decision_table
from modstation.service.tables import effect, item, to_us
from modstation.service.tables import receipt as receipt_table
from modstation.wire import translate
from modstation.wire.decision import Receipt
from modstation.wire.exchange import GoneBecause, Sent
from modstation.wire.limits import Id, Uuid

_NO_ID = "00000000-0000-7000-8000-000000000000"  # stands where a decision has no readable id

_log = structlog.get_logger(__name__)


class _Name(msgspec.Struct):
    """The ids of a decision, read from one that may be malformed otherwise."""

    decision_id: Uuid
    item_id: Id


@dataclass(frozen=True, slots=True)
class Maker:
    """The device that signed a recovered decision; not always the one that brings it."""

    device_id: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """A decision as it came: its bytes, and what they say or what is wrong with them.

    `seq` is 0 for a recovered one, and only that has a `maker`; any other was made by the device that sends it.
    """

    seq: int
    body: bytes
    sha256: str
    decision_id: str
    item_id: str
    decision: Decision | None
    problem: Problem | None = None
    maker: Maker | None = None


@dataclass(slots=True)
class _Pages:
    """What a batch will write; the rows with times in microseconds and all of a table with the same columns."""

    decisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    effects: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    replaced: list[tuple[str, str]] = field(default_factory=list)
    given_back: list[str] = field(default_factory=list)


class Recorder:
    """Records what stations send; signs what it answers."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._shelf = PolicyShelf()

    def record(
        self, conn: Connection, holder: Holder, sent: Sequence[Sent], now: datetime, *, revoked: bool
    ) -> tuple[Receipt, ...]:
        """Record a batch and answer each decision, in order.

        A decision that only the database refuses, by itself, has no receipt: the station sends it again.
        """
        return self.take(conn, holder, [parse(one) for one in sent], now, revoked=revoked)

    def take(
        self, conn: Connection, holder: Holder, parsed: Sequence[Parsed], now: datetime, *, revoked: bool
    ) -> tuple[Receipt, ...]:
        """As `record`, with decisions that were parsed before: sent by `holder`, or brought by it from a journal."""
        if not parsed:  # most exchanges: nothing is read for them
            return ()
        try:
            with conn.begin_nested():
                return self._record(conn, holder, parsed, now, revoked)
        except (IntegrityError, DataError):
            _log.warning("batch_taken_apart", size=len(parsed))
        receipts: list[Receipt] = []
        for one in parsed:
            try:
                with conn.begin_nested():
                    receipts += self._record(conn, holder, [one], now, revoked)
            except (IntegrityError, DataError) as error:
                # Its text is not logged: a database quotes the row it refuses.
                _log.error("decision_not_recorded", decision_id=one.decision_id, error=type(error).__name__)
        return tuple(receipts)

    def _record(
        self, conn: Connection, holder: Holder, parsed: Sequence[Parsed], now: datetime, revoked: bool
    ) -> tuple[Receipt, ...]:
        made = [one.decision for one in parsed if one.decision]
        dossier = Dossier(conn, holder, made, self._shelf, recovered=any(one.maker for one in parsed))
        known = dossier.known([one.decision_id for one in parsed])
        pages = _Pages()
        receipts = []
        for one in parsed:
            if one.decision_id in known:
                sha256, body = known[one.decision_id]
                if sha256 == one.sha256:
                    receipts.append(msgspec.json.decode(body, type=Receipt))
                    continue
                _log.warning("decision_id_conflict", decision_id=one.decision_id, device_id=holder.device_id)
                ruling = Ruling(Outcome.REFUSED, "refused.id_conflict", "This id belongs to another decision.")
            elif one.decision is None:
                _log.warning("decision_malformed", decision_id=one.decision_id, device_id=holder.device_id)
                place = one.problem.place if one.problem else ""
                ruling = Ruling(Outcome.REFUSED, "refused.malformed", f"It does not fit the contract: {place}"[:400])
            else:
                removed = revoked or (one.maker is not None and one.maker.revoked)
                ruling = decisions.judge(dossier.facts(one.decision, now, revoked=removed))
            receipt = self._keys.sign_receipt(_receipt(one, ruling, now))
            if one.decision is not None and one.decision_id not in known:
                encoded = msgspec.json.encode(receipt)
                known[one.decision_id] = (one.sha256, encoded)
                _note(pages, dossier, one, one.decision, ruling, encoded, now)
            receipts.append(receipt)
        _write(conn, holder, pages, now)
        return tuple(receipts)


def parse(sent: Sent) -> Parsed:
    """Read one decision; a malformed one keeps its ids where they can be read."""
    return parse_body(bytes(sent.decision), sent.seq)


def parse_body(body: bytes, seq: int = 0, maker: Maker | None = None) -> Parsed:
    """As `parse`, for a decision that comes without an envelope."""
    sha256 = hashlib.sha256(body).hexdigest()
    try:
        decision = translate.load(Decision, body)
    except Problem as problem:
        try:
            name = msgspec.json.decode(body, type=_Name)
        except (msgspec.DecodeError, RecursionError):
            name = _Name(_NO_ID, "unknown")
        return Parsed(seq, body, sha256, name.decision_id, name.item_id, None, problem, maker)
    return Parsed(seq, body, sha256, decision.decision_id, decision.item_id, decision, None, maker)


def _receipt(one: Parsed, ruling: Ruling, now: datetime) -> Receipt:
    return Receipt(
        decision_id=one.decision_id,
        item_id=one.item_id,
        outcome=ruling.outcome,
        code=ruling.code,
        at=now,
        reason=ruling.reason,
        agrees=ruling.agrees,
    )


def _note(
    pages: _Pages, dossier: Dossier, one: Parsed, made: Decision, ruling: Ruling, receipt: bytes, now: datetime
) -> None:
    """Put a ruled decision onto the pages, and into the dossier, so that the next one of the batch sees it."""
    pages.decisions[made.decision_id] = {
        "decision_id": made.decision_id,
        "item_id": made.item_id,
        "item_rev": made.item_rev,
        "lease_gen": made.lease_gen,
        "device_id": one.maker.device_id if one.maker else dossier.holder.device_id,
        "person_id": dossier.holder.person_id,
        "device_seq": one.seq,
        "policy_id": made.policy_id,
        "policy_version": made.policy_version,
        "verdict": made.verdict.value,
        "outcome": ruling.outcome.value,
        "code": ruling.code,
        "decided_at": to_us(made.decided_at),
        "received_at": to_us(now),
        "supersedes": made.supersedes,
        "replaced_by": None,
        "body_sha256": one.sha256,
        "body": one.body,
    }
    pages.receipts.append({"decision_id": made.decision_id, "body": receipt})
    if ruling.outcome in ACCEPTED:
        before = dossier.counts(made)
        if before is not None:
            pages.effects.pop(before.decision_id, None)
            if before.decision_id in pages.decisions:
                pages.decisions[before.decision_id]["replaced_by"] = made.decision_id
            else:
                pages.replaced.append((before.decision_id, made.decision_id))
        pages.closed.append(made.item_id)
        pages.effects[made.decision_id] = {
            "decision_id": made.decision_id,
            "item_id": made.item_id,
            "created_at": to_us(now),
            "done_at": None,
        }
        dossier.close(made, Counting(made.decision_id, dossier.holder.person_id, decisions.gist(made)))
    elif ruling.outcome is Outcome.RETURNED and dossier.wants_again(made):
        pages.given_back.append(made.item_id)
        dossier.given(made.item_id)


_REPLACE = update(decision_table).where(decision_table.c.decision_id == bindparam("old"))
_REPLACE = _REPLACE.values(replaced_by=bindparam("new"))
_UNDO = delete(effect).where(
    effect.c.decision_id.in_(bindparam("replaced", expanding=True)), effect.c.done_at.is_(None)
)
_CLOSE = update(item).where(item.c.item_id.in_(bindparam("item_ids", expanding=True))).values(state=leases.CLOSED)


def _write(conn: Connection, holder: Holder, pages: _Pages, now: datetime) -> None:
    if pages.replaced:
        conn.execute(_REPLACE, [{"old": old, "new": new} for old, new in pages.replaced])
        conn.execute(_UNDO, {"replaced": [old for old, _ in pages.replaced]})
    for table, rows in (
        (decision_table, list(pages.decisions.values())),
        (effect, list(pages.effects.values())),
        (receipt_table, pages.receipts),
    ):
        if rows:
            insert_many(conn, table, tuple(rows[0]), [tuple(row.values()) for row in rows])
    if pages.closed:
        conn.execute(_CLOSE, {"item_ids": pages.closed})
        leases.end(conn, pages.closed, GoneBecause.DECIDED, now)
    for item_id in pages.given_back:
        leases.give(conn, holder, item_id, now)
