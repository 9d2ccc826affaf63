"""The decision as a sentence: which words, which of them are slots, and which keys fill them. No Qt widgets here.

A translator gets whole patterns ("{verdict} of {clauses}: {actions}."), never words to glue: the order of the slots and
the punctuation between them belong to the language.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

from modstation.core.decision import ChosenAction, Draft, Escalation, Finding, FlagVerdict, Missing, Urgency, Verdict
from modstation.core.item import Item, Review, SpotCheck
from modstation.core.policy import Policy
from modstation.ui.text import team_name, tr


class Role(StrEnum):
    """What a piece of the sentence stands for; everything but `GLUE` can be changed by the person."""

    GLUE = "glue"
    VERDICT = "verdict"
    CLAUSE = "clause"
    SEVERITY = "severity"
    ACTION = "action"
    ESCALATION = "escalation"
    NOTE = "note"
    FLAGS = "flags"


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of the sentence.

    Attributes:
        text: the words, with the spaces and punctuation of the language when it is glue.
        keys: what to show beneath: command ids (``decide.severity``), or a cap to show as it is (``1``).
        caption: a word behind the keys; may be empty.
        empty: whether the slot still waits for an answer; `text` is then the question.
        numbers: how many numbers mean something here, for a command that takes one; 0 for every other.
    """

    role: Role
    text: str
    keys: tuple[str, ...] = ()
    caption: str = ""
    empty: bool = False
    numbers: int = 0


Piece = tuple[Segment, ...]

VERDICT_COMMANDS = {
    Verdict.NO_VIOLATION: "decide.no_violation",
    Verdict.VIOLATION: "decide.violation",
    Verdict.CANNOT_DECIDE: "decide.cannot_decide",
}


def compose(draft: Draft, item: Item, policy: Policy | None, recommended: int = 0) -> Piece:
    """The sentence for `draft` on `item` under `policy`.

    Args:
        draft: what has been composed so far.
        item: names the actions, the flags and the task.
        policy: names the clauses; None when it has not arrived.
        recommended: how many clauses can be chosen by their number.
    """
    match draft.verdict:
        case None:
            first = _undecided(policy, recommended)
        case Verdict.NO_VIOLATION:
            stays = isinstance(item.task, (Review, SpotCheck))
            pattern = tr("{verdict}: the item stays as it is.") if stays else tr("{verdict}.")
            first = _fill(pattern, verdict=_verdict(Verdict.NO_VIOLATION))
        case Verdict.VIOLATION:
            first = _violation(draft, item, policy, recommended)
        case Verdict.CANNOT_DECIDE:
            first = _cannot_decide(draft)
    judged = _flags(draft.flag_verdicts, item)
    if not judged:
        return first
    return _fill(tr("{decision} {flags}"), decision=first, flags=judged)


def spoken(segments: Sequence[Segment]) -> str:
    """The sentence as one text: for the screen reader, and for the outbox beside a decision."""
    return "".join(segment.text for segment in segments)


def verdict_title(verdict: Verdict) -> str:
    """The verdict in words."""
    return {
        Verdict.NO_VIOLATION: tr("No violation"),
        Verdict.VIOLATION: tr("Violation"),
        Verdict.CANNOT_DECIDE: tr("Cannot decide"),
    }[verdict]


def reason(missing: Sequence[Missing]) -> str:
    """Why the draft can't be decided yet, in words; empty when nothing is missing. The first one is enough."""
    if not missing:
        return ""
    return {
        Missing.VERDICT: tr("No verdict yet"),
        Missing.CLAUSE: tr("No clause chosen yet"),
        Missing.ACTION: tr("No action chosen yet"),
        Missing.NOTE: tr("A note or a team is missing"),
        Missing.POLICY: tr("The policy has not arrived"),
    }[missing[0]]


def _undecided(policy: Policy | None, recommended: int) -> Piece:
    verdict = Segment(Role.VERDICT, tr("Choose a verdict"), tuple(VERDICT_COMMANDS.values()), empty=True)
    if policy is None:
        return _fill(tr("{verdict}."), verdict=(verdict,))
    question, keys = tr("the clause it breaks"), _clause_keys(recommended)
    clause = Segment(Role.CLAUSE, question, keys, empty=True, numbers=recommended)
    return _fill(tr("{verdict}, or {clause}."), verdict=(verdict,), clause=(clause,))


def _violation(draft: Draft, item: Item, policy: Policy | None, recommended: int) -> Piece:
    verdict = _verdict(Verdict.VIOLATION)
    clauses = _clauses(draft.findings, policy, recommended)
    if not item.actions and not draft.actions:
        return _fill(tr("{verdict} of {clauses}."), verdict=verdict, clauses=clauses)
    return _fill(
        tr("{verdict} of {clauses}: {actions}."),
        verdict=verdict,
        clauses=clauses,
        actions=_actions(draft.actions, item),
    )


def _clauses(findings: Sequence[Finding], policy: Policy | None, recommended: int) -> Piece:
    keys = _clause_keys(recommended)
    if not findings:
        question = tr("which clause") if policy else tr("a clause of the policy, which is not here yet")
        return (Segment(Role.CLAUSE, question, keys, tr("clause"), empty=True, numbers=recommended),)
    pieces: list[Piece] = []
    for n, finding in enumerate(findings):
        clause = policy.by_id.get(finding.clause_id) if policy else None
        name = tr("{number} {title}", number=clause.number, title=clause.title) if clause else finding.clause_id
        first, last = n == 0, n == len(findings) - 1
        slot = Segment(Role.CLAUSE, name.strip(), keys, tr("clause"), numbers=recommended) if first else None
        pieces.append(
            _fill(
                tr("{clause}, {severity}"),
                clause=(slot or Segment(Role.CLAUSE, name.strip()),),
                severity=(
                    Segment(
                        Role.SEVERITY,
                        tr("severity {n}", n=finding.severity),
                        ("decide.severity",) if last else (),
                    ),
                ),
            )
        )
    return _listed(pieces, tr("{first}, and {second}"), tr("{first}; {rest}"))


