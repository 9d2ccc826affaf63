"""What the service is given: queues, people, policies, items. Everything here takes a connection of a writing unit.

`ModStation admin` and the importer call these; each is safe to repeat.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update

from modstation.core.content import Content, Media, media_of, without_previews
from modstation.core.item import Item
from modstation.core.policy import Policy
from modstation.core.problem import Problem
from modstation.service import feed, identity, leases
from modstation.service.feed import News, Op
from modstation.service.leases import Holder, primary
from modstation.service.media import MediaFolder, take_turn
from modstation.service.tables import (
    device,
    item,
    item_body,
    item_media,
    lease,
    media,
    person,
    person_language,
    person_queue,
    person_skill,
    policy,
    queue,
    queue_skill,
)
from modstation.service.terms import LEASE_S, LIMITS, Limits
from modstation.wire import translate
from modstation.wire.exchange import GoneBecause

PREVIEW_MIME = "image/webp"
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch of items.

    Attributes:
        new: how many were not here before.
        revised: how many have a new revision.
        same: how many were here already as they are.
        reopened: how many of the revised ones had been closed, by a decision or a deletion, and wait again.
    """

    new: int = 0
    revised: int = 0
    same: int = 0
    reopened: int = 0

    def __add__(self, other: "Added") -> "Added":
        return Added(
            self.new + other.new,
            self.revised + other.revised,
            self.same + other.same,
            self.reopened + other.reopened,
        )


class Change(StrEnum):
    """What adding an item does to the service."""

    NEW = "new"
    REVISED = "revised"
    REOPENED = "reopened"
    SAME = "same"


def content_sha256(content: Content) -> str:
    """The hash of a content as the service holds it: sha256 of its canonical JSON, previews left out."""
    wire = translate.to_wire(without_previews(content))
    return hashlib.sha256(msgspec.json.encode(wire, order="deterministic")).hexdigest()


def add_queue(
    conn: Connection,
    name: str,
    title: str = "",
    *,
    lease_ttl_s: int = LEASE_S,
    limits: Limits = LIMITS,
    skills: Iterable[str] = (),
) -> None:
    """Create or change a queue. A person needs every one of `skills` to be given its items.

    Raises:
        Problem: ``catalogue.lease_limits`` when a lease would be longer than its maximum.
    """
    if lease_ttl_s > limits.lease_max_s:
        raise Problem("catalogue.lease_limits", "A lease is longer than it may become.", "Raise the maximum too.")
    values = {"title": title or name, "lease_ttl_s": lease_ttl_s, "lease_max_s": limits.lease_max_s}
    values |= {"severe_ttl_s": limits.severe_ttl_s, "severe_hold": limits.severe_hold}
    _put(conn, queue, {"queue": name}, values)
    _put_set(conn, queue_skill, {"queue": name}, "skill", skills)


def has_queue(conn: Connection, name: str) -> bool:
    """Whether a queue of this name exists."""
    return conn.execute(select(queue.c.queue).where(queue.c.queue == name)).first() is not None


def add_person(
    conn: Connection,
    person_id: str,
    name: str,
    now: datetime,
    *,
    queues: Iterable[str],
    languages: Iterable[str] = (),
    skills: Iterable[str] = (),
) -> None:
    """Create or change a person. `languages` are BCP 47 tags; none means every language.

    Raises:
        Problem: ``catalogue.unknown_queue``.
    """
    wanted = tuple(queues)
    for one in wanted:
        if not has_queue(conn, one):
            raise Problem("catalogue.unknown_queue", "There is no such queue.", "Create it first.", place=one)
    if not _put(conn, person, {"person_id": person_id}, {"name": name}, {"created_at": now}):
        feed_holders = select(device.c.device_id).where(device.c.person_id == person_id)
        conn.execute(feed_holders.with_for_update()).all()  # nobody leases by the old rights meanwhile
    _put_set(conn, person_queue, {"person_id": person_id}, "queue", wanted)
    _put_set(conn, person_skill, {"person_id": person_id}, "skill", skills)
    _put_set(conn, person_language, {"person_id": person_id}, "language", {primary(tag) for tag in languages})


def publish_policy(conn: Connection, new: Policy) -> bool:
    """Publish a policy version and tell every device. False when this very version is here already.

    Raises:
        Problem: ``catalogue.policy_version`` when the version is not newer than the newest, or is here with another
            text.
    """
    identity.one_at_a_time(conn)
    body = translate.dump(new)
    known = conn.execute(select(policy.c.version, policy.c.body).where(policy.c.policy_id == new.policy_id)).all()
    if any(row.version == new.version and row.body == body for row in known):
        return False
    newest = max((row.version for row in known), default=0)
    if new.version <= newest:
        raise Problem(
            "catalogue.policy_version",
            f"Version {new.version} is not newer than version {newest}, which is published.",
            "Publish the text under a higher version.",
            place=new.policy_id,
        )
    conn.execute(
        insert(policy).values(
            policy_id=new.policy_id,
            version=new.version,
            accepts_from=new.accepts_from,
            title=new.title,
            published_at=new.published_at,
            body=body,
        )
    )
    news = News(Op.POLICY, policy_id=new.policy_id, version=new.version)
    for device_id in conn.scalars(
        select(device.c.device_id).where(device.c.revoked_at.is_(None)).order_by(device.c.device_id)
    ).all():
        feed.append(conn, device_id, [news])
    return True


