"""Settings: looks, text size, time to undo, pictures, keys. Every choice takes effect at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from modstation.core.exposure import Exposure, Step
from modstation.session.commands import Preset
from modstation.system.settings import Settings
from modstation.ui import paint, theme
from modstation.ui.pieces.cards import Rule
from modstation.ui.pieces.choice import Choice
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.screens.contents import Contents
from modstation.ui.text import duration, tr

_ZOOMS = (75, 100, 125, 150, 200)
_HOLDS = (0, 10, 30, 60, 120)
_WIDTHS = (240, 480, 0)  # those of the bar beneath a picture


def _step_titles() -> list[tuple[str, str]]:
    titles = {
        Step.HIDDEN: tr("Hidden"),
        Step.OUTLINE: tr("Outline"),
        Step.GREY: tr("Grey"),
        Step.BLURRED: tr("Blurred"),
        Step.CLEAR: tr("Clear"),
    }
    return [(str(int(step)), title) for step, title in titles.items()]


class _Severity(QWidget):
    """The bars of one severity, with words."""

    def __init__(self, level: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._level = level
        self.setFixedSize(theme.scaled(120), theme.scaled(32))
        self.setAccessibleName(tr("Severity {n}", n=level) if level else tr("Severity not known"))
        theme.signals.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars, numeral; "Not known" for 0."""
        painter, direction = QPainter(self), self.layoutDirection()
        x = self.width() if direction == paint.RTL else 0
        if self._level:
            paint.severity(painter, x, self.height() / 2, self._level, direction)
        else:
            color = theme.tokens().text_muted
            paint.draw(painter, self.rect(), tr("Not known"), theme.font("ui"), color, direction=direction)


