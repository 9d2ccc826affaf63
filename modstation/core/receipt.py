"""The service's signed answer to a decision, and what each answer means for the station."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from modstation.core.ids import DecisionId, ItemId


class Outcome(StrEnum):
    """What became of a decision."""

    ACCEPTED = "accepted"
    ACCEPTED_LATE = "accepted_late"
    SECOND_OPINION = "second_opinion"
    SUPERSEDED = "superseded"
    RETURNED = "returned"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


SETTLED = frozenset({Outcome.ACCEPTED, Outcome.ACCEPTED_LATE, Outcome.SECOND_OPINION, Outcome.SUPERSEDED})
"""Outcomes that leave the outbox by themselves; the others stay in front of the person until dealt with."""

ACCEPTED = frozenset({Outcome.ACCEPTED, Outcome.ACCEPTED_LATE})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the service says of one decision.

    Attributes:
        code: why, dotted: ``returned.content_changed``; equals the outcome when there is nothing to add.
        reason: the service's words for the person.
        agrees: for `superseded`: whether the decision that counts says the same; else None.
        signature: Ed25519 over the other fields, base64; see `wire.envelope`.
    """

    decision_id: DecisionId
    item_id: ItemId
    outcome: Outcome
    code: str
    at: datetime
    reason: str = ""
    agrees: bool | None = None
    signature: str = ""
