"""What a person was told stays told, whatever else goes wrong meanwhile."""

import pytest

from modstation.core.problem import Problem
from tests.simulation.ledger import Ledger, Shown


@pytest.mark.parametrize("code", ["store.disk_full", "outbox.sent"])
def test_an_undo_that_was_done_is_remembered_when_something_else_failed_meanwhile(code: str):
    ledger = Ledger()
    for name in ("first", "second"):
        ledger.decided(name, f"item of {name}", None)
        ledger.made[name].shown = Shown.SAVED
        ledger.begins(name, Shown.TAKEN_BACK)
    ledger.failed(Problem(code, "It failed."))
    ledger.ends("second", Shown.TAKEN_BACK)
    assert [made.shown for made in ledger.made.values()] == [Shown.SAVED, Shown.TAKEN_BACK]


def test_an_undo_that_came_too_late_leaves_the_next_one_under_way():
    ledger = Ledger()
    for name in ("first", "second"):
        ledger.decided(name, f"item of {name}", None)
        ledger.made[name].shown = Shown.SAVED
        ledger.begins(name, Shown.TAKEN_BACK)
    ledger.failed(Problem("outbox.sent", "It is on its way."))
    ledger.died()
    assert [made.shown for made in ledger.made.values()] == [Shown.SAVED, Shown.MAYBE_TAKEN_BACK]
