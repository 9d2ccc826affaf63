"""Decisions, drafts and receipts on the wire. Meanings: `core.decision`, `core.receipt`."""

from typing import Annotated

from msgspec import Meta

from modstation.core.decision import Urgency, Verdict, WrongBecause
from modstation.core.receipt import Outcome
from modstation.wire.content import Moment, Strict
from modstation.wire.item import Span
from modstation.wire.limits import (
    Base64,
    Count,
    FoundSeverity,
    Id,
    Line,
    Name,
    Note,
    Ordinal,
    Seconds,
    Sha256,
    Share,
    Uuid,
    Word,
)


class TextSpan(Strict, frozen=True, tag_field="evidence", tag="text"):
    """See `core.decision.TextSpan`."""

    span: Span


class ImageRegion(Strict, frozen=True, tag_field="evidence", tag="region"):
    """See `core.decision.ImageRegion`."""

    media_id: Sha256
    x: Share
    y: Share
    width: Share
    height: Share
    page: Count = 0


class TimeRange(Strict, frozen=True, tag_field="evidence", tag="time"):
    """See `core.decision.TimeRange`."""

    media_id: Sha256
    start_s: Seconds
    end_s: Seconds


Evidence = TextSpan | ImageRegion | TimeRange


class Finding(Strict, frozen=True):
    """See `core.decision.Finding`."""

    clause_id: Id
    severity: FoundSeverity
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=100)] = ()


class ChosenAction(Strict, frozen=True):
    """See `core.decision.ChosenAction`."""

    action_id: Id
    values: Annotated[tuple[tuple[Id, Line], ...], Meta(max_length=5)] = ()


class FlagVerdict(Strict, frozen=True):
    """See `core.decision.FlagVerdict`."""

    flag_id: Id
    holds: bool
    category: Word = ""
    because: WrongBecause | None = None
    note: Note = ""


class Escalation(Strict, frozen=True):
    """See `core.decision.Escalation`."""

    team: Name
    urgency: Urgency = Urgency.NORMAL
    reason: Note = ""


Findings = Annotated[tuple[Finding, ...], Meta(max_length=20)]
Actions = Annotated[tuple[ChosenAction, ...], Meta(max_length=20)]
FlagVerdicts = Annotated[tuple[FlagVerdict, ...], Meta(max_length=50)]


class Draft(Strict, frozen=True):
    """See `core.decision.Draft`. Kept by the station only; it never travels."""

    verdict: Verdict | None = None
    findings: Findings = ()
    actions: Actions = ()
    flag_verdicts: FlagVerdicts = ()
    rationale: Note = ""
    message: Note = ""
    escalation: Escalation | None = None


class Decision(Strict, frozen=True):
    """See `core.decision.Decision`."""

    decision_id: Uuid
    item_id: Id
    item_rev: Ordinal
    content_sha256: Sha256
    lease_gen: Ordinal
    policy_id: Id
    policy_version: Count
    verdict: Verdict
    decided_at: Moment
    findings: Findings = ()
    actions: Actions = ()
    flag_verdicts: FlagVerdicts = ()
    rationale: Note = ""
    message: Note = ""
    escalation: Escalation | None = None
    supersedes: Uuid | None = None
    spent_ms: Count = 0
    media_seen: bool = False


class Receipt(Strict, frozen=True):
    """See `core.receipt.Receipt`."""

    decision_id: Uuid
    item_id: Id
    outcome: Outcome
    code: Word
    at: Moment
    reason: Line = ""
    agrees: bool | None = None
    signature: Base64 = ""
