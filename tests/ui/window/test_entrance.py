"""The screens before the desk: what their window tells them."""

import pytest
from PySide6.QtWidgets import QLabel

from modstation.core.problem import Problem
from modstation.store import header
from modstation.ui.window.entrance import PASSPHRASE, Entrance


def test_why_it_did_not_open_and_what_to_do_stand_in_lines_of_their_own(qtbot):
    entrance = Entrance()
    qtbot.addWidget(entrance)
    entrance.show_locked(Problem("vault.wrong_key", "It is another one.", "Try again."), frozenset({PASSPHRASE}))
    assert "It is another one.\nTry again." in [label.text() for label in entrance.unlock.findChildren(QLabel)]


@pytest.mark.parametrize("problem", [header.from_future(), header.damaged("vault.json")])
def test_that_nothing_was_changed_is_said_once(qtbot, problem):
    entrance = Entrance()
    qtbot.addWidget(entrance)
    entrance.show_problem(problem)
    assert "Nothing on this computer was changed." in [label.text() for label in entrance.problem.findChildren(QLabel)]
    assert "left as it is" not in problem.advice
