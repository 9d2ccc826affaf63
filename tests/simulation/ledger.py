"""The ground truth of a station: what its person did, and what they were shown of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from modstation.core.changes import Changes
from modstation.core.decision import Draft
from modstation.core.problem import Problem


class Shown(StrEnum):
    """What the person believes of a decision."""

    SAVING = "saving"
    SAVED = "saved"
    REFUSED = "not saved"  # they were told so
    UNKNOWN = "unknown"  # the program died before it said anything
    TAKEN_BACK = "taken back"
    MAYBE_TAKEN_BACK = "maybe taken back"  # the program died over it
    WITHDRAWN = "withdrawn"
    MAYBE_WITHDRAWN = "maybe withdrawn"


@dataclass(slots=True)
class Made:
    """A decision as its person knows it."""

    decision_id: str
    item_id: str
    shown: Shown
    replaces: str | None = None
    without_copy: bool = False


_TOO_LATE = frozenset({"outbox.sent", "outbox.not_returned"})


class Ledger:
    """Everything one person decided."""

    def __init__(self) -> None:
        self.made: dict[str, Made] = {}
        self.drafts: dict[str, Draft] = {}
        self.saved: Callable[[str], None] = lambda _: None
        self._busy: dict[str, Shown] = {}  # what is being done to a decision now, and what it becomes

    def decided(self, decision_id: str, item_id: str, replaces: str | None) -> None:
        self.made[decision_id] = Made(decision_id, item_id, Shown.SAVING, replaces)
        self.drafts.pop(item_id, None)

    def moved(self, changes: Changes) -> None:
        """The desk said that a person's write is done."""
        for decision_id in sorted(changes.decisions):
            made = self.made.get(decision_id)
            if made is not None and made.shown is Shown.SAVING:
                made.shown = Shown.SAVED
                self.saved(decision_id)
                if made.replaces in self.made:
                    self.made[made.replaces].shown = Shown.WITHDRAWN

    def failed(self, problem: Problem) -> None:
        if problem.code in _TOO_LATE:  # the desk's writes happen in order: it was the oldest that failed
            self._busy.pop(next(iter(self._busy), ""), None)
            return
        self._busy.clear()
        for made in self.made.values():
            if made.shown is Shown.SAVING:
                if problem.code == "store.journal_failed":
                    made.shown, made.without_copy = Shown.SAVED, True
                else:
                    made.shown = Shown.REFUSED

    def begins(self, decision_id: str, becomes: Shown) -> None:
        self._busy[decision_id] = becomes

    def ends(self, decision_id: str, becomes: Shown) -> None:
        """The person was told that it is done, whatever else they were told since it was begun."""
        self._busy.pop(decision_id, None)
        self.made[decision_id].shown = becomes

    def died(self) -> None:
        """What was being done is done or not: nobody was told."""
        for decision_id, becomes in self._busy.items():
            taken = becomes is Shown.TAKEN_BACK
            self.made[decision_id].shown = Shown.MAYBE_TAKEN_BACK if taken else Shown.MAYBE_WITHDRAWN
        self._busy.clear()
        for made in self.made.values():
            if made.shown is Shown.SAVING:
                made.shown = Shown.UNKNOWN
                if made.replaces in self.made:
                    self.made[made.replaces].shown = Shown.MAYBE_WITHDRAWN
