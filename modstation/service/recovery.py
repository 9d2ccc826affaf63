"""Finding decisions again: receipts for what a station remembers, and decisions out of its sealed journal.

A record in a journal was signed by the device that made it. It is tried against the keys of all devices of the person
who brings it, removed ones too. One that none of them has signed is kept for a lead, beside the decisions and not among
them, so that a forged record never takes the place of a genuine one with its id.
"""

import base64
import binascii
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, bindparam, insert, select

from modstation.core.problem import Problem
from modstation.core.receipt import Outcome
from modstation.service import identity
from modstation.service.database import Database
from modstation.service.devices import Device
from modstation.service.keys import Keys
from modstation.service.leases import Holder
from modstation.service.recording import Maker, Parsed, Recorder, parse_body
from modstation.service.tables import decision, device, unproven
from modstation.service.tables import receipt as receipt_table
from modstation.system import sealed
from modstation.system.clock import Clock
from modstation.wire.decision import Receipt
from modstation.wire.envelope import record_bytes
from modstation.wire.limits import MAX_SEGMENT
from modstation.wire.recovery import SIGNATURE_BYTES, JournalReply, JournalRequest, ReceiptsReply, ReceiptsRequest

_TAKEN_BACK = "-"  # before the id of a decision: it was undone (`store.journal` writes it)
_KEY_BYTES = 32

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Record:
    """A record out of a segment: the decision's id, the signature, the bytes that were signed."""

    decision_id: str
    signature: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """What a segment says of the decisions that are wanted; `unreadable` are ids of damaged records."""

    records: tuple[Record, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Signer:
    device_id: str
    key: Ed25519PublicKey
    revoked: bool

    def signed(self, record: Record) -> bool:
        try:
            self.key.verify(record.signature, record_bytes(record.decision_id, record.body))
        except InvalidSignature:
            return False
        return True


class Recovery:
    """Answers what stations ask after a loss. Safe to call from many threads."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._recorder = Recorder(keys)

    def receipts(self, who: Device, request: ReceiptsRequest) -> ReceiptsReply:
        """The stored receipts of this person's decisions; an id that is not theirs is unknown."""
        ids = tuple(dict.fromkeys(request.decision_ids))

        def unit(conn: Connection) -> ReceiptsReply:
            found = _stored(conn, who.person_id, ids)
            return ReceiptsReply(
                epoch=identity.epoch(conn),
                server_time=self._clock.now(),
                receipts=tuple(found[one] for one in ids if one in found),
                unknown=tuple(one for one in ids if one not in found),
            )

        return self._database.read(unit)

    def journal(self, who: Device, request: JournalRequest) -> JournalReply:
        """What becomes of the wanted decisions of a segment: one transaction, the same answer however often.

        Raises:
            Problem: see `open_segment`; ``wire.malformed`` when the segment is not base64, ``request.too_large``.
        """
        wanted = tuple(dict.fromkeys(request.wanted))
        try:
            segment = base64.b64decode(request.segment, validate=True)
        except binascii.Error:
            raise Problem("wire.malformed", "The segment is not base64.", place="segment") from None
        if len(segment) > MAX_SEGMENT:
            raise Problem("request.too_large", "The journal segment is too large.", place="segment")
        opened = open_segment(segment, self._keys.sealing.private_bytes_raw(), wanted)
        return self._database.write(lambda conn: self._recover(conn, who, wanted, opened))

    def _recover(self, conn: Connection, who: Device, wanted: Sequence[str], opened: Opened) -> JournalReply:
        now = self._clock.now()
        mine = select(device.c.revoked_at).where(device.c.device_id == who.device_id)
        revoked = conn.execute(mine.with_for_update()).scalar_one() is not None
        found = _stored(conn, who.person_id, wanted)
        proven: list[Parsed] = []
        forged: list[Record] = []
        signers = list(_signers(conn, who.person_id, mine=True))
        for record in opened.records:
            if record.decision_id in found:
                continue
            signer = next((one for one in signers if one.signed(record)), None)
            if signer is None:
                forged.append(record)
            else:
                proven.append(_parsed(record, Maker(signer.device_id, signer.revoked)))
        holder = Holder(who.device_id, who.person_id)
        fresh = [*self._recorder.take(conn, holder, proven, now, revoked=revoked)] if proven else []
        if forged and not self._is_foreign(conn, who, forged[0]):
            fresh += [self._keep(conn, holder, record, now) for record in forged]
        _log.info("journal_read", device_id=who.device_id, wanted=len(wanted), proven=len(proven), unproven=len(forged))
        found |= {one.decision_id: one for one in fresh}
        return JournalReply(
            epoch=identity.epoch(conn),
            server_time=now,
            receipts=tuple(found[one] for one in wanted if one in found),
            unreadable=tuple(one for one in opened.unreadable if one not in found),
        )

    def _is_foreign(self, conn: Connection, who: Device, record: Record) -> bool:
        """Whether this is somebody else's journal. A segment is the work of one device: looking once is enough."""
        return any(signer.signed(record) for signer in _signers(conn, who.person_id, mine=False))

    def _keep(self, conn: Connection, holder: Holder, record: Record, now: datetime) -> Receipt:
        """Keep a record that nobody can prove, for a lead; the same bytes get the same receipt."""
        parsed = _parsed(record, None)
        same = (unproven.c.decision_id == record.decision_id) & (unproven.c.body_sha256 == parsed.sha256)
        before = conn.execute(select(unproven.c.person_id, unproven.c.receipt).where(same)).one_or_none()
        if before is not None and before.person_id == holder.person_id:
            return msgspec.json.decode(before.receipt, type=Receipt)
        made = Receipt(
            decision_id=record.decision_id,
            item_id=parsed.item_id,
            outcome=Outcome.QUARANTINED if parsed.decision else Outcome.REFUSED,
            code="quarantined.unproven" if parsed.decision else "refused.malformed",
            at=now,
            reason="Nothing proves who made it. A lead has the decision." if parsed.decision else "It can't be read.",
        )
        made = self._keys.sign_receipt(made)
        if before is None and parsed.decision is not None:
            _log.warning("recovered_unproven", decision_id=record.decision_id, device_id=holder.device_id)
            row = {
                "decision_id": record.decision_id,
                "body_sha256": parsed.sha256,
                "item_id": parsed.item_id,
                "device_id": holder.device_id,
                "person_id": holder.person_id,
                "received_at": now,
                "body": record.body,
                "receipt": msgspec.json.encode(made),
            }
            conn.execute(insert(unproven).values(row))
        return made


def open_segment(segment: bytes, private_key: bytes, wanted: Collection[str]) -> Opened:
    """Open a journal segment and pick out what is wanted, unless the same segment says that it was taken back.

    Raises:
        Problem: ``journal.unreadable`` for bytes that are no segment, ``journal.other_key`` for one that was sealed to
            another service, or whose sealed key is damaged.
    """
    try:
        entries = sealed.look(segment).entries
    except ValueError:
        raise Problem("journal.unreadable", "This is not a journal segment.", place="segment") from None
    try:
        recovered = sealed.recover(segment, private_key)
    except ValueError:
        title = "This journal was sealed to another service, or its beginning is damaged."
        raise Problem("journal.other_key", title, "It is kept at the station.", place="segment") from None
    opened: dict[str, bytes] = {}
    for record_id, record in recovered:
        opened.setdefault(record_id, record)
    named = {entry.record_id for entry in entries}
    here = [one for one in wanted if one in named and _TAKEN_BACK + one not in opened]
    whole = [one for one in here if len(opened.get(one, b"")) >= SIGNATURE_BYTES]
    records = (Record(one, opened[one][:SIGNATURE_BYTES], opened[one][SIGNATURE_BYTES:]) for one in whole)
    return Opened(tuple(records), tuple(one for one in here if one not in whole))


def _parsed(record: Record, maker: Maker | None) -> Parsed:
    """The decision in a record. One that names itself otherwise than its record does is malformed."""
    parsed = parse_body(record.body, maker=maker)
    if parsed.decision is not None and parsed.decision_id == record.decision_id:
        return parsed
    problem = parsed.problem or Problem("wire.senseless", "The record has another id.", place="decision_id")
    return replace(parsed, decision_id=record.decision_id, decision=None, problem=problem)


_STORED = (
    select(decision.c.decision_id, receipt_table.c.body)
    .join_from(decision, receipt_table, decision.c.decision_id == receipt_table.c.decision_id)
    .where(decision.c.person_id == bindparam("person_id"))
    .where(decision.c.decision_id.in_(bindparam("decision_ids", expanding=True)))
)


def _stored(conn: Connection, person_id: str, ids: Sequence[str]) -> dict[str, Receipt]:
    rows = conn.execute(_STORED, {"person_id": person_id, "decision_ids": ids})
    return {row[0]: msgspec.json.decode(row[1], type=Receipt) for row in rows}


def _signers(conn: Connection, person_id: str, *, mine: bool) -> Iterator[_Signer]:
    """The devices of a person, or of everybody else, that have a usable key; removed ones too."""
    whose = device.c.person_id == person_id if mine else device.c.person_id != person_id
    rows = conn.execute(
        select(device.c.device_id, device.c.device_key, device.c.revoked_at)
        .where(whose)
        .order_by(device.c.created_at.desc())
    )
    for device_id, text, revoked_at in rows.all():
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            continue
        if len(key) == _KEY_BYTES:
            yield _Signer(device_id, Ed25519PublicKey.from_public_bytes(key), revoked_at is not None)
