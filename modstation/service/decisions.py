"""What becomes of a decision: one table of rules over a few facts, pure. The first rule that fits, decides."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import structlog

from modstation.core.decision import Decision, Missing, Verdict, draft_of, missing
from modstation.core.policy import Policy
from modstation.core.receipt import Outcome

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The outcome, its code, and the service's words for the person."""

    outcome: Outcome
    code: str
    reason: str = ""
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at.

    Attributes:
        revoked: the device was removed.
        known: the service has, or had, such an item.
        deleted: the item was deleted.
        entitled: this lease was given to this device, or to one of the same person that was removed since, or (after
            the service was restored from a backup that does not know the lease) the person may work on that queue.
        decided: another decision counts for this revision already.
        replaces: this decision supersedes that one, of the same person.
        agrees: with that one, in verdict and clauses.
        same_content: revision and hash are the item's present ones.
        policy_taken: the policy version is still accepted.
        fault: what is wrong with the decision itself; None when nothing is.
        elsewhere: another device holds the item now.
        in_time: this device's lease is live, current and has not run out. A lease that came back with a backup is
            current for what was decided on it before.
        restored: it was decided before the service was put back from a backup, which may not know its lease.
        removed: its lease ended because the computer that held it was removed.
    """

    revoked: bool = False
    known: bool = True
    deleted: bool = False
    entitled: bool = True
    decided: bool = False
    replaces: bool = False
    agrees: bool | None = None
    same_content: bool = True
    policy_taken: bool = True
    fault: Ruling | None = None
    elsewhere: bool = False
    in_time: bool = True
    restored: bool = False
    removed: bool = False


RULES: tuple[tuple[Callable[[Facts], bool], Ruling], ...] = (
    (
        lambda f: f.revoked,
        Ruling(Outcome.QUARANTINED, "quarantined.device_revoked", "This device was removed. A lead has the decision."),
    ),
    (
        lambda f: not f.known,
        Ruling(Outcome.REFUSED, "refused.unknown_item", "The service does not know this item."),
    ),
    (
        lambda f: f.deleted,
        Ruling(Outcome.SUPERSEDED, "superseded.item_deleted", "The item was deleted meanwhile."),
    ),
    (
        lambda f: not f.entitled,
        Ruling(Outcome.REFUSED, "refused.not_leased", "This item was never given to this device."),
    ),
    (
        lambda f: f.decided and not f.replaces,
        Ruling(Outcome.SUPERSEDED, "superseded.decided_by_other", "The item was decided before."),
    ),
    (
        lambda f: not f.same_content,
        Ruling(Outcome.RETURNED, "returned.content_changed", "The content has changed. Please look again."),
    ),
    (
        lambda f: not f.policy_taken,
        Ruling(Outcome.RETURNED, "returned.policy_changed", "The policy has changed. Please look again."),
    ),
    (lambda f: f.fault is not None, Ruling(Outcome.REFUSED, "refused")),
    (lambda f: f.replaces, Ruling(Outcome.ACCEPTED, "accepted.replaces")),
    (
        lambda f: f.elsewhere,
        Ruling(Outcome.SECOND_OPINION, "second_opinion", "Someone else has the item now. Yours is kept beside theirs."),
    ),
    (lambda f: f.in_time, Ruling(Outcome.ACCEPTED, "accepted")),
    (
        lambda f: f.restored,
        Ruling(Outcome.ACCEPTED_LATE, "accepted_late.restored", "The service was put back from a backup."),
    ),
    (
        lambda f: f.removed,
        Ruling(Outcome.ACCEPTED_LATE, "accepted_late.removed", "The computer was removed before the decision came."),
    ),
    (lambda _: True, Ruling(Outcome.ACCEPTED_LATE, "accepted_late")),
)


def judge(facts: Facts) -> Ruling:
    """The ruling of the first rule that fits."""
    ruling = next(ruling for fits, ruling in RULES if fits(facts))
    if ruling.code == "refused" and facts.fault is not None:
        return facts.fault
    if ruling.code == "superseded.decided_by_other":
        return Ruling(ruling.outcome, ruling.code, ruling.reason, facts.agrees)
    return ruling


class _Action(msgspec.Struct, frozen=True):
    action_id: str


class _Flag(msgspec.Struct, frozen=True):
    flag_id: str


class Judged(msgspec.Struct, frozen=True):
    """The few things of an item that a decision can contradict.

    They are read from its wire JSON by themselves: it was checked whole when it came in, and the rest of it, which is
    nearly all, need not be built for each decision.
    """

    policy_id: str
    flags: tuple[_Flag, ...] = ()
    actions: tuple[_Action, ...] = ()
    teams: tuple[str, ...] = ()


_JUDGED = msgspec.json.Decoder(Judged)


def judged(body: bytes) -> Judged | None:
    """The wire JSON of an item; None when it is damaged: one item that can't be read must not stop a whole exchange."""
    try:
        return _JUDGED.decode(body)
    except msgspec.DecodeError:
        _log.error("item_unreadable")
        return None


def fault(decision: Decision, item: Judged | None, policy: Policy | None) -> Ruling | None:
    """What is wrong with a decision that fits its item's revision; None when nothing is.

    Args:
        decision: as the station sent it.
        item: as the service holds it, at the decision's revision; None when it can't be read, and nothing contradicts.
        policy: the version the decision names; None when the service does not have it.
    """
    if item is None:
        return None
    offered = {action.action_id for action in item.actions}
    flags = {flag.flag_id for flag in item.flags}
    foreign = (
        (decision.policy_id == item.policy_id, "foreign_policy", "The decision names another policy than its item."),
        (
            all(action.action_id in offered for action in decision.actions),
            "foreign_action",
            "An action was not offered for this item.",
        ),
        (
            decision.escalation is None or decision.escalation.team in item.teams,
            "foreign_team",
            "There is no such team for this item.",
        ),
        (
            all(verdict.flag_id in flags for verdict in decision.flag_verdicts),
            "foreign_flag",
            "A flag does not belong to this item.",
        ),
        (
            policy is None or all(found.clause_id in policy.by_id for found in decision.findings),
            "unknown_clause",
            "A clause is not in the policy.",
        ),
    )
    for holds, code, reason in foreign:
        if not holds:
            return _refused(code, reason)
    lacks = missing(draft_of(decision), item, policy)
    if decision.policy_version and policy is None:  # a version lost in a restore is no fault of the decision
        lacks = tuple(one for one in lacks if one not in {Missing.POLICY, Missing.CLAUSE})
    if lacks:
        return _refused("incomplete", "The decision is not complete: " + ", ".join(lacks) + ".")
    return None


def gist(decision: Decision) -> tuple[Verdict, frozenset[str]]:
    """What two decisions must share to agree: verdict and clauses."""
    return decision.verdict, frozenset(found.clause_id for found in decision.findings)


def _refused(code: str, reason: str) -> Ruling:
    return Ruling(Outcome.REFUSED, f"refused.{code}", reason)
