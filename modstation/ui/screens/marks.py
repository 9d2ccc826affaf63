"""What became of a decision: its mark (a drawing and words, never a colour alone) and the reason in one sentence."""

from enum import StrEnum

from PySide6.QtGui import QColor

from modstation.core.receipt import Outcome
from modstation.session.views import UNPROVABLE, Settled
from modstation.ui import theme
from modstation.ui.text import tr


class Mark(StrEnum):
    """Where a decision is. Shown in this order."""

    RETURNED = "returned"
    WITH_LEAD = "with_lead"
    UNPROVEN = "unproven"
    HELD = "held"
    SAVED = "saved"
    SENDING = "sending"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    LATE = "late"
    SECOND_OPINION = "second_opinion"
    SAME_ANSWER = "same_answer"
    OTHER_ANSWER = "other_answer"
    SUPERSEDED = "superseded"
    ITEM_GONE = "item_gone"
    DECIDED_ANEW = "decided_anew"
    WITHDRAWN = "withdrawn"
    NOT_APPLIED = "not_applied"


OPEN = frozenset({Mark.RETURNED, Mark.WITH_LEAD})
"""Marks of what stands before the person until it is dealt with, when it is still in the outbox."""

ANSWERED = frozenset(Mark) - OPEN - {Mark.HELD, Mark.SAVED, Mark.SENDING, Mark.WAITING} | {Mark.WITH_LEAD}
"""Marks of what the service has answered for good."""


_BY_OUTCOME = {
    Outcome.ACCEPTED: Mark.ACCEPTED,
    Outcome.ACCEPTED_LATE: Mark.LATE,
    Outcome.SECOND_OPINION: Mark.SECOND_OPINION,
    Outcome.QUARANTINED: Mark.WITH_LEAD,
}


def mark_title(mark: Mark, seconds_left: int = 0) -> str:
    """The mark in words."""
    return {
        Mark.RETURNED: tr("returned to you"),
        Mark.WITH_LEAD: tr("with your lead"),
        Mark.UNPROVEN: tr("can't be proven"),
        Mark.HELD: tr("held, {n} s", n=seconds_left),
        Mark.SAVED: tr("saved here"),
        Mark.SENDING: tr("on its way"),
        Mark.WAITING: tr("waits for the connection"),
        Mark.ACCEPTED: tr("accepted"),
        Mark.LATE: tr("accepted, late"),
        Mark.SECOND_OPINION: tr("second opinion"),
        Mark.SAME_ANSWER: tr("not counted, same answer"),
        Mark.OTHER_ANSWER: tr("not counted, other answer"),
        Mark.SUPERSEDED: tr("not counted"),
        Mark.ITEM_GONE: tr("item removed"),
        Mark.DECIDED_ANEW: tr("decided anew by you"),
        Mark.WITHDRAWN: tr("withdrawn by you"),
        Mark.NOT_APPLIED: tr("not applied"),
    }[mark]


def mark_look(mark: Mark) -> tuple[str, QColor]:
    """Its drawing, none for the ring, and its colour."""
    t = theme.tokens()
    return {
        Mark.RETURNED: ("returned", t.mark_returned),
        Mark.WITH_LEAD: ("escalate", t.text_secondary),
        Mark.UNPROVEN: ("help", t.mark_returned),
        Mark.HELD: ("", t.text_secondary),
        Mark.SAVED: ("saved", t.mark_saved),
        Mark.SENDING: ("saved", t.mark_saved),
        Mark.WAITING: ("saved", t.mark_saved),
        Mark.ACCEPTED: ("accepted", t.mark_accepted),
        Mark.LATE: ("accepted", t.mark_accepted),
        Mark.SECOND_OPINION: ("context", t.text_secondary),
        Mark.SAME_ANSWER: ("check", t.text_secondary),
        Mark.OTHER_ANSWER: ("swap", t.text_secondary),
        Mark.SUPERSEDED: ("skip", t.text_secondary),
        Mark.ITEM_GONE: ("close", t.text_secondary),
        Mark.DECIDED_ANEW: ("note", t.text_secondary),
        Mark.WITHDRAWN: ("undo", t.text_secondary),
        Mark.NOT_APPLIED: ("returned", t.text_secondary),
    }[mark]


def settled_mark(done: Settled, *, decided_anew: bool = False) -> Mark:
    """The mark of a decision that has left the outbox; `decided_anew`: there is a later one of the same item here."""
    if done.code == UNPROVABLE:
        return Mark.UNPROVEN
    if done.outcome is Outcome.SUPERSEDED:
        answers = {True: Mark.SAME_ANSWER, False: Mark.OTHER_ANSWER, None: Mark.SUPERSEDED}
        return Mark.ITEM_GONE if done.code.endswith("item_deleted") else answers[done.agrees]
    known = _BY_OUTCOME.get(done.outcome)
    if known is not None:
        return known
    if decided_anew:
        return Mark.DECIDED_ANEW
    return Mark.WITHDRAWN if done.verdict else Mark.NOT_APPLIED


def why(mark: Mark, code: str = "") -> str:
    """Why a decision has this mark, in one sentence; nothing where the mark says it all."""
    if mark is Mark.ACCEPTED:
        return tr("It took the place of your earlier decision.") if code == "accepted.replaces" else ""
    if code == "accepted_late.restored":
        return tr("The service had been put back from a backup when it arrived. It counts all the same.")
    if code == "accepted_late.removed":
        return tr("The computer had been removed when it arrived, and joined again. It counts all the same.")
    return {
        Mark.WITH_LEAD: tr("This computer was removed when it arrived. A lead has it and looks at it."),
        Mark.UNPROVEN: tr("The service has lost it, and its safety copy can't be read. Tell your lead."),
        Mark.LATE: tr("The lease had ended when it arrived. It counts all the same."),
        Mark.SECOND_OPINION: tr("Somebody else has the item now. Yours is kept beside theirs."),
        Mark.SAME_ANSWER: tr("It was decided before yours arrived, and the same way."),
        Mark.OTHER_ANSWER: tr("It was decided before yours arrived, and differently. Yours is kept on record."),
        Mark.SUPERSEDED: tr("It was decided before yours arrived. Yours is kept on record."),
        Mark.ITEM_GONE: tr("The service removed the item: nothing is left to decide."),
        Mark.DECIDED_ANEW: tr("It came back to you, and your later decision takes its place."),
        Mark.WITHDRAWN: tr("It came back to you, and you took it back."),
        Mark.NOT_APPLIED: tr("It came back, and its words are no longer here. The item is given out again."),
    }.get(mark, "")
