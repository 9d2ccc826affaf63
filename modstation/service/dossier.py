"""Everything a batch of decisions is judged by, read at once: items, leases, earlier decisions, policies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, String, and_, bindparam, func, or_, select

from modstation.core.decision import Decision, Verdict
from modstation.core.policy import Policy
from modstation.core.receipt import ACCEPTED
from modstation.service import decisions, identity, leases
from modstation.service.decisions import Facts
from modstation.service.leases import Holder
from modstation.service.tables import decision, device, item, item_body, lease, policy, receipt
from modstation.wire import translate
from modstation.wire.exchange import GoneBecause

_FAR = datetime.max.replace(tzinfo=UTC)

Gist = tuple[Verdict, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Counting:
    """The decision that counts for an item revision."""

    decision_id: str
    person_id: str
    gist: Gist


@dataclass(frozen=True, slots=True)
class _Item:
    queue: str
    rev: int
    content_sha256: str
    state: str
    lease_gen: int
    policy_id: str
    body: bytes | None  # None when deleted


@dataclass(frozen=True, slots=True)
class _Live:
    device_id: str
    person_id: str
    lease_gen: int
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Restore:
    """The last time the service was put back from a backup: when, and how far fencing numbers leapt."""

    at: datetime
    leap: int


_POLICY = select(policy.c.body).where(
    policy.c.policy_id == bindparam("policy_id"), policy.c.version == bindparam("version")
)


class PolicyShelf:
    """Policy versions, which never change, kept parsed."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, int], Policy] = {}

    def get(self, conn: Connection, policy_id: str, version: int) -> Policy | None:
        """A policy version; None when the service does not have it."""
        key = (policy_id, version)
        if version == 0:  # "the queue has no policy"
            return None
        if key not in self._parsed:
            body = conn.scalar(_POLICY, {"policy_id": policy_id, "version": version})
            if body is None:
                return None
            self._parsed[key] = translate.load(Policy, body)
        return self._parsed[key]


_THESE = bindparam("item_ids", type_=String, expanding=True)
_PERSON = bindparam("person_id", type_=String)
_KNOWN = (
    select(decision.c.decision_id, decision.c.person_id, decision.c.body_sha256, receipt.c.body)
    .join_from(decision, receipt, decision.c.decision_id == receipt.c.decision_id)
    .where(decision.c.decision_id.in_(bindparam("decision_ids", expanding=True)))
)
_ITEMS = (
    select(item.c.item_id, item.c.queue, item.c.rev, item.c.content_sha256, item.c.state, item.c.lease_gen)
    .add_columns(item.c.policy_id, item_body.c.body)
    .join_from(item, item_body, item.c.item_id == item_body.c.item_id, isouter=True)
    .where(item.c.item_id.in_(_THESE))
    .order_by(item.c.item_id)
    .with_for_update(of=item)
)
_LEASES = (
    select(lease.c.item_id, lease.c.device_id, lease.c.person_id, lease.c.lease_gen)
    .add_columns(lease.c.granted_at, lease.c.expires_at)
    .where(lease.c.item_id.in_(_THESE), lease.c.ended_at.is_(None))
)
_GIVEN = select(lease.c.item_id, lease.c.lease_gen, lease.c.ended_because).where(lease.c.item_id.in_(_THESE))
_GIVEN_TO_PERSON = _GIVEN.where(lease.c.person_id == _PERSON)
_REMOVED = select(device.c.device_id).where(device.c.revoked_at.is_not(None), device.c.person_id == _PERSON)
_GIVEN_TO_DEVICE = _GIVEN.where(
    or_(
        lease.c.device_id == bindparam("device_id"),
        and_(lease.c.person_id == _PERSON, lease.c.device_id.in_(_REMOVED)),
    )
)
_COUNTING = (
    select(decision.c.item_id, decision.c.item_rev, decision.c.decision_id, decision.c.person_id, decision.c.body)
    .where(decision.c.item_id.in_(_THESE), decision.c.replaced_by.is_(None))
    .where(decision.c.outcome.in_(sorted(one.value for one in ACCEPTED)))
)
_NEWEST = (
    select(policy.c.policy_id, func.max(policy.c.version).label("version"))
    .where(policy.c.policy_id.in_(bindparam("policy_ids", expanding=True)))
    .group_by(policy.c.policy_id)
    .subquery()
)
_ACCEPTS_FROM = select(policy.c.policy_id, policy.c.accepts_from).join_from(
    policy, _NEWEST, and_(policy.c.policy_id == _NEWEST.c.policy_id, policy.c.version == _NEWEST.c.version)
)


