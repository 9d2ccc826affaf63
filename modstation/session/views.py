"""What screens are given: frozen, complete, ready to show."""

from dataclasses import dataclass
from datetime import datetime

from modstation.core.content import Kind
from modstation.core.decision import Decision, Draft
from modstation.core.ids import DecisionId, ItemId
from modstation.core.item import Item, ItemCard
from modstation.core.policy import Clause, Policy
from modstation.core.problem import Problem
from modstation.store.history import UNPROVABLE, Settled
from modstation.store.outbox import State, What

__all__ = ["UNPROVABLE", "Entry", "Opened", "Refused", "Settled", "State", "Story", "Tally", "What"]


@dataclass(frozen=True, slots=True)
class Opened:
    """An item on the desk, with all that stands beside it.

    Attributes:
        policy: the version the decision will be made under; None when the queue has none here yet.
        supersedes: the returned decision that this one will replace.
    """

    item: Item
    card: ItemCard
    policy: Policy | None
    recommended: tuple[Clause, ...]
    draft: Draft
    supersedes: DecisionId | None = None


class Refused(Problem):
    """What was decided of an item could not be saved; the item is back in the queue, and its draft with it.

    Attributes:
        item_id: the item.
        summary: what lists call it; it never quotes the content.
    """

    def __init__(self, problem: Problem, item_id: ItemId, summary: str) -> None:
        super().__init__(problem.code, problem.title, problem.advice, problem.place)
        self.item_id = item_id
        self.summary = summary


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the outbox. `decision` is None for a skip."""

    entry_id: DecisionId
    what: What
    item_id: ItemId
    kind: Kind
    summary: str
    decided_at: datetime
    send_after: datetime
    state: State
    code: str
    reason: str
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Story:
    """What stands round a decision that came back.

    Attributes:
        judged: the item at the revision that was decided; None when it is not on this computer any more.
        now: the item as it is here now; None when it has left this computer.
        rules_then: the rules it was decided under; None when that version is not here, or there were none.
        rules_now: the rules a new decision would be made under.
    """

    judged: Item | None
    now: Item | None
    rules_then: Policy | None = None
    rules_now: Policy | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts for the status strip.

    Attributes:
        waiting: items on this computer that can be decided now, with or without a connection.
        work_s: the usual time to decide them, in seconds; for planning only.
        saving: decisions not yet durable on this computer.
        saved_here: durable here, not yet answered.
    """

    waiting: int = 0
    work_s: int = 0
    saving: int = 0
    saved_here: int = 0
    accepted: int = 0
    returned: int = 0
