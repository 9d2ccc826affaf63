"""The key sheet: every command and its keys, made from the command table, with presets and keys of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from modstation.session.commands import COMMANDS, Group, Preset, shown
from modstation.ui import paint, theme
from modstation.ui.overlay.finding import hits, is_also
from modstation.ui.overlay.overlay import Overlay
from modstation.ui.pieces.choice import Choice
from modstation.ui.pieces.keys import is_modifier, key_text
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.pieces.lines import Lines
from modstation.ui.text import tr

_Index = QModelIndex | QPersistentModelIndex
_ROW, _HEADING, _CAP = 26, 34, 74
_ROOMY = 1000  # with less width the line at its top has no room for a wide search field
_COLUMNS: tuple[tuple[Group, ...], ...] = (
    (Group.DECIDE,),
    (Group.LOOK, Group.RETURNED),
    (Group.READ,),
    (Group.STATION,),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A heading (no id) or a command."""

    title: str
    id: str = ""
    keys: str = ""
    help: str = ""
    waiting: bool = False

    @property
    def spoken(self) -> str:
        return (
            tr("{title}: {keys}. {help}", title=self.title, keys=self.keys, help=self.help) if self.id else self.title
        )

    @property
    def selectable(self) -> bool:
        return bool(self.id)


class _Delegate(QStyledItemDelegate):
    """Caps at the end of their column, titles beside them."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Headings are higher: they open a block."""
        line = _line(index)
        return QSize(10, theme.scaled(_ROW if line is None or line.id else _HEADING))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One line."""
        line = _line(index)
        if line is None:
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        direction: Qt.LayoutDirection = option.direction
        t = theme.tokens()
        if not line.id:
            paint.draw(painter, rect, line.title, theme.font("ui", 600), t.text_primary, direction=direction)
            paint.hairline(painter, rect.left(), rect.bottom() - 2, rect.right(), rect.bottom() - 2)
            return
        listed = option.widget
        chosen = bool(state & QStyle.StateFlag.State_Selected) and listed is not None and listed.hasFocus()
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        paint.row_ground(painter, rect, direction, selected=chosen, hover=hover)
        cap = theme.scaled(_CAP)
        start = theme.scaled(4) + cap - paint.key_cap_width(line.keys)
        x = rect.right() + 1 - start if direction == paint.RTL else rect.left() + start
        words, color = line.title, t.text_primary
        if line.waiting:
            words, color = tr("Press the new key"), t.accent_text
        elif line.keys:
            paint.key_cap(painter, x, rect.center().y() + 0.5, line.keys, direction)
        after = cap + theme.scaled(14)
        box = QRect(rect.left() + after, rect.top(), rect.width() - after, rect.height())
        box = QStyle.visualRect(direction, rect, box)
        font = theme.font("ui")
        paint.draw(painter, box, paint.elide(words, font, box.width()), font, color, direction=direction)


def _line(index: _Index) -> _Line | None:
    model = index.model()
    found = model.line(index.row()) if isinstance(model, Lines) else None
    return found if isinstance(found, _Line) else None


class _Column(QListView):
    """One column of the sheet."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.lines: Lines[_Line] = Lines()
        self.setModel(self.lines)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # all of them scroll together
        self.viewport().setAutoFillBackground(False)
        self.setProperty("ring", "none")
        self.setAccessibleName(name)

    def height_of_all(self) -> int:
        """What the column needs so that nothing is scrolled."""
        return sum(self.sizeHintForRow(n) for n in range(self.lines.rowCount()))


