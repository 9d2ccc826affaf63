"""A reply's changes, parsed one by one: a bad one is set aside and never stops the others. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from modstation.core.ids import ItemId, PolicyId
from modstation.core.policy import Policy
from modstation.core.problem import Problem
from modstation.store.items import StoredItem
from modstation.wire.exchange import (
    Change,
    GoneBecause,
    ItemGone,
    ItemLeased,
    PolicyPublished,
    Reset,
    SyncReply,
    SyncRequest,
)
from modstation.wire.skim import Skimmer
from modstation.wire.translate import load


@dataclass(frozen=True, slots=True)
class Leased:
    """Items to keep."""

    items: tuple[StoredItem, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """Items to purge; those that are `over` will not come back, so what was begun about them goes too."""

    ids: tuple[ItemId, ...]
    over: tuple[ItemId, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """A policy version to keep."""

    policy_id: PolicyId
    version: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Emptied:
    """Every held item is to be purged."""


_OVER = frozenset({GoneBecause.DECIDED, GoneBecause.DELETED})

Operation = Leased | Gone | Published | Emptied


@dataclass(frozen=True, slots=True)
class Unread:
    """A change that could not be read: where it stood, which item (empty for a policy), what was wrong."""

    seq: int
    item_id: str
    code: str
    place: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a reply changes here, in order."""

    operations: tuple[Operation, ...]
    unread: tuple[Unread, ...]


def is_gapless(request: SyncRequest, reply: SyncReply) -> bool:
    """Whether the changes follow the request's cursor without a hole and end at `next_cursor`.

    A reset forgets what was before it, so it may stand at any later number; under a new epoch the feed must begin
    with one. Before the first exchange there is no epoch, and the feed begins at 1.
    """
    seqs = [change.seq for change in reply.changes]
    known = request.epoch == reply.epoch or (not request.epoch and request.cursor == 0)
    if reply.changes and isinstance(reply.changes[0], Reset) and not (known and seqs[0] <= request.cursor):
        first = seqs[0]
    elif known:
        first = request.cursor + 1
    else:
        return False
    return seqs == list(range(first, first + len(seqs))) and reply.next_cursor == first + len(seqs) - 1


class _Rev(msgspec.Struct):
    """The one thing about an item that is known of no lease."""

    rev: int


_REV = msgspec.json.Decoder(_Rev)


def glance(changes: Sequence[Change]) -> list[tuple[ItemId, int, int]] | None:
    """What would be held after these changes and is not before: (item id, lease generation, revision).

    None when they do more than bring items and policies, or an item is not even JSON.
    """
    found: list[tuple[ItemId, int, int]] = []
    for change in changes:
        if isinstance(change, ItemLeased):
            try:
                rev = _REV.decode(change.item).rev
            except msgspec.DecodeError:
                return None
            found.append((ItemId(change.lease.item_id), change.lease.lease_gen, rev))
        elif not isinstance(change, PolicyPublished):
            return None
    return found


def read(changes: Sequence[Change]) -> Page:
    """Parse every change strictly."""
    good: list[Operation] = []
    unread: list[Unread] = []
    skimmer = Skimmer()
    for change in changes:
        try:
            good.append(_operation(change, skimmer))
        except Problem as problem:
            item_id = change.lease.item_id if isinstance(change, ItemLeased) else ""
            unread.append(Unread(change.seq, item_id, problem.code, problem.place))
    return Page(tuple(_merged(good)), tuple(unread))


def _operation(change: Change, skimmer: Skimmer) -> Operation:
    if isinstance(change, ItemLeased):
        body = bytes(change.item)
        card, media = skimmer.read(body, change.lease)
        return Leased((StoredItem(card, body, media),))
    if isinstance(change, ItemGone):
        ids = (ItemId(change.item_id),)
        return Gone(ids, ids if change.because in _OVER else ())
    if isinstance(change, Reset):
        return Emptied()
    body = bytes(change.policy)
    policy = load(Policy, body)
    return Published(policy.policy_id, policy.version, body)


def _merged(operations: Iterable[Operation]) -> Iterable[Operation]:
    """Neighbours of a kind become one, so that the store writes them in one go."""
    for kind, run in groupby(operations, type):
        if kind is Leased:
            yield Leased(tuple(item for one in run if isinstance(one, Leased) for item in one.items))
        elif kind is Gone:
            gone = [one for one in run if isinstance(one, Gone)]
            yield Gone(tuple(i for one in gone for i in one.ids), tuple(i for one in gone for i in one.over))
        else:
            yield from run
