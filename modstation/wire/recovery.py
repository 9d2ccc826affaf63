"""The messages that find decisions again: after the service was restored, or after a station lost its database.

A station asks for the receipts of what it remembers, and sends up the sealed journal segments that hold what the
service does not know. Each record in a segment is 64 bytes of signature by the device's key (`envelope.record_bytes`),
then the bytes of the decision.
"""

from typing import Annotated

from msgspec import Meta

from modstation.wire.content import Moment, Strict
from modstation.wire.decision import Receipt
from modstation.wire.exchange import Hex128
from modstation.wire.limits import MAX_CHECKED, MAX_SEGMENT, Uuid

SIGNATURE_BYTES = 64  # Ed25519

Ids = Annotated[tuple[Uuid, ...], Meta(max_length=MAX_CHECKED)]
Receipts = Annotated[tuple[Receipt, ...], Meta(max_length=MAX_CHECKED)]


class ReceiptsRequest(Strict, frozen=True):
    """What became of these decisions?"""

    decision_ids: Ids


class ReceiptsReply(Strict, frozen=True):
    """The stored receipts, verbatim; `unknown` are the ids the service has none for, or none of this person's."""

    epoch: Hex128
    server_time: Moment
    receipts: Receipts
    unknown: Ids


class JournalRequest(Strict, frozen=True):
    """One journal segment.

    Attributes:
        segment: the bytes of the file, base64; at most `MAX_SEGMENT` of them before encoding.
        wanted: the decisions the station is missing; nothing else in the segment is looked at.
    """

    segment: Annotated[str, Meta(max_length=-(-MAX_SEGMENT // 3) * 4, pattern=r"^[A-Za-z0-9+/]*={0,2}$(?!\n)")]
    wanted: Ids


class JournalReply(Strict, frozen=True):
    """What became of what was wanted. An id that is in neither list is not in the segment.

    Attributes:
        receipts: stored ones verbatim, or fresh ones: a recovered decision is judged as an uploaded one is.
        unreadable: the segment names them, but their record is damaged.
    """

    epoch: Hex128
    server_time: Moment
    receipts: Receipts
    unreadable: Ids