class SettingsScreen(QWidget):
    """What a person has set on this computer.

    Signals:
        changed(object): the new `system.settings.Settings`, after every choice.
        keys_wanted: show the key sheet.
    """

    changed = Signal(object)
    keys_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ring", "inside")
        self._settings = Settings()
        themes = (("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark")))
        self.theme = Choice(tr("Looks"), (*themes, ("high_contrast", tr("High contrast"))), self)
        self.zoom = Choice(tr("Size of everything"), _percents(), self)
        self.item_zoom = Choice(tr("Size of the content under review"), _percents(), self)
        self.hold = Choice(tr("Time to undo"), [(str(n), duration(n) if n else tr("None")) for n in _HOLDS], self)
        self.first = [Choice(tr("Pictures of severity {n}", n=n), _step_titles(), self) for n in range(5)]
        self.held = Choice(tr("While the key is held"), _step_titles()[1:], self)
        self.width_px = Choice(
            tr("First size of a picture"), [(str(n), tr("{n} px", n=n) if n else tr("Fit")) for n in _WIDTHS], self
        )
        presets = ((Preset.STANDARD.value, tr("Default")), (Preset.LEFT_HAND.value, tr("Left hand")))
        self.preset = Choice(tr("Set of keys"), presets, self)
        self.single = QCheckBox(tr("Single keys"), self)
        self.metered = QCheckBox(tr("Fetch only the files needed next"), self)
        self.all_keys = QPushButton(tr("All keys, and your own"), self)
        self.all_keys.clicked.connect(self.keys_wanted)
        self._headings: list[Lettering] = []
        self._firsts: list[QWidget] = []
        self._area = QScrollArea(self)
        self._page = QWidget()
        self._connect()
        self._lay_out()
        self._guide()
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        """Show these. A value between two segments leaves all of them open."""
        self._settings = settings
        self.theme.choose(settings.theme)
        self.zoom.choose(str(settings.zoom))
        self.item_zoom.choose(str(settings.item_zoom))
        self.hold.choose(str(settings.undo_hold_s))
        for choice, step in zip(self.first, settings.exposure.first_step, strict=True):
            choice.choose(str(int(step)))
        self.held.choose(str(int(settings.exposure.hold_step)))
        self.width_px.choose(str(settings.exposure.width_px))
        self.preset.choose(settings.keys)
        self.single.setChecked(settings.single_keys)
        self.metered.setChecked(settings.metered)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Where the page needs all the width, as with large text, it has it."""
        page = self._page.minimumSizeHint().width() + self._area.verticalScrollBar().sizeHint().width()
        room = self.width() >= self.contents.sizeHint().width() + page
        self.contents.setVisible(room)
        if room:
            beginning: QWidget = self.contents
        else:
            beginning = self.theme.findChild(QPushButton) or self.theme
        self.setFocusProxy(beginning)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The content surface."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.tokens().bg_content)
        if not self.contents.isHidden():
            x = self._area.x() - 1 if not self.isRightToLeft() else self._area.geometry().right() + 1
            paint.hairline(painter, x, 0, x, self.height() - 1)

    def _connect(self) -> None:
        edits: list[tuple[Choice, Callable[[str], Settings]]] = [
            (self.theme, lambda v: replace(self._settings, theme=v)),
            (self.zoom, lambda v: replace(self._settings, zoom=int(v))),
            (self.item_zoom, lambda v: replace(self._settings, item_zoom=int(v))),
            (self.hold, lambda v: replace(self._settings, undo_hold_s=int(v))),
            (self.held, lambda v: self._exposed(replace(self._settings.exposure, hold_step=Step(int(v))))),
            (self.width_px, lambda v: self._exposed(replace(self._settings.exposure, width_px=int(v)))),
            (self.preset, lambda v: replace(self._settings, keys=v)),
        ]
        edits += [(choice, partial(self._opening, n)) for n, choice in enumerate(self.first)]
        for choice, edit in edits:
            choice.chosen.connect(lambda value, edit=edit: self._change(edit(value)))
        self.single.clicked.connect(lambda on: self._change(replace(self._settings, single_keys=on)))
        self.metered.clicked.connect(lambda on: self._change(replace(self._settings, metered=on)))

    def _exposed(self, exposure: Exposure) -> Settings:
        return replace(self._settings, exposure=exposure)

    def _opening(self, severity: int, value: str) -> Settings:
        steps = list(self._settings.exposure.first_step)
        steps[severity] = Step(int(value))
        unknown, one, two, three, four = steps
        return self._exposed(replace(self._settings.exposure, first_step=(unknown, one, two, three, four)))

    def _change(self, settings: Settings) -> None:
        self._settings = settings
        self.changed.emit(settings)

    def _lay_out(self) -> None:
        s = theme.scaled
        page = self._page
        page.setMaximumWidth(s(760))
        column = QVBoxLayout(page)
        column.setContentsMargins(s(32), s(24), s(32), s(32))
        column.setSpacing(s(8))
        column.addWidget(Lettering(tr("Settings"), page, role="title", weight=600))
        words = tr("They apply on this computer, at once.")
        column.addWidget(Lettering(words, page, role="reading", color="text_secondary"))
        self._section(column, tr("Looks"), "", (self.theme,))
        words = tr("Everything first, then the content under review on top of it.")
        everything, content = _named(tr("Everything"), self.zoom), _named(tr("The content"), self.item_zoom)
        self._section(column, tr("Text size"), words, (everything, content), self.zoom)
        words = tr("A decision waits this long before it is first sent. Until then undo is free.")
        self._section(column, tr("Time to undo"), words, (self.hold,))
        words = tr("How a picture opens, by the severity the service expects. Looking is always your own step.")
        self._section(column, tr("Pictures"), words, (self._openings(page),), self.first[1])
        column.addSpacing(s(8))
        column.addWidget(_named(tr("While you hold"), self.held), 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(_named(tr("First size"), self.width_px), 0, Qt.AlignmentFlag.AlignLeading)
        words = tr("When single keys are off, the same letters need Alt.")
        self._section(column, tr("Keys"), words, (self.preset, self.single, self.all_keys))
        words = tr("For a connection that costs by the byte: texts, and the files of this item and the next two.")
        self._section(column, tr("Connection"), words, (self.metered,))
        column.addStretch(1)
        area = self._area
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(page)
        page.setAutoFillBackground(False)  # setWidget turns it on
        beside = QVBoxLayout()  # its first name stands in line with the title of the page
        beside.setContentsMargins(0, s(24), 0, 0)
        self.contents = Contents([heading.text() for heading in self._headings], self)
        beside.addWidget(self.contents)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(beside)
        outer.addSpacing(1)  # the line between
        outer.addWidget(area, 1)

    def _guide(self) -> None:
        """Keep the list of sections and the page together."""
        self.contents.wanted.connect(self._go_to)
        self.contents.entered.connect(self._enter)
        self._area.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._area.verticalScrollBar().rangeChanged.connect(self._refitted)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _go_to(self, place: int) -> None:
        bar = self._area.verticalScrollBar()
        bar.setValue(max(0, self._headings[place].y() - theme.scaled(24)) if place else 0)
        self.contents.show_current(place)  # the last ones can't come to the top

    def _refitted(self) -> None:
        """There is less room: the section that is marked stays in sight."""
        place, bar = self.contents.current, self._area.verticalScrollBar()
        if self._headings[place].y() - bar.value() > self._area.viewport().height() * 2 // 3:
            self._go_to(place)

    def _enter(self, place: int) -> None:
        self._go_to(place)
        first = self._firsts[place]
        if isinstance(first, Choice):
            first.focus()
        else:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _scrolled(self, top: int) -> None:
        bar = self._area.verticalScrollBar()
        here = self.focusWidget()
        heading = self._headings[self.contents.current]
        if here is not None and here.hasFocus() and 0 <= heading.y() - top < self._area.viewport().height():
            return  # where somebody is at work, and in sight: scrolling that little leads nowhere else
        reading = top + self._area.viewport().height() // 3
        above = [n for n, heading in enumerate(self._headings) if n == 0 or heading.y() <= reading]
        self.contents.show_current(len(self._headings) - 1 if top and top == bar.maximum() else above[-1])

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        page = self._page
        if new is not None and page.isAncestorOf(new):
            y = new.mapTo(page, QPoint(0, 0)).y()
            above = [n for n, heading in enumerate(self._headings) if heading.y() <= y]
            self.contents.show_current(above[-1] if above else 0)

    def _openings(self, parent: QWidget) -> QWidget:
        grid_of = QWidget(parent)
        grid = QGridLayout(grid_of)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.scaled(8))
        grid.setVerticalSpacing(theme.scaled(6))
        for row, level in enumerate((1, 2, 3, 4, 0)):
            grid.addWidget(_Severity(level, grid_of), row, 0)
            grid.addWidget(self.first[level], row, 1)
        grid.setColumnStretch(2, 1)
        return grid_of

    def _section(
        self, column: QVBoxLayout, title: str, words: str, controls: Sequence[QWidget], first: QWidget | None = None
    ) -> None:
        """A heading, what is said of it, and what can be set; `first` is what Enter leads to."""
        page = self
        column.addSpacing(theme.scaled(16))
        column.addWidget(Rule(page))
        column.addSpacing(theme.scaled(12))
        heading = Lettering(title, page, role="reading", weight=600)
        column.addWidget(heading)
        self._headings.append(heading)
        self._firsts.append(first or controls[0])
        if words:
            column.addWidget(Lettering(words, page, color="text_secondary"))
        for control in controls:
            row = QHBoxLayout()
            row.addWidget(control)
            row.addStretch(1)
            column.addLayout(row)


def _named(name: str, control: QWidget) -> QWidget:
    """`control` with a word before it, in line with the severities."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.scaled(8))
    words = Lettering(name, made, color="text_secondary")
    words.setFixedWidth(theme.scaled(120))
    row.addWidget(words, 0, Qt.AlignmentFlag.AlignVCenter)
    row.addWidget(control)
    return made


def _percents() -> list[tuple[str, str]]:
    return [(str(n), tr("{n} %", n=n)) for n in _ZOOMS]
