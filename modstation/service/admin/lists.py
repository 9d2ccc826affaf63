"""What `queue list`, `person list` and `policy list` show, read from the tables."""

from typing import Any

from sqlalchemy import Connection, Table, func, select

from modstation.service.leases import DELETED
from modstation.service.tables import (
    device,
    item,
    person,
    person_language,
    person_queue,
    person_skill,
    policy,
    queue,
    queue_skill,
)

_DEVICES = ("devices", "removed", "purged")


def queues(conn: Connection) -> list[dict[str, Any]]:
    """Every queue with the skills it asks for and the number of its items, deleted ones left out."""
    skills = _sets(conn, queue_skill, "queue", "skill")
    counts: dict[str, dict[str, int]] = {}
    for name, state, number in conn.execute(
        select(item.c.queue, item.c.state, func.count()).group_by(item.c.queue, item.c.state)
    ):
        counts.setdefault(name, {})[state] = number
    return [
        {
            "queue": row.queue,
            "title": row.title,
            "lease_s": row.lease_ttl_s,
            "lease_max_s": row.lease_max_s,
            "severe_s": row.severe_ttl_s,
            "severe_hold": row.severe_hold,
            "skills": skills.get(row.queue, []),
            "items": sum(n for state, n in counts.get(row.queue, {}).items() if state != DELETED),
            "waiting": counts.get(row.queue, {}).get("waiting", 0),
        }
        for row in conn.execute(select(queue).order_by(queue.c.queue))
    ]


def people(conn: Connection) -> list[dict[str, Any]]:
    """Every person with queues, languages (none means all), skills; devices that work, were removed, hold nothing."""
    queues_of = _sets(conn, person_queue, "person_id", "queue")
    languages = _sets(conn, person_language, "person_id", "language")
    skills = _sets(conn, person_skill, "person_id", "skill")
    numbers = (func.count(), func.count(device.c.revoked_at), func.count(device.c.purged_at))
    of_person = select(device.c.person_id, *numbers).group_by(device.c.person_id)
    devices = {row[0]: (row[1] - row[2], row[2], row[3]) for row in conn.execute(of_person)}
    return [
        {
            "person_id": row.person_id,
            "name": row.name,
            "queues": queues_of.get(row.person_id, []),
            "languages": languages.get(row.person_id, []),
            "skills": skills.get(row.person_id, []),
            **dict(zip(_DEVICES, devices.get(row.person_id, (0, 0, 0)), strict=True)),
        }
        for row in conn.execute(select(person).order_by(person.c.person_id))
    ]


def policies(conn: Connection) -> list[dict[str, Any]]:
    """Every published version, newest first within its policy."""
    columns = (policy.c.policy_id, policy.c.version, policy.c.accepts_from, policy.c.title, policy.c.published_at)
    ordered = select(*columns).order_by(policy.c.policy_id, policy.c.version.desc())
    return [
        {
            "policy_id": row.policy_id,
            "version": row.version,
            "accepts_from": row.accepts_from,
            "title": row.title,
            "published_at": row.published_at.isoformat(timespec="seconds"),
        }
        for row in conn.execute(ordered)
    ]


def persons_named(conn: Connection, wanted: str) -> list[str]:
    """Ids of the people with this id, else with this name."""
    by_id = conn.scalars(select(person.c.person_id).where(person.c.person_id == wanted)).all()
    return list(by_id or conn.scalars(select(person.c.person_id).where(person.c.name == wanted)).all())


def _sets(conn: Connection, table: Table, key: str, value: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, other in conn.execute(select(table.c[key], table.c[value]).order_by(table.c[key], table.c[value])):
        found.setdefault(one, []).append(other)
    return found
