"""Flags as rows: who raised each, its score beside the threshold, its own words, and what was said of it."""

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from modstation.core.decision import FlagVerdict, WrongBecause
from modstation.core.item import Flag, FlagSource, Item
from modstation.ui import paint, theme
from modstation.ui.side.lists import PAD, ROW_ROLE, WRAP, Index, Rows, standing
from modstation.ui.text import category_name, day, first_strong, tr

_ABOVE, _METER, _INDENT = 12, 92, 28


def source_name(source: FlagSource) -> str:
    """Who or what raised the flag, in words."""
    return {
        FlagSource.CLASSIFIER: tr("classifier"),
        FlagSource.USER_REPORT: tr("user report"),
        FlagSource.RULE: tr("rule"),
        FlagSource.HASH_MATCH: tr("known content"),
    }[source]


def shown_flags(item: Item) -> tuple[Flag, ...]:
    """The flags as they may be shown: of an item that is held back without words that may quote it."""
    if not item.restricted:
        return item.flags
    return tuple(replace(flag, title=category_name(flag.category), explanation="") for flag in item.flags)


def because_name(because: WrongBecause) -> str:
    """Why a flag was wrong, in words."""
    return {
        WrongBecause.QUOTED: tr("Quotes somebody else"),
        WrongBecause.RECLAIMED: tr("Said of their own group"),
        WrongBecause.IRONY: tr("Irony or a joke"),
        WrongBecause.OTHER_MEANING: tr("The word means something else here"),
        WrongBecause.OTHER_LANGUAGE: tr("Read in the wrong language"),
        WrongBecause.MISSING_CONTEXT: tr("Context was missing"),
        WrongBecause.WRONG_TARGET: tr("Aimed at something else"),
        WrongBecause.TECHNICAL: tr("A technical fault"),
        WrongBecause.OTHER: tr("Another reason"),
    }[because]


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One flag and what the draft says of it."""

    letter: str
    flag: Flag
    verdict: FlagVerdict | None = None

    @property
    def of(self) -> Flag:
        """The flag."""
        return self.flag

    @property
    def state(self) -> str:
        """What was said of it, in one word; empty when nothing was."""
        if self.verdict is None:
            return ""
        return tr("holds") if self.verdict.holds else tr("wrong")

    @property
    def origin(self) -> str:
        """Source, category, date."""
        category = category_name(self.flag.category)
        parts = [source_name(self.flag.source), category if category != self.flag.title else ""]
        if self.flag.at is not None:
            parts.append(day(self.flag.at))
        return " · ".join(part for part in parts if part)

    @property
    def correction(self) -> str:
        """Why it was wrong and what it should have been."""
        verdict = self.verdict
        if verdict is None or verdict.holds:
            return ""
        parts = [because_name(verdict.because)] if verdict.because else []
        if verdict.category:
            parts.append(tr("should be {category}", category=category_name(verdict.category)))
        if verdict.note:
            parts.append(tr("“{note}”", note=verdict.note))
        return "; ".join(parts)

    @property
    def score(self) -> str:
        """The score with its threshold, in words."""
        flag = self.flag
        if flag.score is None:
            return ""
        if flag.threshold is None:
            return tr("score {score}", score=f"{flag.score:.2f}")
        return tr("score {score}, sends at {limit}", score=f"{flag.score:.2f}", limit=f"{flag.threshold:.2f}")

    @property
    def spoken(self) -> str:
        """The row in words."""
        parts = [
            tr("Flag {letter}", letter=self.letter), self.flag.title, self.origin, self.score, self.flag.explanation,
            self.state, self.correction,
        ]  # fmt: skip
        return ", ".join(part for part in parts if part)


class FlagRows(Rows[FlagRow]):
    """The flags of one item."""

    def _tell_marks(self) -> None:
        """What was said of a flag makes its row higher or lower."""
        super()._tell_marks()
        self.layoutChanged.emit()


class FlagDelegate(QStyledItemDelegate):
    """Paints a `FlagRow`; explanations wrap, so rows differ in height."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as its words need at the width of the view."""
        row: FlagRow = index.data(ROW_ROLE)
        width = self._view.viewport().width()
        height = theme.line("ui") + theme.line("meta") + 2 * _ABOVE + 2
        if row.flag.score is not None:
            height += theme.scaled(20)
        for text in (row.flag.explanation, row.correction):
            height += self._text_height(text, width) + 4 if text else 0
        return QSize(width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One flag."""
        row: FlagRow = index.data(ROW_ROLE)
        t = theme.tokens()
        rect: QRect = option.rect
        direction: Qt.LayoutDirection = option.direction
        selected, hover = standing(option)
        paint.row_ground(painter, rect, direction, selected=selected, hover=hover)
        x, end = PAD + theme.scaled(_INDENT), rect.width() - PAD
        y = rect.top() + _ABOVE

        def at(left: int, width: int, height: int) -> QRect:
            box = QRect(rect.left() + left, y, max(0, width), height)
            return QStyle.visualRect(direction, rect, box)

        line = theme.line("ui")
        badge = at(PAD, theme.scaled(18), theme.scaled(18))
        paint.rounded(painter, badge, t.radius["key"], t.flag_bg, t.flag_line)
        painter.setFont(theme.font("caption", 600))
        painter.setPen(t.flag_text)
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, row.letter)
        if row.state:
            width = theme.width(row.state, "meta", 600)
            color = t.accent_text if row.verdict and row.verdict.holds else t.mark_returned
            box = at(end - width, width, line)
            paint.draw(painter, box, row.state, theme.font("meta", 600), color, direction=direction, at_end=True)
            icon = theme.scaled(15)
            name = "check" if row.verdict and row.verdict.holds else "close"
            theme.icons.paint(painter, at(end - width - icon - 5, icon, line), name, color)
            end -= width + icon + 14
        title = paint.elide(row.flag.title, theme.font("ui", 600), end - x)
        paint.draw(painter, at(x, end - x, line), title, theme.font("ui", 600), t.text_primary, direction=direction)
        y += line + 1
        end = rect.width() - PAD
        muted = t.text_secondary if selected else t.text_muted
        origin = paint.elide(row.origin, theme.font("meta"), end - x)
        paint.draw(painter, at(x, end - x, theme.line("meta")), origin, theme.font("meta"), muted, direction=direction)
        y += theme.line("meta") + 1
        if row.flag.score is not None:
            _meter(painter, at(x, end - x, theme.scaled(20)), row.flag, direction)
            y += theme.scaled(20)
        for text, color in ((row.flag.explanation, t.text_secondary), (row.correction, t.text_primary)):
            if text:
                height = self._text_height(text, rect.width())
                y += 4
                _wrapped(painter, at(x, end - x, height), text, color)
                y += height
        paint.hairline(painter, rect.left(), rect.bottom(), rect.right(), rect.bottom())

    @staticmethod
    def _text_height(text: str, width: int) -> int:
        room = width - 2 * PAD - theme.scaled(_INDENT)
        box = theme.metrics("ui").boundingRect(QRect(0, 0, max(40, room), 10_000), WRAP, text)
        return -int(-box.height() // 1)


def _wrapped(painter: QPainter, box: QRect, text: str, color: Any) -> None:
    """Words of somebody else: they run in the direction of their first strong character."""
    direction = first_strong(text)
    painter.setLayoutDirection(direction)
    painter.setFont(theme.font("ui"))
    painter.setPen(color)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignLeading) | WRAP, text)


def _meter(painter: QPainter, box: QRect, flag: Flag, direction: Qt.LayoutDirection) -> None:
    """The score as a bar, with a tick where the source begins to send."""
    t = theme.tokens()
    words = f"{flag.score:.2f}"
    number = theme.width(words, "ui", 600)

    def at(left: int, width: int, height: int) -> QRect:
        inner = QRect(box.left() + left, box.top() + (box.height() - height) // 2, width, height)
        return QStyle.visualRect(direction, box, inner)

    paint.draw(painter, at(0, number, box.height()), words, theme.font("ui", 600), t.text_primary, direction=direction)
    start, length = number + 10, theme.scaled(_METER)
    paint.rounded(painter, at(start, length, 6), 3, t.bg_sunken, t.line_subtle)
    paint.rounded(painter, at(start, round(length * (flag.score or 0)), 6), 3, t.text_secondary)
    if flag.threshold is not None:
        painter.fillRect(at(start + round(length * flag.threshold), 2, 12), t.text_primary)
        words = tr("sends at {limit}", limit=f"{flag.threshold:.2f}")
        left = start + length + 10
        box_of_words = at(left, box.width() - left, box.height())
        paint.draw(painter, box_of_words, words, theme.font("meta"), t.text_secondary, direction=direction)