def _clause_keys(recommended: int) -> tuple[str, ...]:
    return ("decide.clause",) if recommended else ("read.search",)


def _actions(chosen: Sequence[ChosenAction], item: Item) -> Piece:
    if not chosen:
        return (Segment(Role.ACTION, tr("which action"), ("decide.actions",), empty=True),)
    offered = {action.action_id: action for action in item.actions}
    pieces: list[Piece] = []
    for n, action in enumerate(chosen):
        known = offered.get(action.action_id)
        text = known.phrase or known.title if known else str(action.action_id)
        values = [value for _, value in action.values if value]
        if values:
            text = tr("{action} ({values})", action=text, values=tr(", ").join(values))
        keys = ("decide.actions",) if n == 0 else ()
        pieces.append((Segment(Role.ACTION, text, keys, tr("actions") if n == 0 else ""),))
    return _listed(pieces, tr("{first} and {second}"), tr("{first}, {rest}"))


def _cannot_decide(draft: Draft) -> Piece:
    verdict = _verdict(Verdict.CANNOT_DECIDE)
    if draft.escalation is not None:
        return _handed_over(verdict, draft.escalation)
    if draft.rationale.strip():
        note = Segment(Role.NOTE, tr("the note says why"), ("decide.note",))
        return _fill(tr("{verdict}: {note}."), verdict=verdict, note=(note,))
    note = Segment(Role.NOTE, tr("say why"), ("decide.note",), tr("note"), empty=True)
    team = Segment(Role.ESCALATION, tr("hand it to a team"), ("decide.escalate",), empty=True)
    return _fill(tr("{verdict}: {note} or {team}."), verdict=verdict, note=(note,), team=(team,))


def _handed_over(verdict: Piece, escalation: Escalation) -> Piece:
    team = Segment(Role.ESCALATION, team_name(escalation.team), ("decide.escalate",), tr("team"))
    urgency = Segment(
        Role.ESCALATION,
        {
            Urgency.NORMAL: tr("no hurry"),
            Urgency.URGENT: tr("urgent"),
            Urgency.LIFE_AT_RISK: tr("a life may be at risk"),
        }[escalation.urgency],
    )
    if not escalation.reason:
        return _fill(tr("{verdict}: hand it to {team}, {urgency}."), verdict=verdict, team=(team,), urgency=(urgency,))
    return _fill(
        tr("{verdict}: hand it to {team}, {urgency}, because “{reason}”."),
        verdict=verdict,
        team=(team,),
        urgency=(urgency,),
        reason=(Segment(Role.ESCALATION, " ".join(escalation.reason.split())),),
    )


def _flags(verdicts: Sequence[FlagVerdict], item: Item) -> Piece:
    """What was said of the flags, by the letters they carry in the text."""
    letters = {flag.flag_id: letter(n) for n, flag in enumerate(item.flags)}
    sides = [
        sorted(letters[v.flag_id] for v in verdicts if v.flag_id in letters and v.holds is holds)
        for holds in (True, False)
    ]
    pieces: list[Piece] = []
    for side, one, several in zip(
        sides,
        (tr("flag {letters} holds"), tr("flag {letters} is wrong")),
        (tr("flags {letters} hold"), tr("flags {letters} are wrong")),
        strict=True,
    ):
        if side:
            text = (one if len(side) == 1 else several).format(letters=tr(", ").join(side))
            pieces.append((Segment(Role.FLAGS, text, ("read.flags",) if not pieces else ()),))
    if not pieces:
        return ()
    return _fill(tr("Also, {flags}."), flags=_listed(pieces, tr("{first} and {second}"), tr("{first}, {rest}")))


def letter(index: int) -> str:
    """The letter that ties a flag to its spans: a to z, then a2 to z2, and so on."""
    turn, place = divmod(index, 26)
    return chr(ord("a") + place) + (str(turn + 1) if turn else "")


def _verdict(verdict: Verdict) -> Piece:
    return (Segment(Role.VERDICT, verdict_title(verdict), (VERDICT_COMMANDS[verdict],)),)


def _listed(pieces: Sequence[Piece], two: str, many: str) -> Piece:
    """`pieces` as the language lists things; `two` has {first} and {second}, `many` has {first} and {rest}."""
    if len(pieces) == 1:
        return pieces[0]
    if len(pieces) == 2:
        return _fill(two, first=pieces[0], second=pieces[1])
    return _fill(many, first=pieces[0], rest=_listed(pieces[1:], two, many))


def _fill(pattern: str, **slots: Piece) -> Piece:
    """`pattern` with its named slots replaced by pieces; glue that meets glue becomes one."""
    found: list[Segment] = []
    for glue, name, _, _ in Formatter().parse(pattern):
        if glue:
            found.append(Segment(Role.GLUE, glue))
        if name is not None:
            found.extend(slots[name])
    merged: list[Segment] = []
    for segment in found:
        if merged and segment.role is Role.GLUE and merged[-1].role is Role.GLUE:
            merged[-1] = Segment(Role.GLUE, merged[-1].text + segment.text)
        else:
            merged.append(segment)
    return tuple(merged)
