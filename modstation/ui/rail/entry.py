"""What the rail shows of an item or a decision: frozen, neutral, ready to paint."""

from dataclasses import dataclass
from datetime import datetime

from modstation.core.content import Kind
from modstation.core.item import ItemCard, TaskKind
from modstation.ui import theme
from modstation.ui.paint import Row
from modstation.ui.text import category_name, duration, left, tr, trn

LEASE_SHORT_S = 15 * 60  # from here on the time left is marked: enough to finish what is open
LEASE_NEAR_S = 60 * 60  # and from here on it is shown where there is no room for all of them
_TASK_ICONS = {
    TaskKind.APPEAL: "appeal",
    TaskKind.DISPUTE: "dispute",
    TaskKind.TICKET: "ticket",
    TaskKind.SPOT_CHECK: "spot-check",
    TaskKind.PRACTICE: "practice",
    TaskKind.CALIBRATION: "calibration",
}
_KIND_ICONS = {Kind.COMMENT: "kind-text", Kind.CONVERSATION: "kind-thread"}


def icon_of(kind: Kind, task: TaskKind = TaskKind.REVIEW) -> str:
    """The drawing of a task; for an ordinary review that of the content."""
    return _TASK_ICONS.get(task) or _KIND_ICONS.get(kind) or f"kind-{kind.value}"


@dataclass(frozen=True, slots=True)
class RailEntry:
    """A decision that stands above the queue: returned, or held and free to undo.

    Attributes:
        entry_id: of the outbox.
        detail: why it came back, or what was decided.
        seconds_left: until it is sent; -1 for a returned one.
        total_s: how long decisions are held, for the ring.
        with_lead: of a returned one: whether a lead has it now.
    """

    entry_id: str
    kind: Kind
    summary: str
    detail: str
    seconds_left: int = -1
    total_s: int = 30
    with_lead: bool = False

    @property
    def is_held(self) -> bool:
        """Whether it can still be undone."""
        return self.seconds_left >= 0


def entry_row(entry: RailEntry) -> Row:
    """How an entry is painted."""
    if entry.is_held:
        return Row(
            entry.summary,
            icon=icon_of(entry.kind),
            detail=entry.detail,
            trailing=duration(entry.seconds_left),
            ring=entry.seconds_left / max(1, entry.total_s),
            quiet=True,
        )
    t = theme.tokens()
    return Row(
        entry.summary,
        icon=icon_of(entry.kind),
        detail=entry.detail,
        detail_icon="escalate" if entry.with_lead else "returned",
        detail_color=t.text_secondary if entry.with_lead else t.mark_returned,
    )


def entry_spoken(entry: RailEntry) -> str:
    """An entry read aloud."""
    if entry.is_held:
        return tr("{summary}, {detail}, can be undone", summary=entry.summary, detail=entry.detail)
    words = tr("{summary}, with your lead: {detail}") if entry.with_lead else tr("{summary}, returned to you: {detail}")
    return words.format(summary=entry.summary, detail=entry.detail)


def _detail(card: ItemCard) -> str:
    words = category_name(card.category)
    if card.n_flags < 2:
        return words
    flags = trn("{n} flag", "{n} flags", card.n_flags)
    return tr("{category} · {flags}", category=words, flags=flags) if words else flags


def lease_words(card: ItemCard, now: datetime | None) -> str:
    """The time the lease has left at `now`, as the rail writes it; empty before the first tick of the clock."""
    return left(card.lease.left_s(now)) if now is not None else ""


def card_row(card: ItemCard, now: datetime | None) -> Row:
    """How a waiting item is painted, with the time its lease has left at `now`."""
    left_s = card.lease.left_s(now) if now is not None else LEASE_NEAR_S
    words = lease_words(card, now)
    return Row(
        card.summary,
        icon=icon_of(card.kind, card.task_kind),
        detail=_detail(card),
        detail_short=category_name(card.category),
        flags=card.n_flags if card.n_flags > 1 else 0,
        below=words,  # a summary is not cut
        instead=words if left_s < LEASE_NEAR_S else "",
        trailing_color=theme.tokens().mark_returned if left_s < LEASE_SHORT_S else None,
        severity=card.severity,
    )


def card_spoken(card: ItemCard, now: datetime | None) -> str:
    """A waiting item read aloud."""
    detail = _detail(card)
    if now is None:
        return tr(
            "{summary}, severity {severity}, {detail}", summary=card.summary, severity=card.severity, detail=detail
        )
    return tr(
        "{summary}, severity {severity}, {detail}, lease {left}",
        summary=card.summary,
        severity=card.severity,
        detail=detail,
        left=duration(card.lease.left_s(now)),
    )
