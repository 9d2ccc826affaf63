"""The ring round a large pane is for those who move by key, and only for them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFocusFrame, QVBoxLayout, QWidget

from modstation.ui import theme
from modstation.ui.window.keys import KeyRouter


class Two:
    """A field and a large pane in one window."""

    def __init__(self, qtbot) -> None:
        theme.apply(QApplication.instance(), "light")
        self.window, self.field, self.pane = QWidget(), QWidget(), QWidget()
        qtbot.addWidget(self.window)
        column = QVBoxLayout(self.window)
        for widget in (self.field, self.pane):
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.setMinimumSize(60, 40)
            column.addWidget(widget)
        self.pane.setProperty("ring", "inside")
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()
        self.field.setFocus()

    def ringed(self) -> QWidget | None:
        shown = [frame for frame in self.window.findChildren(QFocusFrame) if frame.isVisible()]
        return shown[0].widget() if shown else None


@pytest.fixture
def two(qtbot) -> Two:
    return Two(qtbot)


def test_tab_shows_the_pane_it_came_to(qtbot, two):
    KeyRouter(two.window, sleeping=lambda _command: False, guard_ms=lambda: 0)
    qtbot.keyClick(two.field, Qt.Key.Key_Tab)
    assert two.pane.hasFocus()
    assert two.ringed() is two.pane


def test_f6_shows_the_pane_it_came_to(two):
    two.pane.setFocus(Qt.FocusReason.ShortcutFocusReason)
    assert two.ringed() is two.pane


@pytest.mark.parametrize("reason", [Qt.FocusReason.MouseFocusReason, Qt.FocusReason.OtherFocusReason])
def test_a_click_or_a_command_shows_nothing_round_a_pane(two, reason):
    assert two.ringed() is two.field
    two.pane.setFocus(reason)
    assert two.ringed() is None


def test_the_ring_does_not_come_back_with_a_widget_that_lost_the_focus(two):
    two.pane.setFocus()
    two.field.hide()
    two.field.show()
    assert two.ringed() is None
