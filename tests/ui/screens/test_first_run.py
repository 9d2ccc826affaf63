"""First run: nothing is sent before the fingerprint is confirmed, and every reason for waiting is in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from modstation.ui import theme
from modstation.ui.screens.code import LENGTH, cleaned, grouped
from modstation.ui.screens.firstrun import FirstRun, FirstRunStep
from modstation.ui.screens.join import ServiceCardView
from modstation.ui.screens.protect import SHORTEST

CARD = ServiceCardView("Harbour desk", "9F3A 61C0 77DE 2B18 A4E5 0C92")
ADDRESS = "https://desk.example.org"


@pytest.fixture
def screen(qtbot):
    made = FirstRun()
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show()
    made.activateWindow()
    return made


def _words(widget):
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


def _ready(screen):
    screen.join_page.address.setText(ADDRESS)
    screen.show_card(CARD, "")
    screen.join_page.code.setText("K7QD4M2X")
    screen.join_page.same.setChecked(True)


def test_an_address_is_asked_about_once_it_is_left(qtbot, screen):
    page = screen.join_page
    qtbot.keyClicks(page.address, ADDRESS)
    with qtbot.waitSignal(screen.address_entered) as told:
        qtbot.keyClick(page.address, Qt.Key.Key_Return)
    assert told.args == [ADDRESS]


def test_joining_waits_for_an_answer_a_whole_code_and_the_confirmed_fingerprint(screen):
    page = screen.join_page
    assert not page.join.isEnabled()
    screen.show_card(CARD, "")
    page.code.setText("K7QD4M2")
    assert "1 character is missing; the fingerprint is not confirmed yet" in _words(screen)
    page.code.setText("K7QD4M2X")
    assert not page.join.isEnabled()
    page.same.setChecked(True)
    assert page.join.isEnabled()


def test_joining_tells_address_and_code_as_printed(qtbot, screen):
    _ready(screen)
    with qtbot.waitSignal(screen.join_wanted) as told:
        screen.join_page.join.click()
    assert told.args == [ADDRESS, "K7QD-4M2X"]


def test_another_service_or_another_address_has_to_be_confirmed_anew(qtbot, screen):
    _ready(screen)
    screen.show_card(ServiceCardView("Harbour desk", "0000 0000 0000 0000 0000 0000"), "")
    assert not screen.join_page.same.isChecked()
    _ready(screen)
    qtbot.keyClicks(screen.join_page.address, "x")
    assert not screen.join_page.join.isEnabled()
    assert CARD.fingerprint.replace(" ", "  ") not in _words(screen)


def test_fingerprints_that_differ_stop_here(qtbot, screen):
    _ready(screen)
    screen.join_page.differ.click()
    assert not screen.join_page.join.isEnabled()
    assert not screen.join_page.same.isChecked()
    assert "Nothing was sent, and the code stays good." in _words(screen)


def test_fingerprints_can_only_differ_once_there_is_one(screen):
    page = screen.join_page
    assert not page.differ.isEnabled()
    assert "There is no fingerprint to compare yet" in _words(screen)
    screen.busy(busy=True)
    screen.busy(busy=False)
    assert not page.differ.isEnabled()
    screen.show_card(CARD, "")
    assert page.differ.isEnabled()
    assert "no fingerprint" not in _words(screen)


def test_an_address_where_nobody_answers_has_one_next_step(screen):
    screen.show_card(None, "The service can't be reached.")
    assert "can't be reached. Look at the address, then press Enter in it to ask again." in _words(screen)


def test_a_code_that_was_not_taken_has_to_be_typed_over_before_joining_again(qtbot, screen):
    _ready(screen)
    screen.show_code_problem("The service did not take this code.")
    page = screen.join_page
    assert not page.join.isEnabled()
    assert "This code was not taken: type the right one over it" in _words(screen)
    qtbot.keyClicks(page.code, "K7QD4M2Y")
    assert page.join.isEnabled()
    assert "not taken" not in _words(screen)


def test_both_fingerprints_are_shown_in_groups_and_read_aloud(screen):
    screen.show_card(CARD, "")
    screen.show_device_fingerprint("31B7 E80D 5A26 C4F9 1196 D073")
    assert "9F3A  61C0" in _words(screen)
    spoken = [label.accessibleName() for label in screen.findChildren(QLabel)]
    assert f"The service: {CARD.fingerprint}" in spoken
    assert "This computer: 31B7 E80D 5A26 C4F9 1196 D073" in spoken


def test_an_unencrypted_connection_is_said(screen):
    screen.show_card(ServiceCardView("Demo", CARD.fingerprint, secure=False), "")
    assert "Demo answers, without TLS" in _words(screen)


def test_a_problem_keeps_everything_typed(screen):
    _ready(screen)
    screen.show_problem("This code was used already.")
    assert "This code was used already." in _words(screen)
    assert screen.join_page.code.text() == "K7QD4M2X"
    screen.join_page.code.setText("K7QD")
    assert "This code was used already." not in _words(screen)


def test_nothing_can_be_changed_while_the_service_is_asked(screen):
    _ready(screen)
    screen.busy(busy=True)
    assert not screen.join_page.join.isEnabled()
    assert not screen.join_page.code.isEnabled()
    screen.busy(busy=False)
    assert screen.join_page.join.isEnabled()


@pytest.mark.parametrize("pasted", ["K7QD-4M2X", " k7qd 4m2x ", "K7QD–4M2X\n"])
def test_a_code_can_be_pasted_however_it_was_written(qtbot, screen, pasted):
    QGuiApplication.clipboard().setText(pasted)
    code = screen.join_page.code
    code.setFocus()
    code.paste()
    assert code.text() == "K7QD4M2X"


def test_the_code_can_be_typed_and_taken_back_key_by_key(qtbot, screen):
    code = screen.join_page.code
    qtbot.keyClicks(code, "k7q-d")
    assert code.text() == "K7QD"
    qtbot.keyClick(code, Qt.Key.Key_Backspace)
    assert code.text() == "K7Q"
    qtbot.keyClicks(code, "d4m2xyz")
    assert code.text() == "K7QD4M2X"


@given(st.text(max_size=30))
def test_a_cleaned_code_is_short_plain_and_stays_as_it_is(text):
    code = cleaned(text)
    assert len(code) <= LENGTH
    assert cleaned(grouped(code)) == code
    assert all(c.isascii() and (c.isdigit() or c.isupper()) for c in code)


def test_with_a_keyring_nothing_has_to_be_remembered(qtbot, screen):
    screen.show_keyring(True, "Secret Service")
    screen.go_to(FirstRunStep.PROTECT)
    assert "Secret Service" in screen.protect_page.keyring.accessibleDescription()
    with qtbot.waitSignal(screen.protect_wanted) as told:
        screen.protect_page.protect.click()
    assert told.args == [""]


def test_without_a_keyring_a_passphrase_is_required_and_the_reason_is_given(qtbot, screen):
    screen.show_keyring(False, "", "No keyring answers on this computer.")
    screen.go_to(FirstRunStep.PROTECT)
    page = screen.protect_page
    assert not page.keyring.isEnabled()
    assert page.keyring.accessibleDescription() == "No keyring answers on this computer."
    page.typed.setText("x" * (SHORTEST - 1))
    assert "1 more character is needed" in _words(screen)
    page.typed.setText("pump and kettle")
    page.again.setText("pump and kettl")
    assert "The two are not the same yet" in _words(screen)
    assert not page.protect.isEnabled()
    page.again.setText("pump and kettle")
    with qtbot.waitSignal(screen.protect_wanted) as told:
        qtbot.keyClick(page.again, Qt.Key.Key_Return)
    assert told.args == ["pump and kettle"]


def test_a_passphrase_is_hidden_until_asked_and_forgotten_at_the_next_step(screen):
    screen.show_keyring(False)
    screen.go_to(FirstRunStep.PROTECT)
    page = screen.protect_page
    page.typed.setText("pump and kettle")
    assert page.typed.displayText() != "pump and kettle"
    page.reveal.setChecked(True)
    assert page.typed.displayText() == "pump and kettle"
    screen.go_to(FirstRunStep.DONE)
    assert page.typed.text() == ""


def test_the_last_step_opens_the_desk(qtbot, screen):
    screen.show_person("Heron 12")
    screen.go_to(FirstRunStep.DONE)
    assert "Heron 12" in _words(screen)
    with qtbot.waitSignal(screen.finished):
        qtbot.keyClick(screen.focusWidget(), Qt.Key.Key_Space)


@pytest.mark.parametrize("step", list(FirstRunStep))
@pytest.mark.parametrize("name", ["dark", "high_contrast"])
def test_every_step_can_be_painted_large_and_in_every_theme(qapp, screen, step, name):
    theme.apply(qapp, name)
    theme.set_zoom(qapp, 2.0)
    screen.go_to(step)
    assert not screen.grab().isNull()


def test_it_mirrors_but_a_code_is_still_read_from_the_left(qapp, screen):
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    code = screen.join_page.code
    assert code._box(0).left() < code._box(LENGTH - 1).left()
    assert not screen.grab().isNull()
