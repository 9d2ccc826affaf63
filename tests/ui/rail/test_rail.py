"""The rail as a person meets it."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QKeyEvent

from modstation.core.content import Kind
from modstation.core.ids import ItemId
from modstation.ui import theme
from modstation.ui.rail import Rail, RailEntry, icon_of
from modstation.ui.rail.entry import card_row, entry_row, entry_spoken
from modstation.ui.window.standing import queue_title
from tests.support.builders import NOW, a_card, a_lease

IDS = [ItemId(f"i{n}") for n in range(10_000)]
RETURNED = RailEntry("r1", Kind.LISTING, "Listing: espresso grinder", "Edited after you decided")


def held(seconds=24, entry_id="h1"):
    return RailEntry(entry_id, Kind.REVIEW, "Review of a tea kettle", "No violation", seconds)


def cards(ids):
    return {item_id: a_card(item_id, summary=f"Summary {item_id}") for item_id in ids}


@pytest.fixture
def rail(qtbot):
    made = Rail()
    made.set_cards(cards)
    made.show_queue("Marketplace, English")
    made.model.set_waiting(IDS)
    made.set_now(NOW)
    made.resize(288, 828)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


class Paints(QObject):
    """Counts how often a widget is painted, or one point of it."""

    def __init__(self, watched, point=None):
        super().__init__(watched)
        self.n = 0
        self._point = point
        watched.installEventFilter(self)

    def eventFilter(self, _watched, event):  # noqa: N802 - Qt's own name
        if event.type() == QEvent.Type.Paint and (self._point is None or event.region().contains(self._point)):
            self.n += 1
        return False


def row_center(rail, row):
    return rail.waiting.visualRect(rail.model.index(row)).center()


def in_sight(rail, row):
    return rail.waiting.viewport().rect().contains(rail.waiting.visualRect(rail.model.index(row)))


def test_the_name_of_the_queue_stays_when_nothing_waits_any_more(rail):
    head = QRect(0, 0, rail.width(), 40)
    rail.model.set_waiting([])
    named = rail.grab(head).toImage()
    rail.show_queue(queue_title([]))
    assert rail.grab(head).toImage() == named
    rail.show_queue(queue_title(["tea-kettles"]))
    assert rail.grab(head).toImage() != named


def test_a_queue_without_a_name_yet_is_called_a_queue(qtbot):
    first, second = Rail(), Rail()
    for rail in (first, second):
        qtbot.addWidget(rail)
        rail.resize(288, 828)
    first.show_queue(queue_title([]))
    second.show_queue("Queue")
    assert first.grab().toImage() == second.grab().toImage()


def test_a_queue_that_nobody_has_named_yet_is_called_a_queue_too(qtbot):
    first, second = Rail(), Rail()
    for rail in (first, second):
        qtbot.addWidget(rail)
        rail.resize(288, 828)
    second.show_queue("Queue")
    assert first.grab().toImage() == second.grab().toImage()


def test_a_click_says_which_item_and_selecting_by_program_is_silent(rail, qtbot):
    told = []
    rail.chosen.connect(told.append)
    rail.select("i2")
    qtbot.mouseClick(rail.waiting.viewport(), Qt.MouseButton.LeftButton, pos=row_center(rail, 4))
    rail.model.remove(ItemId("i4"))
    assert told == ["i4"]


def test_arrow_keys_choose_and_letters_are_left_to_the_desk(rail, qtbot):
    told = []
    rail.chosen.connect(told.append)
    rail.select("i0")
    qtbot.keyClick(rail.waiting, Qt.Key.Key_Down)
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_V, Qt.KeyboardModifier.NoModifier, "v")
    rail.waiting.keyPressEvent(event)
    assert told == ["i1"]
    assert not event.isAccepted()


def test_the_selected_row_is_brought_into_sight_with_the_ones_after_it(rail):
    rail.select("i9000")
    assert in_sight(rail, 9000)
    assert in_sight(rail, 9002)
    rail.select("i0")
    assert in_sight(rail, 0)


def test_the_selection_survives_a_new_order(rail):
    rail.select("i5")
    rail.model.set_waiting(list(reversed(IDS[:40])))
    assert rail.waiting.currentIndex().row() == 34
    assert rail.waiting.selectionModel().isSelected(rail.model.index(34))


def test_an_item_that_is_not_here_leaves_nothing_marked(rail):
    rail.select("i5")
    rail.select("elsewhere")
    assert not rail.waiting.selectionModel().hasSelection()


def test_the_thumb_reaches_the_last_of_ten_thousand(rail, qtbot):
    view = rail.waiting.viewport()
    right, bottom = view.width() - 3, view.height() - 1
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(right, 5))
    qtbot.mouseMove(view, QPoint(right, bottom))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(right, bottom))
    assert in_sight(rail, 9_999)


def test_the_clock_repaints_only_when_a_label_changes(rail, qapp):
    rail.set_now(NOW)
    qapp.processEvents()
    paints = Paints(rail.waiting.viewport())
    rail.set_now(NOW)
    qapp.processEvents()
    assert paints.n == 0
    rail.set_now(NOW + timedelta(minutes=5))
    qapp.processEvents()
    assert paints.n == 1


def test_the_next_item_lays_out_nothing(rail, qapp):
    rail.set_held([held(30, "h0")])
    before = rail.standing.geometry(), rail.waiting.geometry()
    for n in range(1, 6):
        rail.model.remove(IDS[n - 1])
        rail.set_held([held(30 - 3 * k, f"h{n - k}") for k in range(min(n, 3))])
        rail.select(IDS[n])
    assert (rail.standing.geometry(), rail.waiting.geometry()) == before


def standing(rail):
    model = rail.standing.model()
    return [model.data(model.index(row, 0)) for row in range(model.rowCount())]


def test_decisions_that_came_back_and_the_newest_held_one_stand_above_the_queue(rail):
    rail.set_returned([RETURNED])
    rail.set_held([held(4, "old"), held(24, "new")])
    assert standing(rail) == [
        "Returned to you",
        "Listing: espresso grinder",
        "Decided, can be undone",
        "Review of a tea kettle",
    ]
    assert rail.standing.model().line(2).trailing == "1 more"
    assert rail.standing.model().line(3).entry_id == "new"
    rail.set_returned([])
    rail.set_held([])
    assert not rail.standing.isVisible()


def test_what_a_lead_has_is_not_called_returned_to_you(rail):
    theirs = RailEntry("r2", Kind.TEXT, "A post", "A lead has it", with_lead=True)
    rail.set_returned([theirs, RETURNED])
    assert standing(rail) == ["Returned to you", "Listing: espresso grinder", "With your lead", "A post"]
    assert entry_spoken(theirs) == "A post, with your lead: A lead has it"
    assert entry_spoken(RETURNED).startswith("Listing: espresso grinder, returned to you")
    many = [RailEntry(f"r{n}", Kind.TEXT, "A post", "Edited") for n in range(4)]
    rail.set_returned([*many, theirs, theirs])
    assert [len(standing(rail)), standing(rail)[-2]] == [6, "With your lead"]
    assert rail.standing.model().line(4).trailing == "2 in all"
    rail.set_returned([theirs])
    assert standing(rail) == ["With your lead", "A post"]


def test_many_returned_ones_say_how_many_and_leave_room_for_the_queue(rail):
    rail.set_returned([RailEntry(f"r{n}", Kind.TEXT, "A post", "Edited") for n in range(9)])
    assert standing(rail) == ["Returned to you", "A post", "A post", "A post"]
    assert rail.standing.model().line(0).trailing == "9 in all"


def test_choosing_a_standing_entry_says_which_kind_it_is(rail, qtbot):
    told = []
    rail.returned_chosen.connect(lambda entry_id: told.append(("returned", entry_id)))
    rail.held_chosen.connect(lambda entry_id: told.append(("held", entry_id)))
    rail.set_returned([RETURNED])
    rail.set_held([held()])
    for row in (0, 1, 3):  # a heading says nothing
        place = rail.standing.visualRect(rail.standing.model().index(row, 0)).center()
        qtbot.mouseClick(rail.standing.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told == [("returned", "r1"), ("held", "h1")]


def test_a_held_entry_shows_its_seconds_and_a_returned_one_why():
    row = entry_row(held(24))
    assert (row.trailing, row.ring, row.detail) == ("24 s", 0.8, "No violation")
    row = entry_row(RETURNED)
    assert (row.detail, row.detail_icon) == ("Edited after you decided", "returned")


def test_a_lease_that_runs_out_is_marked_in_time():
    card = a_card("i0", lease=a_lease("i0", expires_at=NOW + timedelta(minutes=14)))
    assert card_row(card, NOW).below == "0:14"
    assert card_row(card, NOW).trailing_color == theme.tokens().mark_returned
    assert card_row(card, NOW - timedelta(minutes=5)).trailing_color is None


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_drawing(qapp, kind):
    theme.icons.pixmap(icon_of(kind), 18, theme.tokens().text_muted)


def test_the_folded_rail_still_chooses(rail, qtbot):
    rail.set_folded(True)
    rail.resize(56, 828)
    told = []
    rail.chosen.connect(told.append)
    qtbot.mouseClick(rail.waiting.viewport(), Qt.MouseButton.LeftButton, pos=row_center(rail, 2))
    assert told == ["i2"]


def grabbed(rail, rect):
    return rail.grab(rect).toImage()


def test_where_the_number_of_flags_has_no_room_in_words_it_stands_beside_the_category(rail):
    def shown(n_flags, width):
        rail.set_cards(lambda ids: {i: a_card(i, n_flags=n_flags, category="hidden_characters") for i in ids})
        rail.waiting.rows.forget()
        rail.resize(width, 828)
        return grabbed(rail, QRect(0, rail.waiting.y() + 24, width - 50, 24))

    narrow = 226
    assert shown(1, narrow) != shown(2, narrow) != shown(4, narrow)
    assert card_row(a_card("i0", n_flags=1), NOW).flags == 0


def test_the_folded_rail_shows_the_time_of_a_lease_near_its_end_and_of_no_other(rail):
    def shown(minutes):
        lease = a_lease("i0", expires_at=NOW + timedelta(minutes=minutes))
        rail.set_cards(lambda ids: {i: a_card(i, lease=lease) for i in ids})
        rail.waiting.rows.forget()
        return grabbed(rail, QRect(0, rail.waiting.y(), 55, 52))

    rail.set_folded(True)
    rail.resize(56, 828)
    assert shown(200) == shown(100)
    assert shown(59) != shown(100)
    assert shown(59) != shown(14)
    assert shown(14) != shown(12)


def test_the_folded_rail_says_which_key_opens_it(rail):
    rail.resize(56, 828)
    rail.set_folded(True)
    bare = grabbed(rail, QRect(0, 0, 56, 44))
    rail.set_fold_key("Ctrl B")
    assert grabbed(rail, QRect(0, 0, 56, 44)) != bare
    assert rail.toolTip() == "Open the queue: Ctrl B\nNext and previous item: J K"
    rail.set_folded(False)
    assert not rail.toolTip()


def test_the_lists_have_names_for_those_who_listen(rail):
    for shown in (rail.waiting, rail.standing):
        assert QAccessible.queryAccessibleInterface(shown).text(QAccessible.Text.Name)


def test_rows_follow_the_theme(rail, qapp):
    rail.select("i0")
    before = rail.grab().toImage()
    theme.apply(qapp, "dark")
    after = rail.grab().toImage()
    corner = row_center(rail, 1)
    at = rail.waiting.viewport().mapTo(rail, corner)
    assert before.pixelColor(150, at.y() + 20) != after.pixelColor(150, at.y() + 20)
    assert after.pixelColor(150, at.y() + 20) == theme.tokens().bg_window


def test_lease_left_stands_over_the_leases_as_soon_as_there_are_any_and_not_before(rail, qapp):
    end = rail.waiting.geometry().topRight() - QPoint(20, 14)  # over the queue, where its leases stand
    paints = Paints(rail, end)
    for ids, changes in (([], 1), (IDS, 1), (IDS[1:], 0)):
        qapp.processEvents()
        before = paints.n
        rail.model.set_waiting(ids)
        qapp.processEvents()
        assert paints.n - before == changes


def test_a_lower_window_keeps_the_row_of_the_item_on_the_desk_in_sight(rail):
    rail.select(IDS[9_999])
    rail.resize(288, 500)
    assert in_sight(rail, 9_999)


def test_a_lower_window_leaves_a_queue_where_somebody_scrolled_it(rail):
    rail.select(IDS[0])
    rail.waiting.verticalScrollBar().setValue(5_000)
    rail.resize(288, 500)
    assert rail.waiting.verticalScrollBar().value() == 5_000


@pytest.mark.parametrize("returned", [(), (RETURNED,)])
@pytest.mark.parametrize("height", [828, 560])
def test_the_list_begins_with_a_whole_row_wherever_the_desk_is(rail, returned, height):
    rail.resize(288, height)
    for row in (14, 60, 3, 40, 9):
        rail.select(f"i{row}")
        rail.set_returned(returned)  # with one, the queue gets less room
        assert in_sight(rail, row)
        assert rail.waiting.verticalScrollBar().value() % rail.waiting.row_height() == 0
        rail.set_returned(())
