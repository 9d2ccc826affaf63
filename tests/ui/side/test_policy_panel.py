"""Rules beside the item: numbered, searched at once, read before they are chosen, and cheap to show again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QTextEdit

from modstation.core.decision import Draft, with_clause, with_severity
from modstation.core.ids import ClauseId
from modstation.core.policy import Clause
from modstation.ui import paint, theme
from modstation.ui.side import SidePanel
from modstation.ui.side import clause as clause_text
from modstation.ui.side.changes import version_words
from modstation.ui.side.clause import Around
from modstation.ui.side.lists import PAD, ROW_ROLE
from modstation.ui.side.rows import ROW
from tests.support.builders import a_flag, a_policy, an_item

ITEM, POLICY = an_item(flags=(a_flag(),)), a_policy()
RECOMMENDED = POLICY.recommended(ITEM.flags)
CLAUSE = POLICY.by_id["c42"]


@pytest.fixture
def panel(qtbot):
    made = SidePanel()
    qtbot.addWidget(made)
    made.resize(392, 680)
    made.show()
    made.show_item(ITEM, POLICY, RECOMMENDED, Draft())
    return made


def told(signal):
    heard = []
    signal.connect(lambda *what: heard.append(what[0] if what else None))
    return heard


def shown(panel):
    return [(row.key, row.clause_id, row.chosen) for row in panel.policy.list.rows.rows]


def text(panel):
    return panel.policy.reader.page.toPlainText()


def middle(view, row):
    return view.visualRect(view.model().index(row, 0)).center()


def test_recommended_clauses_carry_the_digits_that_choose_them(panel):
    assert shown(panel) == [("1", "c42", False), ("2", "c45", False)]
    assert "4.2 Not about the product" in text(panel)


def test_another_item_with_the_same_clauses_paints_none_of_their_rows_again(panel, qapp):
    class Paints(QObject):
        n = 0

        def eventFilter(self, _watched, event):  # noqa: N802 - Qt's own name
            self.n += event.type() == QEvent.Type.Paint
            return False

    qapp.processEvents()
    rows = panel.policy.list.viewport()
    paints = Paints(rows)
    rows.installEventFilter(paints)
    panel.show_item(replace(ITEM, item_id="another"), POLICY, RECOMMENDED, Draft())
    qapp.processEvents()
    assert paints.n == 0
    panel.show_item(ITEM, POLICY, RECOMMENDED[:1], Draft())
    qapp.processEvents()
    assert paints.n == 1


def test_a_clause_that_no_key_reaches_bears_no_cap_and_others_bear_the_key_they_have(panel):
    panel.set_keys({"read.search": "/", "decide.clause.1": "Alt 1"})
    assert shown(panel) == [("Alt 1", "c42", False), ("", "c45", False)]


def test_the_clause_in_full_has_its_headings_examples_severities_and_licence(panel):
    page = text(panel)
    for words in (
        "4 About the product",
        "A review speaks about",
        "breaks",
        "My holiday was lovely.",
        "The greater part",
    ):
        assert words in page
    assert POLICY.licence in page


def test_a_clause_chosen_by_its_digit_is_marked_and_read(panel):
    panel.show_draft(with_clause(Draft(), POLICY.by_id["c45"], ITEM, POLICY))
    assert shown(panel) == [("1", "c42", False), ("2", "c45", True)]
    assert "4.5 Advertising" in text(panel)


def test_a_chosen_clause_that_was_not_recommended_joins_the_list(panel):
    panel.show_draft(with_clause(Draft(), POLICY.by_id["c71"], ITEM, POLICY))
    assert shown(panel)[-1] == ("", "c71", True)


def test_search_shows_what_policy_search_finds_while_typing_and_enter_chooses(panel):
    chosen, left = told(panel.clause_chosen), told(panel.left)
    panel.focus_search()
    QTest.keyClicks(panel.policy.search, "mark")
    assert [row.clause_id for row in panel.policy.list.rows.rows] == [c.clause_id for c in POLICY.search("mark")]
    QTest.keyClick(panel.policy.search, Qt.Key.Key_Return)
    assert chosen == ["c71"]
    assert len(left) == 1
    assert shown(panel)[0][1] == "c42"


def test_arrows_in_the_search_read_without_choosing(panel):
    chosen = told(panel.clause_chosen)
    panel.focus_search()
    QTest.keyClicks(panel.policy.search, "product")
    assert "4 About the product" in text(panel)
    QTest.keyClick(panel.policy.search, Qt.Key.Key_Down)
    assert "4.2 Not about the product" in text(panel)
    assert chosen == []


def test_a_heading_can_be_read_and_not_chosen(panel):
    chosen = told(panel.clause_chosen)
    panel.focus_search()
    QTest.keyClicks(panel.policy.search, "about the product")
    assert panel.policy.list.rows.rows[0].citable is False
    QTest.keyClick(panel.policy.search, Qt.Key.Key_Return)
    assert chosen == []


def test_esc_clears_the_search_and_gives_the_focus_back(panel):
    left = told(panel.left)
    panel.focus_search()
    QTest.keyClicks(panel.policy.search, "goods")
    QTest.keyClick(panel.policy.search, Qt.Key.Key_Escape)
    assert panel.policy.search.text() == ""
    assert shown(panel)[0] == ("1", "c42", False)
    assert len(left) == 1


def test_words_that_no_clause_has_say_so(panel):
    panel.focus_search()
    QTest.keyClicks(panel.policy.search, "zebra")
    assert shown(panel) == []
    assert panel.policy._head() == "No clause has these words"


def test_one_click_reads_and_a_second_one_chooses(panel):
    chosen = told(panel.clause_chosen)
    view = panel.policy.list
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(view, 1))
    assert chosen == []
    assert "4.5 Advertising" in text(panel)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(view, 1))
    assert chosen == ["c45"]


def test_the_whole_text_is_a_tree_that_can_be_read_and_chosen_from(panel):
    chosen = told(panel.clause_chosen)
    panel.policy.open_whole(on=True)
    tree = panel.policy.tree
    assert tree.currentIndex().data() == "4.2 Not about the product, severity 2"
    QTest.keyClick(tree, Qt.Key.Key_Down)
    assert "4.3 Repeated text" in text(panel)
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert chosen == ["c43"]
    QTest.keyClick(tree, Qt.Key.Key_Escape)
    assert tree.isHidden()


def test_a_note_is_read_with_its_clause_and_listed_nowhere(panel):
    note = Clause(ClauseId("c7n"), "7.3", "How to read this", "A *lantern* is no goods.", depth=1, citable=False)
    panel.show_item(ITEM, a_policy(clauses=(*POLICY.clauses, note)), RECOMMENDED, Draft())
    panel.focus_search()
    QTest.keyClicks(panel.policy.search, "how to read")
    assert [row.clause_id for row in panel.policy.list.rows.rows] == ["c7"]
    assert "How to read this\nA lantern is no goods." in text(panel)
    assert "7.3" not in text(panel)
    panel.policy.open_whole(on=True)
    panel.policy.tree.expandAll()
    assert panel.policy.tree.model().rowCount(panel.policy.tree.model().index(1, 0)) == 2


@pytest.mark.parametrize(("words", "lines"), [(1, 2), (4, 3)])
def test_a_row_is_as_high_as_the_lines_of_its_title_and_has_air_round_them(panel, words, lines):
    title = "Said of somebody who is far away, and hears of it, " + "somebody who is not here, " * (words - 1)
    long = replace(CLAUSE, clause_id=ClauseId("long"), title=title)
    policy = a_policy(clauses=(*POLICY.clauses, long))
    panel.show_item(ITEM, policy, (long, CLAUSE), Draft())
    view = panel.policy.list
    first, second = (view.visualRect(view.model().index(n, 0)) for n in (0, 1))
    assert second.height() == theme.scaled(36)
    assert first.height() >= lines * theme.metrics("ui", 600).height() + theme.scaled(16)
    assert view.height() == first.height() + second.height()  # no row is cut


def test_titles_of_one_depth_begin_at_one_edge_and_a_long_number_deeper_down_does_not_push_them(panel):
    deep = replace(CLAUSE, clause_id=ClauseId("deep"), number="18.30.10.22", depth=2)
    policy = a_policy(clauses=(*POLICY.clauses, deep))
    panel.show_item(ITEM, policy, RECOMMENDED, Draft())
    panel.policy.open_whole(on=True)
    tree = panel.policy.tree

    def title_edges():
        indents = {index.data(ROW_ROLE).number: tree.visualRect(index).left() for index in shown_indexes(tree)}
        return {number: (left, left + tree._delegate._start(left)) for number, left in indents.items()}

    before = title_edges()
    tree.expandAll()
    after = title_edges()
    assert {number: after[number] for number in before} == before
    for number, (left, edge) in after.items():
        assert edge >= left + theme.width(number, "ui")
        assert {other for at, other in after.values() if at == left} == {edge}
    assert deep.number in after


def shown_indexes(tree):
    index = tree.model().index(0, 0)
    while index.isValid():
        yield index
        index = tree.indexBelow(index)


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_bar_of_the_clause_being_read_stands_at_the_edge_however_deep_it_is(panel, direction):
    panel.setLayoutDirection(direction)
    panel.policy.open_whole(on=True)
    tree = panel.policy.tree
    row, image = tree.visualRect(tree.currentIndex()), tree.viewport().grab().toImage()
    middle, bars = row.center().y(), set()
    for x in range(tree.viewport().width()):
        if image.pixelColor(x, middle) == theme.tokens().accent:
            bars.add(x)
    wide = theme.tokens().stroke["selected_bar"]
    edge = range(wide) if direction is Qt.LayoutDirection.LeftToRight else range(image.width() - wide, image.width())
    assert bars == set(edge)


def test_a_title_that_just_fits_on_one_line_gets_a_row_of_one_line(panel, monkeypatch):
    delegate = panel.policy.list._delegate
    row = replace(panel.policy.list.rows.rows[0], title="Spam and inauthentic activity")
    room = panel.policy.list.viewport().width() - PAD - delegate._start(0)
    fits = QFontMetrics(theme.font("ui", 600)).horizontalAdvance(row.title)
    monkeypatch.setattr(delegate, "_end_room", lambda _row: room - fits)
    assert delegate.height(row) == theme.scaled(ROW)


def test_a_row_that_is_read_or_chosen_goes_on_showing_its_severity(panel):
    shown = panel.policy.list
    row = shown.rows.rows[0]

    def looks(**over):
        shown.rows.set_rows([replace(row, **over)])
        shown.show_current(row.clause_id)
        return shown.viewport().grab().toImage()

    for chosen in (False, True):
        assert looks(chosen=chosen, severity=1) != looks(chosen=chosen, severity=3)
    assert replace(row, chosen=True, severity=3).spoken.endswith("chosen, severity 3, key 1")


def test_examples_stand_apart_more_than_their_lines(panel):
    example = CLAUSE.examples[0]
    clause = replace(CLAUSE, examples=(replace(example, text="So many words. " * 12), example))
    page = panel.policy.reader
    page.show_clause(clause)
    first, second = (
        block for block in each_block(page.page.document()) if block.text().startswith(("So many", example.text))
    )
    lines = [first.layout().lineAt(n) for n in range(first.layout().lineCount())]
    assert len(lines) > 1
    top, below = (page.page.document().documentLayout().blockBoundingRect(block).top() for block in (first, second))
    assert below - top - len(lines) * (lines[1].y() - lines[0].y()) >= 4


def each_block(document):
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def test_without_an_item_the_policy_is_there_to_be_read_and_nothing_can_be_chosen(panel):
    chosen = told(panel.clause_chosen)
    panel.show_item(None, POLICY, (), Draft())
    tab = panel.policy
    assert tab.list.isHidden()
    assert tab.whole.isHidden()
    assert "4.2 Not about the product" in text(panel)  # what was read stays
    assert tab.search.placeholderText() == "Search 5 clauses"
    panel.open_tab("policy")
    tab.tree.expandAll()
    QTest.keyClick(tab.tree, Qt.Key.Key_Down)
    assert "4.3 Repeated text" in text(panel)
    QTest.keyClick(tab.tree, Qt.Key.Key_Return)
    QTest.keyClicks(tab.search, "mark")
    QTest.keyClick(tab.search, Qt.Key.Key_Return)
    assert chosen == []
    QTest.keyClick(tab.search, Qt.Key.Key_Escape)
    QTest.keyClick(tab.tree, Qt.Key.Key_Escape)
    assert not tab.tree.isHidden()
    panel.show_item(ITEM, POLICY, RECOMMENDED, Draft())
    assert shown(panel) == [("1", "c42", False), ("2", "c45", False)]
    assert tab.tree.isHidden()
    assert not tab.whole.isHidden()


def test_the_clause_being_read_stays_in_sight_at_every_size_unless_the_person_looks_elsewhere(qtbot):
    clauses = [
        replace(CLAUSE, clause_id=ClauseId(f"n{n}"), number=f"{n}", depth=0, title="Words that wrap in a narrow panel")
        for n in range(1, 30)
    ]
    policy = a_policy(clauses=tuple(clauses))
    made = SidePanel()
    qtbot.addWidget(made)
    made.resize(99, 120)
    with qtbot.waitExposed(made):
        made.show()
    made.show_item(ITEM, policy, (clauses[4],), Draft())
    made.show_item(None, policy, (), Draft())
    tree = made.policy.tree
    for width, height in ((48, 400), (392, 680), (344, 500)):
        made.resize(width, height)
    assert tree.currentIndex().row() == 4
    assert tree.viewport().rect().contains(tree.visualRect(tree.currentIndex()))
    tree.verticalScrollBar().triggerAction(QSlider.SliderAction.SliderToMaximum)  # as a click or the wheel does
    made.resize(392, 680)
    assert not tree.viewport().rect().intersects(tree.visualRect(tree.currentIndex()))  # the person looks elsewhere


def test_a_clause_deep_in_the_whole_text_stays_in_sight_while_titles_wrap_anew(qtbot):
    tops = [
        replace(CLAUSE, clause_id=ClauseId(f"n{n}"), number=f"{n}", depth=0, title="Words that wrap in a narrow panel")
        for n in range(1, 60)
    ]
    deep = [replace(CLAUSE, clause_id=ClauseId(f"d{n}"), number="40" + ".10" * n, depth=n) for n in range(1, 4)]
    policy = a_policy(clauses=(*tops[:40], *deep, *tops[40:]))
    made = SidePanel()
    qtbot.addWidget(made)
    made.resize(392, 680)
    with qtbot.waitExposed(made):
        made.show()
    made.show_item(ITEM, policy, (tops[0],), Draft())
    made.policy.whole.click()
    tree = made.policy.tree
    tree.show_current(deep[-1].clause_id)
    for width, height in ((392, 680), (344, 500), (392, 680)):
        made.resize(width, height)
        QApplication.processEvents()
        assert tree.viewport().rect().contains(tree.visualRect(tree.currentIndex()).center())


def test_the_whole_text_begins_with_a_whole_row_however_titles_wrap(qtbot):
    clauses = [
        replace(CLAUSE, clause_id=ClauseId(f"n{n}"), number=f"{n}", depth=0, title="Words that wrap " * (1 + n % 3))
        for n in range(1, 60)
    ]
    made = SidePanel()
    qtbot.addWidget(made)
    made.resize(392, 680)
    with qtbot.waitExposed(made):
        made.show()
    made.show_item(ITEM, a_policy(clauses=tuple(clauses)), (clauses[0],), Draft())
    made.policy.whole.click()
    tree = made.policy.tree
    for at in (17, 18, 30, 31):
        tree.show_current(clauses[at].clause_id)
        for width, height in ((392, 680), (344, 500), (344, 460)):
            made.resize(width, height)
            QApplication.processEvents()
            current = tree.visualRect(tree.currentIndex())
            assert tree.visualRect(tree.indexAt(QPoint(0, 0))).top() == 0
            assert tree.viewport().rect().contains(current)


def test_in_a_low_panel_no_found_clause_is_cut_through_its_second_line(panel):
    long = replace(CLAUSE, clause_id=ClauseId("long"), title="Words that wrap in a narrow panel, each time anew")
    panel.show_item(ITEM, a_policy(clauses=(CLAUSE, long)), (CLAUSE,), Draft())
    panel.resize(344, 360)
    panel.policy.search.setText("4.2")
    view = panel.policy.list
    rows = [view.visualRect(view.rows.index(n)) for n in range(view.rows.rowCount())]
    assert rows[1].height() > theme.scaled(ROW)
    assert view.height() in {row.bottom() + 1 for row in rows}


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_what_opens_a_row_stands_clear_of_the_bar(panel, direction):
    panel.setLayoutDirection(direction)
    panel.policy.open_whole(on=True)
    tree = panel.policy.tree
    tree.setCurrentIndex(tree.model().index(1, 0))
    row, image = tree.visualRect(tree.currentIndex()), tree.viewport().grab().toImage()
    assert tree.model().rowCount(tree.currentIndex())
    bar = theme.tokens().stroke["selected_bar"]
    mirrored = direction is Qt.LayoutDirection.RightToLeft
    beside = range(image.width() - bar - 3, image.width() - bar) if mirrored else range(bar, bar + 3)
    grounds = {image.pixelColor(x, y).name() for x in beside for y in range(row.top(), row.bottom() + 1)}
    assert len(grounds) == 1


def test_on_a_desk_that_was_always_empty_the_first_clause_is_read(qtbot):
    made = SidePanel()
    qtbot.addWidget(made)
    made.resize(392, 680)
    made.show()
    made.show_item(None, None, (), Draft())
    assert made.policy.search.placeholderText() == "No policy is here yet"
    made.show_item(None, POLICY, (), Draft())
    assert text(made).startswith("4 About the product")


def test_letters_in_lists_are_left_to_the_commands_of_the_window(panel, qtbot):
    panel.open_tab("policy")
    heard = []
    panel.keyPressEvent = lambda event: heard.append(event.text())
    for inside in (panel.policy.list, panel.policy.reader.page):
        QTest.keyClick(inside, Qt.Key.Key_D)
    assert heard == ["d", "d"]


def test_the_same_policy_with_another_item_makes_no_new_page(panel):
    page = panel.policy.reader.page
    panel.show_item(an_item(item_id="item-2", flags=(a_flag(),)), POLICY, RECOMMENDED, Draft())
    assert panel.policy.reader.page is page
    panel.policy.list.step(1)
    panel.policy.list.step(-1)
    assert panel.policy.reader.page is page


def test_the_page_of_the_next_item_is_made_ahead_and_nothing_on_the_screen_changes(panel):
    reader = panel.policy.reader
    before, there = text(panel), set(reader.findChildren(QTextEdit))
    panel.prepare(POLICY, (POLICY.by_id["c45"],), Draft())
    assert text(panel) == before
    (made,) = set(reader.findChildren(QTextEdit)) - there
    assert made.isHidden()
    panel.show_item(an_item(item_id="item-2", flags=(a_flag(),)), POLICY, (POLICY.by_id["c45"],), Draft())
    assert reader.page is made


def test_a_new_version_is_read_anew(panel):
    before = panel.policy.reader.page
    panel.show_item(ITEM, a_policy(version=4), RECOMMENDED, Draft())
    assert panel.policy.reader.page is not before
    assert "Changed" not in text(panel)


def test_a_clause_that_changed_after_it_was_last_used_says_so(panel):
    panel.set_last_used(lambda _clause: (datetime(2026, 11, 3, tzinfo=UTC), 2))
    panel.show_item(ITEM, a_policy(), RECOMMENDED, Draft())
    assert "Changed 12 Nov, after you last used it on 3 Nov" in text(panel)
    panel.set_last_used(lambda _clause: (datetime(2026, 11, 15, tzinfo=UTC), 3))
    panel.show_item(ITEM, a_policy(), RECOMMENDED, Draft())
    assert "Changed" not in text(panel)


def test_a_rule_stands_before_the_severity_of_the_draft_and_before_no_other(panel):
    def ruled():
        """The words beside which the accent is seen in the margin."""
        page = panel.policy.reader.page
        shown, made = page.viewport().grab().toImage(), page.document()
        margin, scale = int(made.rootFrame().frameFormat().leftMargin()), shown.devicePixelRatio()
        found, block = [], made.begin()
        while block.isValid():
            y = made.documentLayout().blockBoundingRect(block).center().y() - page.verticalScrollBar().value()
            seen = [shown.pixelColor(int(x * scale), int(y * scale)) for x in range(margin)] if y >= 0 else []
            if theme.tokens().accent in seen:
                found.append(block.text())
            block = block.next()
        return found

    panel.resize(392, 1400)
    assert ruled() == []
    for severity, words in enumerate(CLAUSE.severities, 1):
        panel.show_draft(with_severity(with_clause(Draft(), CLAUSE, ITEM, POLICY), severity - CLAUSE.severity))
        page = panel.policy.reader.page
        assert [text for text in ruled() if text.strip("\ufffc")] == [words]
        assert page.extraSelections() == []  # no ground: it would look like selected words


def test_links_in_a_clause_are_shown_and_never_followed(panel):
    clause = CLAUSE.__class__("c9", "9", "Elsewhere", "See [the guide](https://example.org/guide).")
    policy = a_policy(clauses=(clause,))
    panel.show_item(ITEM, policy, (clause,), Draft())
    page = panel.policy.reader.page
    assert "See the guide." in text(panel)
    assert not page.textInteractionFlags() & Qt.TextInteractionFlag.LinksAccessibleByMouse
    assert not page.textInteractionFlags() & Qt.TextInteractionFlag.LinksAccessibleByKeyboard


def test_markup_in_a_clause_is_text(panel):
    clause = CLAUSE.__class__("c9", "9", "Markup", "Never write <b>this</b> in a listing.")
    panel.show_item(ITEM, a_policy(clauses=(clause,)), (clause,), Draft())
    assert "<b>this</b>" in text(panel)


def test_a_policy_that_has_not_arrived_is_said_calmly(panel):
    panel.show_item(ITEM, None, (), Draft())
    assert panel.policy._head() == "The policy has not arrived yet"
    assert panel.policy.reader.page is None
    assert not panel.policy.search.isEnabled()


def test_folding_hides_the_pages_and_asking_for_a_tab_wants_it_open_again(panel):
    unfold = told(panel.unfold_wanted)
    panel.set_folded(True)
    panel.resize(48, 680)
    assert panel.policy.isHidden()
    panel.tabs["flags"].click()
    assert len(unfold) == 1
    panel.set_folded(False)
    assert panel.flags.isVisible()


@pytest.mark.parametrize("height", [680, 180, 96])
def test_every_tab_of_a_folded_panel_is_in_it_however_low_it_is(panel, height):
    panel.set_folded(True)
    panel.resize(48, height)
    below = 0
    for tab in panel.tabs.values():
        assert tab.y() >= below
        below = tab.geometry().bottom() + 1
        assert below <= height
        assert tab.height() >= 24  # its key, at least


def test_everything_that_takes_the_focus_has_a_name(panel):
    for page in ("policy", "context", "flags"):
        panel.open_tab(page)
        for child in panel.findChildren(QTextEdit) + list(panel.tabs.values()):
            assert child.accessibleName()
    for name in (panel.policy.search, panel.policy.list, panel.policy.tree, panel.flags.list, panel.flags.note):
        assert name.accessibleName()


@pytest.mark.parametrize("name", ["light", "dark", "high_contrast"])
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_every_tab_can_be_painted_in_every_theme_and_direction(panel, qapp, name, direction):
    theme.apply(qapp, name)
    qapp.setLayoutDirection(direction)
    panel.show_draft(with_clause(Draft(), CLAUSE, ITEM, POLICY))
    for page in ("policy", "context", "flags"):
        panel.open_tab(page)
        x = 30 if direction == Qt.LayoutDirection.RightToLeft else 362
        assert panel.grab().toImage().pixelColor(x, 6) == theme.tokens().bg_panel
    assert "4.2 Not about the product" in text(panel)


def test_the_version_is_always_named_by_its_number_and_never_cut():
    longest = version_words(POLICY, 1_000)
    assert longest.startswith(f"Version {POLICY.version}, ")
    assert longest.endswith("kept with your decision")
    for room in (400, 260, 220, 150, 70):
        words = version_words(POLICY, room)
        assert words.startswith(f"Version {POLICY.version}")
        assert theme.width(words, "caption") <= room


def test_a_clause_is_read_from_its_beginning_even_when_the_panel_was_tiny_at_first(qtbot):
    panel = SidePanel()
    qtbot.addWidget(panel)
    panel.resize(392, 150)
    panel.show_item(ITEM, POLICY, RECOMMENDED, Draft())
    panel.show()
    panel.resize(392, 400)
    assert panel.policy.reader.page.verticalScrollBar().value() == 0


NOTE = Clause(ClauseId("c4n"), "", "How to read this", "The first one.\n\nThe second one.", depth=1, citable=False)


def test_every_paragraph_of_a_note_has_the_lines_of_the_clause_itself(qapp):
    made = clause_text.document(POLICY.by_id["c4"], Around(notes=(NOTE,)), "", "", 1.0)
    lines = {block.blockFormat().lineHeight() for block in each_block(made) if block.text().endswith(" one.")}
    assert lines == {theme.line("reading")}


def test_with_large_text_the_rows_give_way_to_what_is_read(panel, qapp):
    clauses = tuple(clause for clause in POLICY.clauses if clause.citable)
    theme.set_zoom(qapp, 1.5)
    panel.resize(516, 540)  # beside the item at 1440x900
    panel.show_item(ITEM, POLICY, clauses, Draft())
    reader = panel.policy.reader
    assert reader.height() >= theme.scaled(140)
    assert panel.policy.list.height() >= theme.scaled(ROW)
    panel.resize(516, 1100)
    assert panel.policy.list.height() >= panel.policy.list.height_of(3)


def test_the_column_of_keys_grows_with_the_text(panel, qapp):
    delegate = panel.policy.list._delegate
    before = delegate._caps
    theme.set_zoom(qapp, 1.5)
    grown = paint.key_cap_width("1")
    assert delegate._caps > before
    assert delegate._caps >= grown + 10
