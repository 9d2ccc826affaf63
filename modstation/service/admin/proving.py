"""Records out of a journal that nobody could prove: a lead looks at them, and takes or discards each.

Taken, one is judged like any other decision of its person: effect and receipt in one transaction. Nothing is ever
deleted: the record stays, and beside it what was made of it.
"""

import argparse
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, insert, select

from modstation.core.problem import Problem
from modstation.service import leases
from modstation.service.admin.desk import Desk
from modstation.service.admin.output import Output
from modstation.service.admin.removing import confirm
from modstation.service.leases import Holder
from modstation.service.recording import Maker, Recorder, parse_body
from modstation.service.tables import device, person, unproven, unproven_end
from modstation.wire.decision import Decision, Receipt
from modstation.wire.exchange import GoneBecause

_COLUMNS = ("record", "sha256", "item_id", "person_id", "name", "station", "received", "decided", "verdict", "clauses")
_PREFIX = 8  # of a sha256: enough to name a record by
_ENDED = and_(
    unproven_end.c.decision_id == unproven.c.decision_id, unproven_end.c.body_sha256 == unproven.c.body_sha256
)


def list_unproven(desk: Desk, output: Output, _args: argparse.Namespace) -> int:
    """``unproven list``."""
    output.table("unproven", _COLUMNS, desk.database.read(_open))
    return 0


def accept(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``unproven accept ID``."""
    found = desk.database.read(lambda conn: _one(conn, args.record))
    follows = (
        f"It is judged like any other decision of {found.name}; what follows from it is carried out.",
        "Ask them first: nothing else proves who made it.",
    )
    confirm(f"Take the decision {found.decision_id} about {found.item_id}?", follows, yes=args.yes)
    recorder, now = Recorder(desk.keys), desk.clock.now()
    receipt = desk.database.write(lambda conn: _judge(conn, recorder, args.record, now))
    output.answer(
        {"record": receipt.decision_id, "outcome": receipt.outcome.value, "code": receipt.code},
        f"{receipt.decision_id}: {receipt.code}. {receipt.reason}".rstrip(),
    )
    return 0


def discard(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``unproven discard ID``."""
    found = desk.database.read(lambda conn: _one(conn, args.record))
    follows = ("It will never count. The record and this ruling are kept.",)
    confirm(f"Discard the decision {found.decision_id} about {found.item_id}?", follows, yes=args.yes)
    now = desk.clock.now()
    desk.database.write(lambda conn: _end(conn, _one(conn, args.record), now, code="", accepted=False))
    output.answer({"record": found.decision_id, "discarded": True}, f"{found.decision_id} is discarded.")
    return 0


def _open(conn: Connection) -> list[dict[str, Any]]:
    """What nobody has ruled on, oldest first."""
    return [_told(row) for row in conn.execute(_wanted().order_by(unproven.c.received_at, unproven.c.decision_id))]


def _wanted() -> Any:
    wanted = select(unproven, person.c.name).join_from(unproven, person, unproven.c.person_id == person.c.person_id)
    return wanted.where(~select(unproven_end.c.decision_id).where(_ENDED).exists())


def _told(row: Row[Any]) -> dict[str, Any]:
    said = msgspec.json.decode(row.body, type=Decision)
    return {
        "record": row.decision_id,
        "sha256": row.body_sha256[:_PREFIX],
        "item_id": row.item_id,
        "person_id": row.person_id,
        "name": row.name,
        "station": row.device_id,
        "received": row.received_at.isoformat(timespec="seconds"),
        "decided": said.decided_at.isoformat(timespec="seconds"),
        "verdict": said.verdict.value,
        "clauses": [finding.clause_id for finding in said.findings],
    }


def _one(conn: Connection, wanted: str) -> Row[Any]:
    """The open record with this id, or whose sha256 begins like this."""
    rows = conn.execute(_wanted()).all()
    found = [row for row in rows if row.decision_id == wanted]
    if not found and len(wanted) >= _PREFIX:
        found = [row for row in rows if row.body_sha256.startswith(wanted)]
    if not found:
        title = "There is no such record waiting for a lead."
        raise Problem("admin.unknown_record", title, "See: modstation admin unproven list")
    if len(found) > 1:
        raise Problem("admin.several_records", "Several records have this id.", "Name one by its sha256.")
    return found[0]


def _judge(conn: Connection, recorder: Recorder, wanted: str, now: datetime) -> Receipt:
    row = _one(conn, wanted)
    device_id, active = _station(conn, row)
    parsed = parse_body(row.body, maker=Maker(row.device_id, revoked=False))
    taken = recorder.take(conn, Holder(device_id, row.person_id), [parsed], now, revoked=False)
    if not taken:
        raise Problem("admin.not_recorded", "The database refused this decision.", "See the log above.")
    if not active:  # one that came back is leased afresh, and nobody is there to hold it
        leases.end(conn, leases.held_of(conn, device_id, [row.item_id]), GoneBecause.REVOKED, now)
    _end(conn, row, now, code=taken[0].code, accepted=True)
    return taken[0]


def _station(conn: Connection, row: Row[Any]) -> tuple[str, bool]:
    """The station that brought a record or, when it was removed, the newest of its person; whether it is a member."""
    of_person = select(device.c.device_id).where(device.c.person_id == row.person_id, device.c.revoked_at.is_(None))
    members = conn.scalars(of_person.order_by(device.c.created_at.desc()).with_for_update()).all()
    chosen = row.device_id if row.device_id in members or not members else members[0]
    return chosen, bool(members)


def _end(conn: Connection, row: Row[Any], now: datetime, *, code: str, accepted: bool) -> None:
    ended = {"decision_id": row.decision_id, "body_sha256": row.body_sha256}
    conn.execute(insert(unproven_end).values(**ended, ended_at=now, accepted=accepted, code=code))
