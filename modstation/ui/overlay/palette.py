"""The palette: a few letters find commands, clauses and items. A command that decides still needs its own key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from modstation.ui import paint, theme
from modstation.ui.overlay.finding import PaletteEntry, PaletteGroup, hits
from modstation.ui.overlay.overlay import Overlay
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.pieces.lines import Lines
from modstation.ui.text import tr, trn

Search = Callable[[str], Sequence[PaletteGroup]]
_Index = QModelIndex | QPersistentModelIndex
_FIELD, _ROW, _HEADING, _FOOT, _PAD = 52, 36, 28, 36, 16
_ROWS_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class _Line:
    """A heading (no entry) or an entry of a group."""

    group: PaletteGroup
    entry: PaletteEntry | None
    where: tuple[tuple[int, int], ...] = ()

    @property
    def spoken(self) -> str:
        if self.entry is None:
            return self.group.title
        said = [self.entry.title, self.entry.detail, self.entry.keys]
        return tr(", ").join(part for part in said if part)

    @property
    def selectable(self) -> bool:
        return self.entry is not None


class _Delegate(QStyledItemDelegate):
    """Paints headings and entries."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Headings are lower than entries."""
        line = _line(index)
        return QSize(10, theme.scaled(_ROW if line is None or line.entry else _HEADING))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One line."""
        line = _line(index)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        direction: Qt.LayoutDirection = option.direction
        if line is None:
            return
        t = theme.tokens()
        pad = theme.scaled(_PAD)
        if line.entry is None:
            box = rect.adjusted(pad, theme.scaled(6), -pad, 0)
            paint.draw(painter, box, line.group.title, theme.font("caption", 500), t.text_muted, direction=direction)
            return
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        paint.row_ground(
            painter, rect, direction, selected=chosen, hover=bool(state & QStyle.StateFlag.State_MouseOver)
        )
        _paint_entry(painter, rect, line, direction, chosen=chosen)


def _line(index: _Index) -> _Line | None:
    model = index.model()
    found = model.line(index.row()) if isinstance(model, Lines) else None
    return found if isinstance(found, _Line) else None


def _paint_entry(painter: QPainter, rect: QRect, line: _Line, direction: Qt.LayoutDirection, *, chosen: bool) -> None:
    entry = line.entry
    assert entry is not None
    t = theme.tokens()
    pad, size = theme.scaled(_PAD), theme.scaled(18)
    quiet = t.text_secondary if chosen else t.text_muted

    def at(x: int, width: int) -> QRect:
        return QStyle.visualRect(direction, rect, QRect(rect.left() + x, rect.top(), width, rect.height()))

    if entry.icon:
        theme.icons.paint(painter, at(pad, size), entry.icon, quiet)
    end = rect.width() - pad
    if entry.keys:
        width = paint.key_cap_width(entry.keys)
        end -= width
        box = at(end, width)
        start = box.right() + 1 if direction == paint.RTL else box.left()
        paint.key_cap(painter, start, rect.center().y() + 0.5, entry.keys, direction)
        end -= theme.scaled(12)
    if entry.detail:
        width = theme.width(entry.detail, "meta")
        end -= width
        paint.draw(painter, at(end, width), entry.detail, theme.font("meta"), quiet, direction=direction, at_end=True)
        end -= theme.scaled(12)
    start_x = pad + size + theme.scaled(12)
    _paint_title(painter, at(start_x, end - start_x), entry.title, line.where, direction)


def _paint_title(
    painter: QPainter, box: QRect, title: str, where: Sequence[tuple[int, int]], direction: Qt.LayoutDirection
) -> None:
    """The title with the letters that were looked for in semi-bold over a line of the accent."""
    t = theme.tokens()
    font = theme.font("reading")
    text = paint.elide(title, font, box.width())
    layout = QTextLayout(text, font)
    formats = []
    for start, length in where:
        if start + length > len(text):
            continue
        found = QTextLayout.FormatRange()
        look = QTextCharFormat()
        look.setFontWeight(600)
        # Qt counts UTF-16 units
        found.start = len(text[:start].encode("utf-16-le")) // 2
        found.length = len(text[start : start + length].encode("utf-16-le")) // 2
        found.format = look
        formats.append(found)
    layout.setFormats(formats)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(1 << 20)
    layout.endLayout()
    wide = line.naturalTextWidth()
    left = box.right() + 1 - wide if direction == paint.RTL else box.left()
    top = box.top() + (box.height() - line.height()) / 2
    painter.save()
    painter.setPen(t.text_primary)
    painter.translate(left, top)
    line.draw(painter, line.position())
    painter.setPen(QPen(t.accent, 1.5))
    for found in formats:
        x1, x2 = (_x(line, at) for at in (found.start, found.start + found.length))
        y = round(line.ascent() + 3)
        painter.drawLine(round(x1), y, round(x2), y)
    painter.restore()


def _x(line: QTextLine, at: int) -> float:
    """Where the letter `at` begins. PySide6 answers with (x, place), its stubs say something else."""
    answer: Any = line.cursorToX(at)
    return float(answer[0] if isinstance(answer, tuple) else answer)


class _Foot(QWidget):
    """What the keys do here, and why some commands are shown but not run."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = ""
        self.empty = False  # nothing to choose from
        self.setFixedHeight(theme.scaled(_FOOT))
        theme.signals.changed.connect(self._restyle)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Caps with a word behind each; the note at the end."""
        t = theme.tokens()
        painter = QPainter(self)
        direction = self.layoutDirection()
        rtl = direction == paint.RTL
        paint.hairline(painter, 0, 0, self.width() - 1, 0)
        x, font = theme.scaled(_PAD), theme.font("meta")
        choosing = () if self.empty else (("↑ ↓", tr("choose")), ("Enter", tr("run")))
        for keys, word in (*choosing, ("Esc", tr("close"))):
            wide = paint.key_cap_width(keys)
            paint.key_cap(painter, self.width() - x if rtl else x, self.height() / 2 + 1, keys, direction)
            x += wide + theme.scaled(6)
            width = theme.width(word, "meta")
            box = QStyle.visualRect(direction, self.rect(), QRect(x, 1, width, self.height() - 1))
            paint.draw(painter, box, word, font, t.text_muted, direction=direction)
            x += width + theme.scaled(16)
        left = self.width() - x - theme.scaled(_PAD)
        box = QStyle.visualRect(direction, self.rect(), QRect(x, 1, left, self.height() - 1))
        paint.draw(
            painter, box, paint.elide(self.note, font, left), font, t.text_muted, direction=direction, at_end=True
        )

    def _restyle(self) -> None:
        self.setFixedHeight(theme.scaled(_FOOT))
        self.update()


class Palette(Overlay):
    """Find and run.

    Signals:
        chosen(str, str): the name of the group and the id of the entry; the palette has closed by then.
    """

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Find an item, a clause or a command"))
        self._search: Search = lambda _words: ()
        self._model: Lines[_Line] = Lines()
        self._field = QLineEdit(self.sheet)
        self._field.setProperty("kind", "bare")
        self._field.setProperty("ring", "none")
        self._field.setFrame(False)
        self._field.installEventFilter(self)
        self._field.textChanged.connect(self._look)
        self._count = Lettering("", self.sheet, role="meta", color="text_muted")
        self._list = QListView(self.sheet)
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(tr("What was found"))
        self._list.viewport().setAutoFillBackground(False)
        self._list.clicked.connect(self._run)
        self._nothing = Lettering("", self.sheet, color="text_secondary")
        self._foot = _Foot(self.sheet)
        self._lay_out()
        self._restyle()

    def open_for(self, placeholder: str, search: Search, words: str = "") -> None:
        """Open with what can be found here: `search` is asked at every letter, with the words typed so far."""
        self._search = search
        self._field.setPlaceholderText(placeholder)
        self._field.setAccessibleName(placeholder)
        self._field.setText(words)
        self._look(words)
        self.open()

    def first_focus(self) -> QWidget:
        """The field."""
        return self._field

    def place(self) -> None:
        """Under the top bar, as high as what was found, never below the window's edge."""
        width = min(theme.scaled(640), self.width() - 48)
        top = theme.scaled(56)
        rows = sum(self._list.sizeHintForRow(n) for n in range(min(self._model.rowCount(), 40)))
        most = _ROWS_AT_MOST * theme.scaled(_ROW)
        found = min(rows, most) if rows else theme.scaled(56)
        height = theme.scaled(_FIELD) + found + theme.scaled(8) + theme.scaled(_FOOT)
        self.sheet.setGeometry((self.width() - width) // 2, top, width, min(height, self.height() - top - 24))
        pad = theme.scaled(_PAD)
        self._nothing.setGeometry(pad, theme.scaled(_FIELD) + pad, width - 2 * pad, theme.line("ui"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field types; the arrows and Enter belong to the list."""
        if watched is self._field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if event.key() in steps:
                self._move(steps[Qt.Key(event.key())])
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._run(self._list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        self._line = QHBoxLayout()
        self._line.addWidget(self._field, 1)
        self._line.addWidget(self._count, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self.sheet)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self._head = _Head(self.sheet)
        self._head.setLayout(self._line)
        column.addWidget(self._head)
        column.addWidget(self._list, 1)
        column.addSpacing(theme.scaled(6))
        column.addWidget(self._foot)

    def _look(self, words: str) -> None:
        lines: list[_Line] = []
        for group in self._search(words.strip()):
            if group.entries:
                lines.append(_Line(group, None))
                lines.extend(_Line(group, entry, hits(entry.title, words) or ()) for entry in group.entries)
        self._model.reset(lines)
        n = sum(line.selectable for line in lines)
        self._count.tell(trn("{n} found", "{n} found", n) if words.strip() else "")
        self._nothing.setVisible(not n)
        self._nothing.tell(tr("Nothing here has these letters. Try fewer of them."))
        self._show_current(self._model.selectable_from(0, 1))
        if self.is_open:
            self.place()

    def _move(self, step: int) -> None:
        here = self._list.currentIndex().row()
        wanted = min(self._model.rowCount() - 1, max(0, here + step))
        row = self._model.selectable_from(wanted, 1 if step > 0 else -1)
        if row < 0:
            row = self._model.selectable_from(wanted, -1 if step > 0 else 1)
        self._show_current(row)

    def _show_current(self, row: int) -> None:
        self._list.setCurrentIndex(self._model.index(row) if row >= 0 else QModelIndex())
        line = self._model.line(row)
        if row == self._model.selectable_from(0, 1):
            self._list.scrollToTop()
        if line is not None and QAccessible.isActive():
            # The focus stays in the field, so the row under the arrows is said by itself.
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._field, line.spoken))
        own = line is not None and line.entry is not None and line.entry.own_key
        usual = tr("A command that decides still needs its own key") if line is not None else ""
        self._foot.note = tr("This one needs its own key") if own else usual
        self._foot.empty = line is None
        self._foot.update()

    def _run(self, index: QModelIndex) -> None:
        line = self._model.line(index.row()) if index.isValid() else None
        if line is None or line.entry is None or line.entry.own_key:
            return
        self.leave()
        self.chosen.emit(line.group.name, line.entry.id)

    def _restyle(self) -> None:
        if not hasattr(self, "_head"):
            return  # told by the base while it is being made
        self._field.setFont(theme.font("sentence"))
        self._head.setFixedHeight(theme.scaled(_FIELD))
        glass, end = theme.scaled(46), theme.scaled(_PAD)  # a layout does not mirror its margins
        left, right = (end, glass) if self.isRightToLeft() else (glass, end)
        self._line.setContentsMargins(left, 0, right, 0)
        super()._restyle()


class _Head(QWidget):
    """The field's row: a glass before it, a hairline beneath."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The glass and the line."""
        painter = QPainter(self)
        size = theme.scaled(18)
        box = QRect(theme.scaled(_PAD), 0, size, self.height())
        box = QStyle.visualRect(self.layoutDirection(), self.rect(), box)
        theme.icons.paint(painter, box, "search", theme.tokens().text_primary)
        paint.hairline(painter, 0, self.height() - 1, self.width() - 1, self.height() - 1)
