"""Devices: a one-time code becomes a token; a token names a device; a device can be revoked."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from modstation.core.problem import Problem
from modstation.service import feed, identity, leases
from modstation.service.tables import device, enrol_code, lease, person
from modstation.wire.exchange import GoneBecause

CODE_LIFE = timedelta(hours=24)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 signs, none easily taken for another
_CODE_SIGNS = 8  # 40 bits: short enough to be typed; `guesses` sees to it that it can't be guessed
_BY_TOKEN = select(device.c.device_id, device.c.person_id, device.c.revoked_at).where(
    device.c.token_sha256 == bindparam("token_sha256")
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that has shown its token."""

    device_id: str
    person_id: str
    revoked: bool


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device just made. `token` exists only here and at the station."""

    device_id: str
    token: str
    person_id: str
    person_name: str


@dataclass(frozen=True, slots=True)
class Promise:
    """What a code that can be used stands for."""

    person_id: str
    person_name: str
    expires_at: datetime


def issue_code(
    conn: Connection,
    person_id: str,
    now: datetime,
    random: Callable[[int], bytes],
    life: timedelta = CODE_LIFE,
) -> str:
    """Make a one-time enrolment code for a person, like ``K7QM-2XPA``. Only its hash is kept.

    Args:
        conn: a writing transaction.
        person_id: whom the device will belong to.
        now: the service's time.
        random: gives that many random bytes (``os.urandom``).
        life: how long the code can be used.

    Raises:
        Problem: ``catalogue.unknown_person``.
    """
    if conn.execute(select(person.c.person_id).where(person.c.person_id == person_id)).first() is None:
        raise Problem("catalogue.unknown_person", "There is no such person.", "Create them first.", place=person_id)
    signs = "".join(_ALPHABET[byte & 31] for byte in random(_CODE_SIGNS))
    code = "-".join(signs[n : n + 4] for n in range(0, _CODE_SIGNS, 4))
    conn.execute(
        insert(enrol_code).values(
            code_sha256=_code_hash(code), person_id=person_id, issued_at=now, expires_at=now + life
        )
    )
    return code


def check(conn: Connection, code: str, now: datetime) -> Promise:
    """What a code would do, if it were used now. Nothing is written, and the code stays as good as it was.

    Args:
        conn: a reading transaction.
        code: as issued; dashes do not matter.
        now: the service's time.

    Raises:
        Problem: ``enrol.code_unknown``, as `enrol` does.
    """
    return _usable(conn, code, now, lock=False)


def enrol(
    conn: Connection,
    code: str,
    *,
    name: str,
    key: str,
    now: datetime,
    random: Callable[[int], bytes],
    wanted: str | None = None,
) -> Enrolled:
    """Trade a code for a device.

    A computer that joins again keeps its key and goes on counting its decisions, so the first number is taken as it
    comes.

    Args:
        conn: a writing transaction.
        code: as issued; dashes do not matter.
        name: what the person calls the device.
        key: the device's Ed25519 public key, base64.
        now: the service's time.
        random: gives that many random bytes.
        wanted: id of the person the code must be for; None for anybody.

    Raises:
        Problem: ``enrol.code_unknown`` for a code that was never issued, was used, or is too old: all alike;
            ``enrol.code_of_other`` for a good code of somebody else, which stays good.
    """
    identity.one_at_a_time(conn)
    found = _usable(conn, code, now, lock=True)
    if wanted is not None and found.person_id != wanted:
        title, advice = "This code is for someone else.", "Ask for a code of your own. This one was not used up."
        raise Problem("enrol.code_of_other", title, advice, place="code")
    device_id = "device-" + random(8).hex()
    token = "ms1_" + random(32).hex()
    used = update(enrol_code).where(enrol_code.c.code_sha256 == _code_hash(code))
    conn.execute(used.values(used_at=now, device_id=device_id))
    conn.execute(
        insert(device).values(
            device_id=device_id,
            person_id=found.person_id,
            name=name,
            device_key=key,
            token_sha256=_token_hash(token),
            created_at=now,
            feed_head=0,
            feed_floor=0,
            reset_seq=0,
            decision_seq=identity.NO_SEQUENCE,
        )
    )
    feed.append_reset(conn, device_id, 0, now)
    return Enrolled(device_id, token, found.person_id, found.person_name)


def by_token(conn: Connection, token: str) -> Device | None:
    """The device a token names; None for a token nobody gave out. A revoked device is still known by it."""
    found = conn.execute(_BY_TOKEN, {"token_sha256": _token_hash(token)}).one_or_none()
    return None if found is None else Device(found.device_id, found.person_id, found.revoked_at is not None)


def revoke_device(conn: Connection, device_id: str, now: datetime) -> bool:
    """Revoke a device: its leases end, it is told to purge, its decisions are quarantined. False if it was already.

    Raises:
        Problem: ``catalogue.unknown_device``.
    """
    row = conn.execute(
        select(device.c.revoked_at).where(device.c.device_id == device_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise Problem("catalogue.unknown_device", "There is no such device.", place=device_id)
    if row.revoked_at is not None:
        return False
    held = select(lease.c.item_id).where(lease.c.device_id == device_id, lease.c.ended_at.is_(None))
    leases.end(conn, conn.scalars(held).all(), GoneBecause.REVOKED, now)
    # Without a reset to go back to, what it reads afresh is a new one: there are no policies in that.
    conn.execute(update(device).where(device.c.device_id == device_id).values(revoked_at=now, reset_seq=0))
    return True


def _usable(conn: Connection, code: str, now: datetime, *, lock: bool) -> Promise:
    asked = (
        select(enrol_code.c.person_id, person.c.name, enrol_code.c.expires_at)
        .join_from(enrol_code, person, enrol_code.c.person_id == person.c.person_id)
        .where(enrol_code.c.code_sha256 == _code_hash(code))
        .where(enrol_code.c.used_at.is_(None), enrol_code.c.expires_at > now)
    )
    found = conn.execute(asked.with_for_update(of=enrol_code) if lock else asked).one_or_none()
    if found is None:
        advice = "Check what you typed, or ask for a new one."
        raise Problem("enrol.code_unknown", "This code can't be used.", advice, place="code")
    return Promise(found.person_id, found.name, found.expires_at)


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _code_hash(code: str) -> str:
    return hashlib.sha256(b"modstation enrolment code\0" + code.replace("-", "").encode()).hexdigest()
