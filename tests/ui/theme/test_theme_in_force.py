"""Palette, style, focus frame."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QCheckBox, QFocusFrame, QPushButton, QScrollBar, QStyle, QStyleOptionSlider, QWidget

from modstation.ui import theme


def test_a_theme_sets_the_palette_and_tells_listeners_once(qapp, qtbot):
    told = []
    theme.signals.changed.connect(lambda: told.append(theme.tokens().name))
    theme.apply(qapp, "dark")
    assert told == ["dark"]
    t = theme.tokens()
    roles = QPalette.ColorRole
    assert qapp.palette().color(roles.Window) == t.bg_window
    assert qapp.palette().color(roles.Highlight) == t.bg_selected
    assert qapp.palette().color(roles.Accent) == t.accent


def test_the_system_theme_follows_the_system_and_a_chosen_one_does_not(qapp):
    hints = QGuiApplication.styleHints()
    theme.apply(qapp, "system")
    hints.setColorScheme(Qt.ColorScheme.Dark)
    if hints.colorScheme() == Qt.ColorScheme.Dark:  # a platform may refuse to be told
        assert theme.tokens().name == "dark"
    theme.apply(qapp, "light")
    hints.setColorScheme(Qt.ColorScheme.Dark)
    assert theme.tokens().name == "light"
    hints.unsetColorScheme()


@pytest.fixture
def window(qtbot):
    made = QWidget()
    made.resize(400, 200)
    qtbot.addWidget(made)
    return made


def button(window, **properties):
    made = QPushButton("Decide and next", window)
    for name, value in properties.items():
        made.setProperty(name, value)
    made.move(100, 80)
    made.adjustSize()
    return made


def test_the_focus_frame_stands_two_px_off_the_control_that_has_the_focus(window, qtbot):
    shown = button(window, kind="primary")
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    shown.setFocus()
    frame = window.findChild(QFocusFrame)
    assert frame is not None
    assert frame.isVisible()
    assert frame.geometry() == shown.geometry().adjusted(-4, -4, 4, 4)
    ring, gap = window.grab(frame.geometry()).toImage(), theme.tokens()
    middle = frame.height() // 2
    assert ring.pixelColor(0, middle) == gap.focus_ring
    assert ring.pixelColor(3, middle) == gap.bg_window


def test_a_widget_that_shows_its_focus_itself_gets_no_frame(window, qtbot):
    shown = button(window, ring="none")
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    shown.setFocus()
    frame = window.findChild(QFocusFrame)
    assert frame is None or not frame.isVisible()


def test_the_frame_survives_the_window_it_stood_in(qtbot, qapp):
    for _ in range(2):
        made = QWidget()
        shown = QPushButton("Join", made)
        made.show()
        made.activateWindow()
        shown.setFocus()
        made.close()
        made.deleteLater()
        qapp.processEvents()


def test_a_button_with_a_key_has_room_for_it(window):
    plain, keyed = button(window), button(window, keys="D")
    assert keyed.sizeHint().width() >= plain.sizeHint().width() + 18
    assert button(window, large=True).sizeHint().height() == 40
    assert plain.sizeHint().height() == 32


def test_a_button_that_gets_a_key_later_has_room_for_it_too(window):
    keyed, later = button(window, keys="D"), button(window)
    later.sizeHint()
    theme.set_keys(later, "D")
    assert later.sizeHint() == keyed.sizeHint()


def test_a_segment_does_not_change_its_size_when_it_is_chosen(window):
    segment = button(window, kind="segment", place="first")
    segment.setCheckable(True)
    before = segment.sizeHint()
    segment.setChecked(True)
    assert segment.sizeHint() == before


def test_scroll_bars_have_a_thumb_and_no_arrows(qtbot):
    bar = QScrollBar(Qt.Orientation.Vertical)
    qtbot.addWidget(bar)
    bar.setRange(0, 900)
    bar.setPageStep(100)
    bar.resize(bar.sizeHint().width(), 200)
    style, kind, part = bar.style(), QStyle.ComplexControl.CC_ScrollBar, QStyle.SubControl

    def rect(which):
        option = QStyleOptionSlider()
        bar.initStyleOption(option)
        return style.subControlRect(kind, option, which, bar)

    assert rect(part.SC_ScrollBarAddLine).isEmpty()
    assert rect(part.SC_ScrollBarSubLine).isEmpty()
    assert rect(part.SC_ScrollBarSlider).top() == 0
    bar.setValue(900)
    assert rect(part.SC_ScrollBarSlider).bottom() == 199


def test_a_check_box_grows_with_the_text_beside_it(window, qapp):
    box = QCheckBox("Single keys", window)
    side = QStyle.PixelMetric.PM_IndicatorWidth
    usual = box.style().pixelMetric(side, None, box)
    theme.set_zoom(qapp, 1.5)
    assert box.style().pixelMetric(side, None, box) == round(usual * 1.5)
