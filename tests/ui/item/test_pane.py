"""The pane: what is shown of an item, and what is not shown before somebody asks."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QPushButton, QWidget

from modstation.core.content import Kind, TextPost
from modstation.core.exposure import Step
from modstation.core.item import FlagSource, Span
from modstation.ui import theme
from modstation.ui.item import ItemPane, PictureView
from modstation.ui.item.cards import SummaryCard
from modstation.ui.item.lookbar import LookBar
from modstation.ui.item.page import Page, advance
from modstation.ui.item.reasons import cells
from modstation.ui.item.steps import RevealSteps
from modstation.ui.item.words import language_name
from modstation.ui.text import category_name, day
from tests.support.builders import NOW, TEXT, a_flag, a_media, a_report, an_item

RED = (200, 30, 40)


@pytest.fixture
def pane(qtbot):
    made = ItemPane()
    qtbot.addWidget(made)
    made.resize(732, 690)
    made.show()
    return made


def a_picture(width=240, height=160):
    return PictureView(width, height, width * 3, bytes(RED) * (width * height), 1200, 800, "JPEG")


def seen(pane) -> QImage:
    return pane.grab().toImage()


def count(image: QImage, color: QColor) -> int:
    return sum(image.pixelColor(x, y) == color for x in range(0, image.width(), 4) for y in range(0, image.height(), 4))


def body_of(pane) -> QWidget:
    return pane.focusProxy()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("name", ["light", "dark"])
def test_every_kind_paints_something_in_every_theme(pane, qapp, kind, name):
    theme.apply(qapp, name)
    pane.show_item(None)
    empty = seen(pane)
    pane.show_item(an_item(kind))
    assert seen(pane) != empty


def test_without_an_item_there_is_a_sentence_and_no_text_for_a_screen_reader(pane):
    pane.show_item(an_item(Kind.TEXT))
    assert TEXT in body_of(pane).accessibleDescription()
    pane.show_item(None)
    assert body_of(pane).accessibleDescription() == ""
    before = seen(pane)
    pane.set_empty("Everything here is decided. New items come by themselves.")
    assert seen(pane) != before


def test_what_the_service_holds_back_is_neither_shown_nor_spoken(pane):
    item = an_item(Kind.REVIEW, restricted="removed by its author")
    pane.show_item(item)
    assert TEXT not in body_of(pane).accessibleDescription()
    held_back = seen(pane)
    pane.show_item(replace(item, content=replace(item.content, text="Quite other words.", title="Other")))
    assert seen(pane) == held_back
    pane.next_span(1)
    assert pane.current_flag is None


def test_a_report_on_what_is_held_back_has_its_day_like_any_other_and_no_words():
    report = replace(a_report(), at=NOW)
    (free,), (held,) = cells(an_item(flags=(report,))), cells(an_item(flags=(report,), restricted="by its author"))
    assert held.label == free.label == f"1 user report, {day(NOW)}"
    assert report.explanation not in held.value


def test_two_people_who_say_the_same_are_counted_and_quoted_once():
    first, other = a_report(), replace(a_report(), explanation="another thing")
    (cell,) = cells(an_item(flags=(first, other, replace(first, flag_id=other.flag_id))))
    assert cell.label.startswith("3 user reports")
    assert cell.value == f"“{first.explanation}”, “another thing”"


def test_reasons_carry_the_letters_of_their_spans_where_several_could_be_meant():
    free = a_flag(flag_id="f9", source=FlagSource.RULE, score=None, spans=())
    found = cells(an_item(Kind.TEXT, flags=(free, a_flag(), a_report())))
    assert {cell.label.split(",")[0]: cell.letters for cell in found} == {
        a_flag().title: "b", "1 user report": "c", "Rule": "",
    }  # fmt: skip
    assert [cell.letters for cell in cells(an_item(Kind.TEXT, flags=(a_flag(),)))] == [""]


def test_the_letters_of_a_reason_are_painted_beside_it(pane, monkeypatch):
    said = []
    monkeypatch.setattr(Page, "words", lambda _page, _x, y, _w, _h, text, _style: said.append((text, y)))
    for height in (690, 300):  # in rows, and in one line
        pane.resize(800, height)
        pane.show_item(an_item(Kind.TEXT, flags=(a_flag(), a_report())))
        said.clear()
        pane._head.grab()
        assert {text for text, _ in said} >= {"a", "b"}


@pytest.mark.parametrize("reason", ["removed by its author", "removed by its author."])
def test_why_something_is_held_back_is_spoken_in_a_whole_sentence(pane, reason):
    pane.show_item(an_item(Kind.REVIEW, restricted=reason))
    told = body_of(pane).accessibleDescription().replace("\u2068", "").replace("\u2069", "")
    assert "holds this content back: removed by its author.\n" in told


def test_spans_are_stepped_through_round_and_round(pane):
    pane.show_item(an_item(Kind.TEXT, flags=(a_flag(), a_report())))
    assert pane.current_flag is None
    found = []
    for step in (1, 1, 1, -1):
        pane.next_span(step)
        found.append(pane.current_flag)
    assert found == ["f1", "f2", "f1", "f2"]


@pytest.mark.parametrize("height", [400, 500, 690])
@pytest.mark.parametrize("width", [500, 560, 620, 680, 740, 800])
def test_what_is_said_above_an_item_never_lies_over_other_words(pane, monkeypatch, width, height):
    boxes = []
    words = Page.words

    def noted(page, x, y, wide, high, text, style):
        long = min(wide, advance(text, style))
        boxes.append((text, x + wide - long if style.at_end else x, x + (wide if style.at_end else long), y))
        words(page, x, y, wide, high, text, style)

    monkeypatch.setattr(Page, "words", noted)
    rules = [
        a_flag(flag_id=f"f{n}", source=FlagSource.RULE, title="Reward for a review", score=None) for n in range(3, 6)
    ]
    pane.resize(width, height)
    pane.show_item(an_item(Kind.TEXT, flags=(a_flag(), a_report(), *rules)))
    boxes.clear()
    pane._head.grab()
    why = [box for box in boxes if box[3] >= theme.scaled(10)]
    for y in {box[3] for box in why}:
        for (_, _, end, _), (_, start, _, _) in pairwise(sorted((b for b in why if b[3] == y), key=lambda b: b[1])):
            assert end <= start
    shown = [box for box in why if box[0] in {cell.label for cell in cells(pane._item)}]
    counted = [int(text.split()[0]) for text, *_ in why if "more" in text]
    assert len(shown) + sum(counted) == 5, "each reason is shown, or counted"
    assert shown
    assert max(y for *_, y in why) + theme.scaled(18) <= pane._head.height() - pane._head._upper()


@pytest.mark.parametrize("width", [400, 460, 520, 580, 640, 700, 900])
def test_where_the_room_ends_a_part_of_the_head_goes_and_none_is_cut(pane, monkeypatch, width):
    item = an_item(Kind.TEXT, summary="Text post, several scripts", flags=(a_report(),))
    pane.resize(width, 690)
    pane.show_item(item)
    drawn, words = [], Page.words

    def noted(page, x, y, wide, high, text, style):
        drawn.append((text, advance(text, style) <= wide + 1))
        words(page, x, y, wide, high, text, style)

    monkeypatch.setattr(Page, "words", noted)
    pane._head.grab()
    whole = {text: is_whole for text, is_whole in drawn if text}
    day = [text for text in whole if str(item.created_at.year) in text and "report" not in text]
    assert all(whole[text] for text in day)
    if width in {400, 900}:
        assert len(day) == (width == 900)
    assert f"{language_name(item.language)} · " in pane._head.spoken()
    assert str(item.created_at.year) in pane._head.spoken()


@pytest.mark.parametrize("width", [500, 560, 620, 680, 740, 800])
def test_in_a_low_pane_a_reason_is_whole_or_counted(pane, monkeypatch, width):
    said = "Word used as an insult to a buyer"
    rules = [a_flag(flag_id=f"f{n}", source=FlagSource.RULE, title=said, score=None) for n in range(4)]
    pane.resize(width, 300)
    pane.show_item(an_item(Kind.TEXT, flags=tuple(rules)))
    drawn, words = [], Page.words

    def noted(page, x, y, wide, high, text, style):
        drawn.append((text, advance(text, style) <= wide + 1))
        words(page, x, y, wide, high, text, style)

    monkeypatch.setattr(Page, "words", noted)
    pane._head.grab()
    assert all(is_whole for text, is_whole in drawn if text == said)
    assert (said, True) in drawn


def test_in_a_window_of_1280_every_reason_of_a_comment_can_be_read(pane):
    rule = a_flag(flag_id="f3", source=FlagSource.RULE, title="Word used as an insult", score=None)
    long = replace(a_report(), explanation="this is not about the product", spans=())
    other = replace(long, flag_id="r2", explanation="she asked for this to stop")
    pane.resize(680, 538)
    pane.show_item(an_item(Kind.COMMENT, flags=(long, other, rule)))
    flow = pane._head._flow()
    assert not flow.left
    assert len(flow.rows) == 2
    assert body_of(pane).y() == pane._head.height() > 108
    pane.show_item(an_item(Kind.COMMENT, flags=(rule,)))
    assert body_of(pane).y() == pane._head.height() == 108


def test_a_long_description_takes_the_whole_card_and_not_half_of_it(pane, monkeypatch):
    told = "Five seconds of an artificial voice in English about a charger."
    at = {}
    prose = Page.prose

    def noted(page, what, place, *rest):
        at[what.text] = (place, what.flow.height)
        prose(page, what, place, *rest)

    monkeypatch.setattr(Page, "prose", noted)
    item = an_item(Kind.AUDIO)
    pane.show_item(replace(item, content=replace(item.content, media=a_media(mime="audio/ogg", alt=told))))
    seen(pane)
    (x, y), height = at[told]
    assert height < 1.5 * theme.line("ui")
    (first, top), _ = at[category_name(item.category)]
    assert x == first
    assert y > top + theme.line("ui")


@pytest.mark.parametrize(("name", "is_dark"), [("light", False), ("dark", True), ("high_contrast", True)])
def test_an_outline_is_dark_on_light_or_light_on_dark_as_the_theme_is(pane, qapp, name, is_dark):
    white = PictureView(240, 160, 720, bytes((255, 255, 255)) * (240 * 160), 1200, 800, "JPEG")
    theme.apply(qapp, name)
    pane.show_item(an_item(Kind.IMAGE))
    ground = {}
    for step in (Step.OUTLINE, Step.GREY):
        pane.pictures.set_step(step)
        pane.pictures.set_picture(white)
        looking = pane._looking
        image = QImage(240, 160, QImage.Format.Format_RGB888)
        painter = QPainter(image)
        looking.paint(painter, QRectF(0, 0, 240, 160))
        painter.end()
        ground[step] = image.pixelColor(120, 80).lightness()
    assert ground == {Step.OUTLINE: 0 if is_dark else 255, Step.GREY: 255}


def test_the_span_in_hand_is_scrolled_into_sight(pane):
    words = "The pump folds flat.\n" * 300
    flag = a_flag(spans=(Span("text", len(words) - 5, len(words) - 1),))
    pane.show_item(an_item(Kind.TEXT, content=TextPost(words), flags=(flag,)))
    top = seen(pane)
    assert count(top, theme.tokens().flag_bg) == 0
    pane.next_span(1)
    assert count(seen(pane), theme.tokens().flag_bg) > 0


def test_hidden_characters_are_counted_and_shown_on_demand(pane, qtbot):
    pane.show_item(an_item(Kind.TEXT, content=TextPost("Free\u200b ship\u202eping tod\u202cay")))
    before = seen(pane)
    pane.toggle_hidden()
    shown = seen(pane)
    assert shown != before
    pane.toggle_hidden()
    assert seen(pane) == before


def test_a_picture_is_hidden_until_a_person_asks(pane, qtbot):
    pane.show_item(an_item(Kind.IMAGE, severity=4))
    with qtbot.assertNotEmitted(pane.pictures.looked):
        pane.pictures.set_picture(a_picture())
    assert count(seen(pane), QColor(*RED)) == 0


def test_holding_shows_and_letting_go_covers_at_once(pane, qtbot):
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_held(True)
    with qtbot.waitSignal(pane.pictures.looked):
        pane.pictures.set_picture(a_picture())
    assert count(seen(pane), QColor(*RED)) > 1000
    pane.pictures.set_held(False)
    assert count(seen(pane), QColor(*RED)) == 0
    pane.pictures.set_held(True)
    assert count(seen(pane), QColor(*RED)) == 0, "pixels were kept after they were covered"


def test_pixels_of_a_clearer_step_are_dropped_when_less_is_wanted(pane):
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_step(Step.CLEAR)
    pane.pictures.set_picture(a_picture())
    assert count(seen(pane), QColor(*RED)) > 1000
    pane.pictures.set_step(Step.OUTLINE)
    assert count(seen(pane), QColor(*RED)) == 0


@pytest.mark.parametrize("kind", [Kind.IMAGE, Kind.REVIEW, Kind.LISTING, Kind.PROFILE])
def test_nothing_of_a_picture_stays_when_the_next_item_comes(pane, kind):
    pane.show_item(an_item(kind))
    pane.pictures.set_step(Step.CLEAR)
    pane.pictures.set_picture(a_picture())
    assert count(seen(pane), QColor(*RED)) > 1000
    pane.show_item(an_item(kind, item_id="item-2"))
    assert count(seen(pane), QColor(*RED)) == 0


def test_the_words_for_a_missing_picture_stand_in_its_place(pane):
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_step(Step.GREY)
    waiting = seen(pane)
    pane.pictures.set_picture(None, "This file is damaged.")
    assert seen(pane) != waiting


def test_steps_are_chosen_by_keyboard_and_mouse_and_the_pane_only_asks(pane, qtbot):
    pane.show_item(an_item(Kind.IMAGE))
    steps = pane.findChild(RevealSteps)
    assert steps.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert steps.accessibleName()
    with qtbot.waitSignal(pane.pictures.step_wanted) as asked:
        qtbot.keyClick(steps, Qt.Key.Key_Right)
    assert asked.args == [Step.OUTLINE, 240]
    assert steps.step() is Step.HIDDEN
    with qtbot.waitSignal(pane.pictures.step_wanted) as asked:
        qtbot.mouseClick(steps, Qt.MouseButton.LeftButton, pos=steps.cell(Step.CLEAR).center())
    assert asked.args[0] is Step.CLEAR
    pane.pictures.set_step(Step.CLEAR)
    assert "Clear" in steps.accessibleDescription()


def test_every_button_of_the_picture_has_a_name_and_holding_one_asks_to_look(pane, qtbot):
    pane.show_item(an_item(Kind.IMAGE))
    buttons = [button for button in pane.findChildren(QPushButton) if button.isVisibleTo(pane)]
    assert len(buttons) == 5
    assert all(button.accessibleName() and button.height() >= 24 for button in buttons)
    hold = next(button for button in buttons if button.property("kind") == "primary")
    with qtbot.waitSignal(pane.pictures.hold_wanted) as asked:
        qtbot.mousePress(hold, Qt.MouseButton.LeftButton)
    assert asked.args == [True]
    with qtbot.waitSignal(pane.pictures.hold_wanted) as asked:
        qtbot.mouseRelease(hold, Qt.MouseButton.LeftButton)
    assert asked.args == [False]


def test_the_button_to_hold_rests_where_holding_shows_no_more(pane):
    pane.show_item(an_item(Kind.IMAGE))
    hold = next(button for button in pane.findChildren(QPushButton) if button.property("kind") == "primary")
    pane.pictures.set_step(Step.GREY)
    assert hold.isEnabled()
    assert hold.text() == "Hold to look, blurred"
    for step, words in ((Step.BLURRED, "Shown now: blurred"), (Step.CLEAR, "Shown now: clear")):
        pane.pictures.set_step(step)
        assert not hold.isEnabled()
        assert hold.text() == hold.accessibleName() == words
    pane.set_keys({"hold": "Alt L"})
    assert not hold.property("keys")
    pane.pictures.set_step(Step.HIDDEN)
    assert hold.isEnabled()
    assert hold.property("keys") == "Alt L"


def test_a_covered_photo_is_looked_at_by_pressing_it(pane, qtbot):
    pane.show_item(an_item(Kind.REVIEW))
    viewport = body_of(pane).viewport()
    with qtbot.waitSignal(pane.pictures.hold_wanted):
        qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(70, 60))
    with qtbot.waitSignal(pane.pictures.hold_wanted) as asked:
        qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(70, 60))
    assert asked.args == [False]


def test_another_size_asks_for_as_many_pixels(pane, qtbot):
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_step(Step.GREY)
    with qtbot.waitSignal(pane.pictures.step_wanted) as asked:
        pane.pictures.set_width(480)
    assert asked.args == [Step.GREY, 480]
    pane.pictures.turn()
    assert pane.pictures.width() == 720, "turned, the picture is 480 wide across its height"


@pytest.mark.parametrize("width", [240, 480, 0])
def test_showing_a_picture_moves_nothing(pane, width):
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_width(width)
    steps = pane.findChild(RevealSteps)
    before = steps.y()
    pane.pictures.set_held(True)
    assert steps.y() == before


def test_the_body_scrolls_by_keyboard(pane, qtbot):
    pane.show_item(an_item(Kind.TEXT, content=TextPost("The pump folds flat.\n" * 400)))
    body = body_of(pane)
    top = seen(pane)
    qtbot.keyClick(body, Qt.Key.Key_PageDown)
    page = seen(pane)
    assert page != top
    qtbot.keyClick(body, Qt.Key.Key_End)
    assert seen(pane) != page
    qtbot.keyClick(body, Qt.Key.Key_Home)
    assert seen(pane) == top


def test_an_item_looks_the_same_whatever_was_shown_before(pane):
    review = an_item(Kind.REVIEW)
    pane.show_item(review)
    alone = seen(pane)
    pane.toggle_hidden()
    for kind in Kind:
        pane.show_item(an_item(kind))
        pane.pictures.set_step(Step.CLEAR)
        pane.next_span(1)
        seen(pane)
    pane.show_item(review)
    assert seen(pane) == alone


def test_the_screen_mirrors_for_a_right_to_left_ui(pane, qapp):
    pane.show_item(an_item(Kind.TEXT, content=TextPost("שלום וברכה")))
    ltr = seen(pane)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert seen(pane) != ltr
    pane.show_item(an_item(Kind.IMAGE))
    steps = pane.findChild(RevealSteps)
    assert steps.cell(Step.HIDDEN).x() > steps.cell(Step.CLEAR).x()
    pane.resize(732, 400)  # a scroll bar, which stands first: the edge of the column stays where it is
    right = steps.mapTo(pane, QPoint(steps.width(), 0)).x()
    assert right == 732 - 32


def test_several_photos_are_turned_to_one_by_one(pane):
    media = (a_media(), a_media(media_id="c" * 64))
    pane.show_item(an_item(Kind.TEXT, content=TextPost(TEXT, media=media)))
    assert pane.pictures.current == media[0]
    pane.pictures.set_step(Step.CLEAR)
    pane.pictures.set_picture(a_picture())
    pane.pictures.set_media(1)
    assert pane.pictures.current == media[1]
    assert count(seen(pane), QColor(*RED)) == 0


@pytest.mark.parametrize(("height", "zoom"), [(1000, 1.0), (690, 1.0), (538, 1.0), (500, 1.5)])
def test_the_steps_of_a_picture_are_in_sight_whatever_the_height_and_however_far_one_scrolls(pane, qapp, height, zoom):
    theme.set_zoom(qapp, zoom)
    pane.resize(900, height)
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_width(480)
    body, steps = body_of(pane), pane.findChild(RevealSteps)
    bar = body.verticalScrollBar()
    for value in (0, bar.maximum()):
        bar.setValue(value)
        hold = next(b for b in pane.findChildren(QPushButton) if b.property("kind") == "primary")
        for widget in (steps, hold):
            area = widget.rect().translated(widget.mapTo(body.viewport(), QPoint(0, 0)))
            assert body.viewport().rect().contains(area)


def test_a_picture_that_is_shown_is_scrolled_into_sight_and_covering_it_scrolls_back(pane):
    pane.resize(732, 538)
    pane.show_item(an_item(Kind.IMAGE))
    bar = body_of(pane).verticalScrollBar()
    pane.pictures.set_held(True)
    pane.pictures.set_picture(a_picture())
    assert bar.value() > 0
    pane.pictures.set_held(False)
    assert bar.value() == 0


@pytest.mark.parametrize("height", range(440, 640, 20))
def test_what_is_seen_above_a_picture_begins_with_a_whole_block(pane, height):
    pane.resize(732, height)
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_held(True)
    pane.pictures.set_picture(a_picture())
    body = body_of(pane)
    at = body.verticalScrollBar().value()
    begins = [int(top) + 24 - at for top in body._tops]
    card, top = next((b, t) for b, t in zip(body._body.blocks, body._tops, strict=True) if isinstance(b, SummaryCard))
    begins.append(int(top + card.picture()[0]) + 24 - at)
    assert at == 0 or any(0 <= y <= 12 for y in begins), (at, begins)


def test_with_more_room_nothing_stays_scrolled_away_for_a_picture(pane):
    pane.resize(732, 460)
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_held(True)
    pane.pictures.set_picture(a_picture())
    bar = body_of(pane).verticalScrollBar()
    assert bar.value() > 0
    pane.resize(732, 1100)
    assert (bar.value(), bar.maximum()) == (0, 0)
    pane.resize(732, 460)
    assert bar.value() > 0
    pane.pictures.set_held(False)
    assert bar.value() == 0


@pytest.mark.parametrize(("width", "height", "zoom"), [(1124, 459, 1.5), (780, 430, 1.25)])
def test_a_picture_in_a_low_pane_is_seen_whole_from_its_top(pane, qapp, width, height, zoom):
    theme.set_zoom(qapp, zoom)
    pane.resize(width, height)
    pane.show_item(an_item(Kind.IMAGE))
    pane.pictures.set_held(True)
    pane.pictures.set_picture(a_picture())
    body = body_of(pane)
    card, top = next((b, t) for b, t in zip(body._body.blocks, body._tops, strict=True) if isinstance(b, SummaryCard))
    at, high = card.picture()
    start = top + at + 24 - body.verticalScrollBar().value()
    assert high >= 150
    assert 0 <= start <= 12
    assert start + high <= body._room()


def test_a_low_pane_gives_its_room_to_the_item(pane, qapp):
    pane.show_item(an_item(Kind.REVIEW))
    high = body_of(pane).y()
    pane.resize(732, 300)
    assert body_of(pane).y() < high


def test_a_pane_with_room_for_two_lines_begins_at_the_words_of_the_item_until_somebody_scrolls(pane, qapp):
    review = an_item(Kind.REVIEW)
    content = replace(review.content, product=replace(review.content.product, photo=None))
    pane.show_item(replace(review, content=content))
    body, bar = pane._body, pane._body.verticalScrollBar()
    assert bar.value() == 0
    theme.set_zoom(qapp, 2.0)
    pane.resize(1072, 296)
    words = next(
        (top, place)
        for block, top in zip(body._body.blocks, body._tops, strict=True)
        for place in block.places()
        if place.text.part == "text"
    )
    in_sight = words[0] + words[1].y + 24 - bar.value()
    assert 0 <= in_sight <= body._room() - theme.line("item")
    bar.setValue(0)
    pane.resize(1060, 296)
    assert bar.value() == 0
    theme.set_zoom(qapp, 1.0)
    pane.resize(1072, 700)
    assert bar.value() == 0


def test_the_item_has_the_name_above_it_that_it_has_in_the_rail(pane):
    item = replace(an_item(Kind.AUDIO), summary="Voice message, 5 s, English", language="en")
    pane.show_item(item)
    assert pane._head.spoken().startswith("Voice message, 5 s, English. ")
    assert pane._head.spoken().count("English") == 1
    pane.show_item(replace(item, summary=""))
    assert pane._head.spoken().startswith("Sound recording. English")


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_keys_of_the_steps_stand_beneath_them_where_a_low_pane_has_no_heading_for_them(pane, direction):
    pane.setLayoutDirection(direction)
    pane.show_item(an_item(Kind.IMAGE))
    bar = pane._body.bar
    for height, stand_here in ((690, False), (440, True), (690, False)):
        pane.resize(732, height)
        pane.set_keys({"more": "B", "less": "Shift B"})
        usual = bar.grab().toImage()
        pane.set_keys({"more": "F9", "less": "Shift F9"})
        assert (bar.grab().toImage() != usual) is stand_here
    pane.resize(732, 440)
    shown = bar.grab().toImage()
    pane.resize(400, 440)  # no room beside the buttons
    narrow = bar.grab().toImage()
    pane.set_keys({"more": "B", "less": "Shift B"})
    assert bar.grab().toImage() == narrow
    pane.resize(732, 440)
    assert bar.grab().toImage() != shown


def test_photos_are_counted_above_what_has_some_and_not_above_a_photo(pane):
    pane.show_item(an_item(Kind.REVIEW))
    assert "1 photo" in pane._head.spoken()
    pane.show_item(replace(an_item(Kind.IMAGE), summary="Photo, 1000 × 872"))
    assert "1 photo" not in pane._head.spoken()


def test_a_text_in_many_languages_says_so_in_words():
    assert language_name("mul") == "Several languages"


def test_the_controls_of_a_picture_grow_with_the_text(qtbot, qapp):
    bar = LookBar()
    qtbot.addWidget(bar)
    bar.show_pixels(shown=True)
    theme.set_zoom(qapp, 1.5)
    heights = {
        button.sizeHint().expandedTo(button.minimumSize()).height() for button in (bar._hold, *bar._widths.buttons())
    }
    assert len(heights) == 1
    assert bar._turn.iconSize().width() == theme.scaled(16)
