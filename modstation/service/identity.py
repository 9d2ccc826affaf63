"""Who this service is over time: its name, its epoch, the key it is known by."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select, text, update

from modstation.service.tables import device, enrol_code, item, setting

PAST_RESTORE = 1_000_000  # more grants than one item can have had in a second
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # before any service was made
NO_SEQUENCE = -1  # of a device: which number it has reached is not known: it has just joined, or after a restore
_VALUE = select(setting.c.value).where(setting.c.name == bindparam("name"))


def get(conn: Connection, name: str) -> str | None:
    """A setting; None when it was never made."""
    return conn.scalar(_VALUE, {"name": name})


def put(conn: Connection, name: str, value: str) -> None:
    """Make or change a setting."""
    if not conn.execute(update(setting).where(setting.c.name == name).values(value=value)).rowcount:
        conn.execute(insert(setting).values(name=name, value=value))


def establish(conn: Connection, random: Callable[[int], bytes], signing_key: str, name: str) -> None:
    """At the first start: make the epoch and remember the public key and the name. Later: nothing."""
    if get(conn, "signing_key") is None:  # an epoch may be there: from a backup made before the first start
        put(conn, "epoch", random(16).hex())
        put(conn, "signing_key", signing_key)
        put(conn, "name", name)


def epoch(conn: Connection) -> str:
    """The present epoch: 32 hex digits."""
    found = get(conn, "epoch")
    if found is None:
        raise AssertionError("the service was not established")
    return found


def one_at_a_time(conn: Connection) -> None:
    """Wait for everybody else who has called this, until their transaction ends.

    Who joins reads the policies, and who publishes one reads the devices: side by side, neither would see the other.
    """
    conn.execute(select(setting.c.value).where(setting.c.name == "epoch").with_for_update())


def restored(conn: Connection, random: Callable[[int], bytes], now: datetime) -> str:
    """To be called after the database was put back from a backup. Returns the new epoch.

    Every cursor is void; fencing numbers leap past any that were given out after the backup was made, so that an old
    grant never passes for a new one; decisions on leases the backup does not know are still taken. Enrolment codes that
    were not used when the backup was made may have been since: they are void. Open leases stay, so that whoever works
    offline on them is not overtaken: what was decided on one under its former number is still in time.
    """
    new = random(16).hex()
    far = _leap(conn, now)
    put(conn, "epoch", new)
    put(conn, "restored_at", now.isoformat())
    put(conn, "restore_leap", str(far))
    conn.execute(update(item).values(lease_gen=item.c.lease_gen + far))
    conn.execute(text("UPDATE lease SET lease_gen = lease_gen + :leap WHERE ended_at IS NULL"), {"leap": far})
    conn.execute(update(device).values(reset_seq=0, decision_seq=NO_SEQUENCE))
    conn.execute(update(enrol_code).where(enrol_code.c.used_at.is_(None)).values(expires_at=now))
    return new


def _leap(conn: Connection, now: datetime) -> int:
    """How far fencing numbers leap: further with every second, so that two restores of one backup never meet."""
    before = get(conn, "restored_at")
    since = datetime.fromisoformat(before) if before else _BEGINNING
    return PAST_RESTORE * (1 + max(0, int((now - since).total_seconds())))


def leapt(conn: Connection) -> int:
    """How far fencing numbers leapt at the last restore."""
    return int(get(conn, "restore_leap") or PAST_RESTORE)


def restored_at(conn: Connection) -> datetime | None:
    """When the service was last restored from a backup; None when it never was."""
    at = get(conn, "restored_at")
    return datetime.fromisoformat(at) if at else None