class Dossier:
    """The facts for one batch of one device. Locks the items for the rest of the transaction.

    What was given to the device entitles it, and what was given to an earlier device of the same person that has been
    removed since: a computer that joins again brings what it could not deliver. (An earlier device that a restored
    service does not know has left no leases: then the person's queues count.) A device that still is a member speaks
    for itself, and what was given to other people never entitles.

    Args:
        conn: a writing transaction.
        holder: who sends the batch.
        made: its decisions.
        shelf: policies read before.
        recovered: the batch comes from a journal: what was given to any device of the person, was given to them.
    """

    def __init__(
        self,
        conn: Connection,
        holder: Holder,
        made: Sequence[Decision],
        shelf: PolicyShelf,
        *,
        recovered: bool = False,
    ) -> None:
        self.holder = holder
        self._recovered = recovered
        self._conn = conn
        self._shelf = shelf
        ids = sorted({one.item_id for one in made})
        at = identity.restored_at(conn)
        self._restore = None if at is None else _Restore(at, identity.leapt(conn))
        self._items = self._read_items(ids)
        self._live = self._read_live(ids)
        self._granted = self._read_granted(ids)
        self._counting = self._read_counting(ids)
        self._accepts_from = self._read_accepts_from({known.policy_id for known in self._items.values()})
        self._queues: frozenset[str] | None = None
        self._policies: dict[tuple[str, int], Policy | None] = {}

    def known(self, decision_ids: Sequence[str]) -> dict[str, tuple[str, bytes]]:
        """Decisions that are recorded already: sha256 of their bytes, and their receipt.

        Of another person's nothing is said but that it is there: no bytes have the empty sha256.
        """
        rows = self._conn.execute(_KNOWN, {"decision_ids": decision_ids})
        return {row[0]: (row[2], row[3]) if row[1] == self.holder.person_id else ("", b"") for row in rows}

    def facts(self, made: Decision, now: datetime, *, revoked: bool) -> Facts:
        """What the rules need to know about one decision."""
        known = self._items.get(made.item_id)
        if revoked or known is None:
            return Facts(revoked=revoked, known=known is not None)
        live = self._live.get(made.item_id)
        mine = live is not None and self._is_mine(live)
        counts = self.counts(made)
        same_content = (made.item_rev, made.content_sha256) == (known.rev, known.content_sha256)
        deleted, entitled = known.state == leases.DELETED, self._entitled(made, known)
        fault = None
        if same_content and entitled and not deleted and known.body is not None:  # else no rule asks for it
            fault = decisions.fault(made, decisions.judged(known.body), self._policy(made))
        return Facts(
            deleted=deleted,
            entitled=entitled,
            decided=counts is not None,
            replaces=counts is not None
            and (made.supersedes, self.holder.person_id) == (counts.decision_id, counts.person_id),
            agrees=None if counts is None else counts.gist == decisions.gist(made),
            same_content=same_content,
            policy_taken=made.policy_version >= self._accepts_from.get(known.policy_id, 0),
            fault=fault,
            elsewhere=live is not None and not mine and not self._outdated(made, live),
            in_time=live is not None and mine and self._is_under(made, live) and live.expires_at > now,
            restored=self._is_before_restore(made, known),
            removed=self._granted.get((made.item_id, made.lease_gen)) == GoneBecause.REVOKED.value,
        )

    def counts(self, made: Decision) -> Counting | None:
        """The decision that counts for the revision this one is about."""
        return self._counting.get((made.item_id, made.item_rev))

    def close(self, made: Decision, counting: Counting) -> None:
        """From now on, `counting` counts, and nobody holds the item."""
        self._counting[made.item_id, made.item_rev] = counting
        self._live.pop(made.item_id, None)

    def wants_again(self, made: Decision) -> bool:
        """Whether a returned decision's item is to be leased to its device afresh."""
        known = self._items[made.item_id]
        live = self._live.get(made.item_id)
        if live is None:
            return known.state == leases.WAITING and known.queue in self._may()
        return live.device_id == self.holder.device_id and live.lease_gen <= made.lease_gen

    def given(self, item_id: str) -> None:
        """The item will be leased to this device afresh."""
        known = self._items[item_id]
        self._items[item_id] = replace(known, state=leases.LEASED, lease_gen=known.lease_gen + 1)
        self._live[item_id] = _Live(self.holder.device_id, self.holder.person_id, known.lease_gen + 1, _FAR, _FAR)

    def _policy(self, made: Decision) -> Policy | None:
        """As the shelf; that there is none is asked of the database once a batch, not at each decision."""
        key = (made.policy_id, made.policy_version)
        if key not in self._policies:
            self._policies[key] = self._shelf.get(self._conn, *key)
        return self._policies[key]

    def _is_mine(self, live: _Live) -> bool:
        if self._recovered:
            return live.person_id == self.holder.person_id
        return live.device_id == self.holder.device_id

    def _is_under(self, made: Decision, live: _Live) -> bool:
        """Whether a decision was made under the live lease: by its number, or by the one it had in the backup.

        A lease given after the restore never had another: its number less the leap is one that was lost.
        """
        if live.lease_gen == made.lease_gen:
            return True
        back = self._restore
        return back is not None and live.granted_at <= back.at and live.lease_gen - back.leap == made.lease_gen

    def _is_before_restore(self, made: Decision, known: _Item) -> bool:
        """Whether a decision was made under a number from before the restore: half a leap is more than any grants."""
        return self._restore is not None and made.lease_gen < known.lease_gen - self._restore.leap // 2

    def _outdated(self, made: Decision, live: _Live) -> bool:
        """Whether the live lease is one of the backup, and the decision was made on a later one that was lost since."""
        if not made.lease_gen < live.lease_gen or self._restore is None:
            return False
        return live.lease_gen - self._restore.leap < made.lease_gen

    def _entitled(self, made: Decision, known: _Item) -> bool:
        if (made.item_id, made.lease_gen) in self._granted:
            return True
        if self._restore is None:
            return False
        return (made.item_id, made.lease_gen + self._restore.leap) in self._granted or known.queue in self._may()

    def _may(self) -> frozenset[str]:
        if self._queues is None:
            self._queues = frozenset(leases.entitlement(self._conn, self.holder.person_id).queues)
        return self._queues

    def _read_items(self, ids: Sequence[str]) -> dict[str, _Item]:
        return {row[0]: _Item(*row[1:]) for row in self._conn.execute(_ITEMS, {"item_ids": ids})}

    def _read_live(self, ids: Sequence[str]) -> dict[str, _Live]:
        return {row[0]: _Live(*row[1:]) for row in self._conn.execute(_LEASES, {"item_ids": ids})}

    def _read_granted(self, ids: Sequence[str]) -> dict[tuple[str, int], str | None]:
        """Every lease that entitles, and why it ended."""
        asked = {"item_ids": ids, "person_id": self.holder.person_id}
        if self._recovered:
            return {(row[0], row[1]): row[2] for row in self._conn.execute(_GIVEN_TO_PERSON, asked)}
        asked["device_id"] = self.holder.device_id
        return {(row[0], row[1]): row[2] for row in self._conn.execute(_GIVEN_TO_DEVICE, asked)}

    def _read_counting(self, ids: Sequence[str]) -> dict[tuple[str, int], Counting]:
        return {
            (row[0], row[1]): Counting(row[2], row[3], decisions.gist(translate.load(Decision, row[4])))
            for row in self._conn.execute(_COUNTING, {"item_ids": ids})
        }

    def _read_accepts_from(self, policy_ids: set[str]) -> dict[str, int]:
        return {row[0]: row[1] for row in self._conn.execute(_ACCEPTS_FROM, {"policy_ids": policy_ids})}
