"""The bar tells what the person wants, says what is missing, and never jumps."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from modstation.core.decision import (
    ChosenAction,
    Draft,
    Escalation,
    Missing,
    Verdict,
    confirming_digit,
    missing,
    with_clause,
    with_escalation,
    with_severity,
    with_verdict,
)
from modstation.core.ids import ActionId, ClauseId, TeamName
from modstation.ui import theme
from modstation.ui.decide import DecisionBar
from modstation.ui.decide.sentence import Role
from tests.support.builders import a_flag, a_policy, an_item

ITEM, POLICY = an_item(), a_policy()
CHOSEN = with_clause(Draft(), POLICY.by_id["c42"], ITEM, POLICY)
LONG = replace(
    with_clause(with_clause(CHOSEN, POLICY.by_id["c71"], ITEM, POLICY), POLICY.by_id["c45"], ITEM, POLICY),
    actions=tuple(ChosenAction(ActionId(a)) for a in ("remove", "warn", "close")),
)


@pytest.fixture
def bar(qtbot):
    made = DecisionBar()
    qtbot.addWidget(made)
    made.resize(1152, 110)
    made.show()
    return made


def show(bar, draft, item=ITEM, **more):
    lacks = missing(draft, item, POLICY)
    bar.show_draft(draft, item, POLICY, lacks, confirming_digit(draft, item), **more)


def told(signal):
    heard = []
    signal.connect(lambda *what: heard.append(what[0] if what else None))
    return heard


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_the_whole_sentence_is_the_accessible_name_and_each_slot_is_a_button(bar):
    show(bar, CHOSEN)
    assert bar.sentence.accessibleName().startswith("Violation of 4.2 Not about the product, severity 2:")
    assert [slot.accessibleName() for slot in bar.sentence.slots()] == [
        "Violation", "4.2 Not about the product", "severity 2", "remove the review", "warn the author",
    ]  # fmt: skip


def test_the_button_is_off_and_says_why_until_nothing_is_missing(bar):
    show(bar, Draft())
    assert not bar.decide.isEnabled()
    assert bar.decide.accessibleDescription() == "No verdict yet"
    show(bar, CHOSEN)
    assert bar.decide.isEnabled()
    assert bar.decide.accessibleDescription() == ""


def test_the_height_that_a_long_sentence_needed_stays_for_its_item_and_goes_with_it(bar):
    show(bar, Draft())
    low = bar.heightForWidth(1152)
    show(bar, LONG)
    high = bar.heightForWidth(1152)
    show(bar, Draft())
    assert bar.heightForWidth(1152) == high > low
    show(bar, Draft(), an_item(item_id="item-2"))
    assert bar.heightForWidth(1152) == low


def test_an_ordinary_sentence_fits_the_height_that_is_always_kept(bar):
    show(bar, Draft())
    low = bar.heightForWidth(1152)
    for draft in (CHOSEN, with_verdict(Draft(), Verdict.NO_VIOLATION), with_verdict(Draft(), Verdict.CANNOT_DECIDE)):
        show(bar, draft)
        assert bar.heightForWidth(1152) == low


@pytest.mark.parametrize(("width", "zoom"), [(700, 1.0), (1024, 1.0), (1152, 1.0), (1024, 2.0), (1152, 1.5)])
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
@pytest.mark.parametrize("held", [None, 24])
def test_no_slot_is_cut_or_covered_at_any_size(bar, qapp, width, zoom, direction, held):
    theme.set_zoom(qapp, zoom)
    qapp.setLayoutDirection(direction)
    bar.set_undo(held, 30)
    show(bar, LONG)
    bar.resize(width, bar.heightForWidth(width))
    bar.resize(width, bar.heightForWidth(width))
    slots = bar.sentence.slots()
    areas = [slot.geometry() for slot in slots]
    assert all(bar.sentence.rect().contains(area) for area in areas)
    assert not any(a.intersects(b) for n, a in enumerate(areas) for b in areas[:n])
    controls = [bar.verdicts, bar.escalate, bar.skip, bar.note, bar.decide]
    controls += [bar.undo] if held else []  # shows nothing else, and lets the mouse through
    places = [control.geometry() for control in controls]
    places += [area.translated(bar.sentence.pos()) for area in areas]
    assert all(bar.rect().contains(area) for area in places)
    assert not any(a.intersects(b) for n, a in enumerate(places) for b in places[:n])


def test_slots_and_buttons_tell_what_is_wanted(bar):
    show(bar, CHOSEN)
    clauses, severities, actions = told(bar.clause_wanted), told(bar.severity_step), told(bar.actions_wanted)
    verdicts, skips, escalations = told(bar.verdict_chosen), told(bar.skip_wanted), told(bar.escalate_wanted)
    by_role = {slot.segment.role: slot for slot in reversed(bar.sentence.slots())}
    for role in (Role.CLAUSE, Role.SEVERITY, Role.ACTION):
        click(by_role[role])
    click(bar.skip)
    click(bar.escalate)
    bar.verdicts.findChildren(type(bar.skip))[0].click()
    assert (len(clauses), severities, len(actions), len(skips), len(escalations)) == (1, [1], 1, 1, 1)
    assert verdicts == [Verdict.NO_VIOLATION]
    assert isinstance(verdicts[0], Verdict)


def test_the_verdict_slot_leads_to_the_three_verdicts(bar, qtbot):
    show(bar, Draft())
    bar.activateWindow()
    click(bar.sentence.slots()[0])
    qtbot.waitUntil(lambda: bar.verdicts.isAncestorOf(bar.focusWidget()))


def test_a_verdict_is_on_because_the_draft_says_so_not_because_it_was_pressed(bar):
    show(bar, Draft())
    buttons = bar.verdicts.findChildren(type(bar.skip))
    click(buttons[1])
    assert not any(button.isChecked() for button in buttons)
    show(bar, CHOSEN)
    assert [button.isChecked() for button in buttons] == [False, True, False]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_enter_and_space_never_decide(bar, key):
    show(bar, CHOSEN)
    decided = told(bar.decide_wanted)
    QTest.keyClick(bar.decide, key)
    assert decided == []
    click(bar.decide)
    assert len(decided) == 1


def test_a_severe_decision_shows_its_digit_before_and_asks_for_it_after(bar):
    severe = with_severity(CHOSEN, 1)
    decided, confirmed = told(bar.decide_wanted), told(bar.confirmed)
    show(bar, severe)
    assert bar.decide.accessibleName() == "Decide and next: D, then 3"
    show(bar, severe, asking=True)
    assert bar.decide.accessibleName() == "Press 3 to confirm, any other key to go back"
    click(bar.decide)
    assert (decided, confirmed) == ([], [3])


def test_the_second_half_of_a_double_click_confirms_nothing(bar):
    show(bar, with_severity(CHOSEN, 1), asking=True)
    confirmed = told(bar.confirmed)
    QTest.mouseDClick(bar.decide, Qt.MouseButton.LeftButton)
    assert len(confirmed) <= 1


def test_the_note_opens_across_the_row_tells_each_change_and_esc_keeps_its_words(bar, qtbot):
    show(bar, CHOSEN)
    notes, left, decided = told(bar.note_changed), told(bar.note_left), told(bar.decide_wanted)
    bar.activateWindow()
    bar.focus_note()
    qtbot.waitUntil(bar.editor.hasFocus)
    assert bar.editor.width() > bar.width() * 0.9
    QTest.keyClicks(bar.editor, "ab")
    assert notes == ["a", "ab"]
    QTest.keyClick(bar.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(decided) == 1
    QTest.keyClick(bar.editor, Qt.Key.Key_Escape)
    assert (bar.is_writing, len(left)) == (False, 1)
    assert bar.editor.toPlainText() == "ab"


def test_showing_the_same_note_again_leaves_the_cursor_where_it_was(bar):
    bar.focus_note()
    bar.editor.show_note("Seen twice.")
    cursor = bar.editor.textCursor()
    cursor.setPosition(4)
    bar.editor.setTextCursor(cursor)
    heard = told(bar.note_changed)
    show(bar, Draft(rationale="Seen twice."))
    assert bar.editor.textCursor().position() == 4
    show(bar, Draft(rationale="Another."))
    assert heard == []


def test_the_held_decision_can_be_undone_while_it_is_held(bar):
    show(bar, Draft())
    undone = told(bar.undo_wanted)
    width = bar.undo.width()
    click(bar.undo)
    assert undone == []
    bar.set_undo(24, 30)
    assert "24" in bar.undo.accessibleName()
    assert bar.undo.width() == width
    click(bar.undo)
    assert len(undone) == 1


def test_the_held_decision_leaves_air_to_the_reason_above_it(bar):
    show(bar, Draft())
    bar.set_undo(24, 30)
    seen, pill = bar.grab().toImage(), bar.undo.geometry()
    x = pill.right() - pill.height() // 2
    assert seen.pixelColor(x, pill.top()) == theme.tokens().bg_raised
    assert seen.pixelColor(x, pill.top() + theme.scaled(3)) == theme.tokens().bg_sunken


def test_without_an_item_everything_sleeps(bar):
    bar.show_draft(Draft(), None, None)
    assert not bar.decide.isEnabled()
    assert not bar.skip.isEnabled()
    bar.focus_note()
    assert not bar.is_writing


def test_other_keys_are_shown_where_they_work(bar):
    bar.set_keys({"decide.commit": "D", "decide.escalate": "Alt R", "decide.violation": "W"})
    show(bar, with_escalation(Draft(), Escalation(TeamName("Legal"))))
    team = next(slot for slot in bar.sentence.slots() if slot.accessibleName() == "Legal")
    assert "Alt R" in team.accessibleDescription()
    assert "Alt R" in bar.escalate.accessibleDescription()


def test_a_missing_policy_is_said_in_words(bar):
    bar.show_draft(with_verdict(Draft(), Verdict.VIOLATION), ITEM, None, (Missing.POLICY,))
    assert bar.decide.accessibleDescription() == "The policy has not arrived"


@pytest.mark.parametrize("name", ["light", "dark", "high_contrast"])
def test_every_state_can_be_painted_in_every_theme(bar, qapp, name):
    theme.apply(qapp, name)
    for draft in (Draft(), CHOSEN, LONG, with_verdict(Draft(), Verdict.CANNOT_DECIDE)):
        show(bar, draft)
        bar.set_undo(5, 30)
        assert bar.grab().toImage().pixelColor(4, 60) == theme.tokens().bg_raised


@pytest.mark.parametrize("width", [1328, 1168])
def test_at_200_percent_the_controls_still_stand_in_one_row_each_with_its_key_and_name(bar, qapp, width):
    theme.set_zoom(qapp, 2.0)
    show(bar, CHOSEN)
    bar.resize(width, bar.heightForWidth(width))
    controls = (bar.verdicts, bar.escalate, bar.skip, bar.note)
    assert len({control.y() for control in controls}) == 1
    assert [control.accessibleName() for control in (bar.escalate, bar.skip)] == ["Escalate", "Skip"]
    assert all(control.property("keys") for control in (bar.escalate, bar.skip))
    theme.set_zoom(qapp, 1.0)
    bar.resize(width, bar.heightForWidth(width))
    assert bar.escalate.text() == "Escalate"


def test_the_number_of_a_clause_stands_before_its_title_whatever_the_direction_of_the_ui(bar, qapp):
    bar.set_keys({})
    show(bar, CHOSEN)

    def clause() -> QImage:
        slot = next(slot for slot in bar.sentence.slots() if slot.segment.role is Role.CLAUSE)
        words = slot.grab().toImage()
        ground, line = words.pixelColor(0, 0), range(theme.line("sentence") - 4)
        start = next(x for x in range(words.width()) if any(words.pixelColor(x, y) != ground for y in line))
        return words.copy(start, 0, 24, line.stop)

    ltr = clause()
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert clause() == ltr


def test_at_1280_wide_windows_all_controls_stand_in_one_row(bar):
    show(bar, Draft())
    bar.resize(1024, bar.heightForWidth(1024))
    tops = {control.y() for control in (bar.verdicts, bar.escalate, bar.skip, bar.note, bar.undo)}
    assert len(tops) == 1
    assert bar._reason_area().bottom() + 4 <= bar.note.y()  # the words under the button don't touch the note
    assert bar.height() <= 116  # a low bar: the item has the room


def test_on_an_empty_desk_nothing_looks_as_if_it_could_be_pressed(bar):
    bar.show_draft(Draft(), ITEM, POLICY)
    names = ("verdicts", "escalate", "skip", "note")
    before = {name: bar.grab(getattr(bar, name).geometry()).toImage() for name in names}
    bar.show_draft(Draft(), None, None)
    nothing = bar.grab().toImage().pixelColor(3, 3)
    for name, image in before.items():
        now = bar.grab(getattr(bar, name).geometry()).toImage()
        assert not getattr(bar, name).isEnabled()
        assert now != image
        assert now.pixelColor(6, 6) == nothing, "what is filled looks as if it could be pressed"
    assert bar.decide.accessibleDescription() == "No item is open"


@pytest.mark.parametrize("name", ["light", "dark", "high_contrast"])
def test_a_control_that_is_off_is_clearly_fainter_than_one_that_works(bar, qapp, name):
    theme.apply(qapp, name)

    def ink(control):
        image = bar.grab(control.geometry()).toImage()
        ground = image.pixelColor(5, 5).lightness()
        points = ((x, y) for x in range(image.width()) for y in range(image.height()))
        return max(abs(image.pixelColor(x, y).lightness() - ground) for x, y in points)

    bar.show_draft(Draft(), ITEM, POLICY)
    controls = (bar.escalate, bar.skip, bar.verdicts, bar.note)
    works = [ink(control) for control in controls]
    bar.show_draft(Draft(), None, None)
    off = [ink(control) for control in controls]
    assert all(0.25 * a < b < 0.7 * a for a, b in zip(works, off, strict=True))


@pytest.mark.parametrize(
    ("offered", "every", "cap"),
    [
        (5, "1…9", "1…5"),
        (1, "1…9", "1"),
        (2, "1…9", "1 2"),
        (3, "1…9", "1 2 3"),
        (9, "1…5", "1…5"),
        (1, "Alt 1…9", "Alt 1"),
        (3, "Alt 1…9", "Alt 1…3"),
        (3, "", ""),
    ],
)
def test_the_clause_slot_shows_the_numbers_that_choose_a_clause_and_no_others(bar, offered, every, cap):
    kind = POLICY.by_id["c42"]
    clauses = tuple(replace(kind, clause_id=ClauseId(f"n{n}"), categories=("spam",)) for n in range(offered))
    item, policy = an_item(flags=(a_flag(category="spam"),)), a_policy(clauses=clauses)
    bar.set_keys({"decide.clause": every})
    bar.show_draft(Draft(), item, policy)
    slot = next(slot for slot in bar.sentence.slots() if slot.segment.role is Role.CLAUSE)
    assert slot.accessibleDescription() == (f"Not filled yet. Key: {cap}" if cap else "")


def test_while_numbers_are_taken_elsewhere_the_clause_slot_shows_the_key_of_the_search(bar):
    bar.set_keys({"decide.clause": "1…9", "read.search": "/"})
    bar.show_draft(Draft(), ITEM, POLICY, numbers=False)
    slot = next(slot for slot in bar.sentence.slots() if slot.segment.role is Role.CLAUSE)
    assert slot.accessibleDescription() == "Not filled yet. Key: /"


def test_while_the_note_is_written_no_key_is_shown_that_would_be_a_letter_of_it(bar):
    show(bar, CHOSEN)
    slot = bar.sentence.slots()[0]
    places, awake = [each.geometry() for each in bar.sentence.slots()], slot.grab().toImage()
    bar.focus_note()
    assert bar.decide.property("keys") == ""
    assert slot.grab().toImage() != awake
    assert [each.geometry() for each in bar.sentence.slots()] == places
    show(bar, with_severity(CHOSEN, 1))  # one that has to be confirmed, by D and a digit
    assert bar.decide.property("keys") == ""
    show(bar, CHOSEN)
    bar.leave_note()
    assert bar.decide.property("keys") == "D"
    assert slot.grab().toImage() == awake


@pytest.mark.parametrize(("width", "zoom"), [(1152, 1.25), (1024, 1.25), (1208, 1.5), (872, 1.0)])
def test_no_empty_strip_lies_between_the_sentence_and_the_buttons(bar, qapp, width, zoom):
    theme.set_zoom(qapp, zoom)
    show(bar, Draft())
    bar.resize(width, bar.heightForWidth(width))
    words_end = max(slot.mapTo(bar, slot.rect().bottomLeft()).y() for slot in bar.sentence.slots())
    assert bar.verdicts.y() - words_end < theme.scaled(20)


@pytest.mark.parametrize(("width", "zoom"), [(1024, 1.0), (1208, 1.5), (960, 1.25)])
def test_the_note_has_the_room_of_the_undo_pill_whenever_nothing_is_held(bar, qapp, width, zoom):
    theme.set_zoom(qapp, zoom)
    show(bar, Draft())
    bar.resize(width, bar.heightForWidth(width))
    wide, low = bar.note.width(), bar.heightForWidth(width)
    assert bar.note.geometry().right() >= bar.width() - 24
    assert bar.childAt(bar.note.geometry().center().x(), bar.note.geometry().center().y()) is bar.note
    assert bar.childAt(bar.note.geometry().right() - 4, bar.note.geometry().center().y()) is bar.note
    bar.set_undo(24, 30)
    kept = bar.note.width()
    assert kept < wide
    assert not bar.note.geometry().intersects(bar.undo.geometry())
    others = (bar.verdicts, bar.escalate, bar.skip, bar.decide, bar.sentence)
    before = [control.geometry() for control in others]
    bar.set_undo(None)
    assert (bar.note.width(), bar.heightForWidth(width)) == (wide, low)
    assert [control.geometry() for control in others] == before  # only the note has grown


def test_no_key_is_named_where_what_is_typed_goes_into_a_field_or_another_key_is_waited_for(bar):
    show(bar, CHOSEN)

    def resting() -> set[bool]:
        slots = {slot._typing for slot in bar.sentence.slots()}
        controls = (*bar.verdicts.findChildren(QAbstractButton), bar.escalate, bar.skip, bar.note, bar.undo)
        return slots | {bool(control.property("rests")) for control in controls}

    assert resting() == {False}
    bar.rest(on=True)  # as while the policy is searched
    show(bar, CHOSEN)
    assert resting() == {True}
    bar.focus_note()
    bar.leave_note()
    assert resting() == {True}  # the search still has the keys
    bar.rest(on=False)
    assert resting() == {False}
    bar.show_draft(CHOSEN, ITEM, POLICY, (), 3, asking=True)
    assert resting() == {True}
    show(bar, CHOSEN)
    assert resting() == {False}
