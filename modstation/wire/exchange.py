"""The messages: enrolment, and the one exchange that pulls and pushes at once.

Items, policies and decisions travel as raw JSON inside their envelope and are parsed one by one (`translate`), so that
a bad one is refused by itself and never stops the others.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Raw

from modstation.wire.content import Moment, Strict
from modstation.wire.decision import Receipt
from modstation.wire.item import Lease
from modstation.wire.limits import (
    MAX_CURSOR,
    MAX_DECISIONS,
    MAX_PAGE,
    MAX_WAIT_S,
    Base64,
    Count,
    Id,
    Line,
    Note,
    Ordinal,
    Sha256,
    Word,
)

# A computer's name is shown in a lead's terminal: no character of it may steer that.
ComputerName = Annotated[str, Meta(max_length=400, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$(?!\n)")]
Code = Annotated[str, Meta(min_length=8, max_length=20, pattern=r"^[A-Z0-9-]+$(?!\n)")]
Hex128 = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]


class ServiceCard(Strict, frozen=True):
    """Who the service is: answered to anyone, compared by fingerprint before enrolment.

    Attributes:
        signing_key: Ed25519 public key, raw, base64: signs receipts and replies.
        sealing_key: X25519 public key, raw, base64: the station's journal is sealed to it.
    """

    name: Line
    protocol: Ordinal
    signing_key: Base64
    sealing_key: Base64


class CheckRequest(Strict, frozen=True):
    """Ask what a one-time code would do, without using it up: before anything is made on either side."""

    code: Code


class CheckReply(Strict, frozen=True):
    """The code can be used: for whom, and until when. One that can't is refused as it is when it is used."""

    person_name: Line
    expires_at: Moment


class EnrolRequest(Strict, frozen=True):
    """Trade a one-time code for a device.

    Attributes:
        device_key: the station's Ed25519 public key, raw, base64.
        person_id: whom the code must be for, when the station knows: it joins again and has a person's cache.
    """

    code: Code
    device_name: ComputerName
    device_key: Base64
    person_id: Id | None = None


class EnrolReply(Strict, frozen=True):
    """The device that was made. `token` is shown once and kept only as a hash by the service."""

    device_id: Id
    token: Annotated[str, Meta(min_length=20, max_length=200)]
    person_id: Id
    person_name: Line
    epoch: Hex128
    card: ServiceCard


class Held(Strict, frozen=True):
    """What the station holds, so that a difference is noticed.

    Attributes:
        count: leased items in the cache.
        digest: XOR over all of them of SHA-256(``item_id|lease_gen|rev``), hex; zeros when none. See `envelope.digest`.
    """

    count: Count
    digest: Sha256


class Sent(Strict, frozen=True):
    """A decision on its way.

    Attributes:
        seq: gapless number of what this device has sent; given at the first sending and kept for every repetition, so
            that either side notices a hole.
        decision: raw `Decision`; the same bytes at every repetition.
    """

    seq: Ordinal
    decision: Raw


class SyncRequest(Strict, frozen=True):
    """One exchange. Idle, it long-polls for up to `wait_s` seconds.

    Attributes:
        epoch: the one the cursor belongs to; empty on the first exchange.
        cursor: highest feed number applied here.
        room: how many more items the station wants to hold.
        decisions: in the order of their `seq`.
        renew, release: ids of items whose lease to extend or give back.
        skipped: those of `release` that are not to come to the same person again for hours, not only for a moment.
    """

    epoch: str
    cursor: Annotated[int, Meta(ge=0, le=MAX_CURSOR)]
    room: Annotated[int, Meta(ge=0, le=20_000)]
    held: Held
    decisions: Annotated[tuple[Sent, ...], Meta(max_length=MAX_DECISIONS)] = ()
    renew: Annotated[tuple[Id, ...], Meta(max_length=500)] = ()
    release: Annotated[tuple[Id, ...], Meta(max_length=500)] = ()
    skipped: Annotated[tuple[Id, ...], Meta(max_length=500)] = ()
    wait_s: Annotated[int, Meta(ge=0, le=MAX_WAIT_S)] = 0
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 250


class GoneBecause(StrEnum):
    """Why an item left this device."""

    DECIDED = "decided"
    RELEASED = "released"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DELETED = "deleted"


class ItemLeased(Strict, frozen=True, tag_field="change", tag="leased"):
    """An item is this device's to work on, or has a new revision or lease. `item` is a raw `Item`."""

    seq: Ordinal
    lease: Lease
    item: Raw


class ItemGone(Strict, frozen=True, tag_field="change", tag="gone"):
    """An item is no longer this device's; it is purged."""

    seq: Ordinal
    item_id: Id
    because: GoneBecause


class PolicyPublished(Strict, frozen=True, tag_field="change", tag="policy"):
    """A policy version. `policy` is a raw `Policy`."""

    seq: Ordinal
    policy: Raw


class Reset(Strict, frozen=True, tag_field="change", tag="reset"):
    """Forget every held item; those still leased follow. Drafts and outbox are not touched."""

    seq: Ordinal


Change = ItemLeased | ItemGone | PolicyPublished | Reset


class DeviceState(StrEnum):
    """What the service thinks of this device."""

    ACTIVE = "active"
    REVOKED = "revoked"


class SyncReply(Strict, frozen=True):
    """The answer to one exchange. `changes` are gapless from the request's cursor + 1 to `next_cursor`."""

    epoch: Hex128
    server_time: Moment
    receipts: Annotated[tuple[Receipt, ...], Meta(max_length=MAX_DECISIONS)]
    changes: Annotated[tuple[Change, ...], Meta(max_length=MAX_PAGE)]
    next_cursor: Count
    more: bool
    renewed: Annotated[tuple[Lease, ...], Meta(max_length=500)] = ()
    device_state: DeviceState = DeviceState.ACTIVE
    message: Note = ""


class ProblemDetails(Strict, frozen=True):
    """An error, as RFC 9457 ``application/problem+json`` with our `code` and `place`."""

    code: Word
    title: Line
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: Note = ""
    place: Line = ""
