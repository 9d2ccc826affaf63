"""The screens before the desk: what their window tells them."""

from PySide6.QtWidgets import QLabel

from modstation.core.problem import Problem
from modstation.ui.window.entrance import PASSPHRASE, Entrance


def test_why_it_did_not_open_and_what_to_do_stand_in_lines_of_their_own(qtbot):
    entrance = Entrance()
    qtbot.addWidget(entrance)
    entrance.show_locked(Problem("vault.wrong_key", "It is another one.", "Try again."), frozenset({PASSPHRASE}))
    assert "It is another one.\nTry again." in [label.text() for label in entrance.unlock.findChildren(QLabel)]
