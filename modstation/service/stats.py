"""Counts over everything, for `modstation admin stats`."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, Select, Table, func, select

from modstation.core.receipt import ACCEPTED
from modstation.service.leases import DELETED
from modstation.service.tables import decision, device, effect, item, media, person, queue, unproven, unproven_end

_ACCEPTED = {one.value for one in ACCEPTED}


@dataclass(frozen=True, slots=True)
class PersonCounts:
    """One person's decisions by outcome."""

    person_id: str
    decisions: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Stats:
    """The service in numbers.

    Attributes:
        items: number by state (waiting, leased, closed, deleted).
        queues: number of items by queue, deleted ones left out; 0 for one that has none.
        decisions: number by outcome.
        accepted_items: distinct items with a decision that counts.
        applied_twice: decisions that count beyond the first, per item revision. Anything but 0 is a bug.
        late: accepted although the lease had run out.
        second_opinions: kept beside somebody else's.
        effects: follow-on effects of decisions; `effects_waiting`: those that nothing has reported as carried out.
        devices: enrolled and not revoked; `devices_removed`: revoked; `devices_purged`: those of them that
            have said that they hold nothing any more.
        unproven: decisions out of a journal that no device of their person has signed, and no lead has ruled on.
        people: one entry each, also for those who have decided nothing yet.
        media: number of files; `media_bytes` their sizes together.
    """

    items: dict[str, int]
    queues: dict[str, int]
    decisions: dict[str, int]
    accepted_items: int
    applied_twice: int
    late: int
    second_opinions: int
    effects: int
    effects_waiting: int
    devices: int
    devices_removed: int
    devices_purged: int
    unproven: int
    media: int
    media_bytes: int
    people: tuple[PersonCounts, ...]


def collect(conn: Connection) -> Stats:
    """Count. Reads only."""
    counts = decision.c.outcome.in_(sorted(_ACCEPTED)) & decision.c.replaced_by.is_(None)
    by_outcome = _grouped(conn, select(decision.c.outcome, func.count()).group_by(decision.c.outcome))
    per_round = select(func.count().label("n")).where(counts).group_by(decision.c.item_id, decision.c.item_rev)
    rounds = per_round.subquery()
    twice = conn.scalar(select(func.coalesce(func.sum(rounds.c.n - 1), 0)))
    removed = select(func.count(device.c.revoked_at), func.count(device.c.purged_at), func.count())
    revoked, purged, enrolled = conn.execute(removed.select_from(device)).one()
    return Stats(
        items=_grouped(conn, select(item.c.state, func.count()).group_by(item.c.state)),
        queues=_grouped(
            conn,
            select(queue.c.queue, func.count(item.c.item_id))
            .outerjoin_from(queue, item, (item.c.queue == queue.c.queue) & (item.c.state != DELETED))
            .group_by(queue.c.queue),
        ),
        decisions=by_outcome,
        accepted_items=conn.scalar(select(func.count(decision.c.item_id.distinct())).where(counts)) or 0,
        applied_twice=int(twice or 0),
        late=by_outcome.get("accepted_late", 0),
        second_opinions=by_outcome.get("second_opinion", 0),
        effects=conn.scalar(select(func.count()).select_from(effect)) or 0,
        effects_waiting=conn.scalar(select(func.count()).select_from(effect).where(effect.c.done_at.is_(None))) or 0,
        devices=enrolled - revoked,
        devices_removed=revoked,
        devices_purged=purged,
        unproven=_count(conn, unproven) - _count(conn, unproven_end),
        media=conn.scalar(select(func.count()).select_from(media)) or 0,
        media_bytes=int(conn.scalar(select(func.coalesce(func.sum(media.c.size), 0))) or 0),
        people=_people(conn),
    )


def _people(conn: Connection) -> tuple[PersonCounts, ...]:
    rows = conn.execute(
        select(person.c.person_id, decision.c.outcome, func.count(decision.c.person_id))
        .outerjoin_from(person, decision, person.c.person_id == decision.c.person_id)
        .group_by(person.c.person_id, decision.c.outcome)
        .order_by(person.c.person_id)
    ).all()
    decided, accepted = Counter[str](), Counter[str]()
    for person_id, outcome, number in rows:
        decided[person_id] += number
        accepted[person_id] += number if outcome in _ACCEPTED else 0
    return tuple(PersonCounts(person_id, decided[person_id], accepted[person_id]) for person_id in decided)


def _count(conn: Connection, table: Table) -> int:
    return conn.scalar(select(func.count()).select_from(table)) or 0


def _grouped(conn: Connection, wanted: Select[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in conn.execute(wanted)}
