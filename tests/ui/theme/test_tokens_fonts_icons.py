"""Tokens, fonts, drawings: what painters rely on."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF

from modstation.system import paths
from modstation.ui import theme
from modstation.ui.theme.icons import MIRRORED
from modstation.ui.theme.tokens import load, type_scale

THEMES = ("light", "dark", "high_contrast")
NAMES = sorted(path.stem for path in (paths.resources() / "icons").glob("*.svg"))


def luminance(color: QColor) -> float:
    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_text_and_marks_can_be_read_on_every_surface_they_stand_on(name):
    t = load(name)
    words = [t.text_primary, t.text_secondary, t.text_muted, t.accent_text, t.mark_saved, t.mark_accepted]
    words += [t.mark_returned, *(t.sev(n) for n in range(1, 5))]
    for surface in (t.bg_window, t.bg_panel, t.bg_content, t.bg_selected):
        assert min(contrast(word, surface) for word in words) >= 4.5
    assert contrast(t.accent_on, t.accent) >= 4.5
    assert contrast(t.focus_ring, t.bg_window) >= 3


def test_a_colour_with_eight_digits_is_read_with_its_opacity_last():
    assert load("light").scrim.getRgb() == (0x1C, 0x1E, 0x20, 0x66)


def test_an_unknown_severity_has_a_colour_and_no_severity_is_out_of_range():
    t = load("light")
    assert t.sev(0) == t.text_muted
    assert t.sev(9) == t.sev(4)
    assert t.sev(-1) == t.sev(0)


def test_all_digits_of_every_role_are_equally_wide(qapp):
    for role in type_scale():
        metrics = QFontMetricsF(theme.font(role, 600))
        assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("0808"), abs=0.5)


def test_lines_are_never_lower_than_their_font(qapp):
    for zoom in (0.75, 1.0, 2.0):
        for role in type_scale():
            assert theme.line(role, zoom) + 1 >= theme.metrics(role, 400, zoom).height()


def test_zooming_the_ui_makes_text_and_rows_larger_and_tells_everybody(qapp, qtbot):
    before, row = theme.metrics("ui").horizontalAdvance("Decide and next"), theme.scaled(52)
    with qtbot.waitSignal(theme.signals.changed):
        theme.set_zoom(qapp, 2.0)
    assert theme.metrics("ui").horizontalAdvance("Decide and next") == pytest.approx(2 * before, rel=0.05)
    assert theme.scaled(52) == 2 * row


@pytest.mark.parametrize("name", NAMES)
def test_every_drawing_is_painted_in_the_colour_it_is_asked_for(qapp, name):
    image = theme.icons.pixmap(name, 24, QColor("#0b6170"), 2.0).toImage()
    solid = {
        image.pixelColor(x, y).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255
    }
    assert solid == {"#0b6170"}


def test_only_drawings_that_follow_the_reading_turn_round_in_right_to_left(qapp):
    color = QColor("black")
    left = {name: theme.icons.pixmap(name, 24, color).toImage() for name in ("undo", "flag")}
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    right = {name: theme.icons.pixmap(name, 24, color).toImage() for name in ("undo", "flag")}
    assert "undo" in MIRRORED
    assert right["undo"] == left["undo"].flipped(Qt.Orientation.Horizontal)
    assert right["flag"] == left["flag"]


def test_a_drawing_that_is_not_there_is_a_bug_and_says_so(qapp):
    with pytest.raises(FileNotFoundError):
        theme.icons.pixmap("no-such-drawing", 16, QColor("black"))
