"""What a person decides: the draft being composed, the rules it must meet, and the decision made of it."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from modstation.core.ids import ActionId, ClauseId, DecisionId, FlagId, ItemId, PolicyId, TeamName
from modstation.core.item import Item, Lease, Permanence, Span
from modstation.core.policy import Clause, Policy
from modstation.core.problem import Problem


class Verdict(StrEnum):
    """The answer to "does this item break the rules?"."""

    NO_VIOLATION = "no_violation"
    VIOLATION = "violation"
    CANNOT_DECIDE = "cannot_decide"


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Evidence in text."""

    span: Span


@dataclass(frozen=True, slots=True)
class ImageRegion:
    """Evidence in a picture, a page or a frame: a rectangle in shares (0 to 1) of width and height."""

    media_id: str
    x: float
    y: float
    width: float
    height: float
    page: int = 0


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Evidence in sound or a moving picture; seconds from the start."""

    media_id: str
    start_s: float
    end_s: float


Evidence = TextSpan | ImageRegion | TimeRange


@dataclass(frozen=True, slots=True)
class Finding:
    """A clause that was broken, how badly (1 to 4), and where it can be seen."""

    clause_id: ClauseId
    severity: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ChosenAction:
    """An action with the values it was given."""

    action_id: ActionId
    values: tuple[tuple[str, str], ...] = ()


class WrongBecause(StrEnum):
    """Why a flag was wrong; fed back to whoever keeps the classifier."""

    QUOTED = "quoted"
    RECLAIMED = "reclaimed"
    IRONY = "irony"
    OTHER_MEANING = "other_meaning"
    OTHER_LANGUAGE = "other_language"
    MISSING_CONTEXT = "missing_context"
    WRONG_TARGET = "wrong_target"
    TECHNICAL = "technical"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FlagVerdict:
    """Whether a flag holds; when it does not, what it should have been and why."""

    flag_id: FlagId
    holds: bool
    category: str = ""
    because: WrongBecause | None = None
    note: str = ""


class Urgency(StrEnum):
    """How soon the team should look."""

    NORMAL = "normal"
    URGENT = "urgent"
    LIFE_AT_RISK = "life_at_risk"


@dataclass(frozen=True, slots=True)
class Escalation:
    """Handing the item to a named team."""

    team: TeamName
    urgency: Urgency = Urgency.NORMAL
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A decision being composed. Every edit makes a new one."""

    verdict: Verdict | None = None
    findings: tuple[Finding, ...] = ()
    actions: tuple[ChosenAction, ...] = ()
    flag_verdicts: tuple[FlagVerdict, ...] = ()
    rationale: str = ""
    message: str = ""
    escalation: Escalation | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been composed yet."""
        return self == Draft()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, about what, under which rules. Append-only: a change is a new one that supersedes it.

    Attributes:
        spent_ms: time the item was open; for planning, never for judging anyone.
        media_seen: whether any pixel, page or sound of the item was looked at.
        policy_version: the version that stood beside the item; 0 when the queue has no policy.
    """

    decision_id: DecisionId
    item_id: ItemId
    item_rev: int
    content_sha256: str
    lease_gen: int
    policy_id: PolicyId
    policy_version: int
    verdict: Verdict
    decided_at: datetime
    findings: tuple[Finding, ...] = ()
    actions: tuple[ChosenAction, ...] = ()
    flag_verdicts: tuple[FlagVerdict, ...] = ()
    rationale: str = ""
    message: str = ""
    escalation: Escalation | None = None
    supersedes: DecisionId | None = None
    spent_ms: int = 0
    media_seen: bool = False

    def __repr__(self) -> str:
        """Ids only: a note must never reach a log by accident."""
        return f"Decision({self.decision_id!r}, item={self.item_id!r})"


def with_verdict(draft: Draft, verdict: Verdict) -> Draft:
    """Set the verdict. What no longer fits it is dropped: findings and actions belong to a violation."""
    if verdict is Verdict.VIOLATION:
        return replace(draft, verdict=verdict, escalation=None)
    return replace(draft, verdict=verdict, findings=(), actions=(), escalation=None)


def with_clause(draft: Draft, clause: Clause, item: Item, policy: Policy) -> Draft:
    """Choose or drop a clause. The verdict follows, and the severity is its usual one.

    The actions are the usual ones of the gravest clause chosen: those of two together can contradict each other. Once a
    person has changed them they stay as they are.
    """
    kept = tuple(f for f in draft.findings if f.clause_id != clause.clause_id)
    if len(kept) < len(draft.findings):
        findings = kept
    else:
        draft = with_verdict(draft, Verdict.VIOLATION)
        findings = (*draft.findings, Finding(clause.clause_id, min(4, max(1, clause.severity))))
    known = policy.by_id | {clause.clause_id: clause}
    filled = draft.actions == _usual_actions(draft.findings, known, item)
    actions = _usual_actions(findings, known, item) if filled else draft.actions if findings else ()
    return replace(draft, findings=findings, actions=actions)


