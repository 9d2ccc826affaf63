"""What a person does at a desk, drawn from an event's own chance."""

from dataclasses import replace
from random import Random
from typing import Any
from unittest import mock

from modstation.core.decision import ChosenAction, Decision, Draft, Finding, Verdict
from modstation.core.ids import ActionId, ClauseId, DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.store.outbox import State, What
from modstation.wire import translate
from tests.simulation.ledger import Shown
from tests.simulation.station import Station

NO = Draft(verdict=Verdict.NO_VIOLATION)
YES = Draft(
    verdict=Verdict.VIOLATION,
    findings=(Finding(ClauseId("c42"), 2),),
    actions=(ChosenAction(ActionId("remove")),),
)

STRANGE = b'"never-offered"'


def decide(at: Station, chance: Random, draft: Draft | None = None) -> str:
    """Decide one of the waiting items."""
    if not at.desk.waiting:
        return "nothing to decide"
    item_id = chance.choice(sorted(at.desk.waiting))
    if at.desk.open(item_id) is None:
        return f"{item_id} is gone"
    at.desk.compose(replace(draft or chance.choice([NO, YES]), rationale=f"note {chance.randrange(1000)}"))
    return _decide(at)


def _decide(at: Station) -> str:
    opened = at.desk.current
    assert opened is not None
    item_id, replaces = str(opened.item.item_id), opened.supersedes
    try:
        decision_id = at.desk.decide()
    except Problem as problem:
        return f"{item_id}: {problem.code}"
    at.ledger.decided(decision_id, item_id, replaces)
    return f"decides {item_id} as {short(decision_id)}" + (f" in place of {short(replaces)}" if replaces else "")


def compose(at: Station, chance: Random) -> str:
    """Begin a decision and leave it."""
    if not at.desk.waiting:
        return "nothing to compose"
    item_id = chance.choice(sorted(at.desk.waiting))
    if at.desk.open(item_id) is None:
        return f"{item_id} is gone"
    at.executor.drain()  # what is told below is of this draft, not of something before
    told = len(at.told)
    draft = replace(chance.choice([NO, YES]), rationale=f"half a thought {chance.randrange(1000)}")
    at.desk.compose(draft)
    at.executor.drain()
    if len(at.told) == told:
        at.ledger.drafts[item_id] = draft
    return f"begins {item_id}"


def skip(at: Station, chance: Random) -> str:
    if not at.desk.waiting:
        return "nothing to skip"
    item_id = chance.choice(sorted(at.desk.waiting))
    if at.desk.open(item_id) is None:
        return f"{item_id} is gone"
    at.desk.skip()
    at.ledger.drafts.pop(item_id, None)
    return f"skips {item_id}"


def undo(at: Station, chance: Random) -> str:
    """Take back one that is held still; a moment later it may be on its way."""
    entries = [*at.desk.records.entries(State.HELD), *at.desk.records.entries(State.SENDING)]
    held = [one for one in entries if one.what is What.DECISION]
    held = [one for one in held if one.entry_id in at.ledger.made and one.entry_id not in at.desk.saving]
    if not held:
        return "nothing to take back"
    entry = chance.choice(held)
    at.ledger.begins(entry.entry_id, Shown.TAKEN_BACK)
    at.desk.undo(entry.entry_id, lambda _: at.ledger.ends(entry.entry_id, Shown.TAKEN_BACK))
    return f"takes back {short(entry.entry_id)}"


def answer_returned(at: Station, chance: Random) -> str:
    """Amend one that came back, send it as it was, or withdraw it."""
    returned = [one for one in at.desk.records.entries(State.RETURNED) if one.entry_id in at.ledger.made]
    if not returned:
        return "nothing came back"
    entry = chance.choice(returned)
    if entry.decision is not None and chance.random() < 0.65:
        opened = at.desk.amend(entry.entry_id, as_it_was=chance.random() < 0.4)
        if opened is not None:
            if chance.random() < 0.5:
                at.desk.compose(replace(chance.choice([NO, YES]), rationale="another look"))
            return "looks again: " + _decide(at)
    at.ledger.begins(entry.entry_id, Shown.WITHDRAWN)
    at.desk.withdraw(entry.entry_id, lambda: at.ledger.ends(entry.entry_id, Shown.WITHDRAWN))
    return f"withdraws {short(entry.entry_id)}"


def short(decision_id: DecisionId | str | None) -> str:
    return str(decision_id)[-6:]


def decide_on(at: Station, item_id: str, chance: Random) -> str:
    """Decide this very item."""
    if item_id not in at.desk.waiting or at.desk.open(ItemId(item_id)) is None:
        return f"{item_id} is gone"
    at.desk.compose(chance.choice([NO, YES]))
    return _decide(at)


def decide_strangely(at: Station, chance: Random) -> str:
    """A decision that the contract allows and the service refuses: it names an action that was never offered."""
    if not at.desk.waiting:
        return "nothing to decide"
    dump = translate.dump

    def strange(made: Any) -> bytes:
        body = dump(made)
        return body.replace(b'"remove"', STRANGE) if isinstance(made, Decision) else body

    with mock.patch.object(translate, "dump", strange):
        return decide(at, chance, YES) + ", strangely"
