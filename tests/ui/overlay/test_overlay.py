"""Overlays: the focus stays inside and comes back, nothing reaches the window, nothing is ever modal."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QWidget

from modstation.core.decision import ChosenAction, Escalation, Urgency
from modstation.session.commands import COMMANDS, decision_keys, keymap
from modstation.ui import paint, theme
from modstation.ui.overlay.cover import Cover
from modstation.ui.overlay.finding import PaletteEntry, PaletteGroup
from modstation.ui.overlay.keysheet import Esc, KeySheet
from modstation.ui.overlay.overlay import PAD, Overlay, open_overlay
from modstation.ui.overlay.palette import Palette
from modstation.ui.overlay.picker import ActionPicker, EscalatePicker
from tests.support.builders import some_actions

KEYS = keymap("standard", {})


class Window(QWidget):
    """A window with one field, that remembers the keys that reached it."""

    def __init__(self):
        super().__init__()
        self.resize(1280, 720)
        self.field = QLineEdit(self)
        self.field.move(20, 20)
        self.reached = []

    def keyPressEvent(self, event):  # noqa: N802 - Qt's own name
        self.reached.append(event.key())


@pytest.fixture
def window(qtbot):
    made = Window()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    made.field.setFocus()
    qtbot.waitUntil(made.field.hasFocus)
    return made


def _open(kind, window):
    made = kind(window)
    if isinstance(made, Palette):
        made.open_for("Find", lambda _words: [])
    elif isinstance(made, ActionPicker):
        made.open_for(some_actions(), ())
    elif isinstance(made, EscalatePicker):
        made.open_for(("Legal", "Safety"), None)
    else:
        made.open()
    return made


EVERY = [Palette, KeySheet, ActionPicker, EscalatePicker, Cover]


@pytest.mark.parametrize("kind", EVERY)
def test_it_covers_the_window_takes_the_focus_and_gives_it_back(qtbot, window, kind):
    made = _open(kind, window)
    assert not isinstance(made, QDialog)
    assert made.geometry() == window.rect()
    assert made.accessibleName()
    assert open_overlay(window) is made
    here = window.focusWidget()
    assert here is made or made.isAncestorOf(here)
    with qtbot.waitSignal(made.closed):
        qtbot.keyClick(here, Qt.Key.Key_Escape)
    assert not made.is_open
    assert window.field.hasFocus()
    assert open_overlay(window) is None


@pytest.mark.parametrize("kind", EVERY)
def test_tab_goes_round_inside_in_both_directions(qtbot, window, kind):
    made = _open(kind, window)
    for key, times in ((Qt.Key.Key_Tab, 15), (Qt.Key.Key_Backtab, 15)):
        for _ in range(times):
            qtbot.keyClick(window.focusWidget(), key)
            here = window.focusWidget()
            assert here is made or made.isAncestorOf(here)


@pytest.mark.parametrize("kind", EVERY)
def test_focus_that_is_pulled_to_what_lies_beneath_comes_back(window, kind):
    made = _open(kind, window)
    window.field.setFocus()
    here = window.focusWidget()
    assert here is made or made.isAncestorOf(here)


@pytest.mark.parametrize("kind", EVERY)
def test_no_key_reaches_the_window(qtbot, window, kind):
    _open(kind, window)
    for key in (Qt.Key.Key_D, Qt.Key.Key_F4, Qt.Key.Key_8, Qt.Key.Key_F9):
        if open_overlay(window) is not None:
            qtbot.keyClick(window.focusWidget(), key)
    assert window.reached == []


@pytest.mark.parametrize("kind", EVERY)
def test_it_stays_as_large_as_the_window(window, kind):
    made = _open(kind, window)
    window.resize(1440, 900)
    assert made.geometry() == window.rect()
    assert window.rect().contains(made.sheet.geometry().translated(made.pos()))


@pytest.mark.parametrize("kind", [Palette, KeySheet, ActionPicker, EscalatePicker])
def test_a_click_beside_the_sheet_closes_it(qtbot, window, kind):
    made = _open(kind, window)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert not made.is_open


def test_closing_survives_that_the_focused_widget_is_gone(qtbot, window):
    gone = QPushButton("Gone", window)
    gone.show()
    gone.setFocus()
    made = _open(Cover, window)
    gone.setParent(None)
    gone.deleteLater()
    del gone
    qtbot.wait(0)
    made.leave()
    assert not made.is_open


@pytest.mark.parametrize("name", ["light", "dark", "high_contrast"])
@pytest.mark.parametrize("kind", EVERY)
def test_every_theme_and_large_text_can_be_painted(qapp, window, kind, name):
    made = _open(kind, window)
    theme.apply(qapp, name)
    theme.set_zoom(qapp, 1.5)
    assert not made.grab().isNull()
    assert isinstance(made, Overlay)


# Palette


def test_where_nothing_is_found_the_palette_shows_no_keys_for_choosing(window):
    palette = Palette(window)
    palette.open_for("Find", _found, "xyzzy")
    assert (palette._foot.empty, palette._foot.note) == (True, "")
    palette.open_for("Find", _found, "cover")
    assert not palette._foot.empty
    assert palette._foot.note


@pytest.mark.parametrize("kind", [ActionPicker, EscalatePicker])
def test_large_text_has_the_height_it_needs_before_the_sheet_keeps_away_from_the_edges(qapp, window, kind):
    theme.set_zoom(qapp, 1.5)
    sheet = _open(kind, window).sheet
    assert sheet.height() >= sheet.sizeHint().height()
    assert sheet.y() > 0
    assert sheet.geometry().bottom() < window.height()


def test_the_title_of_a_sheet_stays_over_the_keys_of_its_rows_when_the_text_grows(qapp, window):
    picker = _open(EscalatePicker, window)
    theme.set_zoom(qapp, 1.5)
    qapp.processEvents()
    assert picker._title.x() == picker._reason.x() == 1 + theme.scaled(PAD)


def test_what_is_typed_into_the_palette_stands_after_its_glass_when_the_text_grows(qapp, window):
    palette = _open(Palette, window)
    theme.set_zoom(qapp, 2.0)
    qapp.processEvents()
    assert palette._field.x() >= theme.scaled(46)


def test_what_is_typed_into_the_palette_stands_after_its_glass_in_a_mirrored_window(qapp, window):
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    palette = _open(Palette, window)
    qapp.processEvents()
    assert palette._field.geometry().right() < palette._head.width() - theme.scaled(45)


def test_the_way_out_of_the_key_sheet_is_whole_however_large_the_text_becomes(qapp, window):
    sheet = _open(KeySheet, window)
    theme.set_zoom(qapp, 1.5)
    way_out = sheet.findChild(Esc)
    assert way_out.width() >= paint.key_cap_width("Esc")


@pytest.mark.parametrize("zoom", [1.0, 1.25, 1.5])
def test_what_is_scrolled_in_the_key_sheet_goes_on_to_the_edge_of_the_window(qapp, window, zoom):
    theme.set_zoom(qapp, zoom)
    sheet = _open(KeySheet, window)
    qapp.processEvents()
    end = sheet._all.mapTo(window, sheet._all.rect().bottomLeft()).y()
    assert end >= window.height() - 2  # a margin there would cut a heading in the middle of nowhere


def _found(words):
    entries = (
        PaletteEntry("decide.commit", "Decide and next", keys="D", own_key=True),
        PaletteEntry("station.cover", "Cover everything", keys="F4"),
        PaletteEntry("look.span", "Next marked span", keys="H"),
    )
    clauses = (PaletteEntry("c42", "4.2 Cover pictures"),)
    keep = lambda all_: tuple(e for e in all_ if words.lower() in e.title.lower())  # noqa: E731 - shorter here
    return [PaletteGroup("commands", "Commands", keep(entries)), PaletteGroup("clauses", "Clauses", keep(clauses))]


def test_the_palette_runs_what_is_chosen_with_the_arrows(qtbot, window):
    palette = Palette(window)
    palette.open_for("Find", _found)
    field = window.focusWidget()
    qtbot.keyClicks(field, "cover")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args == ["clauses", "c42"]
    assert not palette.is_open


def test_the_palette_shows_a_deciding_command_but_never_runs_it(qtbot, window):
    palette = Palette(window)
    palette.open_for("Find", _found, "decide")
    with qtbot.assertNotEmitted(palette.chosen):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert palette.is_open


def test_the_arrows_never_stop_on_a_heading_or_leave_the_list(qtbot, window):
    palette = Palette(window)
    palette.open_for("Find", _found)
    field = window.focusWidget()
    for key in [Qt.Key.Key_Up, *[Qt.Key.Key_Down] * 6, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown]:
        qtbot.keyClick(field, key)
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args == ["clauses", "c42"]


def test_the_palette_asks_at_every_letter_and_begins_anew_each_time(qtbot, window):
    asked = []
    palette = Palette(window)
    palette.open_for("Find", lambda words: asked.append(words) or [])
    qtbot.keyClicks(window.focusWidget(), "ab")
    palette.leave()
    palette.open_for("Find", lambda words: asked.append(words) or [])
    assert [words for n, words in enumerate(asked) if n == 0 or asked[n - 1] != words] == ["", "a", "ab", ""]


# Cover


def test_the_cover_hides_all_of_the_window(window):
    window.field.setText("harmless words")
    cover = _open(Cover, window)
    shown = window.grab().toImage()
    window.field.setText("")
    window.field.hide()
    assert window.grab().toImage() == shown
    assert cover.is_open


def test_no_key_that_decides_lifts_the_cover_and_any_other_does(qtbot, window):
    cover = Cover(window)
    cover.set_wary_keys(decision_keys(KEYS))
    cover.open()
    for key in (Qt.Key.Key_N, Qt.Key.Key_D, Qt.Key.Key_3, Qt.Key.Key_Shift):
        qtbot.keyClick(window.focusWidget(), key)
        assert cover.is_open
    with qtbot.waitSignal(cover.lifted):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F4)
    assert not cover.is_open


def test_the_mouse_lifts_the_cover_by_its_button_only(qtbot, window):
    cover = _open(Cover, window)
    qtbot.mouseClick(cover, Qt.MouseButton.LeftButton, pos=cover.rect().center())
    assert cover.is_open
    button = cover.findChild(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not cover.is_open


# Key sheet


def _lines(sheet):
    model_of = [column.lines for column in sheet._columns]
    return [model.line(n) for model in model_of for n in range(model.rowCount())]


def test_the_key_sheet_names_every_command_of_the_table(window):
    sheet = _open(KeySheet, window)
    assert {line.id for line in _lines(sheet) if line.id} == {command.id for command in COMMANDS}


def test_the_key_sheet_shows_the_keys_in_force_and_finds_by_key_and_by_word(window):
    sheet = KeySheet(window)
    sheet.show_keys("left_hand", keymap("left_hand", {}), single_keys=True)
    sheet.open()
    assert {line.id: line.keys for line in _lines(sheet)}["decide.no_violation"] == "Q"
    sheet._find.setText("q")
    assert "decide.no_violation" in {line.id for line in _lines(sheet)}
    sheet._find.setText("lease")
    assert [line.id for line in _lines(sheet) if line.id] == ["decide.lease"]


def test_a_new_key_is_asked_for_by_enter_and_told(qtbot, window):
    sheet = _open(KeySheet, window)
    column = sheet._columns[1]
    column.setFocus()
    column.setCurrentIndex(column.lines.index(4))
    wanted = column.lines.line(4).id
    qtbot.keyClick(column, Qt.Key.Key_Return)
    with qtbot.waitSignal(sheet.key_chosen) as told:
        qtbot.keyClick(column, Qt.Key.Key_Y)
    assert told.args == [wanted, "Y"]


def test_escape_while_a_new_key_is_asked_for_keeps_the_old_one_and_the_sheet(qtbot, window):
    sheet = _open(KeySheet, window)
    column = sheet._columns[0]
    column.setFocus()
    qtbot.keyClick(column, Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(sheet.key_chosen):
        qtbot.keyClick(column, Qt.Key.Key_Escape)
    assert sheet.is_open
    qtbot.keyClick(column, Qt.Key.Key_Escape)
    assert not sheet.is_open


# Pickers


def test_digits_tick_actions_and_enter_takes_them_with_their_values(qtbot, window):
    picker = ActionPicker(window)
    picker.open_for(some_actions(), (ChosenAction("pause", (("days", "7 days"),)),))
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_1)
    with qtbot.waitSignal(picker.chosen) as told:
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert told.args == [(ChosenAction("pause", (("days", "7 days"),)), ChosenAction("remove"))]


def test_what_leaves_a_choice_is_not_called_as_one_that_closes_an_account(qtbot, window):
    picker = _open(ActionPicker, window)
    assert picker._leave.text() == "Cancel"


def test_a_digit_pressed_twice_leaves_the_action_out(qtbot, window):
    picker = _open(ActionPicker, window)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_2)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_2)
    with qtbot.waitSignal(picker.chosen) as told:
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert told.args == [()]


def test_an_action_that_asks_for_a_value_gets_the_first_one_unless_told(qtbot, window):
    picker = _open(ActionPicker, window)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_3)
    with qtbot.waitSignal(picker.chosen) as told:
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert told.args == [(ChosenAction("pause", (("days", "1 day"),)),)]


def test_leaving_the_picker_changes_nothing(qtbot, window):
    picker = _open(ActionPicker, window)
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_1)
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)


def test_tab_goes_from_the_teams_to_how_soon_to_the_reason_and_then_to_the_buttons(qtbot, window):
    picker = _open(EscalatePicker, window)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_1)
    met = []
    for _ in range(5):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        met.append(window.focusWidget())
    assert picker._urgency.isAncestorOf(met[0])
    assert met[1:] == [picker._reason, picker._leave, picker._done, picker._picks[0]]


def test_a_team_must_be_chosen_before_an_item_is_handed_over(qtbot, window):
    picker = _open(EscalatePicker, window)
    with qtbot.assertNotEmitted(picker.chosen):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert picker.is_open
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_2)
    picker._urgency.step(1)
    picker._reason.setText("  please look soon ")
    with qtbot.waitSignal(picker.chosen) as told:
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert told.args == [Escalation("Safety", Urgency.URGENT, "please look soon")]