def _usual_actions(
    findings: Sequence[Finding], clauses: Mapping[ClauseId, Clause], item: Item
) -> tuple[ChosenAction, ...]:
    chosen = [clauses[f.clause_id] for f in findings if f.clause_id in clauses]
    if not chosen:
        return ()
    offered = {action.action_id: action for action in item.actions}
    gravest = max(chosen, key=lambda clause: clause.severity)  # of several the first
    return tuple(
        ChosenAction(a, tuple((p.name, p.options[0]) for p in offered[a].parameters))
        for a in gravest.actions
        if a in offered
    )


def with_severity(draft: Draft, step: int) -> Draft:
    """Move the severity of the clause chosen last by `step`, round and round from 1 to 4."""
    if not draft.findings:
        return draft
    last = draft.findings[-1]
    severity = (last.severity - 1 + step) % 4 + 1
    return replace(draft, findings=(*draft.findings[:-1], replace(last, severity=severity)))


def with_actions(draft: Draft, chosen: tuple[ChosenAction, ...]) -> Draft:
    """Take these actions and no others. Actions belong to a violation: choosing them makes it the verdict."""
    return replace(with_verdict(draft, Verdict.VIOLATION), actions=chosen)


def with_flag_verdict(draft: Draft, verdict: FlagVerdict) -> Draft:
    """Say whether a flag holds; the same answer given twice takes it back."""
    kept = tuple(v for v in draft.flag_verdicts if v.flag_id != verdict.flag_id)
    if verdict in draft.flag_verdicts:
        return replace(draft, flag_verdicts=kept)
    return replace(draft, flag_verdicts=(*kept, verdict))


def with_escalation(draft: Draft, escalation: Escalation) -> Draft:
    """Hand the item to a team; the verdict becomes "cannot decide"."""
    return replace(with_verdict(draft, Verdict.CANNOT_DECIDE), escalation=escalation)


class Missing(StrEnum):
    """What a draft still lacks before it can be decided."""

    VERDICT = "verdict"
    CLAUSE = "clause"
    ACTION = "action"
    NOTE = "note"
    POLICY = "policy"


class Offering(Protocol):
    """What of an item says whether a decision on it is complete; an `Item` is one."""

    @property
    def actions(self) -> Sized:
        """What can be done."""
        ...


def missing(draft: Draft, item: Offering, policy: Policy | None) -> tuple[Missing, ...]:
    """What `draft` lacks to be a decision on `item` under `policy`; empty when it is complete."""
    if draft.verdict is None:
        return (Missing.VERDICT,)
    lacks: list[Missing] = []
    if draft.verdict is Verdict.VIOLATION:
        if policy is None:
            lacks.append(Missing.POLICY)
        elif not draft.findings or any(f.clause_id not in policy.by_id for f in draft.findings):
            lacks.append(Missing.CLAUSE)
        if item.actions and not draft.actions:
            lacks.append(Missing.ACTION)
    if draft.verdict is Verdict.CANNOT_DECIDE and draft.escalation is None and not draft.rationale.strip():
        lacks.append(Missing.NOTE)
    return tuple(lacks)


def confirming_digit(draft: Draft, item: Item) -> int | None:
    """The digit that must follow "decide": the severity, when it is 3 or 4 or an action can't be taken back."""
    severity = max((f.severity for f in draft.findings), default=0)
    final = {a.action_id for a in item.actions if a.permanence is Permanence.IRREVERSIBLE}
    if severity >= 3 or any(a.action_id in final for a in draft.actions):
        return severity or 4
    return None


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a decision unique and places it in time; all of it is made by the caller."""

    decision_id: DecisionId
    decided_at: datetime


def decide(
    draft: Draft,
    item: Item,
    lease: Lease,
    policy: Policy | None,
    identity: Identity,
    *,
    spent_ms: int = 0,
    media_seen: bool = False,
    supersedes: DecisionId | None = None,
) -> Decision:
    """Make the decision that `draft` describes.

    Raises:
        Problem: ``decision.incomplete`` when something is missing, ``decision.foreign_action`` when an action was not
            offered with the item.
    """
    lacks = missing(draft, item, policy)
    if lacks or draft.verdict is None:
        raise Problem("decision.incomplete", "The decision is not complete yet.", place=", ".join(lacks))
    offered = {action.action_id for action in item.actions}
    for action in draft.actions:
        if action.action_id not in offered:
            raise Problem(
                "decision.foreign_action", "This action is not offered for this item.", place=action.action_id
            )
    return Decision(
        decision_id=identity.decision_id,
        item_id=item.item_id,
        item_rev=item.rev,
        content_sha256=item.content_sha256,
        lease_gen=lease.lease_gen,
        policy_id=item.policy_id,
        policy_version=policy.version if policy else 0,
        verdict=draft.verdict,
        decided_at=identity.decided_at,
        findings=draft.findings,
        actions=draft.actions,
        flag_verdicts=draft.flag_verdicts,
        rationale=draft.rationale.strip(),
        message=draft.message.strip(),
        escalation=draft.escalation,
        supersedes=supersedes,
        spent_ms=spent_ms,
        media_seen=media_seen,
    )


def draft_of(decision: Decision) -> Draft:
    """The draft a decision was made of: undo and "returned" give it back to the person."""
    return Draft(
        verdict=decision.verdict,
        findings=decision.findings,
        actions=decision.actions,
        flag_verdicts=decision.flag_verdicts,
        rationale=decision.rationale,
        message=decision.message,
        escalation=decision.escalation,
    )
