"""Where things stand, in the words of the screens: status strip, rail, outbox, returned decisions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from modstation.core.content import Kind
from modstation.core.decision import Decision, Verdict
from modstation.core.problem import Problem
from modstation.core.servicetime import ServiceTime
from modstation.core.status import Link, SyncStatus
from modstation.session.records import Records
from modstation.session.views import Entry, Opened, Settled, State, Tally
from modstation.ui.chrome import StatusView
from modstation.ui.decide.sentence import verdict_title
from modstation.ui.rail import RailEntry
from modstation.ui.screens.marks import Mark, settled_mark, why
from modstation.ui.screens.outbox import OutboxLine
from modstation.ui.screens.returned import cause, headline
from modstation.ui.text import team_name, tr

_REMOVED = "sync.revoked"


def queue_title(queues: Sequence[str]) -> str:
    """What stands over the rail: the queues that the work here comes from; nothing when no work is here."""
    return ", ".join(name[:1].upper() + name[1:].replace("-", " ").replace("_", " ") for name in queues)


def nothing_waits(status: SyncStatus, *, lapsed: bool = False) -> tuple[str, str, str]:
    """Why no item is here, and what happens next; the drawing over it; and the words of a button, if one helps.

    Args:
        status: how the exchange stands.
        lapsed: whether items left because their leases ended, and the service was not reached since.
    """
    if status.state is Link.SIGNED_OUT:
        words = tr(
            "This computer is signed out. What you decided is kept. With a new code from your lead this computer joins"
            " again."
        )
        return words, "device", tr("Join again with a code")
    if status.state in {Link.OFFLINE, Link.BLOCKED}:
        words = tr("New items come when the service can be reached.")
        if lapsed:
            words = tr(
                "The leases of the items here have ended. Decisions and drafts are kept; new items come when you are"
                " online."
            )
        return words, "offline", ""
    if status.progress is not None or status.last_exchange is None:
        return tr("The first items are on their way."), "saved", ""
    return tr("New items come by themselves."), "check", ""


def nothing_in_queue(status: SyncStatus) -> str:
    """The same for the rail, in a few words: the whole sentence stands on the desk beside it."""
    if status.state is Link.SIGNED_OUT:
        return tr("This computer is signed out.")
    is_first = status.progress is not None or status.last_exchange is None
    if is_first and status.state not in {Link.OFFLINE, Link.BLOCKED}:
        return tr("The first ones are on their way.")
    return tr("Nothing waits.")


def way_round(status: SyncStatus) -> str:
    """What a person can do about what blocks the way to the service; nothing when nothing does."""
    return status.problem.advice if status.state is Link.BLOCKED and status.problem is not None else ""


def is_unknown(status: SyncStatus) -> bool:
    """Whether the service does not know this computer, as after a restore: it did not say what becomes of the items."""
    return status.state is Link.SIGNED_OUT and (status.problem is None or status.problem.code != _REMOVED)


def signed_out(problem: Problem | None) -> Problem:
    """What is told when the service has signed this computer out, as `problem` says."""
    title = tr("This computer was signed out.")
    if problem is not None and problem.code == _REMOVED:
        why = tr("It was removed from the service, and its items are gone from here.")
    else:
        why = tr(
            "The service does not know it any more. Its items are kept here, and not shown until it has joined again."
        )
    kept = tr("What you decided is kept, encrypted. With a new code from your lead this computer joins again.")
    advice = f"{why} {kept}"
    return Problem("sync.signed_out", title, advice, problem.code if problem else "")


def status_view(
    status: SyncStatus,
    tally: Tally,
    offline_since: datetime | None,
    opened: Opened | None,
    now: datetime,
    told: ServiceTime,
) -> StatusView:
    """What the strip shows now; leases end by the time `told`."""
    exchanged = status.last_exchange
    return StatusView(
        link=status.state,
        exchanged_s=None if exchanged is None else max(0, int((now - exchanged).total_seconds())),
        offline_since=offline_since,
        offline_s=0 if offline_since is None else int((now - offline_since).total_seconds()),
        problem=" ".join(filter(None, (status.problem.title, status.problem.advice))) if status.problem else "",
        code=status.problem.code if status.problem else "",
        saved_here=tally.saved_here,
        accepted=tally.accepted,
        returned=tally.returned,
        waiting=tally.waiting,
        work_s=tally.work_s,
        lease_left_s=opened.card.lease.left_s(told.now) if opened else None,
        unconfirmed=told.unconfirmed,
        clock_off_s=status.clock_off_s,
        progress=status.progress,
        media_left=status.media_left,
        rechecking=status.rechecking,
    )


def asking_for_an_answer(tally: Tally, returned: Sequence[Entry]) -> Tally:
    """The counts, with only those returned that the person has to answer: not what a lead has."""
    return replace(tally, returned=sum(not _is_with_lead(entry) for entry in returned))


def seconds_left(entry: Entry, now: datetime) -> int:
    """Seconds until an entry is first sent; 0 when it only waits for a connection."""
    return max(0, int((entry.send_after - now).total_seconds()))


def undoable(held: Sequence[Entry], now: datetime) -> list[Entry]:
    """Those of `held` whose time to undo runs; what only waits for the service has no countdown."""
    return [entry for entry in held if seconds_left(entry, now)]


def held_row(entry: Entry, now: datetime, hold_s: int) -> RailEntry:
    """An entry that can still be undone."""
    return RailEntry(
        entry.entry_id, entry.kind, entry.summary, _outcome(entry.decision), seconds_left(entry, now), hold_s
    )


def returned_row(entry: Entry) -> RailEntry:
    """An entry that came back."""
    detail, with_lead = headline(entry.code)[0], _is_with_lead(entry)
    return RailEntry(entry.entry_id, entry.kind, entry.summary, detail, with_lead=with_lead)


def said(decision: Decision | None, records: Records) -> str:
    """A decision as its sentence; the item may be gone, so names come from the policy of that day."""
    named = _clauses(decision, records)
    if decision is None or not named:
        return _outcome(decision)
    severity = max(finding.severity for finding in decision.findings)
    return tr("Violation of {clauses}, severity {n}", clauses=named, n=severity)


def _in_outbox(entry: Entry, records: Records) -> str:
    """The same for its line in the outbox: no more than the line goes on saying once it is answered."""
    if entry.decision is None and not entry.summary:
        return tr("Given back")
    named = _clauses(entry.decision, records)
    return tr("Violation of {clauses}", clauses=named) if named else _outcome(entry.decision)


def _clauses(decision: Decision | None, records: Records) -> str:
    if decision is None or not decision.findings:
        return ""
    policy = records.policy(decision.policy_id, decision.policy_version)
    clauses = [policy.by_id.get(f.clause_id) if policy else None for f in decision.findings]
    return ", ".join(f"{clause.number} {clause.title}" for clause in clauses if clause)


def _outcome(decision: Decision | None) -> str:
    if decision is None:
        return tr("Skipped")
    if decision.escalation is not None:
        return tr("Handed to {team}", team=team_name(decision.escalation.team))
    return verdict_title(decision.verdict)


def outbox_lines(
    entries: list[Entry], settled: list[Settled], records: Records, now: datetime, hold_s: int, link: Link
) -> list[OutboxLine]:
    """Everything this computer has decided: what is open first, then what is answered.

    In each the newest first, as in the rail: it is what is still remembered, and what "undo" takes back.
    """
    lines = [
        OutboxLine(
            entry_id=entry.entry_id,
            mark=_mark(entry, now, link),
            kind=entry.kind,
            summary=entry.summary or tr("An item"),
            sentence=_in_outbox(entry, records),
            at=entry.decided_at,
            seconds_left=seconds_left(entry, now),
            hold_s=hold_s,
            why=_becomes(entry),
        )
        for entry in reversed(entries)
    ]
    return lines + _settled_lines(entries, settled, records)


def _settled_lines(entries: list[Entry], settled: list[Settled], records: Records) -> list[OutboxLine]:
    latest: dict[str, datetime] = {}
    moments = [(one.item_id, one.decided_at) for one in entries] + [(one.item_id, one.decided_at) for one in settled]
    for item_id, at in moments:
        latest[item_id] = max(at, latest.get(item_id, at))
    lines = []
    for done in settled:
        mark = settled_mark(done, decided_anew=latest[done.item_id] > done.decided_at)
        lines.append(
            OutboxLine(
                entry_id=done.entry_id,
                mark=mark,
                kind=Kind(done.kind),
                summary=done.summary or tr("A decision found again"),
                sentence=_said_then(done, records),
                at=done.settled_at,
                why=why(mark, done.code),
                settled=True,
            )
        )
    return lines


def _mark(entry: Entry, now: datetime, link: Link) -> Mark:
    if entry.state is State.RETURNED:
        return Mark.WITH_LEAD if _is_with_lead(entry) else Mark.RETURNED
    if entry.state is State.SENDING:
        return {Link.ONLINE: Mark.SENDING, Link.SIGNED_OUT: Mark.SAVED}.get(link, Mark.WAITING)
    return Mark.HELD if seconds_left(entry, now) else Mark.SAVED


def _is_with_lead(entry: Entry) -> bool:
    return entry.code.startswith("quarantined")


def _becomes(entry: Entry) -> str:
    """Why an open line has its mark; of what was not decided, what becomes of it: no answer will ever say."""
    if entry.decision is None:
        return tr("The item goes back to its queue, for others. Then this line goes too.")
    return cause(entry.code) if entry.state is State.RETURNED else ""


def _said_then(done: Settled, records: Records) -> str:
    """What a settled decision said, as far as it is kept: the team, or the verdict and its clauses."""
    if not done.verdict:
        return tr("What it said is sealed to the service")
    if done.team:
        return tr("Handed to {team}", team=team_name(done.team))
    named = ", ".join(f"{one.number} {one.title}" for one in records.clauses(done.clauses, done.policy_version))
    return tr("Violation of {clauses}", clauses=named) if named else verdict_title(Verdict(done.verdict))