def newest_policy(conn: Connection, policy_id: str) -> Policy | None:
    """The newest version of a policy; None when there is none."""
    newest = select(policy.c.body).where(policy.c.policy_id == policy_id).order_by(policy.c.version.desc()).limit(1)
    body = conn.scalar(newest)
    return None if body is None else translate.load(Policy, body)


def add_items(conn: Connection, items: Sequence[Item], files: MediaFolder, now: datetime) -> Added:
    """Add items, or new revisions of known ones; the files they name must be in `files` already.

    The service gives `rev` and `content_sha256` itself; what the caller put there does not matter. An item that is here
    as it is stays untouched. One that differs in anything but previews gets the next revision: whoever holds it gets
    that under a new lease, and a closed one waits again.

    Raises:
        Problem: ``catalogue.unknown_queue``, ``catalogue.media_missing``, ``catalogue.repeated`` (one id twice in the
            batch); `place` is the item id. Nothing of the batch is kept when the caller lets the unit fail.
    """
    take_turn(conn)
    added = Added()
    for start in range(0, len(items), _CHUNK):
        added += _add_chunk(conn, items[start : start + _CHUNK], files, now)
    return added


def compare_items(conn: Connection, items: Sequence[Item]) -> list[Change]:
    """What `add_items` would do to each of these. Reads only."""
    known = _known(conn, [one.item_id for one in items])
    return [_change(known.get(one.item_id), _row(one, known.get(one.item_id))) for one in items]


def remove_items(conn: Connection, item_ids: Sequence[str], now: datetime) -> int:
    """Delete items: content destroyed here, purged from whoever holds them. Returns how many there were."""
    there = conn.scalars(
        select(item.c.item_id).where(item.c.item_id.in_(item_ids), item.c.state != leases.DELETED).with_for_update()
    ).all()
    leases.end(conn, there, GoneBecause.DELETED, now)
    conn.execute(delete(item_media).where(item_media.c.item_id.in_(there)))
    conn.execute(delete(item_body).where(item_body.c.item_id.in_(there)))
    conn.execute(update(item).where(item.c.item_id.in_(there)).values(state=leases.DELETED, fingerprint=""))
    return len(there)


def drop_files(conn: Connection, files: MediaFolder) -> int:
    """Delete the files that no item names any more. Returns how many.

    In a transaction after the one that removed the items: should that one fail, they are still needed.
    """
    take_turn(conn)
    named = select(item_media.c.media_id).where(item_media.c.media_id == media.c.media_id)
    unnamed = conn.scalars(select(media.c.media_id).where(~named.exists())).all()
    for media_id in unnamed:
        files.path(media_id).unlink(missing_ok=True)
    for start in range(0, len(unnamed), _CHUNK):
        conn.execute(delete(media).where(media.c.media_id.in_(unnamed[start : start + _CHUNK])))
    return len(unnamed)


def _add_chunk(conn: Connection, items: Sequence[Item], files: MediaFolder, now: datetime) -> Added:
    queues = set(conn.scalars(select(queue.c.queue)))
    known = _known(conn, [one.item_id for one in items], lock=True)
    seen: set[str] = set()
    new: list[dict[str, object]] = []
    revised: list[dict[str, object]] = []
    changed: list[Item] = []
    for one in items:
        if one.queue not in queues:
            raise Problem("catalogue.unknown_queue", "There is no such queue.", "Create it first.", place=one.item_id)
        if one.item_id in seen:
            raise Problem("catalogue.repeated", "This id comes twice.", place=one.item_id)
        seen.add(one.item_id)
        row = _row(one, known.get(one.item_id))
        if row is None:
            continue
        for file in _files_of(one):
            if not files.has(file.media_id):
                raise Problem("catalogue.media_missing", "A file of this item is missing.", place=one.item_id)
        changed.append(one)
        (revised if one.item_id in known else new).append(row)
    bodies = [{"item_id": row["item_id"], "body": row.pop("body")} for row in (*new, *revised)]
    if new:
        conn.execute(insert(item), [row | {"state": leases.WAITING, "lease_gen": 0} for row in new])
    if bodies:
        conn.execute(delete(item_body).where(item_body.c.item_id.in_([row["item_id"] for row in revised])))
        conn.execute(insert(item_body), bodies)
    _revise(conn, revised, now)
    _put_media(conn, changed)
    reopened = sum(_is_closed(known[one.item_id]) for one in changed if one.item_id in known)
    return Added(len(new), len(revised), len(items) - len(new) - len(revised), reopened)


