"""The shared painters: key caps, severity, rows, in both directions."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from modstation.ui import paint, theme
from modstation.ui.paint import LTR, RTL, Row


def painted(draw, width=300, height=52):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(theme.tokens().bg_window)
    painter = QPainter(image)
    result = draw(painter)
    painter.end()
    return image, result


def inked(image):
    """Columns that are not plain ground."""
    ground = theme.tokens().bg_window
    columns = range(image.width())
    return [x for x in columns if any(image.pixelColor(x, y) != ground for y in range(image.height()))]


def test_single_letters_are_caps_of_their_own_and_a_chord_is_one(qapp):
    assert paint.key_cap_width("J K") > paint.key_cap_width("J") * 2
    assert paint.key_cap_width("Ctrl K") == paint.key_cap_width("Ctrl+K")
    assert paint.key_cap_width("Ctrl K") < paint.key_cap_width("Ctrl") + paint.key_cap_width("K") + 4
    assert paint.key_cap_width("") == 0


def test_a_cap_starts_where_reading_starts_and_takes_the_width_it_says(qapp):
    image, width = painted(lambda p: paint.key_cap(p, 100, 20, "Ctrl K", LTR))
    assert width == paint.key_cap_width("Ctrl K")
    columns = inked(image)
    assert 100 <= columns[0] <= 101
    assert columns[-1] < 100 + width
    image, _ = painted(lambda p: paint.key_cap(p, 100, 20, "Ctrl K", RTL))
    columns = inked(image)
    assert columns[0] >= 100 - width
    assert 98 <= columns[-1] <= 99


def test_severities_differ_without_their_colour(qapp):
    greys = []
    for level in range(5):
        image, width = painted(lambda p, level=level: paint.severity(p, 10, 20, level, LTR))
        grey = image.convertToFormat(QImage.Format.Format_Mono)
        greys.append(bytes(grey.constBits()))
        assert width == paint.severity_width(level)
    assert len(set(greys)) == 5


def test_a_selected_row_has_its_bar_where_reading_starts(qapp):
    t, rect = theme.tokens(), QRect(0, 0, 300, 52)
    for direction, x in ((LTR, 0), (RTL, 299)):
        image, _ = painted(lambda p, d=direction: paint.row(p, rect, Row("Review of a pump"), d, selected=True))
        assert image.pixelColor(x, 26) == t.accent
        assert image.pixelColor(299 - x, 26) == t.bg_selected


def test_a_long_title_stops_before_the_words_at_the_end(qapp):
    rect = QRect(0, 0, 300, 52)
    with_end, _ = painted(lambda p: paint.row(p, rect, Row("word " * 40, trailing="2:14")))
    end_only, _ = painted(lambda p: paint.row(p, rect, Row("", trailing="2:14")))
    area = QRect(300 - 12 - theme.width("2:14", "meta") - 6, 0, theme.width("2:14", "meta") + 18, 52)
    assert with_end.copy(area) == end_only.copy(area)


def test_a_cap_that_is_off_never_has_a_stronger_outline_than_one_that_works(qapp):
    t = theme.tokens()
    height = theme.scaled(t.px["key_cap"])
    outlines = []
    for off in (False, True):
        image, width = painted(lambda p, off=off: paint.key_cap(p, 100, 20, "D", LTR, off=off))
        top = round(20 - height / 2)
        outlines.append(image.pixelColor(100 + width // 2, top).lightness())
    ground = t.bg_window.lightness()
    assert abs(outlines[1] - ground) <= abs(outlines[0] - ground)
