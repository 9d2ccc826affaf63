"""Each flag can be judged by keys alone; what stood around the item is shown as plain text."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from modstation.core.content import Author, Post
from modstation.core.decision import Draft, FlagVerdict, WrongBecause, with_flag_verdict
from modstation.core.ids import ClauseId, ItemId
from modstation.core.item import Context
from modstation.ui import theme
from modstation.ui.side import SidePanel
from modstation.ui.side.context import document
from modstation.ui.theme.style import focus_mode
from tests.support.builders import a_flag, a_policy, an_item

ITEM, POLICY = an_item(), a_policy()


class Desk:
    """What the window does: keeps the draft, and shows it after each answer."""

    def __init__(self, panel):
        self.panel = panel
        self.draft = Draft()
        panel.flag_judged.connect(self.judge)
        panel.show_item(ITEM, POLICY, POLICY.recommended(ITEM.flags), self.draft)
        panel.open_tab("flags")

    def judge(self, verdict):
        self.draft = with_flag_verdict(self.draft, verdict)
        self.panel.show_draft(self.draft)

    def type(self, keys):
        for key in keys:
            if key in "=-":
                self.panel.judge_flag(holds=key == "=")
            else:
                QTest.keyClicks(self.panel.flags.list, key)


@pytest.fixture
def desk(qtbot):
    panel = SidePanel()
    qtbot.addWidget(panel)
    panel.resize(392, 680)
    panel.show()
    return Desk(panel)


def test_each_flag_is_read_with_source_score_threshold_and_its_own_words(desk):
    spoken = [row.spoken for row in desk.panel.flags._rows.rows]
    assert spoken[0] == (
        "Flag a, Off topic classifier, classifier · Off topic · 19 Nov 2026, score 0.83, sends at 0.70, "
        "The sentence is about the seller, not about the product."
    )
    assert spoken[1].startswith("Flag b, User report, user report")
    assert "score" not in spoken[1]


def test_one_key_says_that_a_flag_holds_and_the_same_key_takes_it_back(desk):
    desk.type("=")
    assert desk.draft.flag_verdicts == (FlagVerdict("f1", holds=True),)
    desk.type("=")
    assert desk.draft.flag_verdicts == ()


def test_a_wrong_flag_gets_its_reason_and_its_right_category_by_number(desk):
    desk.type("-3")
    assert desk.draft.flag_verdicts == (FlagVerdict("f1", holds=False, because=WrongBecause.IRONY),)
    offered = [row.title for row in desk.panel.flags.picks.rows.rows]
    assert offered == ["Nothing at all", "Repeat", "Advert", "Safety"]
    desk.type("2")
    assert desk.draft.flag_verdicts == (FlagVerdict("f1", holds=False, category="repeat", because=WrongBecause.IRONY),)
    assert desk.panel.flags.picks.isHidden()


@pytest.mark.parametrize("between", ["=", "-", "=="])
def test_what_was_said_of_a_wrong_flag_comes_back_with_it_after_it_was_taken_back(desk, between):
    desk.type("-32")
    (said,) = desk.draft.flag_verdicts
    desk.type(between)
    assert said not in desk.draft.flag_verdicts
    desk.type("-")
    assert desk.draft.flag_verdicts == (said,)
    assert [row.title for row in desk.panel.flags.picks.rows.rows if row.chosen] == ["Irony or a joke"]


def test_another_item_brings_no_answer_of_the_one_before(desk):
    desk.type("-32=")
    desk.draft = Draft()
    desk.panel.show_item(replace(ITEM, item_id=ItemId("another")), POLICY, (), desk.draft)
    desk.type("-")
    assert desk.draft.flag_verdicts == (FlagVerdict("f1", holds=False),)


def test_the_tab_tells_when_digits_are_its_own_and_when_they_mean_clauses_again(desk):
    flags, told = desk.panel.flags, []
    flags.asked.connect(lambda: told.append(flags.asks))
    desk.type("-")
    assert told == [True]
    assert desk.panel.take_digit(0)  # no answer has it, and it is still not meant for a clause
    assert desk.draft.flag_verdicts == (FlagVerdict("f1", holds=False),)
    desk.panel.open_tab("policy")
    assert told == [True, False]
    assert not desk.panel.take_digit(1)
    desk.panel.open_tab("flags")
    QTest.keyClick(flags, Qt.Key.Key_Escape)
    assert told == [True, False, True, False]
    desk.type("=")
    assert told == [True, False, True, False]


@pytest.fixture
def long(desk):
    """A flag that can be said to be of twenty other kinds, in a panel as low as on a small screen."""
    kinds = tuple(
        replace(POLICY.by_id["c42"], clause_id=ClauseId(f"n{n}"), categories=(f"kind{n}",)) for n in range(20)
    )
    desk.panel.resize(344, 538)
    desk.panel.show_item(ITEM, a_policy(clauses=kinds), (), Draft())
    desk.type("-1")
    return desk


def test_while_an_answer_is_asked_for_the_next_flag_is_seen_and_no_answer_is_cut(long):
    flags = long.panel.flags
    second = flags.list.visualRect(flags._rows.index(1))
    assert flags.list.height() - second.top() >= theme.line("ui")
    row = flags.picks.sizeHintForRow(0)
    assert flags.picks.height() % row == 0
    assert flags.picks.height() > 4 * row
    assert flags.picks.geometry().bottom() < flags.note.y()
    assert flags.note.geometry().bottom() < flags.height()


def test_a_list_of_answers_that_goes_on_beyond_its_foot_shows_so_without_a_mouse(long):
    picks = long.panel.flags.picks
    edge = picks.viewport().grab(QRect(picks.viewport().width() - 5, 0, 1, picks.height())).toImage()
    colours = {edge.pixelColor(0, y).name() for y in range(edge.height())}
    assert theme.tokens().line_key.name() in colours


def test_an_answer_without_a_digit_is_picked_with_the_arrows_and_enter(long):
    flags = long.panel.flags
    assert not flags.picks.rows.rows[11].key
    for _ in range(12):
        QTest.keyClick(flags.list, Qt.Key.Key_Down)
    assert flags.picks.viewport().rect().contains(flags.picks.visualRect(flags.picks.currentIndex()))
    QTest.keyClick(flags.list, Qt.Key.Key_Return)
    assert long.draft.flag_verdicts == (
        FlagVerdict("f1", holds=False, category="kind10", because=WrongBecause.QUOTED),
    )  # fmt: skip
    QTest.keyClick(flags.list, Qt.Key.Key_Down)
    long.type("-")
    assert [verdict.flag_id for verdict in long.draft.flag_verdicts] == ["f1", "f2"]
    assert not flags.picks.currentIndex().isValid()


def test_enter_picks_nothing_before_an_arrow_or_while_the_note_is_written(long):
    flags = long.panel.flags
    said = long.draft
    QTest.keyClick(flags.list, Qt.Key.Key_Return)
    QTest.keyClick(flags.list, Qt.Key.Key_Down)
    flags.note.setFocus()
    QTest.keyClick(flags.note, Qt.Key.Key_Return)
    assert long.draft == said
    assert flags.picks.isVisible()


def test_a_digit_means_a_clause_again_when_no_list_is_open(desk):
    assert desk.panel.take_digit(1) is False
    desk.type("-")
    assert desk.panel.take_digit(1) is True
    assert desk.draft.flag_verdicts[0].because is WrongBecause.QUOTED
    QTest.keyClick(desk.panel.flags.list, Qt.Key.Key_Escape)
    assert desk.panel.take_digit(1) is False


def test_the_two_answers_have_room_for_drawing_words_and_key(desk):
    flags = desk.panel.flags
    for key in ("=", "Alt H"):
        desk.panel.set_keys({"decide.flag_holds": key, "decide.flag_wrong": key})
        for button, icon in ((flags.holds, "check"), (flags.wrong, "close")):
            alone = QPushButton(theme.icons.icon(icon), button.text())
            for name in ("kind", "place", "keys"):
                alone.setProperty(name, button.property(name))
            assert button.width() >= alone.sizeHint().width()


def test_at_200_percent_the_two_answers_stand_within_the_panel(desk, qapp):
    theme.set_zoom(qapp, 2.0)
    flags = desk.panel.flags
    assert flags.rect().contains(flags.holds.geometry())
    assert flags.rect().contains(flags.wrong.geometry())
    theme.set_zoom(qapp, 1.0)
    assert not flags.holds.icon().isNull()


def test_arrows_take_the_next_flag_in_hand(desk):
    QTest.keyClick(desk.panel.flags.list, Qt.Key.Key_Down)
    desk.type("=")
    assert [verdict.flag_id for verdict in desk.draft.flag_verdicts] == ["f2"]


def test_the_mouse_does_all_of_it_too(desk):
    flags = desk.panel.flags
    QTest.mouseClick(flags.wrong, Qt.MouseButton.LeftButton)
    QTest.mouseClick(flags.picks.viewport(), Qt.MouseButton.LeftButton, pos=flags.picks.visualRect(
        flags.picks.model().index(0, 0)).center())  # fmt: skip
    assert desk.draft.flag_verdicts == (FlagVerdict("f1", holds=False, because=WrongBecause.QUOTED),)
    QTest.mouseClick(flags.holds, Qt.MouseButton.LeftButton)
    assert desk.draft.flag_verdicts == (FlagVerdict("f1", holds=True),)


def test_a_note_about_a_wrong_flag_is_kept_with_it(desk):
    desk.type("-")
    QTest.keyClicks(desk.panel.flags.note, "quoted from a song")
    QTest.keyClick(desk.panel.flags.note, Qt.Key.Key_Return)
    assert desk.draft.flag_verdicts[0].note == "quoted from a song"


def test_saying_it_is_wrong_twice_takes_the_whole_answer_back(desk):
    desk.type("-32")
    desk.type("-")
    assert desk.draft.flag_verdicts == ()


def test_a_flag_can_be_opened_from_the_text(desk):
    desk.panel.open_tab("policy")
    desk.panel.open_flag("f2")
    desk.type("=")
    assert desk.draft.flag_verdicts == (FlagVerdict("f2", holds=True),)


def test_another_item_begins_without_an_open_question(desk):
    desk.type("-")
    desk.panel.show_item(an_item(item_id="item-2"), POLICY, (), Draft())
    assert desk.panel.take_digit(1) is False
    assert desk.panel.flags.picks.isHidden()


@pytest.mark.parametrize("tab", ["flags", "policy"])
@pytest.mark.parametrize(
    "flags", [ITEM.flags, (a_flag(flag_id="f8"), a_flag(flag_id="f9"))], ids=["the same flags", "other flags"]
)
def test_each_item_begins_with_its_first_flag_in_hand(desk, tab, flags):
    QTest.keyClick(desk.panel.flags.list, Qt.Key.Key_Down)
    desk.panel.open_tab(tab)
    desk.panel.show_item(an_item(item_id="item-2", flags=flags), POLICY, (), Draft())
    desk.panel.open_tab("flags")
    desk.type("=")
    assert [verdict.flag_id for verdict in desk.draft.flag_verdicts] == [flags[0].flag_id]


def test_the_flag_in_hand_stays_when_its_item_comes_anew_with_more_flags(desk):
    QTest.keyClick(desk.panel.flags.list, Qt.Key.Key_Down)
    desk.panel.show_item(replace(ITEM, flags=(a_flag(flag_id="f9"), *ITEM.flags)), POLICY, (), Draft())
    desk.type("=")
    assert [verdict.flag_id for verdict in desk.draft.flag_verdicts] == ["f2"]


def test_an_item_without_flags_says_so_and_offers_nothing(desk):
    desk.panel.show_item(an_item(flags=()), POLICY, (), Draft())
    assert desk.panel.flags.holds.isHidden()
    desk.type("=-")
    assert desk.draft == Draft()


def test_the_number_of_decisions_on_an_author_can_not_be_taken_for_that_of_their_posts():
    context = replace(ITEM.context, author=Author("marsh_fern", facts=(("Posts", "97"),)))
    words = document(replace(ITEM, context=context)).toPlainText()
    assert "No decision on their content in the last 12 months" in words
    assert "0 decisions" not in words


def test_context_shows_what_stood_around_the_author_and_earlier_decisions():
    words = document(ITEM).toPlainText()
    for part in ("Has anybody tried this pump?", "Thank you, that helps.", "marsh_fern", "Member since 2019",
                 "3 decisions on their content in the last 12 months",
                 "1 strike", "Reviews: 41", "Review of a tea kettle"):  # fmt: skip
        assert part in words


def test_posts_are_plain_text_whatever_they_contain():
    post = Post("oak_leaf", "<b>bold</b> [link](https://example.org) {name}")
    item = an_item(context=Context(before=(post,), author=Author("{0}")))
    words = document(item).toPlainText()
    assert post.text in words
    assert "{0}" in words


def test_a_right_to_left_post_runs_from_the_right():
    item = an_item(context=Context(before=(Post("oak_leaf", "שלום, the pump works."),)))
    made = document(item)
    block = made.begin()
    while "pump" not in block.text():
        block = block.next()
    assert block.textDirection() == Qt.LayoutDirection.RightToLeft


def test_the_context_is_made_only_when_somebody_looks(desk):
    desk.panel.open_tab("policy")
    desk.panel.show_item(an_item(context=Context()), POLICY, (), Draft())
    assert "Nothing came" not in desk.panel.context.toPlainText()
    desk.panel.open_tab("context")
    assert "Nothing came with this item" in desk.panel.context.toPlainText()


def test_esc_leads_back_to_the_desk_from_every_tab(desk):
    left = []
    desk.panel.left.connect(lambda: left.append(True))
    for inside in (desk.panel.flags.list, desk.panel.context, desk.panel.policy.reader.page, desk.panel.policy.list):
        QTest.keyClick(inside, Qt.Key.Key_Escape)
    assert len(left) == 4


def test_no_page_of_the_panel_wears_a_ring_round_all_of_it(qtbot, qapp):
    panel = SidePanel()
    qtbot.addWidget(panel)
    panel.set_folded(True)  # as in a narrow window: the page that is asked for can't be seen, and gets the focus itself
    for name, page in panel._pages.items():
        panel.open_tab(name)
        assert focus_mode(page) != "outside"