_Known = Row[str, int, str, str]


def _known(conn: Connection, item_ids: Sequence[str], *, lock: bool = False) -> dict[str, _Known]:
    """Of those that are here: id, revision, state and fingerprint. Locked, nobody revises or leases them meanwhile."""
    columns = (item.c.item_id, item.c.rev, item.c.state, item.c.fingerprint)
    wanted = select(*columns).where(item.c.item_id.in_(item_ids)).order_by(item.c.item_id)
    return {row.item_id: row for row in conn.execute(wanted.with_for_update() if lock else wanted)}


def _is_closed(known: _Known) -> bool:
    return known.state in {leases.CLOSED, leases.DELETED}


def _change(known: _Known | None, row: dict[str, object] | None) -> Change:
    if row is None:
        return Change.SAME
    if known is None:
        return Change.NEW
    return Change.REOPENED if _is_closed(known) else Change.REVISED


def _row(one: Item, known: _Known | None) -> dict[str, object] | None:
    """The row of an item as it is to be stored; None when it is stored like that already."""
    plain = without_previews(one.content)
    first = replace(one, rev=1, content_sha256=content_sha256(plain))
    body = translate.dump(first)
    given = body if plain is one.content else translate.dump(replace(first, content=plain))
    fingerprint = hashlib.sha256(given).hexdigest()
    rev = 1
    if known is not None:
        if known.fingerprint == fingerprint:
            return None
        rev = known.rev + 1
        body = translate.dump(replace(first, rev=rev))
    return {
        "item_id": one.item_id,
        "queue": one.queue,
        "rev": rev,
        "content_sha256": first.content_sha256,
        "policy_id": one.policy_id,
        "language": primary(one.language),
        "rank": -one.priority,
        "severity": one.severity,
        "created_at": one.created_at,
        "fingerprint": fingerprint,
        "body": body,
    }


def _revise(conn: Connection, rows: Sequence[dict[str, object]], now: datetime) -> None:
    if not rows:
        return
    ids = [row["item_id"] for row in rows]
    holders = conn.execute(
        select(lease.c.item_id, lease.c.device_id, lease.c.person_id)
        .where(lease.c.item_id.in_(ids), lease.c.ended_at.is_(None))
        .order_by(lease.c.device_id, lease.c.item_id)
    ).all()
    names = [name for name in rows[0] if name != "item_id"]
    changed = update(item).where(item.c.item_id == bindparam("id"))
    changed = changed.values({name: bindparam(f"new_{name}") for name in names})
    conn.execute(changed, [{"id": row["item_id"], **{f"new_{name}": row[name] for name in names}} for row in rows])
    waiting = update(item).where(item.c.item_id.in_(ids), item.c.state != leases.LEASED)
    conn.execute(waiting.values(state=leases.WAITING))
    for item_id, device_id, person_id in holders:
        leases.give(conn, Holder(device_id, person_id), item_id, now)


def _files_of(one: Item) -> list[Media]:
    """Every file that whoever holds the item may read: those it names, and their previews."""
    named = media_of(one.content)
    small = [Media(m.preview.media_id, PREVIEW_MIME, m.preview.size) for m in named if m.preview is not None]
    return [*named, *small]


def _put_media(conn: Connection, items: Sequence[Item]) -> None:
    """Note which files belong to which items."""
    files = {file.media_id: file for one in items for file in _files_of(one)}
    known: set[str] = set()
    wanted = list(files)
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        known |= set(conn.scalars(select(media.c.media_id).where(media.c.media_id.in_(some))))
    new = [{"media_id": m, "mime": f.mime, "size": f.size} for m, f in files.items() if m not in known]
    if new:
        conn.execute(insert(media), new)
    conn.execute(delete(item_media).where(item_media.c.item_id.in_([one.item_id for one in items])))
    pairs = {(one.item_id, file.media_id) for one in items for file in _files_of(one)}
    if pairs:
        conn.execute(insert(item_media), [{"item_id": i, "media_id": m} for i, m in sorted(pairs)])


def _put(
    conn: Connection,
    table: Table,
    key: dict[str, str],
    values: dict[str, object],
    at_first: dict[str, object] | None = None,
) -> bool:
    """Update a row or insert it; True when it is new. No dialect's own upsert: this runs on both."""
    where = [table.c[name] == value for name, value in key.items()]
    if conn.execute(update(table).where(*where).values(**values)).rowcount:
        return False
    conn.execute(insert(table).values(**key, **values, **(at_first or {})))
    return True


def _put_set(conn: Connection, table: Table, key: dict[str, str], column: str, values: Iterable[str]) -> None:
    """Make the rows under `key` exactly these."""
    ((name, value),) = key.items()
    conn.execute(delete(table).where(table.c[name] == value))
    rows = [{**key, column: one} for one in sorted(set(values))]
    if rows:
        conn.execute(insert(table), rows)