class KeySheet(Overlay):
    """All keys, from the command table.

    Signals:
        preset_chosen(str): a value of `Preset`.
        single_keys_chosen(bool): whether one character alone may be a command.
        key_chosen(str, str): the id of a command and the key the person pressed for it; whoever listens checks it and
            answers with `show_keys` or `show_problem`.
    """

    preset_chosen = Signal(str)
    single_keys_chosen = Signal(bool)
    key_chosen = Signal(str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, tr("Keys on the desk"))
        self.sheet.at_edge = True
        self._keys: Mapping[str, tuple[str, ...]] = {c.id: c.keys for c in COMMANDS}
        self._waiting = ""
        self._title = Lettering(tr("Keys on the desk"), self.sheet, role="sentence", weight=600)
        self._find = QLineEdit(self.sheet)
        self._find.setAccessibleName(tr("Find a key or a command"))
        self._find.textChanged.connect(lambda _text: self._fill())
        presets = ((Preset.STANDARD.value, tr("Default")), (Preset.LEFT_HAND.value, tr("Left hand")))
        self._preset = Choice(tr("Set of keys"), presets, self.sheet)
        self._preset.chosen.connect(self.preset_chosen)
        self._single = QCheckBox(tr("Single keys"), self.sheet)
        self._single.setToolTip(tr("When off, the same letters need Alt."))
        self._single.setAccessibleDescription(tr("When off, the same letters need Alt."))
        self._single.clicked.connect(self.single_keys_chosen)
        self._note = Lettering("", self.sheet, role="meta", color="text_muted")
        self._all = QScrollArea(self.sheet)
        self._columns = [_Column(self._all, tr(groups[0].value)) for groups in _COLUMNS]
        self._lay_out()
        for column in self._columns:
            column.selectionModel().currentChanged.connect(lambda _now, _was, column=column: self._bring_row(column))
            column.installEventFilter(self)
            column.doubleClicked.connect(self._wait)
        self._restyle()
        self._fill()

    def show_keys(self, preset: str, keys: Mapping[str, tuple[str, ...]], *, single_keys: bool) -> None:
        """Show these keys: the answer of `session.commands.keymap`."""
        self._keys = keys
        self._waiting = ""
        self._preset.choose(preset)
        self._single.setChecked(single_keys)
        self._fill()

    def show_problem(self, words: str) -> None:
        """Say why a key can't be given; the old one stays."""
        self._waiting = ""
        self._fill()
        self._note.tell(words, color="mark_returned")

    def first_focus(self) -> QWidget:
        """The search field."""
        return self._find

    def place(self) -> None:
        """At the foot of the window, as high as the longest column."""
        roomy = self.width() >= theme.scaled(_ROOMY)
        self._find.setFixedWidth(theme.scaled(220 if roomy else 150))
        self._find.setPlaceholderText(tr("Find a key or a command") if roomy else tr("Find"))
        side_by_side = min(4, max(2, self.width() // theme.scaled(290)))
        self._arrange(4 if side_by_side == 4 else 2)
        heights = [column.height_of_all() for column in self._columns]
        for column, high in zip(self._columns, heights, strict=True):
            column.setMinimumHeight(high)
        needed = max(heights)
        if side_by_side < 4:
            needed = max(heights[:2]) + self._grid.verticalSpacing() + max(heights[2:])
        height = min(theme.scaled(108) + max(needed, theme.scaled(320)), self.height() - theme.scaled(44))
        self.sheet.setGeometry(0, self.height() - height, self.width(), height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In a column: Enter asks for a new key, and the next key pressed is it."""
        if isinstance(watched, _Column) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if self._waiting:
                self._take(event)
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2}:
                self._wait(watched.currentIndex())
                return True
        if isinstance(watched, _Column) and event.type() == QEvent.Type.FocusIn:
            if not watched.currentIndex().isValid():
                watched.setCurrentIndex(watched.lines.index(watched.lines.selectable_from(0, 1)))
            self._bring_row(watched)
        return super().eventFilter(watched, event)

    def _bring_row(self, column: _Column) -> None:
        """Scroll so far that the row in hand is seen, the first one with its heading."""
        index = column.currentIndex()
        if not index.isValid() or not column.hasFocus():
            return
        row = column.visualRect(index)
        top = 0 if index.row() == 1 else row.top()
        at = column.mapTo(self._inside, row.topLeft())
        self._all.ensureVisible(at.x(), at.y() + row.height(), 0, theme.scaled(8))
        self._all.ensureVisible(at.x(), at.y() - row.top() + top, 0, 0)

    def _wait(self, index: QModelIndex) -> None:
        line = _line(index) if index.isValid() else None
        if line is None or not line.id:
            return
        if any(command.id == line.id and command.takes_digit for command in COMMANDS):
            self._note.tell(tr("The numbers stay what they are."), color="text_muted")
            return
        self._waiting = line.id
        self._fill()

    def _take(self, event: QKeyEvent) -> None:
        if is_modifier(event):
            return
        wanted, self._waiting = self._waiting, ""
        self._fill()  # before the answer, which may be a refusal to be read
        if event.key() != Qt.Key.Key_Escape:
            self.key_chosen.emit(wanted, key_text(event))

    def _fill(self) -> None:
        words = self._find.text()
        for groups, column in zip(_COLUMNS, self._columns, strict=True):
            lines: list[_Line] = []
            for group in groups:
                found = [line for line in self._lines_of(group) if _matches(line, words)]
                lines += [_Line(tr(group.value)), *found] if found else []
            row = column.currentIndex().row()
            column.lines.reset(lines)
            column.setCurrentIndex(column.lines.index(row) if row >= 0 else QModelIndex())
        self._note.tell(tr("Enter on a row gives it another key."), color="text_muted")
        if self.is_open:
            self.place()

    def _lines_of(self, group: Group) -> list[_Line]:
        return [
            _Line(tr(c.title), c.id, shown(self._keys.get(c.id, ())), tr(c.help), waiting=c.id == self._waiting)
            for c in COMMANDS
            if c.group is group
        ]

    def _arrange(self, side_by_side: int) -> None:
        """Put so many columns beside each other; with large text there are two, and two beneath them."""
        for n, column in enumerate(self._columns):
            row, at = divmod(n, side_by_side)
            self._grid.addWidget(column, row, at)
        for n in range(4):
            self._grid.setColumnStretch(n, 1 if n < side_by_side else 0)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.scaled(12))
        head.addWidget(self._title, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._find)
        head.addWidget(self._note, 1, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._preset)
        head.addSpacing(theme.scaled(8))
        head.addWidget(self._single)
        head.addSpacing(theme.scaled(8))
        head.addWidget(Esc(self.sheet), 0, Qt.AlignmentFlag.AlignVCenter)
        self._inside = QWidget()
        self._all.setWidget(self._inside)
        self._all.setWidgetResizable(True)
        self._all.setFrameShape(QFrame.Shape.NoFrame)
        self._all.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the rows in it have it
        self._all.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._all.viewport().setAutoFillBackground(False)
        self._inside.setAutoFillBackground(False)
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, 0, theme.scaled(20))  # in here: what is scrolled goes on to the very edge
        self._grid.setSpacing(theme.scaled(28))
        self._arrange(len(self._columns))
        body = QVBoxLayout(self.sheet)
        body.setContentsMargins(theme.scaled(32), theme.scaled(14), theme.scaled(32), 0)
        body.setSpacing(theme.scaled(16))
        body.addLayout(head)
        body.addWidget(self._all, 1)

    def _restyle(self) -> None:
        if hasattr(self, "_columns"):
            for column in self._columns:
                column.scheduleDelayedItemsLayout()
        super()._restyle()


def _matches(line: _Line, words: str) -> bool:
    named = hits(line.title, words) is not None or is_also(line.id, words)
    return named or words.strip().casefold() == line.keys.casefold()


class Esc(QWidget):
    """The key cap that says how to leave."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme.signals.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        """As large as the cap is with this size of text."""
        self.setFixedSize(paint.key_cap_width("Esc") + 2, theme.scaled(24))

    def paintEvent(self, _event: object) -> None:
        """The cap."""
        rtl = self.layoutDirection() == paint.RTL
        paint.key_cap(QPainter(self), self.width() if rtl else 0, self.height() / 2, "Esc", self.layoutDirection())
