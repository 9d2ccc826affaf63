"""Unlock, problem, returned, outbox, settings: what is true now, and one next step."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit

from modstation.core.content import Kind
from modstation.core.exposure import Step
from modstation.core.ids import ItemId
from modstation.core.item import Lease
from modstation.core.problem import Problem
from modstation.system.settings import Settings
from modstation.ui import theme
from modstation.ui.pieces.facts import Fact
from modstation.ui.pieces.lettering import Emphasis
from modstation.ui.screens.again import AgainScreen
from modstation.ui.screens.outbox import Mark, OutboxLine, OutboxScreen, mark_words
from modstation.ui.screens.problem import ProblemScreen
from modstation.ui.screens.returned import ReturnedScreen, ReturnedView, headline
from modstation.ui.screens.settings import SettingsScreen
from modstation.ui.screens.story import EventView, FieldView
from modstation.ui.screens.unlock import Unlock
from tests.support.builders import NOW


@pytest.fixture
def put(qtbot):
    """Put a screen on the screen."""

    def shown(kind):
        made = kind()
        qtbot.addWidget(made)
        made.resize(1152, 676)
        made.show()
        made.activateWindow()
        return made

    return shown


def _words(widget):
    return " | ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget))


SCREENS = [Unlock, ProblemScreen, ReturnedScreen, OutboxScreen, SettingsScreen]


@pytest.mark.parametrize("kind", SCREENS)
@pytest.mark.parametrize("name", ["dark", "high_contrast"])
def test_every_screen_can_be_painted_large_and_in_every_theme(qapp, put, kind, name):
    screen = put(kind)
    theme.apply(qapp, name)
    theme.set_zoom(qapp, 2.0)
    assert not screen.grab().isNull()


@pytest.mark.parametrize("kind", SCREENS)
def test_whatever_can_have_the_focus_has_a_name(put, kind):
    screen = put(kind)
    for widget in screen.findChildren(QAbstractButton) + screen.findChildren(QLineEdit):
        if widget.isVisibleTo(screen) and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())


# Unlock


def test_a_passphrase_unlocks_by_enter(qtbot, put):
    screen = put(Unlock)
    assert not screen.unlock.isEnabled()
    qtbot.keyClicks(screen.typed, "pump and kettle")
    with qtbot.waitSignal(screen.unlock_wanted) as told:
        qtbot.keyClick(screen.typed, Qt.Key.Key_Return)
    assert told.args == ["pump and kettle"]


def test_nothing_is_asked_twice_while_the_vault_opens(qtbot, put):
    screen = put(Unlock)
    screen.typed.setText("pump and kettle")
    screen.busy(busy=True)
    with qtbot.assertNotEmitted(screen.unlock_wanted):
        screen.unlock.click()


def test_a_wrong_passphrase_is_said_and_can_be_typed_over(qtbot, put):
    screen = put(Unlock)
    screen.typed.setText("wrong")
    screen.show_problem("This passphrase does not open the vault.")
    assert "does not open" in _words(screen)
    qtbot.keyClicks(screen.typed, "x")
    assert screen.typed.text() == "x"
    assert "does not open" not in _words(screen)


def test_what_is_said_of_a_wrong_passphrase_moves_nothing(qtbot, put):
    screen = put(Unlock)
    qtbot.waitExposed(screen)
    places = lambda: [part.mapTo(screen, QPoint()) for part in (screen.typed, screen.unlock, screen.forgotten)]  # noqa: E731 - shorter here
    before = places()
    screen.show_problem("This is not the passphrase of this cache.\nTry again; nothing was changed.")
    QApplication.processEvents()
    assert places() == before
    qtbot.keyClicks(screen.typed, "x")
    QApplication.processEvents()
    assert places() == before


def test_the_locked_screen_says_what_stays(put):
    screen = put(Unlock)
    screen.show_facts([Fact("saved", "3 decisions are saved here and will be sent.")])
    assert "3 decisions are saved here" in _words(screen)
    screen.show_facts([])
    assert "3 decisions" not in _words(screen)


# Problem


def test_a_problem_is_told_with_what_is_safe_and_one_step(qtbot, put):
    screen = put(ProblemScreen)
    problem = Problem("vault.key_missing", "The key is missing.", "Log in to the other account.", "vault 7f3a")
    screen.show_problem(problem, ("Nothing was deleted.",), "Try again")
    for words in (problem.title, problem.advice, "Nothing was deleted.", "vault.key_missing, vault 7f3a"):
        assert words in _words(screen)
    assert not screen.other.isVisibleTo(screen)
    with qtbot.waitSignal(screen.step_wanted):
        screen.step.click()


def test_a_problem_without_a_step_shows_no_button(put):
    screen = put(ProblemScreen)
    screen.show_problem(Problem("vault.damaged", "The file is damaged."), (), "")
    assert not screen.step.isVisibleTo(screen)


# Returned

STORY = ReturnedView(
    entry_id="d1",
    kind=Kind.LISTING,
    summary="Listing: espresso grinder",
    code="returned.content_changed",
    reason="The seller edited the listing.",
    decided_at=NOW,
    sentence="Violation of 8.3 Safety marks, severity 1: ask for a correction.",
    sentence_marks=(Emphasis(13, 16),),
    told_at=NOW,
    lease=Lease(ItemId("i1"), 1, NOW, NOW + timedelta(seconds=7100)),
)


@pytest.mark.parametrize(("width", "height"), [(1024, 640), (1180, 380)])
def test_the_ways_on_are_in_sight_however_long_the_story_is(put, width, height):
    screen = put(ReturnedScreen)
    long = FieldView("Text", "Words that somebody wrote about a chair. " * 40)
    screen.show_returned(replace(STORY, saw=(long,), now=(long,)))
    screen.resize(width, height)
    QApplication.processEvents()
    for card in (screen.amend, screen.resend, screen.withdraw):
        below = card.mapTo(screen, card.rect().bottomLeft()).y()
        assert 0 < below < height
        assert card.height() >= card.heightForWidth(card.width())
        assert card.consequence in card.accessibleDescription() + card.toolTip()


def test_the_story_begins_with_what_is_not_lost(put):
    screen = put(ReturnedScreen)
    screen.show_returned(STORY)
    words = _words(screen)
    assert "is not lost" in words
    assert STORY.sentence in words
    assert STORY.reason in words
    assert words.index("is not lost") < words.index(STORY.sentence)


@pytest.mark.parametrize(
    "code", ["returned.content_changed", "returned.policy_incompatible", "refused.id_conflict", "quarantined", "odd"]
)
def test_every_code_has_a_headline_that_calms(code):
    title, words = headline(code)
    assert title
    assert "is not lost" in words
    assert "!" not in title + words


def test_an_item_that_the_service_does_not_know_is_not_told_as_a_fault_of_the_decision():
    for code in ("refused.unknown_item", "refused.not_leased"):
        title, words = headline(code)
        assert title == headline("refused.id_conflict")[0]
        assert "this item" in words
        assert "does not fit" not in words


def test_an_item_that_the_service_does_not_know_is_neither_leased_nor_given_back(put):
    screen = put(ReturnedScreen)
    for code in ("refused.unknown_item", "refused.not_leased"):
        screen.show_returned(replace(STORY, code=code))
        assert "leased" not in _words(screen)
        assert "still on this computer" in _words(screen)
        assert "queue" not in screen.withdraw.accessibleDescription()
        assert "refuse it again" in screen.resend.accessibleDescription()
    screen.show_returned(STORY)
    assert "still leased" in _words(screen)
    assert "queue" in screen.withdraw.accessibleDescription()


def test_what_the_lease_has_left_follows_the_clock(put):
    screen = put(ReturnedScreen)
    screen.show_returned(STORY)
    assert "leased to you for 1:58 h" in _words(screen)
    screen.set_now(NOW + timedelta(seconds=90))
    assert "leased to you for 1:56 h" in _words(screen)


def test_each_way_on_says_what_it_causes_and_tells_the_entry(qtbot, put):
    screen = put(ReturnedScreen)
    screen.show_returned(STORY)
    for command, card in (
        ("returned.amend", screen.amend),
        ("returned.resend", screen.resend),
        ("returned.withdraw", screen.withdraw),
    ):
        assert card.accessibleDescription()
        with qtbot.waitSignal(screen.chosen) as told:
            card.click()
        assert told.args == [command, "d1"]


def test_an_item_that_is_gone_can_only_be_withdrawn_and_the_cards_say_why(put):
    screen = put(ReturnedScreen)
    screen.show_returned(replace(STORY, lease=None))
    assert not screen.amend.isEnabled()
    assert not screen.resend.isEnabled()
    assert screen.withdraw.isEnabled()
    assert "no longer on this computer" in screen.amend.accessibleDescription()


def test_the_columns_follow_the_story_and_empty_ones_are_left_out(put):
    screen = put(ReturnedScreen)
    full = replace(
        STORY,
        saw=(FieldView("Price", "89.00"),),
        now=(FieldView("Price", "79.00", (Emphasis(0, 5, "new"),)),),
        events=(EventView(NOW, "Your decision arrived", yours=True),),
    )
    screen.show_returned(full)
    words = _words(screen)
    assert words.index("What you saw") < words.index("What it is now") < words.index("What others did")
    screen.show_returned(replace(full, saw=()))
    assert "What you saw" not in _words(screen)


def test_short_names_leave_their_room_to_the_words_that_are_compared(put):
    screen = put(ReturnedScreen)

    def width_of_words(name):
        fields = (FieldView("Text", "Long words. " * 30), FieldView(name, "89.00"))
        screen.show_returned(replace(STORY, saw=fields, now=fields))
        QApplication.processEvents()
        (one, other) = (
            label for label in screen.findChildren(QLabel) if label.isVisible() and label.text() == fields[0].words
        )
        assert one.width() == other.width()
        return one.width()

    assert width_of_words("Price") > width_of_words("Safety mark") >= width_of_words("A name of many words indeed")


def test_names_in_the_story_are_not_broken_when_the_text_grows_at_work(qapp, put):
    screen = put(ReturnedScreen)
    fields = (FieldView("Rating", "1 of 5"),)
    screen.show_returned(replace(STORY, saw=fields, now=fields))
    theme.set_zoom(qapp, 1.5)
    QApplication.processEvents()
    names = [label for label in screen.findChildren(QLabel) if label.isVisible() and label.text() == "Rating"]
    assert len(names) == 2
    assert all(name.width() >= theme.width("Rating", "meta") for name in names)


def test_when_nothing_came_back_that_is_said(put):
    screen = put(ReturnedScreen)
    screen.show_returned(STORY)
    screen.show_returned(None)
    assert _words(screen) == "Nothing came back to you."


# Outbox


def _line(entry_id, mark, **over):
    given = {"kind": Kind.REVIEW, "summary": "Review of a tea kettle", "sentence": "No violation", "at": NOW}
    return OutboxLine(entry_id, mark, **(given | over))


def _order(screen):
    lines = [screen._model.line(n) for n in range(screen._model.rowCount())]
    return [getattr(line, "entry_id", "#") for line in lines]


def test_what_could_not_be_proven_stands_by_itself_above_what_is_done(put):
    screen = put(OutboxScreen)
    screen.show_lines([_line("a", Mark.ACCEPTED, settled=True), _line("b", Mark.UNPROVEN, settled=True)])
    assert _order(screen) == ["#", "b", "#", "a"]


def test_what_lies_with_the_lead_is_not_called_returned_to_you(put):
    screen = put(OutboxScreen)
    screen.show_lines([_line("l", Mark.WITH_LEAD), _line("r", Mark.RETURNED)])
    assert _order(screen) == ["#", "r", "#", "l"]
    headings = [line.title for n in (0, 2) if (line := screen._model.line(n))]
    assert headings == ["Returned to you", "With your lead"]


def test_what_came_back_stands_first_and_what_is_done_last(put):
    screen = put(OutboxScreen)
    screen.show_lines(
        [_line("a", Mark.ACCEPTED), _line("s", Mark.SAVED), _line("h", Mark.HELD), _line("r", Mark.RETURNED)]
    )
    assert _order(screen) == ["#", "r", "#", "h", "#", "s", "#", "a"]


@pytest.mark.parametrize("mark", list(Mark))
def test_every_mark_has_words_and_is_read_aloud(mark):
    line = _line("x", mark, seconds_left=24)
    assert mark_words(line)
    assert mark_words(line) in line.spoken


def test_no_two_marks_are_called_the_same():
    assert len({mark_words(_line("x", mark)) for mark in Mark}) == len(Mark)


def test_enter_opens_what_came_back_and_undoes_what_is_held(qtbot, put):
    screen = put(OutboxScreen)
    screen.show_lines([_line("r", Mark.RETURNED), _line("h", Mark.HELD), _line("a", Mark.ACCEPTED)])
    screen.setFocus()
    with qtbot.waitSignal(screen.returned_chosen) as told:
        qtbot.keyClick(screen._list, Qt.Key.Key_Return)
    assert told.args == ["r"]
    qtbot.keyClick(screen._list, Qt.Key.Key_Down)
    with qtbot.waitSignal(screen.undo_wanted) as told:
        qtbot.keyClick(screen._list, Qt.Key.Key_Return)
    assert told.args == ["h"]
    high = screen._foot.height()
    qtbot.keyClick(screen._list, Qt.Key.Key_Down)
    assert not screen.act.isEnabled()
    assert screen.act.isHidden()  # what can't be done is said in words: no button with a key that does nothing
    assert "Nothing to do" in _words(screen)
    assert screen._foot.height() == high  # and nothing jumps


def test_the_chosen_line_stays_chosen_when_its_mark_changes(put):
    screen = put(OutboxScreen)
    screen.show_lines([_line("r", Mark.RETURNED), _line("h", Mark.HELD)])
    screen._list.setCurrentIndex(screen._model.index(3))
    screen.show_lines([_line("r", Mark.RETURNED), _line("h", Mark.SAVED)])
    assert screen._chosen().entry_id == "h"


def test_a_line_with_a_reason_says_it_and_is_higher_by_a_line(put):
    screen = put(OutboxScreen)
    screen.show_lines([_line("p", Mark.ACCEPTED), _line("l", Mark.LATE, why="The lease had ended when it arrived.")])
    plain, late = (screen._list.visualRect(screen._model.index(n)).height() for n in (1, 2))
    assert late - plain == theme.scaled(20)
    assert "The lease had ended" in screen._model.line(2).spoken


def test_what_a_lead_has_can_be_opened_until_it_has_left_the_outbox(put):
    screen = put(OutboxScreen)
    screen.show_lines([_line("done", Mark.WITH_LEAD, settled=True), _line("open", Mark.WITH_LEAD)])
    assert _order(screen) == ["#", "open", "#", "done"]
    assert screen.act.isEnabled()
    screen._list.setCurrentIndex(screen._model.index(3))
    assert not screen.act.isEnabled()


def test_the_time_to_undo_runs_down_in_the_outbox_and_nobody_loses_the_place(put):
    screen = put(OutboxScreen)
    held = [_line(name, Mark.HELD, seconds_left=n) for name, n in (("new", 26), ("old", 2))]
    screen.show_lines([*held, _line("kept", Mark.SAVED)])
    screen._list.setCurrentIndex(screen._model.index(2))
    screen.count_down({"new": 25, "old": 1})
    assert [screen._model.line(n).seconds_left for n in (1, 2)] == [25, 1]
    assert screen._chosen().entry_id == "old"
    screen.count_down({"new": 24, "old": 0})
    assert _order(screen) == ["#", "new", "#", "old", "kept"]
    assert screen._chosen().entry_id == "old"
    assert not screen.act.isEnabled()  # its time is over: nothing is offered that would do nothing


def test_the_three_counts_are_never_confused(put):
    screen = put(OutboxScreen)
    screen.show_counts(3, 118, 1)
    assert "with your lead" not in _words(screen)
    screen.show_counts(3, 118, 1, with_lead=2)
    assert "2 with your lead" in _words(screen)
    for words in ("3 saved here", "118 accepted", "1 returned"):
        assert words in _words(screen)


def test_a_nought_in_the_outbox_has_no_colour_that_asks_for_something(put):
    screen = put(OutboxScreen)
    returned = QColor(theme.tokens().mark_returned)
    looks = []
    for n in (1, 0):
        screen.show_counts(0, 0, n)
        looks.append(screen.grab().toImage())
    with_one, with_none = (
        any(look.pixelColor(x, y) == returned for x in range(look.width()) for y in range(60)) for look in looks
    )
    assert with_one
    assert not with_none


# Settings


def test_showing_settings_changes_none(qtbot, put):
    screen = put(SettingsScreen)
    with qtbot.assertNotEmitted(screen.changed):
        screen.show_settings(Settings(theme="dark", zoom=150, keys="left_hand", single_keys=False))
    assert (screen.theme.value(), screen.zoom.value(), screen.preset.value()) == ("dark", "150", "left_hand")


@pytest.mark.parametrize(
    ("name", "step", "wanted"),
    [
        ("theme", 1, {"theme": "light"}),
        ("zoom", 1, {"zoom": 125}),
        ("item_zoom", -1, {"item_zoom": 75}),
        ("hold", 1, {"undo_hold_s": 60}),
        ("preset", 1, {"keys": "left_hand"}),
    ],
)
def test_each_choice_changes_one_setting_and_keeps_the_others(qtbot, put, name, step, wanted):
    screen = put(SettingsScreen)
    before = Settings(key_overrides={"decide.note": ("Y",)})
    screen.show_settings(before)
    with qtbot.waitSignal(screen.changed) as told:
        getattr(screen, name).step(step)
    assert told.args == [replace(before, **wanted)]


def test_how_pictures_open_is_set_for_each_severity_by_itself(qtbot, put):
    screen = put(SettingsScreen)
    screen.show_settings(Settings())
    with qtbot.waitSignal(screen.changed) as told:
        screen.first[3].step(1)
    exposure = told.args[0].exposure
    assert exposure.opens_with(3) is Step.OUTLINE
    assert [exposure.opens_with(n) for n in (0, 1, 2, 4)] == [Step.HIDDEN, Step.CLEAR, Step.HIDDEN, Step.HIDDEN]


def test_a_value_between_two_segments_is_kept_until_another_is_chosen(qtbot, put):
    screen = put(SettingsScreen)
    screen.show_settings(Settings(undo_hold_s=45))
    assert screen.hold.value() == ""
    with qtbot.waitSignal(screen.changed) as told:
        screen.single.click()
    assert (told.args[0].undo_hold_s, told.args[0].single_keys) == (45, False)


def settings_sections(screen):
    return [entry.text() for entry in screen.contents.findChildren(QAbstractButton)]


def test_the_settings_say_where_one_is_and_lead_to_each_section_by_key(qtbot, put):
    screen = put(SettingsScreen)
    screen.resize(1024, 400)
    assert settings_sections(screen) == ["Looks", "Text size", "Time to undo", "Pictures", "Keys", "Connection"]
    qtbot.waitUntil(screen.isActiveWindow)
    screen.setFocus(Qt.FocusReason.ShortcutFocusReason)
    for place in range(1, 6):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert screen.contents.current == place
        assert screen._headings[place].visibleRegion().isEmpty() is False
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert screen.metered.hasFocus()
    screen._area.verticalScrollBar().setValue(0)
    assert screen.contents.current == 0
    screen.preset.focus()
    assert screen.contents.current == 4
    screen.resize(1024, 420)
    assert screen.contents.current == 4


@pytest.mark.parametrize("place", range(6))
def test_the_section_that_was_gone_to_stays_in_sight_when_the_window_gets_smaller(qtbot, put, place):
    screen = put(SettingsScreen)
    screen.resize(1152, 830)
    qtbot.waitUntil(screen.isActiveWindow)
    screen.contents.entered.emit(place)
    screen.resize(1024, 400)
    assert screen.contents.current == place
    assert not QApplication.focusWidget().visibleRegion().isEmpty()
    assert not screen._headings[place].visibleRegion().isEmpty()


def test_the_sections_give_way_where_the_settings_need_all_the_width(qtbot, put):
    screen = put(SettingsScreen)
    qtbot.waitUntil(screen.isActiveWindow)
    screen.resize(1024, 400)
    assert not screen.contents.isHidden()
    screen.resize(500, 400)
    assert screen.contents.isHidden()
    screen.setFocus()
    assert screen.theme.isAncestorOf(QApplication.focusWidget())


def test_joining_again_waits_for_another_code_than_the_refused_one(qtbot, put):
    screen = put(AgainScreen)
    screen.code.setText("K7QD4M2X")
    screen.show_problem("The service can't be reached.")
    assert screen.join.isEnabled()
    screen.show_problem("This code can't be used.", refused=True)
    assert not screen.join.isEnabled()
    qtbot.keyClicks(screen.code, "K7QD4M2Y")
    assert screen.join.isEnabled()


def test_the_head_of_the_outbox_stays_over_its_rows_when_the_text_grows(put, qapp):
    screen = put(OutboxScreen)
    theme.set_zoom(qapp, 1.5)
    assert {row.contentsMargins().left() for row, _air in screen._rows} == {theme.scaled(32)}


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_figures_of_the_outbox_end_where_its_marks_do(put, direction):
    screen = put(OutboxScreen)
    screen.setLayoutDirection(direction)
    screen.resize(1152, 600)
    margins = screen._rows[0][0].contentsMargins()
    sides = (margins.left(), margins.right())
    assert sides == ((32, 352) if direction == Qt.LayoutDirection.LeftToRight else (352, 32))


def test_a_picture_can_first_be_as_large_as_the_bar_beneath_it_offers(put, qtbot):
    screen = put(SettingsScreen)
    screen.show_settings(Settings())
    offered = screen.width_px.findChildren(QAbstractButton)
    assert [button.text() for button in offered] == ["240 px", "480 px", "Fit"]
    with qtbot.waitSignal(screen.changed) as told:
        offered[-1].click()
    assert told.args[0].exposure.width_px == 0
