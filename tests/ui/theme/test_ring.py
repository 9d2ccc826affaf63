"""The ring round a large pane is for those who move by key, and only for them."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QFocusFrame, QStyle, QStyleOption, QVBoxLayout, QWidget

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


@pytest.mark.parametrize("radius", [0, 6, 10, 12])
def test_no_corner_of_the_ring_is_cut_however_round_it_is(two, radius):
    two.field.setProperty("radius", radius)
    two.pane.setFocus()
    two.field.setFocus()
    (frame,) = two.window.findChildren(QFocusFrame)
    whole = QImage(frame.size(), QImage.Format.Format_ARGB32_Premultiplied)
    option = QStyleOption()
    option.initFrom(frame)
    whole.fill(Qt.GlobalColor.transparent)
    painter = QPainter(whole)
    frame.style().drawControl(QStyle.ControlElement.CE_FocusFrame, option, painter, frame)
    painter.end()
    lost = [
        (x, y)
        for x in range(whole.width())
        for y in range(whole.height())
        if whole.pixelColor(x, y).alpha() > 40 and not frame.mask().contains(QPoint(x, y))
    ]
    assert lost == []
